//! Objects with their values unparsed: requests, events of services, headers and queries.
//!
//! The numbers of members and elements are limited to those of the services' events: a payload of six
//! megabytes has room for a million members, which would take all the memory of a small function.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The most members of an object and pairs of a query: the services limit request heads to 64 KB.
pub(crate) const MOST_MEMBERS: usize = 1000;

/// The most elements of a list: the largest batch of SQS.
const MOST_ELEMENTS: usize = 10_000;

/// A name and its value as text.
pub(crate) type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The names and values of an object in their order, values unparsed.
///
/// One type serves all objects, and callers take members by name: a struct for each kind of object
/// would add 30 KB of deserialization code (measured).
#[derive(Debug, Default)]
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

/// A member of the wrong kind, a member that occurs twice, or too many members.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unfit;

impl<'a> Members<'a> {
    /// Reads the members of an object.
    pub(crate) fn of(json: &'a str) -> Result<Self, Unfit> {
        serde_json::from_str(json).map_err(|_| Unfit)
    }

    /// All names and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.get()))
    }

    /// Tells if the name occurs with a value other than null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.iter().any(|(known, value)| known == name && value != "null")
    }

    /// The value of a name; none if the name is missing or its value null.
    pub(crate) fn get(&self, name: &str) -> Result<Option<&'a str>, Unfit> {
        let mut found = self.iter().filter(|(known, _)| *known == name);
        match (found.next(), found.next()) {
            (found, None) => Ok(found.map(|(_, value)| value).filter(|&value| value != "null")),
            (_, Some(_)) => Err(Unfit),
        }
    }

    /// The text of a string.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Unfit> {
        self.get(name)?.map(|value| super::string(value).ok_or(Unfit)).transpose()
    }

    /// The value of a boolean.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Unfit> {
        self.get(name)?.map(|value| value.parse().map_err(|_| Unfit)).transpose()
    }

    /// The members of an object.
    pub(crate) fn object(&self, name: &str) -> Result<Option<Self>, Unfit> {
        self.get(name)?.map(Self::of).transpose()
    }

    /// The elements of a list.
    pub(crate) fn list(&self, name: &str) -> Result<Option<Vec<&'a RawValue>>, Unfit> {
        self.get(name)?.map(elements).transpose()
    }

    /// Names with their values as text; a value that is no string stays as JSON.
    pub(crate) fn texts(&self) -> Vec<Pair<'a>> {
        self.0.iter().map(|(name, value)| (name.clone(), text_of(value))).collect()
    }

    /// Names with the elements of their lists, a pair for each element; other values are skipped.
    pub(crate) fn listed(&self) -> Result<Vec<Pair<'a>>, Unfit> {
        let mut pairs = Vec::new();
        for (name, list) in self.0.iter().filter(|(_, value)| value.get().starts_with('[')) {
            let elements = elements(list.get())?;
            if pairs.len() + elements.len() > MOST_MEMBERS {
                return Err(Unfit);
            }
            pairs.extend(elements.into_iter().map(|value| (name.clone(), text_of(value))));
        }
        Ok(pairs)
    }
}

/// The elements of a list.
pub(crate) fn elements(list: &str) -> Result<Vec<&RawValue>, Unfit> {
    serde_json::from_str(list).map(|Elements(elements)| elements).map_err(|_| Unfit)
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
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut members = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            if members.len() == MOST_MEMBERS {
                return Err(M::Error::custom("too many members"));
            }
            members.push((name, map.next_value()?));
        }
        Ok(Members(members))
    }
}

struct Elements<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Elements<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(CollectElements)
    }
}

struct CollectElements;

impl<'de> Visitor<'de> for CollectElements {
    type Value = Elements<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Self::Value, S::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            if elements.len() == MOST_ELEMENTS {
                return Err(S::Error::custom("too many elements"));
            }
            elements.push(element);
        }
        Ok(Elements(elements))
    }
}

/// A name, copied only if it has escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_in_their_order_with_their_text() {
        let text = r#"{ "a" : 1.50e3 ,"b\n":"x,}\"]", "c":["\u03c0", {}, "2"], "a":"again" }"#;
        let members: Members<'_> = serde_json::from_str(text).unwrap();
        let pair = |(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value));
        let expected = [("a", "1.50e3"), ("b\n", "x,}\"]"), ("c", r#"["\u03c0", {}, "2"]"#), ("a", "again")];
        assert_eq!(members.texts(), expected.map(pair));
        assert_eq!(members.listed(), Ok([("c", "\u{3c0}"), ("c", "{}"), ("c", "2")].map(pair).to_vec()));
        assert!(serde_json::from_str::<Members<'_>>("[1]").is_err());
    }

    #[test]
    fn no_object_and_no_list_has_more_than_any_event() {
        let object = |count: usize| format!("{{{}\"l\":0}}", r#""":0,"#.repeat(count - 1));
        assert!(Members::of(&object(MOST_MEMBERS)).is_ok());
        assert!(Members::of(&object(MOST_MEMBERS + 1)).is_err());
        let list = |count: usize| format!(r#"{{"l":[{}0]}}"#, "0,".repeat(count - 1));
        let of = |count| Members::of(&list(count)).unwrap().list("l").map(|list| list.unwrap().len());
        assert_eq!((of(MOST_ELEMENTS), of(MOST_ELEMENTS + 1)), (Ok(MOST_ELEMENTS), Err(Unfit)));
        let listed = |count| Members::of(&list(count)).unwrap().listed().map(|pairs| pairs.len());
        assert_eq!((listed(MOST_MEMBERS), listed(MOST_MEMBERS + 1)), (Ok(MOST_MEMBERS), Err(Unfit)));
    }

    #[test]
    fn members_by_name_are_of_the_right_kind_or_unfit() {
        let text = r#"{"t": "\u03c0", "f": true, "o": {"t": null}, "l": [1], "t2": 1, "t2": 2}"#;
        let members = Members::of(text).unwrap();
        assert_eq!(members.text("t"), Ok(Some("\u{3c0}".to_owned())));
        assert_eq!((members.flag("f"), members.flag("t")), (Ok(Some(true)), Err(Unfit)));
        assert_eq!(members.object("o").unwrap().unwrap().text("t"), Ok(None));
        assert_eq!(members.list("l").unwrap().unwrap().len(), 1);
        assert_eq!((members.get("none"), members.get("t2")), (Ok(None), Err(Unfit)));
        assert!(members.text("f").is_err() && members.object("l").is_err() && members.list("o").is_err());
    }
}
