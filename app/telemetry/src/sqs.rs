//! The client of SQS, made when the first batch is sent: an environment that starts waits for none of it.
//!
//! Credentials and region come from the environment, where Lambda puts those of the function's role.
//! `AWS_ENDPOINT_URL_SQS` and `AWS_ENDPOINT_URL` lead to another server. The sender tries again itself, so
//! the SDK does not.

use crate::sender::{Failure, Message, Transport, Trouble};
use aws_credential_types::Credentials;
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::config::{BehaviorVersion, Region};
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::operation::send_message_batch::{SendMessageBatchError, SendMessageBatchOutput};
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use aws_sdk_sqs::{Client, Config};
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use std::env;
use std::error::Error;
use std::sync::OnceLock;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(2);

/// Codes of errors about the content of a request, which no other attempt changes.
const CONTENT: [&str; 6] = [
    "InvalidMessageContents",
    "BatchRequestTooLong",
    "InvalidParameterValue",
    "InvalidBatchEntryId",
    "InvalidAttributeValue",
    "UnsupportedOperation",
];

/// A queue of SQS.
#[derive(Debug)]
pub struct Sqs {
    queue_url: String,
    timeout: Duration,
    client: OnceLock<Client>,
}

impl Sqs {
    /// A queue by its URL, whose answers are awaited for `timeout`; does nothing yet.
    #[must_use]
    pub const fn new(queue_url: String, timeout: Duration) -> Self {
        Self { queue_url, timeout, client: OnceLock::new() }
    }

    fn client(&self) -> Result<&Client, Trouble> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let config = config(self.timeout).map_err(|reason| Trouble { reason, is_content: false })?;
        Ok(self.client.get_or_init(|| Client::from_conf(config)))
    }
}

/// The SDK's configuration, or a sentence that names the missing variable.
fn config(timeout: Duration) -> Result<Config, String> {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let needed = |name: &str| {
        variable(name).ok_or_else(|| format!("{name} is not set: Lambda sets it; a local run must"))
    };
    let credentials = Credentials::new(
        needed("AWS_ACCESS_KEY_ID")?,
        needed("AWS_SECRET_ACCESS_KEY")?,
        variable("AWS_SESSION_TOKEN"),
        None,
        "Environment",
    );
    let endpoint = variable("AWS_ENDPOINT_URL_SQS").or_else(|| variable("AWS_ENDPOINT_URL"));
    let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    let region = region.ok_or("AWS_REGION is not set: Lambda sets it; a local run must")?;
    let http = aws_smithy_http_client::Builder::new();
    let http = match &endpoint {
        Some(url) if url.starts_with("http://") => http.build_http(),
        _ => http.tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https(),
    };
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT.min(timeout))
        .operation_attempt_timeout(timeout)
        .build();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(credentials)
        .region(Region::new(region))
        .http_client(http)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts);
    Ok(match endpoint {
        Some(url) => config.endpoint_url(url).build(),
        None => config.build(),
    })
}

impl Transport for Sqs {
    async fn send(&self, batch: &[Message]) -> Result<Vec<Failure>, Trouble> {
        let mut request = self.client()?.send_message_batch().queue_url(&self.queue_url);
        for (index, message) in batch.iter().enumerate() {
            request = request.entries(entry(index, message));
        }
        match request.send().await {
            Ok(output) => Ok(failures(&output, batch.len())),
            Err(error) => Err(trouble(&error)),
        }
    }
}

/// An entry of a batch; its name in the batch is its index.
fn entry(index: usize, message: &Message) -> SendMessageBatchRequestEntry {
    let entry = SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(&message.body);
    entry.build().expect("an entry has a name and a body")
}

/// Entries that the answer does not call successful.
fn failures(output: &SendMessageBatchOutput, entries: usize) -> Vec<Failure> {
    let failed = |index: usize| {
        let name = index.to_string();
        if output.successful().iter().any(|entry| entry.id() == name) {
            return None;
        }
        Some(match output.failed().iter().find(|entry| entry.id() == name) {
            Some(entry) => Failure {
                index,
                reason: format!("{}: {}", entry.code(), entry.message().unwrap_or("no message")),
                at_fault: entry.sender_fault(),
            },
            None => Failure { index, reason: "an answer without the entry".to_owned(), at_fault: false },
        })
    };
    (0..entries).filter_map(failed).collect()
}

/// An error and its causes, in one line.
fn causes(error: &dyn Error) -> String {
    let mut all = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        all = format!("{all}: {error}");
        cause = error.source();
    }
    all
}

fn trouble(error: &SdkError<SendMessageBatchError>) -> Trouble {
    let Some(service) = error.as_service_error() else {
        return Trouble { reason: causes(error), is_content: false };
    };
    // The older protocol of SQS had a prefix, which the service still sends.
    let code = service.code().unwrap_or("no code");
    let code = code.rsplit('.').next().unwrap_or(code);
    let reason = format!("{code}: {}", service.message().unwrap_or("no message"));
    Trouble { reason, is_content: CONTENT.contains(&code) }
}
