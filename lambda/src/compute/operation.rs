//! The answers to operations: the identity of the program and its sandbox, and a self-test.

use crate::context::Context;
use crate::contract::{Operation, REVISION, milliseconds};
use crate::limits::Capacity;
use crate::limits::estimate::{CALIBRATION, cost, speed};
use pi_spigot::cpu::Level;
use pi_spigot::pi::{Algorithm, Text, TextDigest};
use serde::Serialize;
use std::fs;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

/// SHA-256 of the first 10,000 digits.
const SHA256_OF_10_000: &str = "1f08958df70c30bbf3f7205ad5f9b2b9430e3378b4e4e6300063bd9fbd83d6e3";

/// The longest measurement of the self-test: five of Lambda's throttling periods.
const SPEED_TEST: Duration = Duration::from_millis(100);

/// Answers an operation; `self-test` computes for a tenth of a second.
pub(crate) fn operation<'a>(op: Operation, context: &Context<'a>) -> Answer<'a> {
    let Context { request_id, capacity, .. } = *context;
    let measured = op == Operation::SelfTest;
    Answer {
        identity: Identity::get(capacity),
        measured: measured.then(|| Measured::get(context.deadline.left())),
        request_id,
    }
}

/// The answer to an operation.
#[derive(Debug, Serialize)]
pub(crate) struct Answer<'a> {
    #[serde(flatten)]
    identity: Identity,
    #[serde(flatten)]
    measured: Option<Measured>,
    request_id: &'a str,
}

#[derive(Debug, Serialize)]
struct Identity {
    name: &'static str,
    version: &'static str,
    git_revision: Option<&'static str>,
    arch: &'static str,
    cpu: String,
    simd: &'static str,
    vcpus: usize,
    threads: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory_mb: Option<u64>,
}

impl Identity {
    fn get(Capacity { threads, memory_mb }: Capacity) -> Self {
        Self {
            name: "pi-spigot",
            version: env!("CARGO_PKG_VERSION"),
            git_revision: REVISION,
            arch: std::env::consts::ARCH,
            cpu: cpu(),
            simd: Level::get().name(),
            vcpus: available_parallelism().map_or(1, NonZeroUsize::get),
            threads,
            memory_mb,
        }
    }
}

/// Measurements in the sandbox: memory, speed, correctness of digits.
#[derive(Debug, Serialize)]
struct Measured {
    #[serde(skip_serializing_if = "Option::is_none")]
    sandbox_memory_mb: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sandbox_available_mb: Option<u64>,
    digits_correct: bool,
    speed_digits: u64,
    speed_runs: u64,
    speed_first_ms: f64,
    speed_ms: f64,
    speed_relative: f64,
}

impl Measured {
    fn get(left: Option<Duration>) -> Self {
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let megabytes =
            |label| Some(value_of(&memory, label)?.split(' ').next()?.parse::<u64>().ok()? / 1024);
        let (first, digits_correct) = once();
        let limit = SPEED_TEST.min(left.map_or(SPEED_TEST, |left| left / 4));
        let (speed_runs, time) = speed(limit);
        let reference = Duration::from_micros(speed_runs * cost(Algorithm::default(), CALIBRATION.get()));
        let per_mille = reference.as_nanos() * 1000 / time.as_nanos().max(1);
        Self {
            sandbox_memory_mb: megabytes("MemTotal:"),
            sandbox_available_mb: megabytes("MemAvailable:"),
            digits_correct,
            speed_digits: CALIBRATION.get(),
            speed_runs,
            speed_first_ms: milliseconds(first),
            speed_ms: milliseconds(time / u32::try_from(speed_runs).unwrap_or(u32::MAX)),
            speed_relative: per_mille as f64 / 1e3,
        }
    }
}

/// Computes 10,000 digits once: the time, and the comparison with the known digest.
fn once() -> (Duration, bool) {
    let start = Instant::now();
    let mut text = Text::new(Algorithm::default(), CALIBRATION);
    let mut digest = TextDigest::default();
    while let Some(block) = text.next_block() {
        digest.update(block);
    }
    (start.elapsed(), digest.finish().sha256 == SHA256_OF_10_000)
}

/// The name of the processor as Linux reports it.
pub(super) fn cpu() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    if let Some(name) = value_of(&info, "model name") {
        return name.to_owned();
    }
    match value_of(&info, "CPU part") {
        Some("0xd0c") => "Arm Neoverse N1 (Graviton2)".to_owned(),
        Some("0xd40") => "Arm Neoverse V1 (Graviton3)".to_owned(),
        Some("0xd4f") => "Arm Neoverse V2 (Graviton4)".to_owned(),
        Some(part) => format!("Arm part {part}"),
        None => "unknown".to_owned(),
    }
}

/// The value behind a label in a file of /proc.
fn value_of<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let line = text.lines().find_map(|line| line.strip_prefix(label))?;
    Some(line.trim_start_matches([' ', '\t', ':']).trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_proc_are_read() {
        let text = "processor\t: 0\nmodel name\t: Intel(R) Xeon(R)\nMemTotal:       1024 kB\n";
        assert_eq!(value_of(text, "model name"), Some("Intel(R) Xeon(R)"));
        assert_eq!(value_of(text, "MemTotal:"), Some("1024 kB"));
        assert_eq!(value_of(text, "CPU part"), None);
        assert!(!cpu().is_empty());
    }

    #[test]
    fn the_known_digest_is_that_of_the_digits() {
        assert!(once().1);
    }
}
