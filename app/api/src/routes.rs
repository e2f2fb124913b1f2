//! The routes, and their refusals.

use crate::events::Told;
use crate::{Reply, Request, report};
use jiff::{SignedDuration, Timestamp};
use pi_observatory_store::{Event, EventPage, Kinds, Measurement, Page, Put, Query, StoreError, Table};
use serde::Serialize;
use serde_json::json;

/// Most bytes of a measurement's JSON.
const MOST_BYTES: usize = 16 * 1024;
/// Most measurements of a page.
const MOST_PAGE: u16 = 1_000;
/// Most measurements of a report, over all functions: their intervals take a second of a vCPU.
const MOST_REPORT: usize = 2_000;
/// Most events of a report.
const MOST_EVENTS: usize = 50;
/// Days of a report.
const DAYS: i64 = 30;

/// The table, as far as the routes need it.
pub trait Shelf {
    /// Writes a measurement unless its key exists.
    fn put(&self, measurement: &Measurement) -> impl Future<Output = Result<Put, StoreError>>;
    /// One page of a function's measurements.
    fn query(&self, query: &Query) -> impl Future<Output = Result<Page, StoreError>>;
    /// The latest measurements of a function.
    fn latest(
        &self,
        query: &Query,
        most: usize,
    ) -> impl Future<Output = Result<Vec<Measurement>, StoreError>>;
    /// One page of a function's events.
    fn events(&self, query: &Query, kinds: Kinds<'_>) -> impl Future<Output = Result<EventPage, StoreError>>;
    /// The latest events of a function that are not the platform's.
    fn latest_events(
        &self,
        query: &Query,
        most: usize,
    ) -> impl Future<Output = Result<Vec<Event>, StoreError>>;
    /// Names of all functions.
    fn functions(&self) -> impl Future<Output = Result<Vec<String>, StoreError>>;
}

impl Shelf for Table {
    async fn put(&self, measurement: &Measurement) -> Result<Put, StoreError> {
        self.put(measurement).await
    }

    async fn query(&self, query: &Query) -> Result<Page, StoreError> {
        self.query(query).await
    }

    async fn latest(&self, query: &Query, most: usize) -> Result<Vec<Measurement>, StoreError> {
        self.latest(query, most).await
    }

    async fn events(&self, query: &Query, kinds: Kinds<'_>) -> Result<EventPage, StoreError> {
        self.events(query, kinds).await
    }

    async fn latest_events(&self, query: &Query, most: usize) -> Result<Vec<Event>, StoreError> {
        self.latest_events(query, most).await
    }

    async fn functions(&self) -> Result<Vec<String>, StoreError> {
        self.functions().await
    }
}

/// A refusal, which is a reply too.
type Refused = Reply;

/// Answers a request.
pub async fn serve(request: &Request, shelf: &impl Shelf, now: Timestamp) -> Reply {
    let answered = match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/measurements") => store(request, shelf).await,
        ("GET" | "HEAD", "/measurements") => page(request, shelf).await,
        ("GET" | "HEAD", "/events") => events(request, shelf).await,
        ("GET" | "HEAD", "/") => draw(request, shelf, now).await,
        (_, "/measurements") => Err(not_allowed("GET, HEAD, POST")),
        (_, "/" | "/events") => Err(not_allowed("GET, HEAD")),
        _ => {
            let message =
                "there is no such path; GET / is the report, beside it are /measurements and /events";
            Err(Reply::refusal(404, "NotFound", None, message))
        }
    };
    let mut reply = answered.unwrap_or_else(|refused| refused);
    if request.method == "HEAD" {
        reply.body.clear();
    }
    reply
}

fn not_allowed(methods: &str) -> Refused {
    let message = format!("this path takes {methods}");
    Reply::refusal(405, "MethodNotAllowed", None, &message).with("allow", methods)
}

async fn store(request: &Request, shelf: &impl Shelf) -> Result<Reply, Refused> {
    let measurement = body(request)?;
    let key = json!({ "function": measurement.function, "at": measurement.at, "id": measurement.id });
    match shelf.put(&measurement).await.map_err(|error| failure(&error))? {
        Put::Stored => {
            let place = format!("/measurements?function={}&since={}", measurement.function, measurement.at);
            Ok(Reply::json(201, &key).with("location", place))
        }
        // The same request sent twice.
        Put::Same => Ok(Reply::json(200, &key)),
        Put::Other => {
            let message = "another measurement has this function, at and id, and stays; choose another id";
            Err(Reply::refusal(409, "Exists", Some("id"), message))
        }
    }
}

/// The measurement in the body.
fn body(request: &Request) -> Result<Measurement, Refused> {
    let essence = request.content_type.as_deref().and_then(|it| it.split(';').next()).unwrap_or_default();
    if !essence.trim().eq_ignore_ascii_case("application/json") {
        let message = "the body must be JSON: send the header content-type: application/json";
        return Err(Reply::refusal(415, "UnsupportedMediaType", Some("content-type"), message));
    }
    if request.content_encoding.as_deref().is_some_and(|it| !it.eq_ignore_ascii_case("identity")) {
        let message = "the body must not be compressed: leave the header content-encoding out";
        return Err(Reply::refusal(415, "UnsupportedMediaType", Some("content-encoding"), message));
    }
    let Some(bytes) = &request.body else {
        return Err(Reply::refusal(400, "InvalidBody", Some("body"), "the body is no base64"));
    };
    if bytes.len() > MOST_BYTES {
        let message = format!("the body has {} bytes; a measurement has at most {MOST_BYTES}", bytes.len());
        return Err(Reply::refusal(413, "TooLarge", Some("body"), &message));
    }
    Measurement::from_json(bytes)
        .map_err(|invalid| Reply::refusal(400, "InvalidMeasurement", Some(&invalid.field), &invalid.problem))
}

