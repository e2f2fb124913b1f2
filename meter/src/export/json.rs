//! Plan, samples and figures in one JSON document.

use crate::analysis::Analysis;
use crate::results::{Header, Results, Sample};
use serde::Serialize;

/// A file of results with its figures; `lambda-meter report` reads it as well.
#[derive(Serialize)]
struct Document<'a> {
    header: &'a Header,
    analysis: &'a Analysis,
    samples: &'a [Sample],
}

/// All of it as JSON.
///
/// # Panics
///
/// Never: plain data has a JSON form.
#[must_use]
pub fn json(results: &Results, analysis: &Analysis) -> String {
    let document = Document { header: &results.header, analysis, samples: &results.samples };
    serde_json::to_string_pretty(&document).expect("plain data has a JSON form") + "\n"
}
