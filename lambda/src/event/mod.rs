//! The JSON contract of the function: what an invocation may say, whoever sends it, and what it
//! is answered.
//!
//! ```
//! use pi_spigot_lambda::event::{self, Context, Reply};
//!
//! let answered = event::answer(br#"{"digits": "1_0"}"#, &Context::unlimited("request-1"));
//! let Reply::Whole(json) = answered.reply else { panic!("{answered:?}") };
//! assert!(json.get().starts_with(r#"{"digits":10,"pi":"3.141592653","#));
//!
//! let answered = event::answer(br#"{"digits": 0}"#, &Context::unlimited("request-2"));
//! let Reply::Error(error) = answered.reply else { panic!("{answered:?}") };
//! assert_eq!(error.error_type(), "InvalidDigits");
//! ```
//!
//! | request field | values | default |
//! |---|---|---|
//! | `digits` | significant digits, the leading 3 included: an integer from 1 (`10000`, also as `1e4` or `10000.0`), or a string in which `_` may separate (`"10_000"`) | required |
//! | `algorithm` | a name of [`Algorithm`](pi_spigot::pi::Algorithm) | the fastest |
//! | `output` | `"digits"`, `"digest"`: everything but the digits themselves, `"stream"`: nothing but the digits, while they are computed | `"digits"` |
//! | `from` | the position of the first digit | 1, the leading 3 |
//! | `reuse` | whether digits may come from an earlier invocation | `false` |
//! | `metrics` | whether metrics of `CloudWatch` are logged | `false` |
//!
//! `{"op": "version"}` and `{"op": "self-test"}` are the other two requests. HTTP requests, batches
//! of SQS and events of `EventBridge` carry the same contract within their own.

mod blocks;
mod capacity;
mod deadline;
mod encoding;
mod error;
mod estimate;
mod gzip;
mod http;
mod json;
mod keep;
mod message;
mod number;
mod operation;
mod queue;
mod request;
mod response;
mod stream;
mod web;

pub use capacity::Capacity;
pub use deadline::{Deadline, Stopping};
pub use error::{Channel, DigitsProblem, EventError, Room};
pub use operation::{Operation, REVISION};
pub use request::{Output, Request};
pub use response::{Response, milliseconds};
pub use serde_json::value::RawValue;
pub use stream::Stream;

#[cfg(feature = "runtime")]
pub(crate) use json::text;
use json::{Members, Unfit};
use request::Fields;
use std::time::Duration;

/// What is known of an invocation beside its payload.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Its id.
    pub request_id: &'a str,
    /// The trace that it belongs to, of AWS X-Ray.
    pub trace_id: Option<&'a str>,
    /// What it may use.
    pub capacity: Capacity,
    /// Until when it may work.
    pub deadline: Deadline,
    /// How the function is configured.
    pub settings: Settings,
}

impl<'a> Context<'a> {
    /// One thread, and as much memory and time as it takes.
    #[must_use]
    pub fn unlimited(request_id: &'a str) -> Self {
        let settings = Settings::default();
        let (capacity, deadline) = (Capacity::UNCHECKED, Deadline::never());
        Self { request_id, trace_id: None, capacity, deadline, settings }
    }
}

/// What the owner of a function sets for all invocations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// HTTP requests come by a Function URL in the mode `RESPONSE_STREAM` (`PI_STREAM=1`).
    pub stream: bool,
    /// Every request reuses digits (`PI_REUSE=1`).
    pub reuse: bool,
    /// Every request logs metrics (`PI_METRICS=1`).
    pub metrics: bool,
}

/// An answer, and what is left to do when it was given.
#[derive(Debug)]
pub struct Answered {
    /// What the caller gets.
    pub reply: Reply,
    /// What the log gets: one record, or one for each message of a batch.
    pub records: Vec<Record>,
    /// Work that is still stopping, to be dropped when the caller has its answer.
    pub stopping: Option<Stopping>,
}

/// What the caller gets.
#[derive(Debug)]
pub enum Reply {
    /// A response in one piece, as JSON.
    Whole(Box<RawValue>),
    /// An error of the invocation.
    Error(EventError),
    /// A response as it comes.
    Stream(Box<Stream>),
}

/// What became of a request, for the log.
#[derive(Clone, Debug)]
pub struct Record {
    /// Who sent it.
    pub trigger: &'static str,
    /// The id of a message within a batch.
    pub item: Option<String>,
    /// What was asked, when that was understood.
    pub request: Option<Request>,
    /// How long it was computed.
    pub compute: Option<Duration>,
    /// Whether digits came from an earlier invocation.
    pub reused: Option<bool>,
    /// The digest, where the caller does not get it.
    pub sha256: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// What went wrong.
    pub error: Option<EventError>,
}

