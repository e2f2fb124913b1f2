//! Events as functions post them:
//! `{"type": "order.placed", "time": "2026-11-29T12:00:00Z", "record": {...}}`.
//!
//! | field | |
//! |---|---|
//! | `type` | 1 to 64 of `A-Z a-z 0-9 . _ -`, not beginning with `platform.` or `telemetry.` |
//! | `time` | RFC 3339; without it the time of arrival |
//! | `record` | any JSON value; null without it |

use crate::message::{Event, now};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Most events of one request.
pub(super) const EVENTS: usize = 100;
const TYPE_BYTES: usize = 64;
const FIELDS: &str = "type, time, record";

/// The reason why a body holds no events.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The field at fault, with the index of its event in an array: `[2].type`.
    pub(super) field: Option<String>,
    /// What is wrong, what is allowed.
    pub(super) message: String,
}

/// Reads an event or an array of events.
pub(super) fn events(body: &[u8]) -> Result<Vec<Event>, Refusal> {
    let refusal = |message: String| Refusal { field: None, message };
    let text = std::str::from_utf8(body).map_err(|_| refusal("the body is not UTF-8".to_owned()))?;
    let whole: &RawValue =
        serde_json::from_str(text).map_err(|error| refusal(format!("the body is not JSON: {error}")))?;
    if !whole.get().starts_with('[') {
        return Ok(vec![event(whole, "")?]);
    }
    let parts: Vec<&RawValue> =
        serde_json::from_str(whole.get()).map_err(|error| refusal(error.to_string()))?;
    if parts.is_empty() || parts.len() > EVENTS {
        return Err(refusal(format!("an array has 1 to {EVENTS} events, not {}", parts.len())));
    }
    parts.iter().enumerate().map(|(index, part)| event(part, &format!("[{index}]"))).collect()
}

fn event(json: &RawValue, place: &str) -> Result<Event, Refusal> {
    let at = |field: &str, message: String| {
        let field = if place.is_empty() { field.to_owned() } else { format!("{place}.{field}") };
        Refusal { field: Some(field), message }
    };
    if !json.get().starts_with('{') {
        let field = (!place.is_empty()).then(|| place.to_owned());
        return Err(Refusal { field, message: format!("an event is an object with {FIELDS}") });
    }
    let Fields { r#type, time, record, fault } = serde_json::from_str(json.get())
        .map_err(|error| Refusal { field: None, message: format!("the body is not JSON: {error}") })?;
    if let Some((name, message)) = fault {
        return Err(at(&name, message));
    }
    let kind: String = string(r#type).map_err(|message| at("type", message))?.unwrap_or_default();
    check_type(&kind).map_err(|message| at("type", message))?;
    let time = match string(time).map_err(|message| at("time", message))? {
        None => now(),
        Some(time) if time.len() <= 64 && time.parse::<jiff::Timestamp>().is_ok() => time,
        Some(_) => return Err(at("time", "time is RFC 3339, as 2026-11-29T12:00:00Z".to_owned())),
    };
    let record = record.unwrap_or(RawValue::NULL).to_owned();
    Ok(Event { kind, time, record })
}

fn string(value: Option<&RawValue>) -> Result<Option<String>, String> {
    let Some(value) = value else { return Ok(None) };
    serde_json::from_str(value.get()).map(Some).map_err(|_| "not a string".to_owned())
}

fn check_type(kind: &str) -> Result<(), String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if kind.is_empty() || kind.len() > TYPE_BYTES || !kind.bytes().all(allowed) {
        return Err(format!("type is needed: 1 to {TYPE_BYTES} of A-Z a-z 0-9 . _ -"));
    }
    if ["platform.", "telemetry."].iter().any(|prefix| kind.starts_with(prefix)) {
        return Err("type begins with platform. or telemetry., which are not the function's".to_owned());
    }
    Ok(())
}

/// An event's fields as they are written, and the first field that is unknown or given twice.
#[derive(Default)]
struct Fields<'a> {
    r#type: Option<&'a RawValue>,
    time: Option<&'a RawValue>,
    record: Option<&'a RawValue>,
    fault: Option<(String, String)>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Fields::default();
                while let Some(name) = map.next_key::<String>()? {
                    let slot = match name.as_str() {
                        "type" => &mut fields.r#type,
                        "time" => &mut fields.time,
                        "record" => &mut fields.record,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                            fields
                                .fault
                                .get_or_insert((name, format!("an unknown field; fields are {FIELDS}")));
                            continue;
                        }
                    };
                    if slot.replace(map.next_value()?).is_some() {
                        fields.fault.get_or_insert((name, "the field is given twice".to_owned()));
                    }
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Visit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> (String, String) {
        let Refusal { field, message } = events(body.as_bytes()).unwrap_err();
        (field.unwrap_or_default(), message)
    }

    #[test]
    fn an_event_keeps_its_record_word_for_word() {
        let body = r#" {"type": "order.placed", "time": "2026-11-29T12:00:00+01:00", "record": {"n": 1.0}} "#;
        let [event] = &events(body.as_bytes()).unwrap()[..] else { panic!("one event") };
        assert_eq!((event.kind.as_str(), event.time.as_str()), ("order.placed", "2026-11-29T12:00:00+01:00"));
        assert_eq!(event.record.get(), r#"{"n": 1.0}"#);
    }

    #[test]
    fn time_and_record_may_be_missing() {
        let events = events(br#"[{"type": "a"}, {"type": "b", "record": [1]}]"#).unwrap();
        assert_eq!(events[0].record.get(), "null");
        assert!(events[0].time.parse::<jiff::Timestamp>().is_ok());
        assert_eq!(events[1].record.get(), "[1]");
    }

    #[test]
    fn the_field_at_fault_is_named() {
        for (body, field) in [
            (r#"{}"#, "type"),
            (r#"{"type": ""}"#, "type"),
            (r#"{"type": 1}"#, "type"),
            (r#"{"type": "a b"}"#, "type"),
            (r#"{"type": "platform.report"}"#, "type"),
            (r#"{"type": "telemetry.dropped"}"#, "type"),
            (r#"{"type": "a", "time": "yesterday"}"#, "time"),
            (r#"{"type": "a", "time": 5}"#, "time"),
            (r#"{"type": "a", "tiem": 5}"#, "tiem"),
            (r#"{"type": "a", "type": "b"}"#, "type"),
            (r#"[{"type": "a"}, {"type": "a", "id": 1}]"#, "[1].id"),
            (r#"[{"type": "a"}, 5]"#, "[1]"),
        ] {
            let (named, message) = refusal(body);
            assert_eq!(named, field, "{body}: {message}");
        }
    }

    #[test]
    fn a_body_that_is_no_event_is_refused() {
        for body in
            ["", "{", "nul", "5", "\"type\"", "[]", "[[]]", "{\"type\": \"a\"} x", "{\"type\":\"a\",}"]
        {
            refusal(body);
        }
        let many = format!("[{}]", vec![r#"{"type":"a"}"#; EVENTS + 1].join(","));
        assert!(refusal(&many).1.contains("1 to 100"));
        assert!(events(&[b'"', 0xff, b'"']).is_err());
        // Deep nesting must not overflow the stack.
        assert!(events(format!("{{\"type\":\"a\",\"record\":{}", "[".repeat(500_000)).as_bytes()).is_err());
    }
}
