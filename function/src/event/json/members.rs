//! Objects whose names are not known beforehand: headers and queries.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The names and values of an object in their order, values as they stand.
#[derive(Debug, Default)]
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Names with the characters of their values; what is no string stays as it stands.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, Cow<'a, str>)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), text_of(value)))
    }

    /// The same where values are lists: a pair for each element.
    pub(crate) fn listed(&self) -> impl Iterator<Item = (&str, Cow<'a, str>)> {
        self.0.iter().flat_map(|(name, list)| {
            let elements: Vec<&'a RawValue> = serde_json::from_str(list.get()).unwrap_or_default();
            elements.into_iter().map(move |value| (name.as_ref(), text_of(value)))
        })
    }
}

fn text_of(value: &RawValue) -> Cow<'_, str> {
    super::string(value.get()).map_or(Cow::Borrowed(value.get()), Cow::Owned)
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Collect)
    }
}

struct Collect;

impl<'de> Visitor<'de> for Collect {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut members = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            members.push((name, map.next_value()?));
        }
        Ok(Members(members))
    }
}

/// A name that is copied only if it has escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_in_their_order_with_their_text() {
        let text = r#"{ "a" : 1.50e3 ,"b\n":"x,}\"]", "c":["\u03c0", {}, "2"], "a":"again" }"#;
        let members: Members<'_> = serde_json::from_str(text).unwrap();
        let found: Vec<_> = members.texts().collect();
        let expected = [("a", "1.50e3"), ("b\n", "x,}\"]"), ("c", r#"["\u03c0", {}, "2"]"#), ("a", "again")];
        assert_eq!(found, expected.map(|(name, value)| (name, Cow::Borrowed(value))));
        let listed: Vec<_> = members.listed().collect();
        assert_eq!(listed, [("c", "\u{3c0}"), ("c", "{}"), ("c", "2")].map(|(n, v)| (n, Cow::Borrowed(v))));
        assert!(serde_json::from_str::<Members<'_>>("[1]").is_err());
    }
}
