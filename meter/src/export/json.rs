//! The plan, the samples and the figures in one JSON document.

use crate::analysis::Analysis;
use crate::results::{Header, Results, Sample};
use serde::Serialize;

/// A results file with its figures, which `lambda-meter report` can read.
#[derive(Serialize)]
struct Document<'a> {
    header: &'a Header,
    analysis: &'a Analysis,
    samples: &'a [Sample],
}

/// The plan, the samples and the figures as JSON.
///
/// # Panics
///
/// Never, because plain data has a JSON form.
#[must_use]
pub fn json(results: &Results, analysis: &Analysis) -> String {
    let document = Document { header: &results.header, analysis, samples: &results.samples };
    serde_json::to_string_pretty(&document).expect("plain data has a JSON form") + "\n"
}
