//! `memory_required` against the peak of the real binary.
#![cfg(target_os = "linux")]

use pi_spigot::pi::{Algorithm, DigitCount};
use std::io::{Read, Write, pipe};
use std::process::{Child, Command};
use std::time::Duration;

/// Capacity of a pipe in bytes.
const PIPE: usize = 65_536;
/// The number of the syscall `write`.
const WRITE: &str = if cfg!(target_arch = "x86_64") { "1 " } else { "64 " };

/// The peak memory of `pi` in bytes.
///
/// Read while `pi` waits to write the digest into a full pipe: a process that has ended no longer has a
/// status.
fn peak(algorithm: Algorithm, digits: u64, threads: usize) -> u64 {
    let (mut digest, mut full) = pipe().unwrap();
    full.write_all(&[b'\n'; PIPE]).unwrap();
    let mut pi = Command::new(env!("CARGO_BIN_EXE_pi"));
    pi.args(["--digest", "--algorithm", algorithm.name()]);
    pi.args([&digits.to_string(), "--threads", &threads.to_string()]);
    let mut child = pi.stdout(full).spawn().unwrap();
    drop(pi);
    while !proc_file(&child, "syscall").starts_with(WRITE) {
        assert!(child.try_wait().unwrap().is_none(), "pi ended without waiting for its pipe");
        std::thread::sleep(Duration::from_millis(1));
    }
    let peak = kilobytes(&proc_file(&child, "status"), "VmHWM:") * 1024;
    let mut text = String::new();
    digest.read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success() && text.contains("sha256"));
    peak
}

fn proc_file(process: &Child, name: &str) -> String {
    std::fs::read_to_string(format!("/proc/{}/{name}", process.id())).unwrap()
}

fn kilobytes(status: &str, field: &str) -> u64 {
    let line = status.lines().find(|line| line.starts_with(field)).expect("the kernel tells it");
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Peak memory of a process that computes next to nothing.
fn base() -> u64 {
    let runs = [(); 5].map(|()| peak(Algorithm::Gibbons, 5000, 1));
    runs.iter().sum::<u64>() / runs.len() as u64
}

/// The estimate and the peaks of some runs, minus the memory of an idle process.
fn compare(algorithm: Algorithm, digits: u64, threads: usize, runs: usize) -> (f64, Vec<f64>) {
    let required = |n, threads| algorithm.memory_required(DigitCount::new(n).unwrap(), threads) as f64;
    let base = base() as f64;
    let used = (0..runs).map(|_| peak(algorithm, digits, threads) as f64 - base).collect();
    (required(digits, threads) - required(1, 1), used)
}

/// Holds one thread to a tenth. Two threads need more or less at once from run to run: their average
/// is held to a tenth, each run to a fifth.
fn hold_to_a_tenth(algorithm: Algorithm, sizes: &[u64]) {
    for &digits in sizes {
        for (threads, runs) in [(1, 1), (2, 7)] {
            let (required, used) = compare(algorithm, digits, threads, runs);
            let average = used.iter().sum::<f64>() / runs as f64;
            let apart = |used: f64| (required / used - 1.0).abs();
            assert!(
                apart(average) <= 0.1 && used.iter().all(|&used| apart(used) <= 0.2),
                "{algorithm}, {digits} digits, {threads} threads: {required} bytes announced, {used:?} used; \
                 measure again by `cargo bench --bench pi -- calibrate` (see src/pi/profile.rs)"
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
        let (required, used) = compare(Algorithm::Gibbons, digits, 1, 1);
        let ratio = (process + required) / (process + used[0]);
        assert!((ratio - 1.0).abs() <= 0.1, "{digits} digits: {required} bytes announced, {used:?} used");
    }
}

#[test]
#[ignore = "takes minutes and 800 MB"]
fn what_is_announced_is_used_for_large_sizes() {
    hold_to_a_tenth(Algorithm::Chudnovsky, &[10_000_000, 100_000_000]);
    hold_to_a_tenth(Algorithm::Gosper, &[5_000_000]);
}
