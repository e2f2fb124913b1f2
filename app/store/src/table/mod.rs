//! Reads and writes of the table.

mod read;

use crate::error::{hint, is_transient, problem};
use crate::item::{self, FUNCTIONS, Item, PARTITION, SORT};
use crate::{ConnectError, Event, Measurement, Retry, StoreError, connect};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{PutRequest, ReturnValuesOnConditionCheckFailure, WriteRequest};
use std::collections::{BTreeSet, HashMap};
use std::env;
use std::error::Error;
use std::sync::{Mutex, PoisonError};

/// Most items of one `BatchWriteItem`.
const BATCH: usize = 25;

/// Days that items are kept unless `RETENTION_DAYS` says another number.
const RETENTION_DAYS: u32 = 400;

/// A table of measurements.
#[derive(Debug)]
pub struct Table {
    client: Client,
    name: String,
    retry: Retry,
    retention_days: u32,
    /// Functions that this process has listed in the table.
    listed: Mutex<BTreeSet<String>>,
}

/// Outcome of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// The measurement is new.
    Stored,
    /// The same measurement was there already.
    Same,
    /// Another measurement with the same key was there already, and stays.
    Other,
}

impl Table {
    /// The table of this name, whose new items expire after `retention_days`.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>, retention_days: u32) -> Self {
        let (name, retry, listed) = (name.into(), Retry::default(), Mutex::default());
        Self { client, name, retry, retention_days, listed }
    }

    /// The table that a function's environment names: `TABLE`, whose new items expire after
    /// `RETENTION_DAYS` days, 400 unless set. [`connect`] makes the client.
    ///
    /// # Errors
    ///
    /// When a variable is not set, or is no number of days.
    pub fn from_env() -> Result<Self, ConnectError> {
        let name = env::var("TABLE").map_err(|_| ConnectError::Table)?;
        let days = match env::var("RETENTION_DAYS") {
            Ok(days) => days.parse().map_err(|_| ConnectError::Retention)?,
            Err(_) => RETENTION_DAYS,
        };
        Ok(Self::new(connect()?, name, days))
    }

    /// This table with other attempts.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Writes a measurement unless its key exists.
    ///
    /// A write whose answer got lost counts as stored: its repetition finds the same item.
    ///
    /// # Errors
    ///
    /// When the table refuses the write, or is unavailable until the last attempt.
    pub async fn put(&self, measurement: &Measurement) -> Result<Put, StoreError> {
        self.list(&measurement.function).await?;
        let item = item::item(measurement, self.retention_days);
        // Figures are compared, not items, because `DynamoDB` normalises numbers.
        let is_same = |old: &Item| item::measurement(old.clone()).is_ok_and(|old| old == *measurement);
        self.put_new(item, is_same).await
    }

    /// Writes an event that is no measurement unless its key exists.
    ///
    /// # Errors
    ///
    /// As [`put`](Self::put).
    pub async fn put_event(&self, event: &Event) -> Result<Put, StoreError> {
        self.list(&event.function).await?;
        self.put_new(event.item(self.retention_days), |old| event.is_same(old)).await
    }

    /// Writes an item unless its key exists; `is_same` compares an existing one.
    async fn put_new(&self, item: Item, is_same: impl Fn(&Item) -> bool) -> Result<Put, StoreError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let sent = self
                .client
                .put_item()
                .table_name(&self.name)
                .set_item(Some(item.clone()))
                .condition_expression("attribute_not_exists(#sort)")
                .expression_attribute_names("#sort", SORT)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .send()
                .await;
            match sent {
                Ok(_) => return Ok(Put::Stored),
                Err(error) => match existing(&error) {
                    Some(old) => return Ok(compare(is_same(old), attempt)),
                    None => self.failed("PutItem", &error, attempt).await?,
                },
            }
        }
    }

    /// Writes measurements in batches, over items with the same key.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unwritten`] with the positions that are not stored after all attempts; another
    /// error when the table refuses the write.
    pub async fn put_all(&self, measurements: &[Measurement]) -> Result<(), StoreError> {
        for function in measurements.iter().map(|it| &it.function).collect::<BTreeSet<_>>() {
            self.list(function).await?;
        }
        // One batch may not hold a key twice.
        let mut latest: HashMap<(&str, String), usize> = HashMap::new();
        for (position, it) in measurements.iter().enumerate() {
            latest.insert((&it.function, item::sort_key(it)), position);
        }
        let mut positions: Vec<usize> = latest.into_values().collect();
        positions.sort_unstable();
        let mut unwritten = Vec::new();
        for batch in positions.chunks(BATCH) {
            self.put_batch(measurements, batch, &mut unwritten).await?;
        }
        if unwritten.is_empty() {
            return Ok(());
        }
        // A measurement whose later twin is not stored is not stored either.
        let keys: BTreeSet<_> = unwritten.iter().map(|at| keys(&measurements[*at])).collect();
        let unwritten = (0..measurements.len()).filter(|at| keys.contains(&keys_of(measurements, *at)));
        Err(StoreError::Unwritten {
            table: self.name.clone(),
            total: measurements.len(),
            unwritten: unwritten.collect(),
            attempts: self.retry.attempts,
        })
    }

    /// Writes one batch until it is stored or attempts end; adds what is not stored to `unwritten`.
    async fn put_batch(
        &self,
        measurements: &[Measurement],
        batch: &[usize],
        unwritten: &mut Vec<usize>,
    ) -> Result<(), StoreError> {
        let mut left: Vec<usize> = batch.to_vec();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let requests: Vec<WriteRequest> =
                left.iter().map(|at| request(item::item(&measurements[*at], self.retention_days))).collect();
            let sent = self.client.batch_write_item().request_items(&self.name, requests).send().await;
            match sent {
                Ok(answer) => {
                    let refused = answer.unprocessed_items.unwrap_or_default();
                    let refused: BTreeSet<_> =
                        refused.get(&self.name).into_iter().flatten().filter_map(key_of).collect();
                    left.retain(|at| refused.contains(&keys(&measurements[*at])));
                }
                Err(error) if is_transient(&error) => {}
                Err(error) => return Err(self.refused("BatchWriteItem", &error)),
            }
            if left.is_empty() {
                return Ok(());
            }
            if !self.retry.pause(attempt).await {
                unwritten.extend(left);
                return Ok(());
            }
        }
    }

    /// Adds a function to the list, once in the life of this process.
    async fn list(&self, function: &str) -> Result<(), StoreError> {
        if self.listed().contains(function) {
            return Ok(());
        }
        let mut attempt = 0;
        loop {
            attempt += 1;
            let item = item::key(FUNCTIONS, function);
            match self.client.put_item().table_name(&self.name).set_item(Some(item)).send().await {
                Ok(_) => break,
                Err(error) => self.failed("PutItem", &error, attempt).await?,
            }
        }
        self.listed().insert(function.to_owned());
        Ok(())
    }

    fn listed(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sleeps before the next attempt of a failed call.
    ///
    /// # Errors
    ///
    /// When no other attempt can help.
    async fn failed<E>(
        &self,
        operation: &'static str,
        error: &SdkError<E>,
        attempt: u32,
    ) -> Result<(), StoreError>
    where
        E: ProvideErrorMetadata + Error + RequestId + Send + Sync + 'static,
    {
        if !is_transient(error) {
            return Err(self.refused(operation, error));
        }
        if self.retry.pause(attempt).await {
            return Ok(());
        }
        Err(StoreError::Unavailable {
            operation,
            table: self.name.clone(),
            attempts: attempt,
            problem: problem(error),
        })
    }

    fn refused<E>(&self, operation: &'static str, error: &SdkError<E>) -> StoreError
    where
        E: ProvideErrorMetadata + Error + RequestId + Send + Sync + 'static,
    {
        StoreError::Refused {
            operation,
            table: self.name.clone(),
            problem: problem(error),
            hint: hint(error.code()),
        }
    }
}

/// The item that made a condition fail.
fn existing(error: &SdkError<PutItemError>) -> Option<&Item> {
    static NONE: std::sync::LazyLock<Item> = std::sync::LazyLock::new(Item::new);
    match error.as_service_error()? {
        PutItemError::ConditionalCheckFailedException(failed) => Some(failed.item().unwrap_or(&NONE)),
        _ => None,
    }
}

/// Tells an earlier attempt of this write, and an earlier write of the same, from another item.
const fn compare(is_same: bool, attempt: u32) -> Put {
    match is_same {
        true if attempt > 1 => Put::Stored,
        true => Put::Same,
        false => Put::Other,
    }
}

fn request(item: Item) -> WriteRequest {
    let put = PutRequest::builder().set_item(Some(item)).build().expect("the item is set");
    WriteRequest::builder().put_request(put).build()
}

/// Partition and sort key of a measurement.
fn keys(measurement: &Measurement) -> (String, String) {
    (measurement.function.clone(), item::sort_key(measurement))
}

fn keys_of(measurements: &[Measurement], at: usize) -> (String, String) {
    keys(&measurements[at])
}

/// Partition and sort key of an unprocessed request.
fn key_of(request: &WriteRequest) -> Option<(String, String)> {
    let item = request.put_request()?.item();
    Some((item::text(item, PARTITION).to_owned(), item::text(item, SORT).to_owned()))
}
