//! The body of a message: one event, the function that it is about, and an `id` of its own.
//!
//! ```json
//! {"id": "5f0c...-17", "type": "platform.report", "time": "2026-11-29T12:00:00.000Z",
//!  "function": {"name": "pi", "version": "$LATEST", "memory_mb": 128, "architecture": "arm64",
//!               "region": "eu-central-1", "initialization": "on-demand", "processor": "..."},
//!  "record": {"requestId": "...", "status": "success", "metrics": {"durationMs": 1.5, ...}}}
//! ```
//!
//! SQS delivers at least once, and a request that timed out is sent again, so a consumer keeps one message
//! of each `id`.

use crate::settings::Runtime;
use serde::Serialize;
use serde_json::value::RawValue;
use std::fs;

/// Most bytes of the fields about the function, and of `id` and punctuation. Names and versions of
/// functions have 64 bytes at most, regions 25; the processor's name is cut.
pub const ENVELOPE_BYTES: usize = 640;
/// Most bytes of a processor's name.
const PROCESSOR_BYTES: usize = 64;

/// An event that waits.
#[derive(Clone, Debug)]
pub struct Event {
    /// The kind of event, as `platform.report`.
    pub kind: String,
    /// When it happened: RFC 3339.
    pub time: String,
    /// Its content: any JSON value.
    pub record: Box<RawValue>,
}

impl Event {
    /// An upper bound of the size of its message, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        // Two characters of Unicode are written as escapes, of twice the bytes.
        let record = self.record.get();
        let escapes = record.matches(NOT_IN_XML).count();
        ENVELOPE_BYTES + self.kind.len() + self.time.len() + record.len() + 3 * escapes
    }
}

/// The part of all messages that describes where they come from.
#[derive(Clone, Debug, Serialize)]
pub struct Source {
    name: String,
    version: String,
    memory_mb: u32,
    architecture: &'static str,
    region: String,
    initialization: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    processor: Option<String>,
}

impl Source {
    /// Describes the function, and asks the system for the processor's name, which takes a fraction of a
    /// millisecond: not to be called while the environment starts.
    #[must_use]
    pub fn new(runtime: &Runtime) -> Self {
        Self {
            name: cut(&runtime.name, 140),
            version: cut(&runtime.version, 32),
            memory_mb: runtime.memory_mb,
            architecture: architecture(),
            region: cut(&runtime.region, 32),
            initialization: cut(&runtime.initialization, 32),
            processor: fs::read_to_string("/proc/cpuinfo").ok().as_deref().and_then(processor),
        }
    }
}

/// The architecture in Lambda's words.
const fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }
}

/// The name of the first processor: by name on x86-64, by implementer and part on arm64.
fn processor(cpuinfo: &str) -> Option<String> {
    let field = |name: &str| {
        cpuinfo.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim() == name).then(|| value.trim().to_owned())
        })
    };
    let arm = || Some(format!("arm {} {}", field("CPU implementer")?, field("CPU part")?));
    field("model name").or_else(arm).map(|name| cut(&name, PROCESSOR_BYTES))
}

/// The longest beginning of a text that has at most `bytes` bytes, without control characters and
/// quotes, whose escapes would need more room.
fn cut(text: &str, bytes: usize) -> String {
    let mut out = String::new();
    for c in text.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')) {
        if out.len() + c.len_utf8() > bytes {
            break;
        }
        out.push(c);
    }
    out
}

/// Characters that a JSON text may hold as they are, and SQS refuses in a message.
const NOT_IN_XML: [char; 2] = ['\u{fffe}', '\u{ffff}'];

#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    r#type: &'a str,
    time: &'a str,
    function: &'a Source,
    record: &'a RawValue,
}

/// The body of an event's message.
///
/// # Panics
///
/// Never: all parts can be written as JSON.
#[must_use]
pub fn body(id: &str, event: &Event, source: &Source) -> String {
    let parts = Body { id, r#type: &event.kind, time: &event.time, function: source, record: &event.record };
    let body = serde_json::to_string(&parts).expect("strings, numbers and JSON are written as JSON");
    if !body.contains(NOT_IN_XML) {
        return body;
    }
    // Only strings hold such characters, so that an escape is the same JSON.
    body.replace(NOT_IN_XML[0], "\\ufffe").replace(NOT_IN_XML[1], "\\uffff")
}

/// The time now: RFC 3339 with microseconds.
#[must_use]
pub fn now() -> String {
    let now = jiff::Timestamp::now();
    format!("{now:.6}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn event(record: &str) -> Event {
        Event {
            kind: "platform.report".to_owned(),
            time: "2026-11-29T12:00:00.000Z".to_owned(),
            record: RawValue::from_string(record.to_owned()).unwrap(),
        }
    }

    fn source() -> Source {
        let long = "x".repeat(200);
        let runtime = Runtime {
            name: long.clone(),
            version: long.clone(),
            memory_mb: u32::MAX,
            region: long.clone(),
            initialization: long,
        };
        Source { processor: Some("y".repeat(PROCESSOR_BYTES)), ..Source::new(&runtime) }
    }

    #[test]
    fn a_body_is_json_that_keeps_the_record() {
        let body = body("a-1", &event(r#"{"requestId": "r", "n": 1.50}"#), &source());
        let value: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(value["id"], "a-1");
        assert_eq!(value["type"], "platform.report");
        assert_eq!(value["function"]["memory_mb"], u32::MAX);
        assert!(body.contains(r#""record":{"requestId": "r", "n": 1.50}"#), "{body}");
    }

    #[test]
    fn the_bound_of_the_size_holds_for_the_longest_names() {
        for record in ["null", "\"\u{fffe}\u{ffff}\u{fffe}\"", &format!("\"{}\"", "z".repeat(1000))] {
            let event = event(record);
            let id = format!("{:032x}-{}", u128::MAX, u64::MAX);
            let body = body(&id, &event, &source());
            assert!(body.len() <= event.size(), "{} bytes, bound {}", body.len(), event.size());
        }
    }

    #[test]
    fn characters_that_sqs_refuses_are_escaped() {
        let body = body("a-1", &event("\"a\u{ffff}b\u{fffe}\""), &source());
        assert!(!body.contains(NOT_IN_XML));
        let value: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(value["record"], json!("a\u{ffff}b\u{fffe}"));
    }

    #[test]
    fn processors_are_named_on_both_architectures() {
        assert_eq!(
            processor("processor\t: 0\nmodel name\t: AMD EPYC 9R14\n").as_deref(),
            Some("AMD EPYC 9R14")
        );
        let arm = "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd40\n";
        assert_eq!(processor(arm).as_deref(), Some("arm 0x41 0xd40"));
        assert_eq!(processor("nothing"), None);
        assert_eq!(cut("é\"\n\\é", 3), "é");
    }

    #[test]
    fn the_time_is_a_timestamp() {
        let time = now();
        assert!(time.parse::<jiff::Timestamp>().is_ok() && time.len() == 27, "{time}");
    }
}
