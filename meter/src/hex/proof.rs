//! The digits, and the proof below them.

use super::plan::Plan;
use crate::error::Error;
use crate::export::{to_stdout, usd};
use serde_json::Value;
use std::fmt::Write as _;

/// Prints the proof: as it was answered, or in words.
pub(super) fn write(proof: &Value, plan: &Plan, json: bool) -> Result<(), Error> {
    to_stdout(&if json { format!("{proof}\n") } else { words(proof, plan) })
}

fn words(proof: &Value, plan: &Plan) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut words = String::new();
    let _ = writeln!(words, "{}", text(&proof["digits"]));
    let _ = writeln!(
        words,
        "  position {}, digits on which both sums agree: {}",
        proof["position"], proof["agreed"]
    );
    for sum in proof["sums"].as_array().into_iter().flatten() {
        let _ = writeln!(words, "  {}: {} +- {}", text(&sum["job"]), text(&sum["sum"]), sum["error"]);
        let _ = writeln!(words, "    {} from position {} on", text(&sum["digits"]), sum["position"]);
    }
    let parts = proof["parts"].as_f64().unwrap_or_default();
    let cost = proof["usd"].as_f64().unwrap_or_default() + parts * plan.usd_each;
    let _ = writeln!(
        words,
        "  {} parts, {} s, {} GB-seconds: {} USD",
        proof["parts"],
        proof["seconds"],
        proof["gb_seconds"],
        usd(cost)
    );
    words
}
