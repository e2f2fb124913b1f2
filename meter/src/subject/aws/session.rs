//! A region and credentials.

use super::failure;
use crate::error::Error;
use crate::interrupt::Waiting;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::{ProvideCredentials, SharedCredentialsProvider, StalledStreamProtectionConfig};
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::Builder as HttpClient;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::time::Duration;

/// Time for an answer beyond the function's timeout.
const GRACE: Duration = Duration::from_secs(60);

/// Calls to Lambda in one region with one profile, one at a time. Ctrl-C ends a waiting call.
pub struct Session {
    client: Client,
    states: aws_sdk_sfn::Client,
    region: String,
    waiting: Waiting,
}

impl Session {
    /// Finds the region and the credentials as the aws command line does.
    ///
    /// `AWS_ENDPOINT_URL` and `endpoint_url` in a profile are honoured.
    ///
    /// # Errors
    ///
    /// When no region or no usable credentials are found.
    pub fn open(region: Option<&str>, profile: Option<&str>) -> Result<Self, Error> {
        let waiting = Waiting::begin()?;
        let config = waiting.wait(connect(region, profile))?;
        let region = config.region().ok_or_else(failure::no_region)?.to_string();
        let (client, states) = (Client::new(&config), aws_sdk_sfn::Client::new(&config));
        Ok(Self { client, states, region, waiting })
    }

    /// The region's name.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The client of Step Functions.
    pub(crate) fn states(&self) -> &aws_sdk_sfn::Client {
        &self.states
    }

    /// The runtime that all calls of this session wait in.
    pub(crate) fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    /// Waits for a call, at most `limit` and a minute, or for Ctrl-C.
    pub(super) fn wait<T, E>(
        &self,
        limit: Duration,
        operation: &'static str,
        function: &str,
        call: impl Future<Output = Result<T, SdkError<E>>>,
    ) -> Result<T, Error>
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        let result = self.waiting.wait(async { Ok(tokio::time::timeout(limit + GRACE, call).await) })?;
        let result = result.map_err(|_| failure::no_answer(function, operation, limit + GRACE))?;
        result.map_err(|error| failure::refused(function, operation, &self.region, &error))
    }

    /// Waits for a call without listening to signals, to restore a configuration.
    pub(super) fn insist<T, E>(
        &self,
        operation: &'static str,
        function: &str,
        call: impl Future<Output = Result<T, SdkError<E>>>,
    ) -> Result<T, Error>
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        match self.waiting.insist(async { tokio::time::timeout(GRACE, call).await }) {
            Err(_) => Err(failure::no_answer(function, operation, GRACE)),
            Ok(result) => result.map_err(|error| failure::refused(function, operation, &self.region, &error)),
        }
    }

    /// Sleeps. Ctrl-C ends the sleep unless `insist`.
    pub(super) fn sleep(&self, time: Duration, insist: bool) -> Result<(), Error> {
        let sleep = async {
            tokio::time::sleep(time).await;
            Ok(())
        };
        if insist { self.waiting.insist(sleep) } else { self.waiting.wait(sleep) }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("region", &self.region).finish_non_exhaustive()
    }
}

/// The region and the credentials that the aws command line would use.
pub(crate) async fn connect(region: Option<&str>, profile: Option<&str>) -> Result<SdkConfig, Error> {
    // ring needs only the C compiler that links Rust programs; aws-lc, the SDK's default, needs
    // more tools and minutes.
    let http = HttpClient::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .app_name(AppName::new("lambda-meter").expect("letters and a hyphen"))
        // A function that computes for minutes sends nothing in the meantime.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    if let Some(region) = region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    let mut config = loader.load().await;
    let region = config.region().ok_or_else(failure::no_region)?.clone();
    if let Some(profile) = profile {
        // A profile on the command line takes precedence over keys in the environment.
        let basis = ProviderConfig::without_region().with_region(Some(region.clone())).with_http_client(http);
        let keys = ProfileFileCredentialsProvider::builder().configure(&basis).profile_name(profile).build();
        config = config.into_builder().credentials_provider(SharedCredentialsProvider::new(keys)).build();
    }
    let provider =
        config.credentials_provider().ok_or_else(|| failure::no_credentials("none are configured"))?;
    provider.provide_credentials().await.map_err(|error| failure::credentials(&error, profile))?;
    Ok(config)
}
