//! One self-contained HTML page.
use crate::analysis::Analysis;
use crate::results::Results;
/// The page.
#[must_use]
pub fn page(_results: &Results, _analysis: &Analysis) -> String {
    String::new()
}
