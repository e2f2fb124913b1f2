//! The senders of events.
//!
//! A new trigger is a variant here, its recognition in [`super::event`], an arm of the dispatch in
//! [`crate::answer`], and a file with its answer. The compiler and tests over [`Trigger::ALL`] ask for the
//! rest: the words of `UnsupportedEvent`, a row in docs/contract.md, a sample in events/triggers/.

use super::error::Channel;

/// A sender of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// An invocation whose payload is the request: the API, an SDK, a scheduler's constant input.
    Direct,
    /// A Lambda Function URL.
    FunctionUrl,
    /// An HTTP API of API Gateway, payload format 2.0.
    HttpApi,
    /// A REST API of API Gateway, or an HTTP API with payload format 1.0.
    RestApi,
    /// An Application Load Balancer.
    LoadBalancer,
    /// An event of `EventBridge` or of `EventBridge` Scheduler.
    EventBridge,
    /// A batch of messages of Amazon SQS.
    Sqs,
    /// A service that this function does not serve.
    Unserved,
}

impl Trigger {
    /// The triggers that the function serves.
    pub const ALL: &[Self] = &[
        Self::Direct,
        Self::FunctionUrl,
        Self::HttpApi,
        Self::RestApi,
        Self::LoadBalancer,
        Self::EventBridge,
        Self::Sqs,
    ];

    /// The label in log lines, in docs/contract.md and in file names under events/triggers/.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::FunctionUrl => "function-url",
            Self::HttpApi => "http-api",
            Self::RestApi => "rest-api",
            Self::LoadBalancer => "load-balancer",
            Self::EventBridge => "eventbridge",
            Self::Sqs => "sqs",
            Self::Unserved => "unserved",
        }
    }

    /// The name in sentences, in the plural.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Direct => "direct invocations",
            Self::FunctionUrl => "Function URLs",
            Self::HttpApi => "HTTP APIs",
            Self::RestApi => "REST APIs",
            Self::LoadBalancer => "load balancers",
            Self::EventBridge => "EventBridge",
            Self::Sqs => "SQS",
            Self::Unserved => "other services",
        }
    }

    /// The way of a response that is not streamed.
    pub(crate) const fn channel(self) -> Channel {
        match self {
            Self::LoadBalancer => Channel::LoadBalancer,
            _ => Channel::Whole,
        }
    }
}
