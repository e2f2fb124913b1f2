//! One invocation with its figures.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

/// One invocation of a Lambda function, as JSON and as an item of the table.
///
/// The key is made of `function`, `at` and `id`: two measurements with the same three are the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// Name of the function: 1 to 140 of `A-Z a-z 0-9 _ - :`.
    pub function: String,
    /// Time of the measurement. The recorder takes the scheduled time of its event, so that a retried
    /// event has the same keys.
    pub at: Timestamp,
    /// Identity among the measurements of this function and time: 1 to 64 of `A-Z a-z 0-9 _ - . :`,
    /// for example `128-cold-0` or a request id.
    pub id: String,
    /// The program that measured.
    pub source: Source,
    /// Cold or warm.
    pub start: Start,
    /// Configured memory in MB, 128 to 10,240.
    pub memory_mb: u32,
    /// Time from the event's delivery to the complete response, in milliseconds.
    pub duration_ms: f64,
    /// Billed duration in milliseconds.
    pub billed_ms: f64,
    /// Init duration of a cold start, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init_ms: Option<f64>,
    /// Peak memory in MB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_mb: Option<u32>,
    /// Cost of the invocation in USD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd: Option<f64>,
    /// Instruction set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Architecture>,
    /// Kind of deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Package>,
    /// Region of the function, for example `eu-central-1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Processor that the function ran on, by its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor: Option<String>,
    /// Commit of the function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Name of the event that was sent, for example `digits-10000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// SHA-256 of the digits in the answer, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Failure of the invocation in words. A failed invocation is no part of medians.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// The program that measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The recorder, from the REPORT line of an invocation of its own.
    Recorder,
    /// The extension, from the Telemetry API of any invocation.
    Extension,
    /// A caller of `POST /measurements`.
    Caller,
}

/// Cold or warm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// The first invocation of a sandbox.
    Cold,
    /// Any later invocation.
    Warm,
}

/// Instruction set of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Architecture {
    /// Intel or AMD.
    #[serde(rename = "x86_64")]
    X86_64,
    /// Graviton.
    #[serde(rename = "arm64")]
    Arm64,
}

/// Kind of deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Package {
    /// A zip.
    Zip,
    /// A container image.
    Image,
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Cold => "cold",
            Self::Warm => "warm",
        })
    }
}

/// A text or a value that is no measurement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct Invalid {
    /// Name of the field, or `body` where no field can be named.
    pub field: String,
    /// The problem, and the values that are allowed.
    pub problem: String,
}

impl Invalid {
    pub(crate) fn new(field: &str, problem: impl Into<String>) -> Self {
        Self { field: field.to_owned(), problem: problem.into() }
    }
}

/// Most milliseconds of an invocation: 15 minutes, with as much for init.
const LONGEST_MS: f64 = 1_800_000.0;
/// The years 2015 to 2199 in seconds since 1970. Lambda is of the end of 2014.
const YEARS: Range<i64> = 1_420_070_400..7_258_118_400;
/// Most letters of a text that is no name.
const LONGEST_TEXT: usize = 256;

impl Measurement {
    /// Reads and validates the JSON form.
    ///
    /// # Errors
    ///
    /// The field that is missing, unknown, of another type, or out of range.
    pub fn from_json(text: &[u8]) -> Result<Self, Invalid> {
        // Serde would read a list as the fields in their order.
        if text.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(Invalid::new("body", "must be a JSON object"));
        }
        let mut json = serde_json::Deserializer::from_slice(text);
        let measurement: Self = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| unreadable(&error.path().to_string(), error.inner()))?;
        json.end().map_err(|error| Invalid::new("body", format!("more follows the object: {error}")))?;
        measurement.validate()?;
        Ok(measurement)
    }

    /// Checks every field's range.
    ///
    /// # Errors
    ///
    /// The first field that is out of range.
    pub fn validate(&self) -> Result<(), Invalid> {
        name("function", &self.function, 140, "_-:")?;
        name("id", &self.id, 64, "_-.:")?;
        if !YEARS.contains(&self.at.as_second()) {
            return Err(Invalid::new("at", "must be a time of the years 2015 to 2199"));
        }
        if !(128..=10_240).contains(&self.memory_mb) {
            return Err(Invalid::new("memory_mb", "must be between 128 and 10240"));
        }
        let times = [
            ("duration_ms", Some(self.duration_ms)),
            ("billed_ms", Some(self.billed_ms)),
            ("init_ms", self.init_ms),
        ];
        for (field, value) in times {
            within(field, value, LONGEST_MS)?;
        }
        within("usd", self.usd, 1_000.0)?;
        if self.used_mb.is_some_and(|used| used > 10_240) {
            return Err(Invalid::new("used_mb", "must be between 0 and 10240"));
        }
        if self.sha256.as_ref().is_some_and(|digest| !is_digest(digest)) {
            return Err(Invalid::new("sha256", "must be 64 letters of 0-9 a-f"));
        }
        let texts = [
            ("region", &self.region),
            ("processor", &self.processor),
            ("revision", &self.revision),
            ("event", &self.event),
            ("failure", &self.failure),
        ];
        texts.into_iter().try_for_each(|(field, value)| text(field, value.as_deref()))
    }
}

