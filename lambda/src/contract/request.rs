//! The request, parsed field by field so that each error names its field.

use super::error::{DigitsProblem, EventError, Place};
use super::json::{MOST_MEMBERS, Members, describe, excerpt, string};
use super::operation::Operation;
use pi_spigot::pi::{Algorithm, DigitCount, ParseDigitCountError};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A request for digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The number of significant digits.
    pub digits: DigitCount,
    /// The position of the first digit; the leading 3 is at position 1.
    pub from: DigitCount,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The kind of response.
    pub output: Output,
    /// Use digits of an earlier invocation, and keep these for a later one.
    pub reuse: bool,
    /// Log metrics.
    pub metrics: bool,
}

/// A kind of response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// The digits themselves.
    #[default]
    Digits,
    /// The first and the last 50 digits only.
    Digest,
    /// A stream of digits, sent while they are computed.
    Stream,
}

impl Output {
    /// The names in requests, in the order of the variants.
    pub const NAMES: &[&str] = &["digits", "digest", "stream"];

    /// The name in requests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Digits, Self::Digest, Self::Stream].into_iter().find(|output| output.name() == name)
    }
}

impl Request {
    /// The fields of a request.
    pub const FIELDS: &[&str] = &["digits", "algorithm", "output", "from", "reuse", "metrics"];

    /// Parses a request from the bytes of a payload.
    ///
    /// Memory is proportional to the payload, and the stack does not grow with its nesting: a value is
    /// parsed only where a field needs it.
    ///
    /// # Errors
    /// The first fault of the payload.
    pub fn from_json(payload: &[u8]) -> Result<Self, EventError> {
        Self::within(Place::Payload, payload)
    }

    /// Parses a request from a part of an event.
    pub(crate) fn within(place: Place, json: &[u8]) -> Result<Self, EventError> {
        Fields::of(&members(place, json)?, place).into_request()
    }

    /// Reads a request from the names and values of a query.
    pub(crate) fn from_pairs<'a>(
        place: Place,
        pairs: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
    ) -> Result<Self, EventError> {
        let mut fields = Fields::new(place);
        for (name, value) in pairs {
            match fields.free(&name) {
                Some(slot) => *slot = Some(Value::Text(value)),
                None => fields.misused(&name),
            }
        }
        fields.into_request()
    }

    /// The number of digits to compute, from the leading 3 on.
    #[must_use]
    pub fn last(&self) -> DigitCount {
        DigitCount::new(self.from.get() + self.digits.get() - 1).unwrap_or(DigitCount::MAX)
    }

    /// The length of the text: digits, and the point if the text begins with the leading 3.
    #[must_use]
    pub fn text_len(&self) -> u64 {
        if self.from == DigitCount::MIN { self.digits.text_len() } else { self.digits.get() }
    }
}

/// A JSON number as a count: `10000`, `1e4` and `10000.0` are equal.
fn count_of(number: &str) -> Result<DigitCount, DigitsProblem> {
    let (magnitude, negative) = number.strip_prefix('-').map_or((number, false), |rest| (rest, true));
    match magnitude.parse() {
        Err(ParseDigitCountError::Zero) => Err(DigitsProblem::Count(ParseDigitCountError::Zero)),
        _ if negative => Err(DigitsProblem::Negative),
        count => count.map_err(DigitsProblem::Count),
    }
}

/// A value in JSON or in a query.
#[derive(Debug)]
enum Value<'a> {
    Json(&'a str),
    Text(Cow<'a, str>),
}

impl Value<'_> {
    /// The text of a string; empty for any other value, which no field accepts.
    fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Json(json) => string(json).unwrap_or_default().into(),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Json(json) => describe(json),
            Self::Text(text) => format!("the text \"{}\"", excerpt(text)),
        }
    }

    fn count(&self) -> Result<DigitCount, DigitsProblem> {
        match self {
            Self::Json(json) if json.starts_with('"') => self.text().parse().map_err(DigitsProblem::Count),
            Self::Json(json) if json.starts_with(['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) => {
                count_of(json)
            }
            Self::Json(_) => Err(DigitsProblem::WrongType),
            Self::Text(text) => text.parse().map_err(DigitsProblem::Count),
        }
    }

    fn flag(&self) -> Option<bool> {
        match self {
            Self::Json("true") => Some(true),
            Self::Json("false") => Some(false),
            Self::Json(_) => None,
            Self::Text(text) => match text.as_ref() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
        }
    }
}

