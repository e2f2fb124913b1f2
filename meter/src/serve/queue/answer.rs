//! The answer of a function with `ReportBatchItemFailures`.

use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    batch_item_failures: Option<Vec<Item>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    item_identifier: String,
}

/// The messages that failed, of a batch with these ids. An answer without failures, an empty one and `null`
/// are successes.
///
/// # Errors
///
/// When the answer cannot be read or names an unknown message: then the whole batch failed, as on Lambda.
pub(super) fn failures(payload: &[u8], ids: &BTreeSet<String>) -> Result<BTreeSet<String>, String> {
    let payload = payload.trim_ascii();
    if payload.is_empty() {
        return Ok(BTreeSet::new());
    }
    let answer: Option<Answer> = serde_json::from_slice(payload)
        .map_err(|error| format!("its answer is no {{\"batchItemFailures\": [...]}}: {error}"))?;
    let items = answer.and_then(|answer| answer.batch_item_failures).unwrap_or_default();
    let failed: BTreeSet<String> = items.into_iter().map(|item| item.item_identifier).collect();
    match failed.difference(ids).next() {
        Some(stranger) => {
            Err(format!("its answer names the message {stranger:?}, which is not in the batch"))
        }
        None => Ok(failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(ToString::to_string).collect()
    }

    fn read(payload: &str) -> Result<BTreeSet<String>, String> {
        failures(payload.as_bytes(), &set(&["a", "b"]))
    }

    #[test]
    fn an_answer_without_failures_is_a_success() {
        for payload in
            ["", " ", "null", "{}", r#"{"batchItemFailures": null}"#, r#"{"batchItemFailures": []}"#]
        {
            assert_eq!(read(payload), Ok(set(&[])), "{payload:?}");
        }
    }

    #[test]
    fn named_messages_failed() {
        let payload = r#"{"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "b"}]}"#;
        assert_eq!(read(payload), Ok(set(&["b"])));
    }

    #[test]
    fn a_wrong_answer_fails_the_whole_batch() {
        for (payload, words) in [
            ("{", "EOF"),
            ("3", "invalid type"),
            ("\"done\"", "invalid type"),
            (
                r#"{"batchItemFailures": [{"itemIdentifier": "c"}]}"#,
                "the message \"c\", which is not in the batch",
            ),
            (r#"{"batchItemFailures": [{"itemIdentifier": ""}]}"#, "the message \"\""),
            (r#"{"batchItemFailures": [{"itemIdentifier": null}]}"#, "null"),
            (r#"{"batchItemFailures": [{"id": "a"}]}"#, "missing field `itemIdentifier`"),
        ] {
            let reason = read(payload).unwrap_err();
            assert!(reason.contains(words), "{payload}: {reason}");
        }
    }
}
