//! A client of `DynamoDB`.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Credentials, Region};
use aws_smithy_http_client::Builder as HttpClient;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use std::env;
use std::time::Duration;

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// Longest wait for one attempt of a call. `DynamoDB` answers within milliseconds.
const ATTEMPT: Duration = Duration::from_secs(5);

/// Variables of the environment that a client or a table needs, and that are not set or not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// A variable is missing.
    #[error(
        "the variable {0} is not set; Lambda sets it for every function, elsewhere `aws configure \
         export-credentials --format env` prints it"
    )]
    Missing(&'static str),
    /// The variable `TABLE` is missing.
    #[error("the variable TABLE must name the table of measurements")]
    Table,
    /// The variable `RETENTION_DAYS` is no number.
    #[error("the variable RETENTION_DAYS must be a number of days")]
    Retention,
}

/// A client with the credentials, the region and the endpoint of the environment.
///
/// Lambda sets `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` and `AWS_REGION`
/// once for the life of a sandbox, so that no chain of providers has to be searched.
/// `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL` names another endpoint, for tests.
///
/// # Errors
///
/// When a variable is not set.
pub fn connect() -> Result<Client, ConnectError> {
    let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let needed = |name: &'static str| set(name).ok_or(ConnectError::Missing(name));
    let region = set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION"));
    let keys = Credentials::new(
        needed("AWS_ACCESS_KEY_ID")?,
        needed("AWS_SECRET_ACCESS_KEY")?,
        set("AWS_SESSION_TOKEN"),
        None,
        "environment",
    );
    let mut config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.ok_or(ConnectError::Missing("AWS_REGION"))?))
        .credentials_provider(keys);
    if let Some(endpoint) = set("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| set("AWS_ENDPOINT_URL")) {
        config = config.endpoint_url(endpoint);
    }
    Ok(Client::from_conf(configured(config).build()))
}

/// A client with what the aws command line would use: profiles, single sign-on, roles.
#[cfg(feature = "profiles")]
pub async fn connect_with_profile(region: Option<String>, profile: Option<&str>) -> Client {
    let http = HttpClient::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
    if let Some(region) = region {
        loader = loader.region(Region::new(region));
    }
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    let shared = loader.load().await;
    Client::from_conf(configured(Builder::from(&shared)).build())
}

/// One attempt for each call, because [`Retry`](crate::Retry) makes the others.
fn configured(config: Builder) -> Builder {
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build();
    config
        .http_client(HttpClient::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https())
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
}
