//! What the function says of itself: its version, and what the sandbox has got.
//!
//! `{"op": "version"}` asks for names; `{"op": "self-test"}` measures too.

use super::estimate::{CALIBRATION, cost, speed};
use super::json::{Object, describe, string};
use super::response::milliseconds;
use super::{Capacity, Context, EventError};
use crate::pi::{Algorithm, Text, TextDigest};
use crate::simd::Level;
use std::fs;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

/// The commit that was built, where the build was told (`REVISION=$(git rev-parse HEAD)`).
pub const REVISION: Option<&str> = option_env!("REVISION");

/// SHA-256 of the first 10,000 digits.
const SHA256_OF_10_000: &str = "1f08958df70c30bbf3f7205ad5f9b2b9430e3378b4e4e6300063bd9fbd83d6e3";

/// How long the self-test computes at most: five of Lambda's throttling periods.
const SPEED_TEST: Duration = Duration::from_millis(100);

/// A question about the function itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// What it is.
    Version,
    /// What it is and how fast it is here.
    SelfTest,
}

impl Operation {
    /// The names by which requests call them, in the order of the variants.
    pub const NAMES: &[&str] = &["version", "self-test"];

    /// The operation that a JSON value names.
    pub(super) fn from_json(value: &str) -> Result<Self, EventError> {
        let name = string(value).unwrap_or_default();
        let found = [Self::Version, Self::SelfTest].into_iter().find(|op| op.name() == name);
        found.ok_or_else(|| EventError::UnknownOperation { found: describe(value) })
    }

    /// The name by which requests call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The answer as JSON.
    pub(super) fn answer(self, context: &Context<'_>) -> String {
        let mut object = Object::new();
        identity(&mut object, context.capacity);
        if self == Self::SelfTest {
            measured(&mut object, context.deadline.left());
        }
        object.text("request_id", context.request_id);
        object.finish()
    }
}

fn identity(object: &mut Object, capacity: Capacity) {
    object.text("name", env!("CARGO_PKG_NAME")).text("version", env!("CARGO_PKG_VERSION"));
    match REVISION {
        Some(revision) => object.text("git_revision", revision),
        None => object.raw("git_revision", "null"),
    };
    let vcpus = available_parallelism().map_or(1, NonZeroUsize::get);
    object.text("arch", std::env::consts::ARCH).text("cpu", &cpu()).text("simd", Level::get().name());
    object.raw("vcpus", vcpus).raw("threads", capacity.threads);
    if let Some(memory) = capacity.memory_mb {
        object.raw("memory_mb", memory);
    }
}

/// Memory and speed as they are, and whether the digits are right here.
fn measured(object: &mut Object, left: Option<Duration>) {
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    for (name, label) in [("sandbox_memory_mb", "MemTotal:"), ("sandbox_available_mb", "MemAvailable:")] {
        if let Some(kilobytes) =
            value_of(&memory, label).and_then(|text| text.split(' ').next()?.parse::<u64>().ok())
        {
            object.raw(name, kilobytes / 1024);
        }
    }
    let (first, right) = once();
    let limit = SPEED_TEST.min(left.map_or(SPEED_TEST, |left| left / 4));
    let (runs, time) = speed(limit);
    let reference = Duration::from_micros(runs * cost(Algorithm::default(), CALIBRATION.get()));
    let per_mille = reference.as_nanos() * 1000 / time.as_nanos().max(1);
    object.raw("digits_correct", right).raw("speed_digits", CALIBRATION).raw("speed_runs", runs);
    object.raw("speed_first_ms", milliseconds(first));
    object.raw("speed_ms", milliseconds(time / u32::try_from(runs).unwrap_or(u32::MAX)));
    object.raw("speed_relative", format_args!("{}.{:03}", per_mille / 1000, per_mille % 1000));
}

/// The time of one computation, and whether its digits are the known ones.
fn once() -> (Duration, bool) {
    let start = Instant::now();
    let mut text = Text::new(Algorithm::default(), CALIBRATION);
    let mut digest = TextDigest::default();
    while let Some(block) = text.next_block() {
        digest.update(block);
    }
    (start.elapsed(), digest.finish().sha256 == SHA256_OF_10_000)
}

/// The processor's name as Linux knows it.
fn cpu() -> String {
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

/// What follows a label and a colon in a file of /proc.
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
