//! Digits of pi: `pi/<series>/<digits>` in one block, `stream/...` to a known
//! end, `unbounded/...` by doubling; `verify/<digits>` is the formula for the
//! last bits, alone. `pi/chudnovsky/1000` is warm; `cold/1000` is the first call in a process of its own, which
//! this program starts once more for each: what pages and caches, the detection of the processor and the
//! first memory cost is in it, the start of the process is not.

use criterion::{BenchmarkId, Criterion, criterion_group};
use pi_spigot::pi::series::{Chudnovsky, Gosper, Series};
use pi_spigot::pi::stream::Stream;
use pi_spigot::pi::verify::binary_digits_at;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

fn drain<S: Series>(mut stream: Stream<S>, digits: u64) -> u64 {
    let mut count = 0;
    while count < digits {
        count += stream.next_block().len() as u64;
    }
    count
}

fn digits(c: &mut Criterion) {
    for digits in [1_000, 10_000, 100_000, 1_000_000] {
        let mut bench = |group: &str, run: &dyn Fn() -> u64| {
            let mut group = c.benchmark_group(group);
            if digits >= 100_000 {
                group.sample_size(10);
            }
            group.bench_function(BenchmarkId::from_parameter(digits), |b| b.iter(run));
        };
        bench("pi/chudnovsky", &|| drain(Stream::in_one_block(Chudnovsky, digits), digits));
        bench("stream/chudnovsky", &|| drain(Stream::with_known_end(Chudnovsky, digits), digits));
        bench("unbounded/chudnovsky", &|| drain(Stream::new(Chudnovsky), digits));
        if digits <= 100_000 {
            bench("pi/gosper", &|| drain(Stream::in_one_block(Gosper, digits), digits));
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

/// The variable that tells a process to compute so many digits, print the nanoseconds and end.
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
    black_box(drain(Stream::in_one_block(Chudnovsky, digits), digits));
    println!("{}", start.elapsed().as_nanos());
}

criterion_group!(benches, digits, cold, verify);

fn main() {
    if let Ok(digits) = std::env::var(COLD) {
        return print_first_call(digits.parse().expect("a number of digits"));
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
