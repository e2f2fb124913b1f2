//! One line for each sample, for spreadsheets and statistics programs.

use crate::results::{Results, Sample};
use std::fmt::Write;

const HEADINGS: &str = "target,event,memory_mb,start,round,at,duration_ms,billed_duration_ms,init_duration_ms,\
                        max_memory_used_mb,wall_ms,digest,failure,message";

/// All samples as CSV (RFC 4180, lines ended by a line feed).
#[must_use]
pub fn csv(results: &Results) -> String {
    let mut out = format!("{HEADINGS}\n");
    for sample in &results.samples {
        let cell = &results.header.cells[sample.cell];
        let _ = write!(
            out,
            "{},{},{},{},",
            quoted(&cell.target),
            quoted(&cell.event),
            cell.memory_mb,
            cell.start
        );
        line(&mut out, sample);
    }
    out
}

fn line(out: &mut String, sample: &Sample) {
    let Sample { round, at, duration_ms, billed_duration_ms, max_memory_used_mb, wall_ms, .. } = sample;
    let init = sample.init_duration_ms.map_or_else(String::new, |init| init.to_string());
    let digest = sample.digest.as_deref().unwrap_or_default();
    let failure = sample.failure.as_ref();
    let kind = failure.map_or("", |failure| &failure.kind);
    let message = quoted(failure.map_or("", |failure| &failure.message));
    let _ = writeln!(
        out,
        "{round},{at},{duration_ms},{billed_duration_ms},{init},{max_memory_used_mb},{wall_ms},{digest},{kind},{message}"
    );
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_needs_quotes_gets_some() {
        assert_eq!(quoted("plain text"), "plain text");
        assert_eq!(quoted("{\"digits\": 1, \"a\": 2}"), "\"{\"\"digits\"\": 1, \"\"a\"\": 2}\"");
    }
}
