//! Digits of pi: `pi/<algorithm>/<digits>` in one block, `stream/...` early with a known end,
//! `unbounded/...` by doubling; `verify/<digits>` is the formula for the last bits, alone.
//!
//! `pi/chudnovsky/1000` is warm. `cold/1000` is the first call in a process of its own, which this
//! program starts for each sample: it includes pages, caches and the detection of the processor,
//! but not the start of the process.
//!
//! `cargo bench --bench pi -- calibrate` measures the time and memory tables again: see
//! `calibrate.rs`. `cargo bench --bench pi -- anatomy` takes a computation to pieces: see `anatomy.rs`.

#[path = "common/anatomy.rs"]
mod anatomy;
#[path = "common/calibrate.rs"]
mod calibrate;

use criterion::{BenchmarkId, Criterion, criterion_group};
use pi_spigot::pi::verify::binary_digits_at;
use pi_spigot::pi::{Algorithm, DigitCount, Digits, Schedule};
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

fn count(digits: u64) -> DigitCount {
    DigitCount::new(digits).expect("a number of digits")
}

/// Computes the first digits.
fn digits_of(algorithm: Algorithm, schedule: Schedule, digits: u64) -> u8 {
    let mut text = vec![0; digits as usize];
    Digits::scheduled(algorithm, schedule).fill_ascii(&mut text);
    text[text.len() - 1]
}

fn digits(c: &mut Criterion) {
    for digits in [1_000, 10_000, 100_000, 1_000_000] {
        let mut bench = |group: &str, run: &dyn Fn() -> u8| {
            let mut group = c.benchmark_group(group);
            if digits >= 100_000 {
                group.sample_size(10);
            }
            group.bench_function(BenchmarkId::from_parameter(digits), |b| b.iter(run));
        };
        let (at_once, early) = (Schedule::AtOnce(count(digits)), Schedule::Early(count(digits)));
        bench("pi/chudnovsky", &|| digits_of(Algorithm::Chudnovsky, at_once, digits));
        bench("stream/chudnovsky", &|| digits_of(Algorithm::Chudnovsky, early, digits));
        bench("unbounded/chudnovsky", &|| digits_of(Algorithm::Chudnovsky, Schedule::Unbounded, digits));
        if digits <= 100_000 {
            bench("pi/gosper", &|| digits_of(Algorithm::Gosper, at_once, digits));
        }
    }
}

fn verify(c: &mut Criterion) {
    let mut group = c.benchmark_group("verify");
    group.sample_size(10);
    for digits in [10_000, 100_000, 1_000_000] {
        let bits = (digits as f64 * 10f64.log2()) as u64;
        group.bench_function(BenchmarkId::from_parameter(digits), |b| b.iter(|| binary_digits_at(bits, 1)));
    }
}

/// The variable that makes a process compute so many digits, print the nanoseconds and end.
const COLD: &str = "PI_BENCH_COLD";

fn cold(c: &mut Criterion) {
    let program = std::env::current_exe().expect("this program has a path");
    let first_call = || {
        let output = Command::new(&program).env(COLD, "1000").output().expect("this program runs once more");
        let nanoseconds = String::from_utf8_lossy(&output.stdout).trim().parse();
        Duration::from_nanos(nanoseconds.expect("a number of nanoseconds"))
    };
    c.benchmark_group("cold").bench_function(BenchmarkId::from_parameter(1000), |b| {
        b.iter_custom(|count| (0..count).map(|_| first_call()).sum());
    });
}

fn print_first_call(digits: u64) {
    let start = Instant::now();
    black_box(digits_of(Algorithm::Chudnovsky, Schedule::AtOnce(count(digits)), digits));
    println!("{}", start.elapsed().as_nanos());
}

criterion_group!(benches, digits, cold, verify);

fn main() {
    if let Ok(digits) = std::env::var(COLD) {
        return print_first_call(digits.parse().expect("a number of digits"));
    }
    if let Ok(task) = std::env::var(calibrate::CHILD) {
        return calibrate::child(&task);
    }
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "calibrate") {
        return calibrate::run(arguments.get(at + 1).filter(|argument| !argument.starts_with('-')));
    }
    if let Some(at) = arguments.iter().position(|argument| argument == "anatomy") {
        let sizes = arguments[at + 1..].iter().filter(|argument| !argument.starts_with('-'));
        return anatomy::run(&sizes.cloned().collect::<Vec<_>>());
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
