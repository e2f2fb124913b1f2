//! Batches of Amazon SQS: messages, the envelopes inside them, and the report of failures.
//!
//! A message holds a request, or an envelope around one: the notification of an SNS topic, an event of
//! `EventBridge`. Sources: AWS, "Using Lambda with Amazon SQS", "Fanout to Amazon SQS queues" and
//! "Amazon SQS FIFO queue delivery logic".

use super::error::{EventError, Place};
use super::event::source_of;
use super::json::{Members, Unfit, excerpt};
use super::request::{Request, members};
use super::{eventbridge, foreign};
use serde::Serialize;
use serde_json::value::RawValue;

/// A message of a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) id: String,
    /// The group whose order a FIFO queue keeps; none in a standard queue.
    pub(crate) group: Option<String>,
    body: String,
}

impl Message {
    /// Reads a record; one that is no message stays empty, and its request is refused.
    pub(crate) fn of(record: &RawValue) -> Self {
        Self::read(record).unwrap_or_default()
    }

    fn read(record: &RawValue) -> Result<Self, Unfit> {
        let record = Members::of(record.get())?;
        let attributes = record.object("attributes")?.unwrap_or_default();
        // A standard queue may have groups too, which share its capacity and have no order.
        let fifo = match record.text("eventSourceARN")? {
            Some(queue) => queue.ends_with(".fifo"),
            None => true,
        };
        Ok(Self {
            id: record.text("messageId")?.unwrap_or_default(),
            group: attributes.text("MessageGroupId")?.filter(|_| fifo),
            body: record.text("body")?.unwrap_or_default(),
        })
    }

    /// The request in the body or in its envelope.
    pub(crate) fn request(&self) -> Result<Request, EventError> {
        unwrapped(&self.body, MOST_ENVELOPES)
    }
}

/// Envelopes inside each other: `EventBridge` sends to SNS, and SNS to SQS.
const MOST_ENVELOPES: u32 = 3;

fn unwrapped(body: &str, envelopes: u32) -> Result<Request, EventError> {
    let event = members(Place::Message, body.as_bytes())?;
    if event.has("digits") || event.has("op") {
        return Request::within(Place::Message, body.as_bytes());
    }
    if let Ok(Some(inner)) = notification(&event)
        && envelopes > 0
    {
        return unwrapped(&inner, envelopes - 1);
    }
    if let Some(source) = sender(&event) {
        return Err(EventError::UnsupportedEvent { source });
    }
    match event.get("detail-type") {
        Ok(Some(_)) => eventbridge::request(event.get("detail").ok().flatten()),
        _ => Request::within(Place::Message, body.as_bytes()),
    }
}

/// The message in the notification of an SNS topic.
fn notification(event: &Members<'_>) -> Result<Option<String>, Unfit> {
    let published = event.text("Type")?.as_deref() == Some("Notification") && event.has("TopicArn");
    if published { event.text("Message") } else { Ok(None) }
}

/// The service that a body comes from, if the function does not serve it.
fn sender(event: &Members<'_>) -> Option<String> {
    let records = event.list("Records").ok().flatten();
    let source = records.and_then(|records| source_of(&records));
    source.map(|source| excerpt(&source)).or_else(|| foreign::service(event).map(str::to_owned))
}

/// The report of a batch: SQS keeps the messages that it names and deletes the others.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failures {
    batch_item_failures: Vec<Failure>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

impl Failures {
    /// Adds a message that goes back to the queue.
    pub(crate) fn add(&mut self, id: &str) {
        self.batch_item_failures.push(Failure { item_identifier: id.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{json, value::to_raw_value};

    fn request(body: &str) -> Result<Request, EventError> {
        Message { body: body.to_owned(), ..Message::default() }.request()
    }

    fn topic(message: &str) -> String {
        let arn = "arn:aws:sns:us-east-1:123456789012:pi";
        json!({"Type": "Notification", "TopicArn": arn, "Message": message}).to_string()
    }

    #[test]
    fn envelopes_are_opened() {
        let plain = r#"{"digits": 10}"#;
        let ten = Request::from_json(plain.as_bytes());
        let event = json!({"detail-type": "Digits", "source": "x", "detail": {"digits": 10}}).to_string();
        for body in [plain.to_owned(), topic(plain), event.clone(), topic(&event), topic(&topic(plain))] {
            assert_eq!(request(&body), ten, "{body}");
        }
    }

    #[test]
    fn services_in_messages_are_named() {
        let test = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#;
        let object = r#"{"Records":[{"eventSource":"aws:s3","s3":{}}]}"#;
        let confirmation = r#"{"Type":"SubscriptionConfirmation","TopicArn":"arn:aws:sns:::x","Token":"t"}"#;
        for (body, name) in [(test, "test event"), (object, "aws:s3"), (confirmation, "SNS")] {
            for body in [body.to_owned(), topic(body)] {
                let error = request(&body).unwrap_err();
                assert_eq!(error.error_type(), "UnsupportedEvent", "{error}");
                assert!(error.to_string().contains(name), "{error}");
            }
        }
        let mut deep = "{}".to_owned();
        (0..10).for_each(|_| deep = topic(&deep));
        assert_eq!(request(&deep).unwrap_err().error_type(), "UnsupportedEvent", "no endless opening");
    }

    #[test]
    fn only_a_fifo_queue_keeps_the_order_of_a_group() {
        let message = |queue: &str| {
            let attributes = json!({"MessageGroupId": "g"});
            let record = json!({"messageId": "1", "eventSourceARN": queue, "attributes": attributes});
            Message::of(&to_raw_value(&record).unwrap())
        };
        assert_eq!(message("arn:aws:sqs:us-east-1:1:pi.fifo").group.as_deref(), Some("g"));
        assert_eq!(message("arn:aws:sqs:us-east-1:1:pi").group, None);
    }
}
