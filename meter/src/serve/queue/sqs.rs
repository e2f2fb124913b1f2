//! A queue of SQS, and its messages as Lambda's event has them.

use super::poll::{Record, Source};
use crate::error::Error;
use crate::subject::aws;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::operation::get_queue_attributes::GetQueueAttributesOutput;
use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, Message, MessageAttributeValue, MessageSystemAttributeName,
    QueueAttributeName,
};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// A queue that exists.
#[derive(Debug)]
pub(super) struct Queue {
    client: Client,
    url: String,
    arn: String,
    visibility: Duration,
}

/// A client with the region and the credentials that the aws command line would use. `AWS_ENDPOINT_URL_SQS`
/// and `AWS_ENDPOINT_URL` lead to another server.
pub(super) async fn connect(region: Option<&str>, profile: Option<&str>) -> Result<Client, Error> {
    Ok(Client::new(&aws::connect(region, profile).await?))
}

impl Queue {
    /// Asks for the queue's attributes.
    ///
    /// # Errors
    ///
    /// When the queue does not exist or cannot be reached.
    pub(super) async fn open(client: &Client, url: &str) -> Result<Self, Error> {
        let asked = client
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(QueueAttributeName::QueueArn)
            .attribute_names(QueueAttributeName::VisibilityTimeout);
        let found =
            asked.send().await.map_err(|error| unusable(url, &DisplayErrorContext(error).to_string()))?;
        let attribute =
            |name| attribute(&found, &name).ok_or_else(|| unusable(url, &format!("no {name} in the answer")));
        let visibility = attribute(QueueAttributeName::VisibilityTimeout)?;
        let visibility =
            visibility.parse().map_err(|_| unusable(url, "its VisibilityTimeout is no number"))?;
        Ok(Self {
            client: client.clone(),
            url: url.to_owned(),
            arn: attribute(QueueAttributeName::QueueArn)?.to_owned(),
            visibility: Duration::from_secs(visibility),
        })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Time after which a message that is not deleted comes again.
    pub(super) fn visibility(&self) -> Duration {
        self.visibility
    }
}

fn attribute<'a>(found: &'a GetQueueAttributesOutput, name: &QueueAttributeName) -> Option<&'a str> {
    found.attributes()?.get(name).map(String::as_str)
}

fn unusable(url: &str, problem: &str) -> Error {
    Error::Aws {
        problem: format!("the queue {url} cannot be read: {problem}"),
        hint: "check url in [[queue]], and AWS_ENDPOINT_URL_SQS for a queue on this machine; on AWS the \
               credentials need sqs:GetQueueAttributes, sqs:ReceiveMessage and sqs:DeleteMessage"
            .to_owned(),
    }
}

impl Source for Queue {
    fn name(&self) -> &str {
        &self.url
    }

    async fn receive(&self, most: usize, wait: Duration) -> Result<Vec<Record>, String> {
        let received = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(i32::try_from(most).unwrap_or(1))
            .wait_time_seconds(i32::try_from(wait.as_secs()).unwrap_or(0))
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All");
        let received = received.send().await.map_err(|error| DisplayErrorContext(error).to_string())?;
        Ok(received.messages().iter().map(|message| record(message, &self.arn)).collect())
    }

    async fn delete(&self, records: &[Record]) -> Result<(), String> {
        let mut request = self.client.delete_message_batch().queue_url(&self.url);
        for (index, record) in records.iter().enumerate() {
            let entry = DeleteMessageBatchRequestEntry::builder().id(index.to_string());
            let entry = entry.receipt_handle(&record.handle).build().map_err(|error| error.to_string())?;
            request = request.entries(entry);
        }
        let answer = request.send().await.map_err(|error| DisplayErrorContext(error).to_string())?;
        match answer.failed().first() {
            None => Ok(()),
            Some(first) => Err(format!("{} {}", first.code(), first.message().unwrap_or_default())),
        }
    }
}

/// The record of a message in Lambda's event.
fn record(message: &Message, arn: &str) -> Record {
    let (id, handle) =
        (message.message_id().unwrap_or_default(), message.receipt_handle().unwrap_or_default());
    let system = message.attributes().into_iter().flatten();
    let system: Map<String, Value> =
        system.map(|(name, value)| (name.as_str().to_owned(), value.as_str().into())).collect();
    let own = message.message_attributes().into_iter().flatten();
    let own: Map<String, Value> = own.map(|(name, value)| (name.clone(), typed(value))).collect();
    let mut json = json!({
        "messageId": id,
        "receiptHandle": handle,
        "body": message.body().unwrap_or_default(),
        "attributes": system,
        "messageAttributes": own,
        "md5OfBody": message.md5_of_body().unwrap_or_default(),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": arn.split(':').nth(3).unwrap_or_default(),
    });
    if let Some(md5) = message.md5_of_message_attributes() {
        json["md5OfMessageAttributes"] = md5.into();
    }
    Record { id: id.to_owned(), handle: handle.to_owned(), json }
}

/// An attribute of a message, bytes in base64.
fn typed(value: &MessageAttributeValue) -> Value {
    let mut typed = json!({"stringListValues": [], "binaryListValues": [], "dataType": value.data_type()});
    if let Some(text) = value.string_value() {
        typed["stringValue"] = text.into();
    }
    if let Some(bytes) = value.binary_value() {
        typed["binaryValue"] = BASE64_STANDARD.encode(bytes).into();
    }
    typed
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sqs::primitives::Blob;

    #[test]
    fn a_message_becomes_a_record_of_lambdas_event() {
        let text = MessageAttributeValue::builder().data_type("String").string_value("a").build().unwrap();
        let bytes = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new(*b"\xff"));
        let message = Message::builder()
            .message_id("059f36b4")
            .receipt_handle("AQEB")
            .body("Test message.")
            .md5_of_body("e4e68fb7")
            .attributes(MessageSystemAttributeName::ApproximateReceiveCount, "1")
            .attributes(MessageSystemAttributeName::SenderId, "AIDA")
            .message_attributes("text", text)
            .message_attributes("bytes", bytes.build().unwrap())
            .md5_of_message_attributes("m")
            .build();
        // As in AWS's documentation of the event.
        let expected = json!({
            "messageId": "059f36b4", "receiptHandle": "AQEB", "body": "Test message.",
            "attributes": {"ApproximateReceiveCount": "1", "SenderId": "AIDA"},
            "messageAttributes": {
                "text": {"stringValue": "a", "stringListValues": [], "binaryListValues": [],
                    "dataType": "String"},
                "bytes": {"binaryValue": "/w==", "stringListValues": [], "binaryListValues": [],
                    "dataType": "Binary"},
            },
            "md5OfBody": "e4e68fb7", "md5OfMessageAttributes": "m", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-2:123456789012:my-queue", "awsRegion": "us-east-2",
        });
        let record = record(&message, "arn:aws:sqs:us-east-2:123456789012:my-queue");
        assert_eq!((record.json, record.id.as_str(), record.handle.as_str()), (expected, "059f36b4", "AQEB"));
    }
}
