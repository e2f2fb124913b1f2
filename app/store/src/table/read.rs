//! Pages of measurements and of events.

use super::Table;
use crate::event::{self, Event, EventPage, Kinds};
use crate::item::{self, FUNCTIONS, Item, PARTITION, SORT};
use crate::page::token;
use crate::{Measurement, Page, Query, StoreError};
use aws_sdk_dynamodb::types::AttributeValue;

/// Most calls for one page of events.
const MOST_READS: usize = 5;
/// Bytes of records after which a page of events ends: an answer of a function has 6 MB.
const MOST_BYTES: usize = 1 << 20;

/// Sort keys, both ends included, and the order in which they are read.
#[derive(Clone, Copy)]
struct Span<'a> {
    low: &'a str,
    high: &'a str,
    newest_first: bool,
    /// Kinds of events, of which only these are returned.
    kinds: Kinds<'a>,
}

impl Table {
    /// One page of a function's measurements, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError::PageToken`] for a token of another query; otherwise as [`put`](Self::put).
    pub async fn query(&self, query: &Query) -> Result<Page, StoreError> {
        let after = query.after().ok_or(StoreError::PageToken)?;
        let start = after.map(|sample| item::key(&query.function, &sample));
        let (low, high) = query.range();
        let limit = i32::from(query.limit.clamp(1, 1_000));
        let span = Span { low: &low, high: &high, newest_first: false, kinds: Kinds::All };
        let (items, last) = self.page(&query.function, span, limit, start).await?;
        let next = last.map(|key| token(&query.function, item::text(&key, SORT)));
        let measurements = items.into_iter().map(|item| self.read(item)).collect::<Result<_, _>>()?;
        Ok(Page { measurements, next })
    }

    /// The latest measurements of a function between two times, oldest first, at most `most`.
    ///
    /// # Errors
    ///
    /// As [`put`](Self::put).
    pub async fn latest(&self, query: &Query, most: usize) -> Result<Vec<Measurement>, StoreError> {
        let (low, high) = query.range();
        let (mut items, mut start) = (Vec::new(), None);
        loop {
            let limit = i32::try_from((most - items.len()).clamp(1, 1_000)).unwrap_or(1_000);
            let span = Span { low: &low, high: &high, newest_first: true, kinds: Kinds::All };
            let (found, last) = self.page(&query.function, span, limit, start).await?;
            items.extend(found);
            match last {
                Some(key) if items.len() < most => start = Some(key),
                _ => break,
            }
        }
        items.into_iter().rev().map(|item| self.read(item)).collect()
    }

    /// A page of a function's events of these kinds, oldest first.
    ///
    /// The table counts events of other kinds towards its own pages, so that a page with few events may
    /// have a next one.
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query).
    pub async fn events(&self, query: &Query, kinds: Kinds<'_>) -> Result<EventPage, StoreError> {
        let partition = event::partition(&query.function);
        let mut start =
            query.after().ok_or(StoreError::PageToken)?.map(|sample| item::key(&partition, &sample));
        let (low, high) = query.range();
        let span = Span { low: &low, high: &high, newest_first: false, kinds };
        let limit = usize::from(query.limit.clamp(1, 1_000));
        let (mut events, mut bytes) = (Vec::new(), 0);
        for _ in 0..MOST_READS {
            let read = if kinds == Kinds::All { limit - events.len() } else { 1_000 };
            let limit_of_read = i32::try_from(read).unwrap_or(1_000);
            let (items, last) = self.page(&partition, span, limit_of_read, start).await?;
            start = last;
            for item in items {
                if events.len() == limit {
                    // The next page begins after the last event of this one.
                    let last: &Event = &events[limit - 1];
                    start = Some(item::key(&partition, &last.sort_key()));
                    break;
                }
                let event = self.read_event(&item)?;
                bytes += event.record.len();
                events.push(event);
            }
            if start.is_none() || events.len() == limit || bytes > MOST_BYTES {
                break;
            }
        }
        let next = start.map(|key| token(&query.function, item::text(&key, SORT)));
        Ok(EventPage { events, next })
    }

    /// The latest events of a function that are not the platform's, oldest first: at most `most` of the
    /// last 1,000 events of any kind.
    ///
    /// # Errors
    ///
    /// As [`put`](Self::put).
    pub async fn latest_events(&self, query: &Query, most: usize) -> Result<Vec<Event>, StoreError> {
        let partition = event::partition(&query.function);
        let (low, high) = query.range();
        let span = Span { low: &low, high: &high, newest_first: true, kinds: Kinds::Own };
        let (items, _) = self.page(&partition, span, 1_000, None).await?;
        items.iter().take(most).rev().map(|item| self.read_event(item)).collect()
    }

    /// Names of all functions that have been measured, in alphabetical order.
    ///
    /// # Errors
    ///
    /// As [`put`](Self::put).
    pub async fn functions(&self) -> Result<Vec<String>, StoreError> {
        let mut names = Vec::new();
        let mut start = None;
        loop {
            let span = Span { low: "!", high: "~", newest_first: false, kinds: Kinds::All };
            let (items, last) = self.page(FUNCTIONS, span, 1_000, start).await?;
            names.extend(items.iter().map(|item| item::text(item, SORT).to_owned()));
            match last {
                Some(key) => start = Some(key),
                None => return Ok(names),
            }
        }
    }

    /// The items of a partition between two sort keys, and the key to go on from.
    async fn page(
        &self,
        partition: &str,
        span: Span<'_>,
        limit: i32,
        start: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut attempt = 0;
        loop {
            attempt += 1;
            let call = self
                .client
                .query()
                .table_name(&self.name)
                .key_condition_expression("#partition = :partition AND #sort BETWEEN :low AND :high")
                .expression_attribute_names("#partition", PARTITION)
                .expression_attribute_names("#sort", SORT)
                .expression_attribute_values(":partition", text(partition))
                .expression_attribute_values(":low", text(span.low))
                .expression_attribute_values(":high", text(span.high))
                .set_exclusive_start_key(start.clone())
                .limit(limit)
                .scan_index_forward(!span.newest_first);
            match span.kinds.filter(call).send().await {
                Ok(answer) => return Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key)),
                Err(error) => self.failed("Query", &error, attempt).await?,
            }
        }
    }

    fn read(&self, item: Item) -> Result<Measurement, StoreError> {
        let key = key(&item);
        item::measurement(item).map_err(|problem| self.malformed(key, problem))
    }

    fn read_event(&self, item: &Item) -> Result<Event, StoreError> {
        let problem = || "the item is no event: its key has no time".to_owned();
        Event::read(item).ok_or_else(|| self.malformed(key(item), problem()))
    }

    fn malformed(&self, key: String, problem: String) -> StoreError {
        StoreError::Malformed { table: self.name.clone(), key, problem }
    }
}

/// Both keys of an item, for messages.
fn key(item: &Item) -> String {
    format!("{} {}", item::text(item, PARTITION), item::text(item, SORT))
}