/// The values of the known fields in the order of [`Request::FIELDS`], and the first misuse of a name.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    values: [Option<Value<'a>>; Request::FIELDS.len()],
    misuse: Option<EventError>,
    /// The operation asked for instead of digits.
    op: Option<&'a str>,
    /// Set by a name that no request has: the object may be the event of a service.
    pub(crate) foreign: bool,
    /// The part of the event that holds the fields.
    place: Place,
}

impl<'a> Fields<'a> {
    fn new(place: Place) -> Self {
        Self { values: Default::default(), misuse: None, op: None, foreign: false, place }
    }

    /// Sorts the members of an object.
    pub(crate) fn of(members: &Members<'a>, place: Place) -> Self {
        let mut fields = Self::new(place);
        for (name, value) in members.iter() {
            if let Some(slot) = fields.free(name) {
                *slot = Some(Value::Json(value));
            } else if name == "op" && fields.op.is_none() {
                fields.op = Some(value);
            } else {
                fields.misused(name);
            }
        }
        fields
    }

    /// The place of a known field that has no value yet.
    fn free(&mut self, name: &str) -> Option<&mut Option<Value<'a>>> {
        let index = Request::FIELDS.iter().position(|&field| field == name)?;
        Some(&mut self.values[index]).filter(|slot| slot.is_none())
    }

    /// Notes the first name that is unknown or occurs twice.
    fn misused(&mut self, name: &str) {
        let again = self.op.is_some().then_some(&"op");
        let known = Request::FIELDS.iter().chain(again).find(|&&field| field == name);
        self.foreign |= known.is_none();
        self.misuse.get_or_insert_with(|| match known {
            Some(name) => EventError::DuplicateField { name, op: None },
            None => unknown(name),
        });
    }

    /// The operation, if the object asks for one. A field beside `op` is an error: it would have no effect.
    pub(crate) fn operation(&mut self) -> Option<Result<Operation, EventError>> {
        let op = self.op?;
        if let Some(error) = self.misuse.take() {
            return Some(Err(error));
        }
        Some(match Request::FIELDS.iter().zip(&self.values).find(|(_, value)| value.is_some()) {
            Some((name, _)) => Err(EventError::FieldBesideOperation { name }),
            None => Operation::from_json(op),
        })
    }

    /// Parses the request.
    pub(crate) fn into_request(self) -> Result<Request, EventError> {
        if let Some(error) = self.misuse.or_else(|| self.op.map(|_| unknown("op"))) {
            return Err(error);
        }
        let [digits, algorithm, output, from, reuse, metrics] = self.values;
        let digits = count(&digits.ok_or(EventError::MissingDigits { place: self.place })?)?;
        Ok(Request {
            digits,
            algorithm: algorithm.map_or(Ok(Algorithm::default()), |value| self::algorithm(&value))?,
            output: output.map_or(Ok(Output::default()), |value| self::output(&value))?,
            from: from.map_or(Ok(DigitCount::MIN), |value| position(&value, digits))?,
            reuse: reuse.map_or(Ok(false), |value| flag("reuse", &value))?,
            metrics: metrics.map_or(Ok(false), |value| flag("metrics", &value))?,
        })
    }
}

/// The members of the object in a part of an event.
pub(crate) fn members(place: Place, json: &[u8]) -> Result<Members<'_>, EventError> {
    let invalid = |error: &serde_json::Error| EventError::InvalidJson { place, reason: error.to_string() };
    let text = std::str::from_utf8(json)
        .map_err(|error| EventError::InvalidUtf8 { place, offset: error.valid_up_to() })?;
    if text.trim_ascii().is_empty() {
        return Err(EventError::EmptyPayload { place });
    }
    if text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{') {
        return serde_json::from_str(text).map_err(|error| match error.is_data() {
            // The syntax is right, so the object is too large.
            true => {
                let found = format!("an object of more than {MOST_MEMBERS} members");
                EventError::InvalidPayload { place, found }
            }
            false => invalid(&error),
        });
    }
    let value: &RawValue = serde_json::from_str(text).map_err(|error| invalid(&error))?;
    Err(EventError::InvalidPayload { place, found: describe(value.get()) })
}

