//! An event that is no measurement: of the platform, or of a function's own.

use crate::Invalid;
use crate::item::{EXPIRES, Item, instant, key, text};
use crate::measurement::name;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

/// Most bytes of a record: an item of `DynamoDB` has 400 KB, names and other attributes included.
const RECORD_BYTES: usize = 390 * 1024;

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
        let sample = format!("{}#{}", instant(self.at), self.id);
        let mut item = key(&format!("events/{}", self.function), &sample);
        item.insert("kind".to_owned(), AttributeValue::S(self.kind.clone()));
        item.insert("record".to_owned(), AttributeValue::S(self.record.clone()));
        item.insert(EXPIRES.to_owned(), AttributeValue::N(expires.to_string()));
        item
    }

    /// Tells whether an item with the same key is this event.
    pub(crate) fn is_same(&self, item: &Item) -> bool {
        text(item, "kind") == self.kind && text(item, "record") == self.record
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{PARTITION, SORT};

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
        assert!(!Event { record: "{}".to_owned(), ..event() }.is_same(&item));
        assert!(name("function", "events/pi", 140, "_-:").is_err());
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
