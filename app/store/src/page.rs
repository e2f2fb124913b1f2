//! Pages of one function's measurements.

use crate::Measurement;
use crate::item::instant;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;

/// A question for measurements of one function, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Name of the function.
    pub function: String,
    /// First time, included.
    pub since: Option<Timestamp>,
    /// Last time, not included.
    pub until: Option<Timestamp>,
    /// Most measurements of a page, 1 to 1,000.
    pub limit: u16,
    /// `next` of the page before.
    pub next: Option<String>,
}

/// A page of measurements.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The measurements, oldest first.
    pub measurements: Vec<Measurement>,
    /// Token of the next page; `None` at the end.
    pub next: Option<String>,
}

impl Query {
    /// The first page of all measurements of a function.
    #[must_use]
    pub fn all_of(function: &str) -> Self {
        Self { function: function.to_owned(), since: None, until: None, limit: 1_000, next: None }
    }

    /// The lowest and the highest sort key, both included.
    pub(crate) fn range(&self) -> (String, String) {
        // Every key goes on with '#' after its time: a bare time is less than the keys of its instant,
        // and "~" is more than every time.
        let low = self.since.map_or_else(|| "0".to_owned(), instant);
        let high = self.until.map_or_else(|| "~".to_owned(), instant);
        (low, high)
    }

    /// The sort key after which this page begins.
    pub(crate) fn after(&self) -> Option<Option<String>> {
        let Some(token) = &self.next else { return Some(None) };
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (function, sample) = text.split_once(' ')?;
        // A time and an id at least.
        let is_key = sample.len() > 25 && sample.len() <= 24 + 1 + 64 && sample.as_bytes()[24] == b'#';
        (function == self.function && is_key).then(|| Some(sample.to_owned()))
    }
}

/// The token for the page after this sort key.
pub(crate) fn token(function: &str, sample: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{function} {sample}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(next: Option<String>) -> Query {
        Query { next, ..Query::all_of("pi") }
    }

    #[test]
    fn a_token_belongs_to_its_function() {
        let sample = "2026-11-29T12:00:00.000Z#128-cold-0";
        assert_eq!(query(Some(token("pi", sample))).after(), Some(Some(sample.to_owned())));
        assert_eq!(query(None).after(), Some(None));
        for token in [token("other", sample), token("pi", "x"), "%".to_owned(), String::new()] {
            assert_eq!(query(Some(token)).after(), None);
        }
    }

    #[test]
    fn the_range_includes_since_and_not_until() {
        let time = |text: &str| Some(text.parse().unwrap());
        let since = time("2026-11-29T12:00:00Z");
        let (low, high) = Query { since, until: since, ..query(None) }.range();
        let key = "2026-11-29T12:00:00.000Z#a".to_owned();
        assert!(low < key && key > high);
        let (low, high) = query(None).range();
        assert!(low < key && key < high);
    }
}
