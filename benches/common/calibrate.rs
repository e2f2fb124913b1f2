//! Measures the profiles of all algorithms again and writes them to `src/pi/**/*.profile.rs`.
//!
//! ```text
//! cargo bench --bench pi -- calibrate [MOST]       rows up to MOST digits, 10,000,000 by default
//! ```
//! Rows beyond MOST, and beyond what an algorithm does in a minute, stay as they are. Each figure
//! is that of a process of its own:
//!
//! - time: user time of one thread at level `avx2` (`PI_SIMD`); Gibbons' spigot a quarter more;
//! - peak: `VmHWM` of all digits in one block, less that of a process with next to none, plus
//!   `profile::PROCESS`;
//! - unbounded: the largest `VmHWM` and `VmRSS` per digit of a stream without end, at sizes just
//!   behind the powers of two where a stream doubles.
//!
//! Run it on a quiet machine of the kind that `Profile::micros` names, and read the difference before
//! you commit it.

use super::count;
use pi_spigot::pi::{Algorithm, DigitCount, Digits, Text};
use std::fmt::Write;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The variable that makes a process measure itself: an algorithm, a number of digits, `block` or
/// `stream`.
pub(super) const CHILD: &str = "PI_BENCH_CALIBRATE";

/// Bytes of a process before its first digit, as in `src/pi/profile.rs`.
const PROCESS: u64 = 3_300_000;
/// Digits of streams without end, just behind the digits at which they double; fewer of the spigot.
const UNBOUNDED: [u64; 3] = [1_100_000, 2_100_000, 4_200_000];
/// Microseconds that the shortest row has: less is not worth telling apart.
const LEAST_MICROS: u64 = 10;
/// Ticks in a second of `/proc/self/stat`.
const TICKS: u64 = 100;

/// User time in microseconds, peak and resident memory in bytes.
#[derive(Clone, Copy)]
struct Figures {
    micros: u64,
    peak: u64,
    resident: u64,
}

/// Measures and writes the profiles.
pub(super) fn run(most: Option<&String>) {
    let most = most.map_or(10_000_000, |most| most.replace('_', "").parse().expect("a number of digits"));
    for &algorithm in Algorithm::ALL {
        let path = file_of(algorithm);
        let old = fs::read_to_string(&path).expect("the profile is in the source tree");
        let new = profile(algorithm, &old, most);
        fs::write(&path, new).expect("the profile can be written");
        println!("{}", path.display());
    }
}

fn file_of(algorithm: Algorithm) -> PathBuf {
    let folder = if algorithm == Algorithm::Gibbons { "spigot" } else { "series" };
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pi").join(folder).join(format!("{algorithm}.profile.rs"))
}

/// The text of a profile: that of `old` with the rows up to `most` digits measured again.
fn profile(algorithm: Algorithm, old: &str, most: u64) -> String {
    let base = measure(algorithm, 1, "block").peak;
    let mut text = String::new();
    let mut in_micros = false;
    for line in old.lines() {
        in_micros |= line.contains("micros:");
        if let Some(digits) = row(line).filter(|&digits| digits <= most && !is_slow(algorithm, digits)) {
            let figures = measure(algorithm, digits, "block");
            let value = match algorithm {
                _ if !in_micros => figures.peak.saturating_sub(base) + PROCESS,
                Algorithm::Gibbons => figures.micros * 5 / 4,
                _ => figures.micros,
            };
            let value = if in_micros { value.max(LEAST_MICROS) } else { value };
            writeln!(text, "        ({}, {}),", grouped(digits), grouped(rounded(value))).expect("room");
        } else if line.contains("unbounded:") && most >= UNBOUNDED[UNBOUNDED.len() - 1] {
            let [peak, kept] = unbounded(algorithm, base);
            writeln!(text, "    unbounded: Unbounded {{ peak_per_digit: {peak}, kept_per_digit: {kept} }},")
                .expect("room");
        } else {
            writeln!(text, "{line}").expect("room");
        }
    }
    text
}

