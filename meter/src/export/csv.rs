//! Every sample as a line of CSV, for spreadsheets and statistics programs.

use crate::results::{Results, Sample};
use csv::Writer;

const HEADINGS: [&str; 15] = [
    "target",
    "event",
    "memory_mb",
    "start",
    "round",
    "at",
    "duration_ms",
    "billed_duration_ms",
    "extension_overhead_ms",
    "init_duration_ms",
    "max_memory_used_mb",
    "wall_ms",
    "digest",
    "failure",
    "message",
];

/// All samples as CSV (RFC 4180, lines ended by a line feed).
///
/// # Panics
///
/// Never: every record has as many fields as the heading, and memory takes every byte.
#[must_use]
pub fn csv(results: &Results) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(HEADINGS).expect("memory takes every byte");
    for sample in &results.samples {
        writer.write_record(record(results, sample)).expect("memory takes every byte");
    }
    let bytes = writer.into_inner().expect("memory takes every byte");
    String::from_utf8(bytes).expect("every field is a string")
}

fn record(results: &Results, sample: &Sample) -> [String; HEADINGS.len()] {
    let cell = &results.header.cells[sample.cell];
    let failure = sample.failure.as_ref();
    [
        cell.target.clone(),
        cell.event.clone(),
        cell.memory_mb.to_string(),
        cell.start.to_string(),
        sample.round.to_string(),
        sample.at.clone(),
        sample.duration_ms.to_string(),
        sample.billed_duration_ms.to_string(),
        sample.extension_overhead_ms.map_or_else(String::new, |overhead| overhead.to_string()),
        sample.init_duration_ms.map_or_else(String::new, |init| init.to_string()),
        sample.max_memory_used_mb.to_string(),
        sample.wall_ms.to_string(),
        sample.digest.clone().unwrap_or_default(),
        failure.map_or_else(String::new, |failure| failure.kind.clone()),
        failure.map_or_else(String::new, |failure| failure.message.clone()),
    ]
}
