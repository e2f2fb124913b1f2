//! The request, parsed field by field so that each error names its field.

use super::error::{DigitsProblem, EventError};
use super::json::{describe, excerpt};
use super::number;
use crate::pi::{Algorithm, DigitCount};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// What an invocation asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// How many significant digits, the leading 3 included.
    pub digits: DigitCount,
    /// What computes them.
    pub algorithm: Algorithm,
    /// What the response holds.
    pub output: Output,
}

/// What a response holds beside its figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// The digits themselves.
    #[default]
    Digits,
    /// Only the first and the last 50 of them.
    Digest,
}

impl Output {
    /// The names by which requests call them, in the order of the variants.
    pub const NAMES: &[&str] = &["digits", "digest"];

    /// The name by which requests call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Digest => "digest",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Digits, Self::Digest].into_iter().find(|output| output.name() == name)
    }
}

impl Request {
    /// The fields of a request.
    pub const FIELDS: &[&str] = &["digits", "algorithm", "output"];

    /// Reads a request from the bytes of a payload.
    ///
    /// Memory stays in proportion to the payload and the stack does not grow
    /// with its nesting: values are looked at only where a field needs them.
    ///
    /// # Errors
    /// The first thing that is wrong, as an [`EventError`].
    pub fn from_json(payload: &[u8]) -> Result<Self, EventError> {
        let text = std::str::from_utf8(payload)
            .map_err(|error| EventError::InvalidUtf8 { offset: error.valid_up_to() })?;
        if text.trim_ascii().is_empty() {
            return Err(EventError::EmptyPayload);
        }
        let text = text.trim_ascii_start();
        if !text.starts_with('{') {
            let value: &RawValue = serde_json::from_str(text).map_err(|error| invalid_json(&error))?;
            return Err(EventError::InvalidPayload { found: describe(value.get()) });
        }
        let fields: Fields<'_> = serde_json::from_str(text).map_err(|error| invalid_json(&error))?;
        fields.into_request()
    }
}

fn invalid_json(error: &serde_json::Error) -> EventError {
    EventError::InvalidJson { reason: error.to_string() }
}

/// The raw values of the known fields, and the first misuse of a name.
#[derive(Default)]
struct Fields<'a> {
    digits: Option<&'a RawValue>,
    algorithm: Option<&'a RawValue>,
    output: Option<&'a RawValue>,
    misuse: Option<EventError>,
}

impl<'a> Fields<'a> {
    fn into_request(self) -> Result<Request, EventError> {
        if let Some(error) = self.misuse {
            return Err(error);
        }
        Ok(Request {
            digits: self.digits.ok_or(EventError::MissingDigits).and_then(digits)?,
            algorithm: self.algorithm.map_or(Ok(Algorithm::default()), algorithm)?,
            output: self.output.map_or(Ok(Output::default()), output)?,
        })
    }

    /// The place of a known field and its name.
    fn slot(&mut self, name: &str) -> Option<(&mut Option<&'a RawValue>, &'static str)> {
        match name {
            "digits" => Some((&mut self.digits, "digits")),
            "algorithm" => Some((&mut self.algorithm, "algorithm")),
            "output" => Some((&mut self.output, "output")),
            _ => None,
        }
    }

    fn accept<M: MapAccess<'a>>(&mut self, name: &str, map: &mut M) -> Result<(), M::Error> {
        let misuse = match self.slot(name) {
            Some((slot @ None, _)) => {
                *slot = Some(map.next_value()?);
                return Ok(());
            }
            Some((_, name)) => EventError::DuplicateField { name },
            None => EventError::UnknownField { name: quoted(name), nearest: nearest_field(name) },
        };
        self.misuse.get_or_insert(misuse);
        map.next_value::<IgnoredAny>().map(drop)
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut fields = Fields::default();
        while let Some(name) = map.next_key::<String>()? {
            fields.accept(&name, &mut map)?;
        }
        Ok(fields)
    }
}

fn digits(value: &RawValue) -> Result<DigitCount, EventError> {
    let json = value.get();
    let count = match json.as_bytes().first() {
        Some(b'"') => string(json).parse().map_err(DigitsProblem::Count),
        Some(b'-' | b'0'..=b'9') => number::count(json),
        _ => Err(DigitsProblem::WrongType),
    };
    count.map_err(|reason| EventError::InvalidDigits { found: describe(json), reason })
}

fn algorithm(value: &RawValue) -> Result<Algorithm, EventError> {
    let known = string(value.get()).parse();
    known.map_err(|_| EventError::UnknownAlgorithm { found: describe(value.get()) })
}

fn output(value: &RawValue) -> Result<Output, EventError> {
    let known = Output::from_name(&string(value.get()));
    known.ok_or_else(|| EventError::UnknownOutput { found: describe(value.get()) })
}

/// The characters of a JSON string; of any other value none, which no field accepts.
fn string(json: &str) -> String {
    serde_json::from_str(json).unwrap_or_default()
}

fn quoted(name: &str) -> String {
    format!("`{}`", excerpt(name))
}

/// The known field that a misspelt name most likely means.
fn nearest_field(name: &str) -> Option<&'static str> {
    // Longer names are no misspellings, and comparing them costs their length.
    if name.len() > 40 {
        return None;
    }
    let name = name.to_lowercase();
    let distance = |field: &str| strsim::osa_distance(&name, field);
    let nearest = Request::FIELDS.iter().copied().min_by_key(|field| distance(field))?;
    (distance(nearest) <= 3.min(nearest.len() / 2)).then_some(nearest)
}
