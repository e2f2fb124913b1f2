//! A Lambda authorizer: asked before the function, its answer kept for a while.

use super::decision::Decision;
use super::identity::Source;
use crate::matrix::{DraftAuthorizer, MatrixError, PayloadFormat, within};
use crate::say::say;
use crate::serve::pool::Pool;
use crate::serve::web::{Face, Matched, event};
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::http::request::Parts;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Longest time that API Gateway keeps an answer, in seconds.
const LONGEST: u64 = 3600;

/// Answers by the values of the identity sources, with the end of their lives.
type Kept = HashMap<Vec<String>, (Instant, Arc<Decision>)>;

/// An authorizer of a file.
#[derive(Debug)]
pub(super) struct Authorizer {
    pub(super) name: String,
    pool: Arc<Pool>,
    identity: Vec<Source>,
    ttl: Duration,
    simple: bool,
    payload: PayloadFormat,
    kept: Mutex<Kept>,
}

/// The end of a request that does not reach its function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// An identity source is missing or empty: the authorizer was not asked.
    Unauthorized,
    /// The authorizer does not allow the request.
    Forbidden,
    /// The authorizer failed, or gave no answer that API Gateway understands.
    Failed,
}

impl Refusal {
    /// Status and message of API Gateway.
    pub(super) fn reply(self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        }
    }
}

impl Authorizer {
    /// Checks an authorizer as written.
    ///
    /// # Errors
    ///
    /// For an unknown identity source, and whatever API Gateway refuses.
    pub(super) fn new(draft: &DraftAuthorizer, pool: Arc<Pool>) -> Result<Self, MatrixError> {
        let name = &draft.name;
        let source = |text: &String| {
            Source::parse(text).map_err(|expected| MatrixError::OutOfRange {
                what: format!("an identity of the authorizer {name}"),
                value: text.clone(),
                allowed: expected,
            })
        };
        let identity = draft.identity.iter().map(source).collect::<Result<Vec<_>, _>>()?;
        let ttl = within(&format!("ttl of the authorizer {name}"), draft.ttl, (0, LONGEST), "s")?;
        if ttl > 0 && identity.is_empty() {
            return Err(MatrixError::missing(
                format!(
                    "the authorizer {name} keeps answers for {ttl} s and has no identity to find them by"
                ),
                "identity = [\"$request.header.Authorization\"], or ttl = 0",
            ));
        }
        if draft.simple_responses && draft.payload == PayloadFormat::One {
            return Err(MatrixError::missing(
                format!("the authorizer {name} has simple responses, which payload format 1.0 does not know"),
                "payload = \"2.0\", or simple_responses = false and a policy",
            ));
        }
        Ok(Self {
            name: name.clone(),
            pool,
            identity,
            ttl: Duration::from_secs(ttl),
            simple: draft.simple_responses,
            payload: draft.payload,
            kept: Mutex::default(),
        })
    }

    /// Asks about a request; returns the context for the function.
    ///
    /// # Errors
    ///
    /// The refusal.
    pub(super) async fn ask(&self, parts: &Parts, route: &Matched) -> Result<Value, Refusal> {
        let id = uuid::Uuid::new_v4().to_string();
        let event_in =
            |payload| event(Face::Api, parts, &Bytes::new(), &id, &Matched { payload, ..route.clone() });
        let event = event_in(PayloadFormat::Two);
        let values = self.identity.iter().map(|source| source.read(parts, &event));
        let values = values.collect::<Option<Vec<String>>>().ok_or(Refusal::Unauthorized)?;
        let arn = arn(parts, &event);
        let decision = match self.known(&values) {
            Some(decision) => decision,
            None => {
                let question = match self.payload {
                    PayloadFormat::One => question_one(event_in(PayloadFormat::One), &values, &arn),
                    PayloadFormat::Two => question(event, &values, &arn),
                };
                self.decide(values, &question).await?
            }
        };
        if decision.allows(&arn) { Ok(decision.context.clone()) } else { Err(Refusal::Forbidden) }
    }

    fn known(&self, values: &[String]) -> Option<Arc<Decision>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (end, decision) = kept.get(values)?;
        (*end > Instant::now()).then(|| Arc::clone(decision))
    }

    /// Invokes the authorizer, and keeps its answer.
    async fn decide(&self, values: Vec<String>, question: &Value) -> Result<Arc<Decision>, Refusal> {
        let decision = match self.pool.call(question.to_string().into()).await {
            Ok(invocation) if invocation.function_error.is_some() => Err("failed".to_owned()),
            Ok(invocation) => Decision::read(&invocation.payload, self.simple)
                .map_err(|problem| format!("gave an answer that API Gateway refuses: {problem}")),
            Err(error) => Err(format!("was not invoked: {}", error.message)),
        };
        let decision = decision.map(Arc::new).map_err(|problem| {
            say(&format!("the authorizer {} {problem}; the caller gets 500", self.name));
            Refusal::Failed
        })?;
        if !self.ttl.is_zero() {
            let now = Instant::now();
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.retain(|_, (end, _)| *end > now);
            kept.insert(values, (now + self.ttl, Arc::clone(&decision)));
        }
        Ok(decision)
    }
}

/// The ARN of a request, by which policies judge it.
fn arn(parts: &Parts, event: &Value) -> String {
    let text = |name: &str| event["requestContext"][name].as_str().unwrap_or_default();
    format!(
        "arn:aws:execute-api:us-east-1:{}:{}/{}/{}{}",
        text("accountId"),
        text("apiId"),
        text("stage"),
        parts.method,
        parts.uri.path()
    )
}

/// The authorizer's event in format 2.0: that of the function without a body.
fn question(mut question: Value, values: &[String], arn: &str) -> Value {
    question["type"] = "REQUEST".into();
    question["routeArn"] = arn.into();
    question["identitySource"] = if values.is_empty() { Value::Null } else { json!(values) };
    if let Some(question) = question.as_object_mut() {
        question.remove("body");
        question.remove("isBase64Encoded");
    }
    question
}

/// The authorizer's event in format 1.0, with the fields of AWS's example.
fn question_one(mut question: Value, values: &[String], arn: &str) -> Value {
    question["type"] = "REQUEST".into();
    question["methodArn"] = arn.into();
    question["identitySource"] = values.join(",").into();
    question["authorizationToken"] = values.join(",").into();
    for name in ["queryStringParameters", "pathParameters", "stageVariables"] {
        if question[name].is_null() {
            question[name] = json!({});
        }
    }
    if let Some(context) = question["requestContext"].as_object_mut() {
        context.remove("authorizer");
    }
    if let Some(question) = question.as_object_mut() {
        for name in ["body", "isBase64Encoded", "multiValueHeaders", "multiValueQueryStringParameters"] {
            question.remove(name);
        }
    }
    question
}
