//! Refuses unknown keys of a matrix file, with the nearest known key.
//!
//! Serde refuses unknown keys too, but lists all known keys instead of the nearest.

use super::MatrixError;
use toml::{Table, Value};

const TOP: &[&str] = &[
    "authorizer",
    "baseline",
    "check",
    "cold",
    "cors",
    "event",
    "limits",
    "max_runs",
    "max_time",
    "memory",
    "precision",
    "profile",
    "published",
    "queue",
    "region",
    "route",
    "runs",
    "schedule",
    "target",
    "timeout",
    "warmup",
];
const TARGET: &[&str] = &[
    "architecture",
    "binary",
    "endpoint",
    "env",
    "extensions",
    "function",
    "image",
    "layers",
    "memory",
    "name",
    "profile",
    "qualifier",
    "region",
];
const EVENT: &[&str] = &["file", "json", "name", "sha256"];
const ROUTE: &[&str] = &["authorizer", "key", "payload", "target"];
const AUTHORIZER: &[&str] = &["identity", "name", "payload", "simple_responses", "target", "ttl"];
const CORS: &[&str] =
    &["allow_credentials", "allow_headers", "allow_methods", "allow_origins", "expose_headers", "max_age"];
const QUEUE: &[&str] =
    &["batch_size", "concurrency", "report_batch_item_failures", "target", "url", "window"];
const SCHEDULE: &[&str] = &["event", "expression", "target"];
const PUBLISHED: &[&str] = &["duration_s", "init_ms", "memory", "memory_mb", "row", "source", "target"];

/// Refuses the first unknown key.
pub(super) fn check(table: &Table) -> Result<(), MatrixError> {
    check_table(table, TOP, "the file")?;
    if let Some(cors) = table.get("cors").and_then(Value::as_table) {
        check_table(cors, CORS, "[cors]")?;
    }
    for (section, known) in [
        ("target", TARGET),
        ("event", EVENT),
        ("published", PUBLISHED),
        ("route", ROUTE),
        ("authorizer", AUTHORIZER),
        ("queue", QUEUE),
        ("schedule", SCHEDULE),
    ] {
        let entries = table.get(section).and_then(Value::as_array);
        for entry in entries.into_iter().flatten().filter_map(Value::as_table) {
            check_table(entry, known, &format!("[[{section}]]"))?;
        }
    }
    Ok(())
}

fn check_table(table: &Table, known: &[&str], place: &str) -> Result<(), MatrixError> {
    match table.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(MatrixError::UnknownKey {
            key: key.clone(),
            place: place.to_owned(),
            nearest: suggestion(key, known),
            known: known.join(", "),
        }),
    }
}

/// A question for the known name most similar to `name`, before further words; empty if none is similar.
pub(crate) fn suggestion(name: &str, known: &[&str]) -> String {
    nearest(name, known).map_or_else(String::new, |near| format!("did you mean {near}? "))
}

/// The known name most similar to `name`, if any is similar.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let likeness = |candidate: &&str| strsim::jaro_winkler(name, candidate);
    let best = known.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(&best) > 0.7).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_or_none() {
        assert_eq!(nearest("memmory", TOP), Some("memory"));
        assert_eq!(nearest("run", TOP), Some("runs"));
        assert_eq!(nearest("xyz", TOP), None);
        assert_eq!(suggestion("memmory", TOP), "did you mean memory? ");
        assert_eq!(suggestion("xyz", TOP), "");
    }
}