/// The digits of a row `(digits, value),`.
fn row(line: &str) -> Option<u64> {
    let digits = line.trim().strip_prefix('(')?.split(',').next()?;
    digits.replace('_', "").parse().ok()
}

/// More than a minute.
fn is_slow(algorithm: Algorithm, digits: u64) -> bool {
    algorithm.reference_time(count(digits)).as_secs() >= 60
}

/// Bytes per digit at the peak and afterwards, the copy of the digits included.
fn unbounded(algorithm: Algorithm, base: u64) -> [u64; 2] {
    let sizes = UNBOUNDED.map(|digits| if algorithm == Algorithm::Gibbons { 20_000 } else { digits });
    let figures = sizes.map(|digits| (digits, measure(algorithm, digits, "stream")));
    let most = |of: fn(Figures) -> u64| {
        let per_digit = figures.map(|(digits, figures)| of(figures).saturating_sub(base).div_ceil(digits));
        per_digit.into_iter().max().unwrap_or_default()
    };
    [most(|figures| figures.peak), most(|figures| figures.resident)]
}

/// Two or three significant digits.
fn rounded(value: u64) -> u64 {
    let unit = 10u64.pow(value.max(1).ilog10().saturating_sub(2));
    value.div_ceil(unit) * unit
}

/// With `_` between groups of three digits.
fn grouped(value: u64) -> String {
    let text = value.to_string();
    let mut grouped = String::new();
    for (index, digit) in text.chars().enumerate() {
        if index > 0 && (text.len() - index).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    grouped
}

/// The figures of a process of its own. Short computations are repeated, and their time divided.
fn measure(algorithm: Algorithm, digits: u64, mode: &str) -> Figures {
    let program = std::env::current_exe().expect("this program has a path");
    let mut child = Command::new(program);
    child.env(CHILD, format!("{algorithm} {digits} {mode}")).env("PI_SIMD", "avx2");
    let output = child.output().expect("this program runs once more");
    let text = String::from_utf8(output.stdout).expect("numbers");
    let numbers: Vec<u64> = text.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    let [micros, peak, resident] = numbers[..] else { panic!("{algorithm}, {digits} digits: {text}") };
    Figures { micros, peak, resident }
}

/// In the process of [`measure`]: computes, and prints its own figures.
pub(super) fn child(task: &str) {
    let mut words = task.split(' ');
    let mut word = || words.next().expect("three words");
    let algorithm: Algorithm = word().parse().expect("an algorithm");
    let digits = count(word().parse().expect("a number"));
    let (runs, kept) = if word() == "stream" {
        (1, Some(stream(algorithm, digits)))
    } else {
        (block(algorithm, digits), None)
    };
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let bytes = |field: &str| {
        let line = status.lines().find(|line| line.starts_with(field)).expect("the kernel tells it");
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).expect("a number") * 1024
    };
    println!("{} {} {}", user_micros() / runs, bytes("VmHWM:"), bytes("VmRSS:"));
    drop(black_box(kept));
}

/// Computes all digits in one block, short ones again and again for 0.3 s; the number of runs.
fn block(algorithm: Algorithm, digits: DigitCount) -> u64 {
    let mut runs = 0;
    while runs == 0 || (user_micros() < 300_000 && digits.get() <= 1_000_000) {
        let mut text = Text::new(algorithm, digits);
        while let Some(block) = text.next_block() {
            black_box(block);
        }
        runs += 1;
    }
    runs
}

/// A stream and its digits.
fn stream(algorithm: Algorithm, digits: DigitCount) -> (Digits, Vec<u8>) {
    let mut stream = Digits::new(algorithm);
    let mut text = vec![0; digits.get() as usize];
    stream.fill_ascii(&mut text);
    (stream, text)
}

/// User time of this process.
fn user_micros() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    let behind_name = stat.rsplit(')').next().expect("a name in parentheses");
    let ticks: u64 =
        behind_name.split_whitespace().nth(11).and_then(|ticks| ticks.parse().ok()).expect("ticks");
    ticks * 1_000_000 / TICKS
}
