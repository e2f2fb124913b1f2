//! `memory_required` against the peak of the real binary.
#![cfg(all(feature = "cli", target_os = "linux"))]

use pi_spigot::pi::{Algorithm, DigitCount};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The peak memory in bytes of `pi` at work: the last that is seen before it ends. The largest numbers
/// are gone some time before, while the digest is made.
fn peak(algorithm: Algorithm, digits: u64, threads: usize) -> u64 {
    let mut pi = Command::new(env!("CARGO_BIN_EXE_pi"));
    pi.args(["--digest", "--algorithm", algorithm.name()]);
    pi.args([&digits.to_string(), "--threads", &threads.to_string()]);
    let mut child = pi.stdout(Stdio::null()).spawn().unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = peak_so_far(child.id()).unwrap_or(peak);
        std::thread::sleep(Duration::from_micros(200));
    }
    assert!(child.wait().unwrap().success() && peak > 0);
    peak
}

/// None once the process has ended.
fn peak_so_far(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(1024 * line.split_whitespace().nth(1)?.parse::<u64>().ok()?)
}

/// What the process has when it computes next to nothing.
fn base() -> u64 {
    peak(Algorithm::Gibbons, 5000, 1)
}

/// The estimate and the peak, both without what a process has anyway.
fn compare(algorithm: Algorithm, digits: u64, threads: usize) -> (f64, f64) {
    let required = |n| algorithm.memory_required(DigitCount::new(n).unwrap(), threads) as f64;
    (required(digits) - required(1), peak(algorithm, digits, threads) as f64 - base() as f64)
}

fn hold_to_a_tenth(algorithm: Algorithm, sizes: &[u64]) {
    for &digits in sizes {
        for threads in [1, 2] {
            let (required, used) = compare(algorithm, digits, threads);
            assert!(
                (required / used - 1.0).abs() <= 0.1,
                "{algorithm}, {digits} digits, {threads} threads: {required} bytes announced, {used} used; \
                 measure the table in src/pi/series.rs again (see src/pi/memory.rs)"
            );
        }
    }
}

#[test]
fn what_is_announced_is_used() {
    hold_to_a_tenth(Algorithm::Chudnovsky, &[100_000, 1_000_000, 1_200_000]);
    hold_to_a_tenth(Algorithm::Gosper, &[100_000, 1_000_000]);
}

#[test]
fn the_spigot_and_its_process_together_take_what_is_announced() {
    let process = Algorithm::Gibbons.memory_required(DigitCount::MIN, 1) as f64;
    for digits in [10_000, 20_000, 50_000] {
        let (required, used) = compare(Algorithm::Gibbons, digits, 1);
        let ratio = (process + required) / (process + used);
        assert!((ratio - 1.0).abs() <= 0.1, "{digits} digits: {required} bytes announced, {used} used");
    }
}

#[test]
#[ignore = "takes minutes and 800 MB"]
fn what_is_announced_is_used_for_large_sizes() {
    hold_to_a_tenth(Algorithm::Chudnovsky, &[10_000_000, 100_000_000]);
    hold_to_a_tenth(Algorithm::Gosper, &[5_000_000]);
}

/// The tables of `src/pi/series.rs`.
#[test]
#[ignore = "prints what another test holds the code to"]
fn peaks() {
    let base = base();
    for (algorithm, least) in [(Algorithm::Chudnovsky, 70_000), (Algorithm::Gosper, 70_000)] {
        println!("{algorithm}: {base} bytes and");
        for digits in [1, 2, 3, 5, 7].into_iter().flat_map(|d| (4..8).map(move |e| d * 10u64.pow(e))) {
            if digits >= least && digits <= 20_000_000 {
                println!("{digits:>11} {:>11}", peak(algorithm, digits, 1) - base);
            }
        }
    }
}