async fn page(request: &Request, shelf: &impl Shelf) -> Result<Reply, Refused> {
    let query = Parameters::of(request, &["function", "since", "until", "limit", "next"])?.query()?;
    let page = shelf.query(&query).await.map_err(|error| failure(&error))?;
    Ok(Reply::json(200, &json!({ "measurements": page.measurements, "next": page.next })))
}

async fn events(request: &Request, shelf: &impl Shelf) -> Result<Reply, Refused> {
    #[derive(Serialize)]
    struct Body<'a> {
        events: Vec<Told<'a>>,
        next: Option<&'a str>,
    }
    let parameters = Parameters::of(request, &["function", "kind", "since", "until", "limit", "next"])?;
    let kinds = parameters.get("kind").map_or(Kinds::All, Kinds::of);
    let page = shelf.events(&parameters.query()?, kinds).await.map_err(|error| failure(&error))?;
    let body = Body { events: page.events.iter().map(Told::from).collect(), next: page.next.as_deref() };
    Ok(Reply::json(200, &body))
}

async fn draw(request: &Request, shelf: &impl Shelf, now: Timestamp) -> Result<Reply, Refused> {
    let parameters = Parameters::of(request, &["days", "function"])?;
    let days = parameters.number("days", 1, 400)?.unwrap_or(DAYS);
    let since = now.checked_sub(SignedDuration::from_hours(24 * days)).ok();
    let functions = match parameters.get("function") {
        Some(name) => name.split(',').map(str::to_owned).collect(),
        None => shelf.functions().await.map_err(|error| failure(&error))?,
    };
    let share = MOST_REPORT / functions.len().max(1);
    let (mut measurements, mut events) = (Vec::new(), Vec::new());
    for function in &functions {
        let query = Query { since, ..Query::all_of(function) };
        measurements.extend(shelf.latest(&query, share).await.map_err(|error| failure(&error))?);
        events.extend(shelf.latest_events(&query, MOST_EVENTS).await.map_err(|error| failure(&error))?);
    }
    events.sort_by_key(|event| event.at);
    events.drain(..events.len().saturating_sub(MOST_EVENTS));
    Ok(Reply::html(report::html(&measurements, &events, days, now)))
}

/// The refusal of a table that failed.
fn failure(error: &StoreError) -> Refused {
    match error {
        StoreError::PageToken => Reply::refusal(400, "InvalidParameter", Some("next"), &error.to_string()),
        StoreError::Unavailable { .. } => {
            eprintln!("{}", json!({ "level": "ERROR", "message": error.to_string() }));
            Reply::refusal(503, "Unavailable", None, "the table is busy; send the request again")
                .with("retry-after", "2")
        }
        // The names of tables and roles are for the log.
        error => {
            eprintln!("{}", json!({ "level": "ERROR", "message": error.to_string() }));
            Reply::refusal(500, "Internal", None, "the table failed; the log of the function says why")
        }
    }
}

/// The parameters of a query.
struct Parameters<'a>(&'a [(String, String)]);

impl<'a> Parameters<'a> {
    /// The parameters, each known and given once.
    fn of(request: &'a Request, known: &[&str]) -> Result<Self, Refused> {
        for (position, (name, _)) in request.query.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let message = format!("unknown parameter; expected one of {}", known.join(", "));
                return Err(Reply::refusal(400, "InvalidParameter", Some(name), &message));
            }
            if request.query[..position].iter().any(|(other, _)| other == name) {
                return Err(Reply::refusal(400, "InvalidParameter", Some(name), "given twice"));
            }
        }
        Ok(Self(&request.query))
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    fn needed(&self, name: &str) -> Result<&'a str, Refused> {
        let message = "missing; GET / lists the functions that have measurements";
        self.get(name).ok_or_else(|| Reply::refusal(400, "InvalidParameter", Some(name), message))
    }

    /// The question for a page.
    fn query(&self) -> Result<Query, Refused> {
        let limit = self.number("limit", 1, i64::from(MOST_PAGE))?;
        Ok(Query {
            function: self.needed("function")?.to_owned(),
            since: self.time("since")?,
            until: self.time("until")?,
            limit: limit.map_or(Ok(100), u16::try_from).unwrap_or(MOST_PAGE),
            next: self.get("next").map(str::to_owned),
        })
    }

    fn time(&self, name: &str) -> Result<Option<Timestamp>, Refused> {
        let parse = |text: &str| {
            let message = "must be a time such as 2026-11-29T12:00:00Z";
            text.parse().map_err(|_| Reply::refusal(400, "InvalidParameter", Some(name), message))
        };
        self.get(name).map(parse).transpose()
    }

    fn number(&self, name: &str, least: i64, most: i64) -> Result<Option<i64>, Refused> {
        let parse = |text: &str| {
            let number = text.parse().ok().filter(|number| (least..=most).contains(number));
            let message = format!("must be a number from {least} to {most}");
            number.ok_or_else(|| Reply::refusal(400, "InvalidParameter", Some(name), &message))
        };
        self.get(name).map(parse).transpose()
    }
}

#[cfg(test)]
pub(crate) mod tests;