fn unknown(name: &str) -> EventError {
    EventError::UnknownField { name: quoted(name), nearest: nearest(name, Request::FIELDS), op: None }
}

fn count(value: &Value<'_>) -> Result<DigitCount, EventError> {
    value.count().map_err(|reason| EventError::InvalidDigits { found: value.describe(), reason })
}

fn position(value: &Value<'_>, digits: DigitCount) -> Result<DigitCount, EventError> {
    let invalid = |reason| EventError::InvalidFrom { found: value.describe(), reason };
    let from = value.count().map_err(invalid)?;
    match DigitCount::new(from.get() + digits.get() - 1) {
        Ok(_) => Ok(from),
        Err(_) => Err(invalid(DigitsProblem::EndsBeyond)),
    }
}

fn algorithm(value: &Value<'_>) -> Result<Algorithm, EventError> {
    value.text().parse().map_err(|_| EventError::UnknownAlgorithm { found: value.describe() })
}

fn output(value: &Value<'_>) -> Result<Output, EventError> {
    Output::from_name(&value.text()).ok_or_else(|| EventError::UnknownOutput { found: value.describe() })
}

fn flag(name: &'static str, value: &Value<'_>) -> Result<bool, EventError> {
    value.flag().ok_or_else(|| EventError::InvalidFlag { name, found: value.describe() })
}

fn quoted(name: &str) -> String {
    format!("`{}`", excerpt(name))
}

/// The known name that a misspelt name most likely means.
pub(crate) fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    // A longer name is no misspelling, and the comparison costs its length.
    if name.len() > 40 {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let distance = |known: &str| strsim::osa_distance(&name, known);
    let nearest = known.iter().copied().min_by_key(|known| distance(known))?;
    (distance(nearest) <= 3.min(nearest.len() / 2)).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_says_the_same_as_an_object() {
        let pairs = [("digits", "1_000"), ("from", "7"), ("reuse", "1"), ("output", "digest")];
        let pairs = pairs.into_iter().map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value)));
        let json = br#"{"digits": 1000, "from": "7", "reuse": true, "output": "digest"}"#;
        assert_eq!(Request::from_pairs(Place::Query, pairs), Request::from_json(json));
    }

    #[test]
    fn a_range_ends_where_counts_do() {
        let last = |json: &str| Request::from_json(json.as_bytes()).map(|request| request.last().get());
        assert_eq!(last(r#"{"digits": 10, "from": 5}"#), Ok(14));
        assert_eq!(last(r#"{"digits": 1, "from": 1e12}"#), Ok(1_000_000_000_000));
        let error = last(r#"{"digits": 2, "from": 1e12}"#).unwrap_err();
        assert_eq!(error.error_type(), "InvalidFrom");
    }

    #[test]
    fn json_numbers_are_counts_in_any_notation() {
        for (number, n) in [("10000", 10_000), ("1E+4", 10_000), ("10000.0", 10_000), ("100e-2", 1)] {
            assert_eq!(count_of(number), Ok(DigitCount::new(n).unwrap()), "{number}");
        }
    }

    #[test]
    fn other_json_numbers_have_their_reason() {
        use ParseDigitCountError::{Fraction, TooLarge, Zero};
        for (number, expected) in [
            ("-0", DigitsProblem::Count(Zero)),
            ("0.000e99999999999999999999", DigitsProblem::Count(Zero)),
            ("-1", DigitsProblem::Negative),
            ("-1.5", DigitsProblem::Negative),
            ("-1e400", DigitsProblem::Negative),
            ("1.5", DigitsProblem::Count(Fraction)),
            ("9007199254740993.5", DigitsProblem::Count(Fraction)),
            ("1e400", DigitsProblem::Count(TooLarge)),
        ] {
            assert_eq!(count_of(number), Err(expected), "{number}");
        }
    }
}
