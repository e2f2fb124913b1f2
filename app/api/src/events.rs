//! Events of functions and of the extension, as JSON and as a table of the report.

use jiff::Timestamp;
use lambda_meter::export::Escaped;
use pi_observatory_store::Event;
use serde::Serialize;
use serde_json::value::RawValue;
use std::fmt::Write;

/// Most characters of a record in the report's table.
const RECORD_CHARS: usize = 120;

/// An event in the API's JSON.
#[derive(Serialize)]
pub struct Told<'a> {
    function: &'a str,
    at: Timestamp,
    id: &'a str,
    kind: &'a str,
    /// The content word for word.
    record: Box<RawValue>,
}

impl<'a> From<&'a Event> for Told<'a> {
    fn from(Event { function, at, id, kind, record }: &'a Event) -> Self {
        Self { function, at: *at, id, kind, record: raw(record) }
    }
}

/// A text of JSON as it is, and any other text as a string.
fn raw(text: &str) -> Box<RawValue> {
    let string = || serde_json::value::to_raw_value(text).unwrap_or_default();
    RawValue::from_string(text.to_owned()).unwrap_or_else(|_| string())
}

/// The section of the report with these events, newest first; nothing without events.
#[must_use]
pub fn section(events: &[Event]) -> String {
    if events.is_empty() {
        return String::new();
    }
    let mut out = "<section><h2>Events of functions</h2><div class=\"scroll\"><table><thead><tr>\
                   <th>time</th><th>function</th><th>kind</th><th>record</th></tr></thead><tbody>\n"
        .to_owned();
    for Event { function, at, kind, record, .. } in events.iter().rev() {
        let time = at.strftime("%Y-%m-%d %H:%M:%S");
        let record = shortened(record);
        let (function, kind, record) = (Escaped(function), Escaped(kind), Escaped(&record));
        let _ = writeln!(out, "<tr><td>{time}</td><td>{function}</td><td>{kind}</td><td>{record}</td></tr>");
    }
    out + "</tbody></table></div></section>\n"
}

fn shortened(record: &str) -> String {
    match record.char_indices().nth(RECORD_CHARS) {
        Some((end, _)) => format!("{} …", &record[..end]),
        None => record.to_owned(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An event of a function.
    pub(crate) fn event(number: u32, kind: &str, record: &str) -> Event {
        Event {
            function: "pi-arm64".to_owned(),
            at: Timestamp::from_second(1_795_953_600 + i64::from(number)).unwrap(),
            id: format!("e-{number}"),
            kind: kind.to_owned(),
            record: record.to_owned(),
        }
    }

    #[test]
    fn a_record_is_told_word_for_word() {
        let told = |record| serde_json::to_string(&Told::from(&event(1, "order.placed", record))).unwrap();
        assert!(told("{\"n\": 1.0}").ends_with("\"kind\":\"order.placed\",\"record\":{\"n\": 1.0}}"));
        assert!(told("no JSON").ends_with("\"record\":\"no JSON\"}"));
    }

    #[test]
    fn the_table_has_the_newest_first_and_no_markup_of_its_own() {
        let long = "é".repeat(500);
        let page = section(&[event(1, "first", "<script>alert(1)</script>"), event(2, "second", &long)]);
        assert!(page.find("second").unwrap() < page.find("first").unwrap());
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script"));
        assert!(page.contains(&format!("{} …<", "é".repeat(RECORD_CHARS))));
        assert!(page.contains("<td>2026-11-29 12:00:02</td>"));
        assert_eq!(section(&[]), "");
    }
}