impl Record {
    const fn new(trigger: &'static str) -> Self {
        Self {
            trigger,
            item: None,
            request: None,
            compute: None,
            reused: None,
            sha256: None,
            status: None,
            error: None,
        }
    }

    fn item(mut self, id: &str) -> Self {
        self.item = Some(id.to_owned());
        self
    }
}

impl Answered {
    fn refused(trigger: &'static str, error: EventError) -> Self {
        let mut record = Record::new(trigger);
        record.error = Some(error.clone());
        Self::of(Reply::Error(error), record)
    }

    fn of(reply: Reply, record: Record) -> Self {
        Self { reply, records: vec![record], stopping: None }
    }
}

/// Answers one invocation: finds out who sends it, parses, refuses what cannot fit, computes.
///
/// Whatever is wrong with the payload, and a panic while computing, is an [`EventError`] in the
/// caller's form; the function is ready for the next invocation.
#[must_use]
pub fn answer(payload: &[u8], context: &Context<'_>) -> Answered {
    let members = match request::members(payload) {
        Ok(members) => members,
        Err(error) => return Answered::refused("direct", error),
    };
    let mut fields = Fields::of(&members);
    // Most events are requests, which nothing more has to be known of.
    let other = if fields.foreign { of_a_service(&members, context).unwrap_or(None) } else { None };
    other.unwrap_or_else(|| match fields.operation() {
        Some(op) => operation(op, context),
        None => direct(fields.into_request(), "direct", context),
    })
}

/// Answers an event that a service sends, if it is one.
fn of_a_service(event: &Members<'_>, context: &Context<'_>) -> Result<Option<Answered>, Unfit> {
    if let Ok(Some(request)) = http::Http::of(event) {
        return Ok(Some(web::answer(&request, context)));
    }
    let (kind, detail) = (event.get("detail-type")?, event.get("detail")?);
    if let Some(records) = event.list("Records")? {
        return Ok(Some(queue::answer(&records, context)));
    }
    let detail = detail.unwrap_or("{}");
    Ok(kind.map(|_| direct(Request::from_json(detail.as_bytes()), "eventbridge", context)))
}

/// A request that is the event itself, or all that is in it for us.
fn direct(request: Result<Request, EventError>, trigger: &'static str, context: &Context<'_>) -> Answered {
    let mut record = Record::new(trigger);
    let request = match request {
        Ok(request) => request,
        Err(error) => return Answered::refused(trigger, error),
    };
    if request.output == Output::Stream {
        return stream::direct(record, request, context);
    }
    let (response, stopping) = compute(&mut record, request, Channel::Whole, context);
    let reply = match response {
        Ok(response) => Reply::Whole(json::raw(&response.with_id(context.request_id))),
        Err(error) => {
            record.error = Some(error.clone());
            Reply::Error(error)
        }
    };
    Answered { stopping, ..Answered::of(reply, record) }
}

fn operation(op: Result<Operation, EventError>, context: &Context<'_>) -> Answered {
    match op {
        Ok(op) => Answered::of(Reply::Whole(json::raw(&op.answer(context))), Record::new(op.name())),
        Err(error) => Answered::refused("direct", error),
    }
}

/// Computes what was asked if it fits, and notes it in the record.
fn compute(
    record: &mut Record,
    request: Request,
    channel: Channel,
    context: &Context<'_>,
) -> (Result<Response, EventError>, Option<Stopping>) {
    let request = configured(record, request, context.settings);
    let Context { capacity, deadline, .. } = *context;
    let mut granted = match capacity.admit(&request, channel, deadline) {
        Ok(granted) => granted,
        Err(error) => return (Err(error), None),
    };
    let reuse = request.reuse && capacity.can_keep(&request, &mut granted);
    let cost = estimate::cost(request.algorithm, request.last().get());
    let brief = estimate::wall(cost, estimate::promised(capacity.memory_mb)) < Duration::from_millis(10);
    let (response, stopping) = deadline::within(deadline, brief, move || {
        // Given back when the work has ended, which may be after the deadline.
        let _granted = granted;
        Response::compute(request, capacity.threads, reuse)
    });
    if let Ok(response) = &response {
        record.compute = Some(response.compute);
        record.reused = response.reused;
        if response.reused.is_none() {
            estimate::learn(cost, response.compute);
        }
    }
    (response, stopping)
}

/// The request with what the function's owner has set, noted in the record.
fn configured(record: &mut Record, mut request: Request, settings: Settings) -> Request {
    request.reuse |= settings.reuse;
    request.metrics |= settings.metrics;
    record.request = Some(request);
    request
}
