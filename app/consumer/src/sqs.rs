//! The event of an SQS event source and its answer, as far as they are used.

use serde::{Deserialize, Serialize};

/// A batch of messages.
#[derive(Clone, Debug, Deserialize)]
pub struct SqsBatch {
    /// The messages, 1 to 10,000.
    #[serde(rename = "Records")]
    pub records: Vec<SqsRecord>,
}

/// A message. Its attributes are not read.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SqsRecord {
    /// The queue's own identity of the message.
    pub message_id: String,
    /// The body.
    pub body: String,
}

/// The answer with `ReportBatchItemFailures`: SQS deletes all messages but these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SqsResponse {
    /// Messages to be delivered again.
    pub batch_item_failures: Vec<ItemFailure>,
}

/// A message to be delivered again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemFailure {
    /// The `messageId` of the message.
    pub item_identifier: String,
}
