//! A measurement as an item of the table.

use crate::Measurement;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use std::collections::HashMap;

/// An item of the table.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Name of the partition key.
pub(crate) const PARTITION: &str = "function";
/// Name of the sort key.
pub(crate) const SORT: &str = "sample";
/// Name of the attribute that TTL reads, in seconds since 1970.
pub(crate) const EXPIRES: &str = "expires";
/// Partition that lists the functions.
pub(crate) const FUNCTIONS: &str = "*";

/// A time with a fixed width, so that the order of texts is the order of times.
pub(crate) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// The sort key of a measurement.
pub(crate) fn sort_key(measurement: &Measurement) -> String {
    format!("{}#{}", instant(measurement.at), measurement.id)
}

/// The key of an item alone.
pub(crate) fn key(function: &str, sample: &str) -> Item {
    HashMap::from([
        (PARTITION.to_owned(), AttributeValue::S(function.to_owned())),
        (SORT.to_owned(), AttributeValue::S(sample.to_owned())),
    ])
}

/// The item of a measurement that expires `retention_days` after it was taken.
///
/// # Panics
///
/// Never, because every field has a form in `DynamoDB`.
pub(crate) fn item(measurement: &Measurement, retention_days: u32) -> Item {
    let mut item: Item = serde_dynamo::to_item(measurement).expect("plain data has an item");
    let expires = measurement.at.as_second() + i64::from(retention_days) * 86_400;
    item.insert(SORT.to_owned(), AttributeValue::S(sort_key(measurement)));
    item.insert(EXPIRES.to_owned(), AttributeValue::N(expires.to_string()));
    item
}

/// The measurement of an item.
pub(crate) fn measurement(mut item: Item) -> Result<Measurement, String> {
    item.remove(SORT);
    item.remove(EXPIRES);
    serde_dynamo::from_item(item).map_err(|error| error.to_string())
}

/// A key attribute of an item as text.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measurement::tests::example;

    #[test]
    fn an_item_comes_back() {
        let item = item(&example(), 400);
        assert_eq!(text(&item, SORT), "2026-11-29T12:00:00.000Z#128-cold-0");
        assert_eq!(item[EXPIRES], AttributeValue::N((1_795_953_600 + 400 * 86_400).to_string()));
        assert_eq!(item["duration_ms"], AttributeValue::N("1.25".to_owned()));
        assert!(!item.contains_key("failure"), "a missing value takes no room");
        assert_eq!(measurement(item), Ok(example()));
    }

    #[test]
    fn sort_keys_follow_time() {
        let times = ["2026-11-29T12:00:00Z", "2026-11-29T12:00:00.5Z", "2026-11-29T12:00:01.25Z"];
        let keys = times.map(|time| instant(time.parse().unwrap()));
        assert!(keys.is_sorted() && keys.iter().all(|key| key.len() == 24), "{keys:?}");
    }
}
