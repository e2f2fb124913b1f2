//! The function that is asked, and the patience with it.

use super::args::HexArgs;
use super::failed;
use crate::cost::Architecture;
use crate::error::Error;
use crate::interrupt::Waiting;
#[cfg(feature = "aws")]
use crate::matrix::FunctionPlan;
#[cfg(feature = "aws")]
use crate::run::AwsArgs;
use crate::subject::EndpointCaller;
#[cfg(feature = "aws")]
use crate::subject::aws::{Function, FunctionCaller, Session};
use serde_json::Value;
use std::future::Future;
#[cfg(feature = "aws")]
use std::rc::Rc;
use std::time::Duration;

/// Attempts of a request that may pass at another time: some ten minutes.
const ATTEMPTS: u32 = 14;
/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Errors of a function that another sandbox need not have; the state machine tries the same ones again.
const PASSING: [&str; 4] = ["DeadlineExceeded", "InsufficientTime", "Runtime.ExitError", "Sandbox.Timedout"];

/// A function, its price, and the runtime in which all its answers are waited for.
pub(super) struct Service {
    caller: Caller,
    pub(super) architecture: Architecture,
    waits: Waits,
}

enum Waits {
    Own(Waiting),
    #[cfg(feature = "aws")]
    Session(Rc<Session>),
}

/// The way to the function, for requests side by side.
#[derive(Clone)]
pub(super) enum Caller {
    Endpoint(EndpointCaller),
    #[cfg(feature = "aws")]
    Function(FunctionCaller),
}

impl Service {
    pub(super) fn open(args: &HexArgs) -> Result<Self, Error> {
        match (&args.endpoint, &args.function) {
            (Some(url), _) => Ok(Self {
                caller: Caller::Endpoint(EndpointCaller::new(url)?),
                architecture: args.architecture.unwrap_or_else(Architecture::native),
                waits: Waits::Own(Waiting::begin()?),
            }),
            (None, Some(name)) => Self::function(name, args),
            (None, None) => unreachable!("one of them is required"),
        }
    }

    #[cfg(feature = "aws")]
    fn function(name: &str, args: &HexArgs) -> Result<Self, Error> {
        let AwsArgs { region, profile } = &args.aws;
        let session = Rc::new(Session::open(region.as_deref(), profile.as_deref())?);
        let plan = FunctionPlan::named(name, region.clone(), profile.clone());
        let function = Function::open(Rc::clone(&session), plan.clone())?;
        let architecture = function.described().architecture;
        let caller = Caller::Function(FunctionCaller::new(&session, plan));
        Ok(Self { caller, architecture, waits: Waits::Session(session) })
    }

    #[cfg(not(feature = "aws"))]
    fn function(_: &str, _: &HexArgs) -> Result<Self, Error> {
        Err(Error::WithoutAws)
    }

    pub(super) fn caller(&self) -> Caller {
        self.caller.clone()
    }

    /// The session of a function on AWS.
    #[cfg(feature = "aws")]
    pub(super) fn session(&self) -> Option<&Session> {
        match &self.waits {
            Waits::Session(session) => Some(session),
            Waits::Own(_) => None,
        }
    }

    /// Waits for `future` or for Ctrl-C.
    pub(super) fn wait<T>(&self, future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        match &self.waits {
            Waits::Own(waiting) => waiting.wait(future),
            #[cfg(feature = "aws")]
            Waits::Session(session) => session.waiting().wait(future),
        }
    }

    /// One answer, or the reason why there is none.
    pub(super) fn ask(&self, request: &Value) -> Result<Value, Error> {
        self.wait(async { self.caller.ask(request).await.map_err(|refusal| refusal.error) })
    }
}

/// A request that was not answered.
struct Refusal {
    error: Error,
    /// Another attempt may succeed.
    passes: bool,
}

impl Caller {
    async fn ask(&self, request: &Value) -> Result<Value, Refusal> {
        let event = request.to_string();
        let answer = match self {
            Self::Endpoint(caller) => caller.ask(event.as_bytes()).await,
            #[cfg(feature = "aws")]
            Self::Function(caller) => caller.ask(event.as_bytes()).await,
        };
        let answer = answer.map_err(|error| Refusal { error, passes: true })?;
        let payload = answer.map_err(|error| {
            let passes = PASSING.contains(&error.error_type.as_str());
            let problem = format!(
                "the function refused {}: {}: {}",
                request["op"].as_str().unwrap_or_default(),
                error.error_type,
                error.error_message
            );
            Refusal { error: failed(problem, hint(&error.error_type)), passes }
        })?;
        serde_json::from_slice(&payload).map_err(|_| {
            let problem = "the function's answer is no JSON".to_owned();
            Refusal { error: failed(problem, hint("UnknownOperation")), passes: false }
        })
    }

    /// [`Caller::ask`], again with growing waits as long as the reason may pass.
    pub(super) async fn ask_patiently(&self, request: &Value) -> Result<Value, Error> {
        let mut attempt = 0;
        loop {
            let refusal = match self.ask(request).await {
                Ok(answer) => return Ok(answer),
                Err(refusal) => refusal,
            };
            attempt += 1;
            if !refusal.passes || attempt == ATTEMPTS {
                return Err(refusal.error);
            }
            // Full jitter: parts that were throttled together do not come back together.
            let longest = LONGEST_WAIT.min(Duration::from_secs(1 << attempt.min(6)));
            tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
        }
    }
}

fn hint(error_type: &str) -> &'static str {
    match error_type {
        "UnknownOperation" | "UnknownField" | "MissingField" => {
            "the function needs the operations of the feature hex: make zip-hex"
        }
        "SumsDisagree" => {
            "a part was computed wrongly: remove the file of parts, or the part's item in the table, and \
             compute again; the answers name their processors"
        }
        "InsufficientTime" | "InvalidParts" => {
            "shorter parts (--seconds, --parts), or a function with a longer timeout or more memory"
        }
        _ => "docs/errors.md explains the function's errors; the same command goes on from the parts kept",
    }
}
