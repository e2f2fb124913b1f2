//! An event that is no measurement: of the platform, or of a function's own.

use crate::Invalid;
use crate::item::{EXPIRES, Item, PARTITION, SORT, instant, key, text};
use crate::measurement::name;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

/// Most bytes of a record: an item of `DynamoDB` has 400 KB, names and other attributes included.
const RECORD_BYTES: usize = 390 * 1024;
/// Beginning of the names of all partitions of events, which no function's name has.
const EVENTS: &str = "events/";
/// Name of the attribute with the kind of an event.
const KIND: &str = "kind";
/// Name of the attribute with the content of an event.
const RECORD: &str = "record";
/// Beginning of the kinds of events that the platform tells.
const PLATFORM: &str = "platform.";

/// An event as an item of the partition `events/FUNCTION`.
///
/// The key is made of `function`, `at` and `id`: two events with the same three are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Name of the function: 1 to 140 of `A-Z a-z 0-9 _ - :`.
    pub function: String,
    /// Time of the event.
    pub at: Timestamp,
    /// Identity among all events: 1 to 64 of `A-Z a-z 0-9 _ - . :`.
    pub id: String,
    /// The kind of event, for example `platform.start`: 1 to 64 of `A-Z a-z 0-9 _ - .`.
    pub kind: String,
    /// Its content: JSON of at most 390 KB.
    pub record: String,
}

/// A page of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPage {
    /// The events, oldest first.
    pub events: Vec<Event>,
    /// Token of the next page; `None` at the end.
    pub next: Option<String>,
}

/// A choice of kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinds<'a> {
    /// All.
    All,
    /// All but the platform's: those of functions, and those of the extension.
    Own,
    /// This kind.
    Exactly(&'a str),
    /// Kinds that begin with this text.
    Beginning(&'a str),
}

impl<'a> Kinds<'a> {
    /// The choice in a parameter: a text that ends with a dot is the beginning of kinds.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        if text.ends_with('.') { Self::Beginning(text) } else { Self::Exactly(text) }
    }

    /// Tells whether this choice has a kind.
    #[must_use]
    pub fn has(self, kind: &str) -> bool {
        match self {
            Self::All => true,
            Self::Own => !kind.starts_with(PLATFORM),
            Self::Exactly(exact) => kind == exact,
            Self::Beginning(beginning) => kind.starts_with(beginning),
        }
    }

    /// A query whose items have these kinds.
    pub(crate) fn filter(self, query: QueryFluentBuilder) -> QueryFluentBuilder {
        let (condition, value) = match self {
            Self::All => return query,
            Self::Own => ("NOT begins_with(#kind, :kind)", PLATFORM),
            Self::Exactly(kind) => ("#kind = :kind", kind),
            Self::Beginning(beginning) => ("begins_with(#kind, :kind)", beginning),
        };
        query
            .filter_expression(condition)
            .expression_attribute_names("#kind", KIND)
            .expression_attribute_values(":kind", AttributeValue::S(value.to_owned()))
    }
}

/// The partition of a function's events.
pub(crate) fn partition(function: &str) -> String {
    format!("{EVENTS}{function}")
}

impl Event {
    /// Checks every field's range.
    ///
    /// # Errors
    ///
    /// The first field that is out of range.
    pub fn validate(&self) -> Result<(), Invalid> {
        name("function", &self.function, 140, "_-:")?;
        name("id", &self.id, 64, "_-.:")?;
        name("kind", &self.kind, 64, "_-.")?;
        if self.record.len() > RECORD_BYTES {
            return Err(Invalid::new("record", format!("must have at most {RECORD_BYTES} bytes")));
        }
        Ok(())
    }

    /// The item, which expires `retention_days` after the event.
    pub(crate) fn item(&self, retention_days: u32) -> Item {
        let expires = self.at.as_second() + i64::from(retention_days) * 86_400;
        let mut item = key(&partition(&self.function), &self.sort_key());
        item.insert(KIND.to_owned(), AttributeValue::S(self.kind.clone()));
        item.insert(RECORD.to_owned(), AttributeValue::S(self.record.clone()));
        item.insert(EXPIRES.to_owned(), AttributeValue::N(expires.to_string()));
        item
    }

    /// Tells whether an item with the same key is this event.
    pub(crate) fn is_same(&self, item: &Item) -> bool {
        text(item, KIND) == self.kind && text(item, RECORD) == self.record
    }

    /// The event of an item; `None` when its key has another form.
    pub(crate) fn read(item: &Item) -> Option<Self> {
        let (at, id) = text(item, SORT).split_once('#')?;
        Some(Self {
            function: text(item, PARTITION).strip_prefix(EVENTS)?.to_owned(),
            at: at.parse().ok()?,
            id: id.to_owned(),
            kind: text(item, KIND).to_owned(),
            record: text(item, RECORD).to_owned(),
        })
    }

    /// The sort key.
    pub(crate) fn sort_key(&self) -> String {
        format!("{}#{}", instant(self.at), self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        Event {
            function: "pi".to_owned(),
            at: "2026-11-29T12:00:00.5Z".parse().unwrap(),
            id: "e-1".to_owned(),
            kind: "platform.start".to_owned(),
            record: "{\"requestId\": \"r\"}".to_owned(),
        }
    }

    #[test]
    fn an_event_has_a_partition_that_no_function_has() {
        let item = event().item(1);
        assert_eq!(text(&item, PARTITION), "events/pi");
        assert_eq!(text(&item, SORT), "2026-11-29T12:00:00.500Z#e-1");
        assert_eq!(item[EXPIRES], AttributeValue::N((1_795_953_600 + 86_400).to_string()));
        assert!(event().is_same(&item));
        assert_eq!(Event::read(&item), Some(event()));
        assert_eq!(Event::read(&key("pi", "2026-11-29T12:00:00.500Z#e-1")), None);
        assert!(!Event { record: "{}".to_owned(), ..event() }.is_same(&item));
        assert!(name("function", "events/pi", 140, "_-:").is_err());
    }

    #[test]
    fn kinds_are_chosen_by_name_or_by_their_beginning() {
        for (kinds, expected) in [
            (Kinds::All, [true, true, true]),
            (Kinds::Own, [false, true, true]),
            (Kinds::of("platform."), [true, false, false]),
            (Kinds::of("order.placed"), [false, true, false]),
        ] {
            let found = ["platform.start", "order.placed", "telemetry.dropped"].map(|kind| kinds.has(kind));
            assert_eq!(found, expected, "{kinds:?}");
        }
    }

    #[test]
    fn every_field_has_a_range() {
        assert_eq!(event().validate(), Ok(()));
        for (field, wrong) in [
            ("function", Event { function: "a/b".to_owned(), ..event() }),
            ("id", Event { id: "x".repeat(65), ..event() }),
            ("kind", Event { kind: String::new(), ..event() }),
            ("record", Event { record: "x".repeat(RECORD_BYTES + 1), ..event() }),
        ] {
            assert_eq!(wrong.validate().unwrap_err().field, field);
        }
    }
}