pub(crate) fn name(field: &str, value: &str, longest: usize, others: &str) -> Result<(), Invalid> {
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || others.contains(letter);
    if (1..=longest).contains(&value.len()) && value.chars().all(is_allowed) {
        return Ok(());
    }
    Err(Invalid::new(field, format!("must be 1 to {longest} letters of A-Z a-z 0-9 {others}")))
}

fn within(field: &str, value: Option<f64>, most: f64) -> Result<(), Invalid> {
    // NaN is in no range.
    if value.is_none_or(|value| (0.0..=most).contains(&value)) {
        return Ok(());
    }
    Err(Invalid::new(field, format!("must be between 0 and {most}")))
}

fn text(field: &str, value: Option<&str>) -> Result<(), Invalid> {
    let is_right = |value: &str| {
        (1..=LONGEST_TEXT).contains(&value.chars().count()) && !value.chars().any(char::is_control)
    };
    if value.is_none_or(is_right) {
        return Ok(());
    }
    let allowed = format!("must have 1 to {LONGEST_TEXT} letters, none of them a control character");
    Err(Invalid::new(field, allowed))
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Names the field of an error of serde. The path of a missing or unknown field is its object's, and
/// the field's name is in the message.
fn unreadable(path: &str, error: &serde_json::Error) -> Invalid {
    let message = error.to_string();
    let quoted = || message.split('`').nth(1).filter(|name| name.len() <= 64);
    let field = match path {
        "." | "?" if message.contains(" field `") => quoted().unwrap_or("body"),
        "." | "?" => "body",
        path => path,
    };
    Invalid::new(field, message.clone())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn example() -> Measurement {
        Measurement {
            function: "pi-arm64".to_owned(),
            at: "2026-11-29T12:00:00Z".parse().unwrap(),
            id: "128-cold-0".to_owned(),
            source: Source::Recorder,
            start: Start::Cold,
            memory_mb: 128,
            duration_ms: 1.25,
            billed_ms: 17.0,
            init_ms: Some(15.5),
            used_mb: Some(12),
            usd: Some(0.000_000_25),
            architecture: Some(Architecture::Arm64),
            package: Some(Package::Zip),
            region: Some("eu-central-1".to_owned()),
            processor: Some("Neoverse-N1".to_owned()),
            revision: Some("20b23d2".to_owned()),
            event: Some("digits-10000".to_owned()),
            sha256: Some("1f08958df70c30bbf3f7205ad5f9b2b9430e3378b4e4e6300063bd9fbd83d6e3".to_owned()),
            failure: None,
        }
    }

    /// The JSON of the example with one field replaced, or removed by `null`.
    fn with(field: &str, value: serde_json::Value) -> Vec<u8> {
        let mut json = serde_json::to_value(example()).unwrap();
        if value.is_null() {
            json.as_object_mut().unwrap().remove(field);
        } else {
            json[field] = value;
        }
        json.to_string().into_bytes()
    }

    #[test]
    fn json_comes_back() {
        let text = serde_json::to_vec(&example()).unwrap();
        assert_eq!(Measurement::from_json(&text), Ok(example()));
    }

    #[test]
    fn every_refusal_names_its_field() {
        let cases = [
            ("function", "".into()),
            ("function", "a b".into()),
            ("function", "x".repeat(141).into()),
            ("function", 7.into()),
            ("at", "yesterday".into()),
            ("at", "1969-12-31T00:00:00Z".into()),
            ("id", "#".into()),
            ("source", "me".into()),
            ("start", "tepid".into()),
            ("memory_mb", 127.into()),
            ("memory_mb", 10_241.into()),
            ("memory_mb", (-1).into()),
            ("memory_mb", 128.5.into()),
            ("duration_ms", (-0.1).into()),
            ("billed_ms", 1e300.into()),
            ("init_ms", "1".into()),
            ("usd", 1_001.into()),
            ("used_mb", 10_241.into()),
            ("architecture", "mips".into()),
            ("package", "deb".into()),
            ("sha256", "1F".into()),
            ("region", "x".repeat(257).into()),
            ("failure", "two\nlines".into()),
            ("colour", "red".into()),
            ("duration_ms", serde_json::Value::Null),
            ("function", serde_json::Value::Null),
        ];
        for (field, value) in cases {
            let found = Measurement::from_json(&with(field, value.clone())).unwrap_err();
            assert_eq!(found.field, field, "{value}: {found}");
        }
    }

    #[test]
    fn other_texts_are_no_measurement() {
        for text in ["", "[]", "null", "7", "{", "{\"function\":", "\u{feff}{}", "[[[[[["] {
            assert!(Measurement::from_json(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(Measurement::from_json(b"\xff").unwrap_err().field, "body");
        let twice = [serde_json::to_vec(&example()).unwrap(), b"{}".to_vec()].concat();
        assert_eq!(Measurement::from_json(&twice).unwrap_err().field, "body");
        let deep = "[".repeat(100_000);
        assert!(Measurement::from_json(deep.as_bytes()).is_err());
    }
}
