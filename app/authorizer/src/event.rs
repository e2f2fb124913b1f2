//! The events of API Gateway, and the answer in the format of each.
//!
//! | event | told by | answer |
//! |---|---|---|
//! | HTTP API, payload 2.0 | `"version": "2.0"` | `isAuthorized` |
//! | HTTP API or REST API, payload 1.0 | `"type": "REQUEST"` | a policy |
//! | REST API | `"type": "TOKEN"` | a policy |
//!
//! API Gateway caches an answer by its identity sources. A simple answer is right for one method
//! only, so its cache must have `$context.routeKey` among the sources. A policy covers every route
//! of the stage, because the cache applies it to all of them.

use crate::authorize::Decision;
use crate::grant::Scope;
use serde_json::{Value, json};

/// The parts of an event that a decision needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The value of the header `Authorization`; `None` when it is missing, doubled or no text.
    pub authorization: Option<String>,
    /// The right that the method needs; `None` without a method.
    pub scope: Option<Scope>,
    format: Format,
}

/// The format of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Format {
    Simple,
    /// With the ARN of the stage, if the event has a method's ARN.
    Policy(Option<String>),
}

impl Request {
    /// Reads an event. An event of another service is a request without a token.
    #[must_use]
    pub fn read(event: &Value) -> Self {
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
        let is_simple = text("/version") == Some("2.0");
        let arn = text("/methodArn");
        let authorization = match text("/type") {
            Some("TOKEN") => text("/authorizationToken").map(str::to_owned),
            _ => header(event),
        };
        let method = if is_simple {
            text("/requestContext/http/method")
        } else {
            text("/httpMethod").or_else(|| arn.and_then(|arn| arn.split('/').nth(2)))
        };
        let format = match (is_simple, event.get("type").is_some() || arn.is_some()) {
            (false, true) => Format::Policy(arn.and_then(stage)),
            _ => Format::Simple,
        };
        Self { authorization, scope: method.and_then(scope), format }
    }
}

/// The single header `Authorization`, under any spelling.
fn header(event: &Value) -> Option<String> {
    let lists = event.get("multiValueHeaders").and_then(Value::as_object);
    let is_meant = |name: &str| name.eq_ignore_ascii_case("authorization");
    let lists = || lists.into_iter().flatten().filter(|(name, _)| is_meant(name));
    if lists().filter_map(|(_, values)| values.as_array()).any(|values| values.len() > 1) {
        return None;
    }
    let mut found = event.get("headers")?.as_object()?.iter().filter(|(name, _)| is_meant(name));
    let (_, value) = found.next()?;
    found.next().is_none().then(|| value.as_str().map(str::to_owned))?
}

/// The right that a method needs.
fn scope(method: &str) -> Option<Scope> {
    match method {
        "" => None,
        "GET" | "HEAD" => Some(Scope::Read),
        _ => Some(Scope::Write),
    }
}

/// `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE` of a method's ARN.
fn stage(arn: &str) -> Option<String> {
    let mut parts = arn.splitn(3, '/');
    let (api, stage) = (parts.next()?, parts.next()?);
    let is_arn = api.starts_with("arn:") && api.split(':').count() == 6 && !stage.is_empty();
    let is_plain = !api.contains(['*', '?']) && !stage.contains(['*', '?']);
    (is_arn && is_plain).then(|| format!("{api}/{stage}"))
}

/// The answer in the format that the event asks for.
#[must_use]
pub fn answer(request: &Request, decision: &Decision) -> Value {
    match &request.format {
        Format::Simple => simple(decision),
        Format::Policy(stage) => policy(stage.as_deref(), decision),
    }
}

fn simple(decision: &Decision) -> Value {
    match decision {
        Decision::Allowed { id, name, .. } => {
            json!({ "isAuthorized": true, "context": { "tokenId": id, "tokenName": name } })
        }
        Decision::Denied(_) => json!({ "isAuthorized": false }),
    }
}

/// A policy for all routes of the stage: those that the scopes allow, or none.
fn policy(stage: Option<&str>, decision: &Decision) -> Value {
    let statement = |effect: &str, resources: Vec<String>| {
        json!({
            "Effect": effect, "Action": "execute-api:Invoke", "Resource": resources,
        })
    };
    let (principal, context, statements) = match (decision, stage) {
        (Decision::Allowed { id, name, scopes }, Some(stage)) => {
            let methods: &[&str] = match (scopes.contains(&Scope::Read), scopes.contains(&Scope::Write)) {
                (true, true) => &["*"],
                (true, false) => &["GET", "HEAD"],
                (false, true) => &["POST", "PUT", "PATCH", "DELETE"],
                (false, false) => &[],
            };
            let resources = methods.iter().map(|method| format!("{stage}/{method}/*")).collect();
            (id.as_str(), json!({ "tokenId": id, "tokenName": name }), statement("Allow", resources))
        }
        _ => (
            "nobody",
            json!({}),
            statement("Deny", vec![stage.map_or("*".to_owned(), |it| format!("{it}/*"))]),
        ),
    };
    json!({
        "principalId": principal,
        "policyDocument": { "Version": "2012-10-17", "Statement": [statements] },
        "context": context,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:execute-api:eu-west-1:123456789012:abc/prod/POST/measurements";

    fn allowed(scopes: &[Scope]) -> Decision {
        let scopes = scopes.iter().copied().collect();
        Decision::Allowed { id: "1f08".to_owned(), name: "ci".to_owned(), scopes }
    }

    fn http(method: &str, headers: &Value) -> Value {
        json!({ "version": "2.0", "type": "REQUEST", "headers": headers,
            "requestContext": { "http": { "method": method } } })
    }

    #[test]
    fn payload_2_gets_a_simple_answer() {
        let request = Request::read(&http("GET", &json!({ "authorization": "Bearer x" })));
        assert_eq!((request.authorization.as_deref(), request.scope), (Some("Bearer x"), Some(Scope::Read)));
        let answer = answer(&request, &allowed(&[Scope::Read]));
        assert_eq!(
            answer,
            json!({ "isAuthorized": true, "context": { "tokenId": "1f08", "tokenName": "ci" } })
        );
        assert_eq!(super::answer(&request, &Decision::Denied("x")), json!({ "isAuthorized": false }));
    }

    #[test]
    fn payload_1_gets_a_policy_for_the_stage() {
        let event = json!({ "version": "1.0", "type": "REQUEST", "methodArn": ARN, "httpMethod": "POST",
            "headers": { "Authorization": "Bearer x" } });
        let request = Request::read(&event);
        assert_eq!(request.scope, Some(Scope::Write));
        let resources = |scopes: &[Scope]| {
            answer(&request, &allowed(scopes))["policyDocument"]["Statement"][0]["Resource"].clone()
        };
        let stage = "arn:aws:execute-api:eu-west-1:123456789012:abc/prod";
        assert_eq!(resources(&[Scope::Read, Scope::Write]), json!([format!("{stage}/*/*")]));
        assert_eq!(resources(&[Scope::Read]), json!([format!("{stage}/GET/*"), format!("{stage}/HEAD/*")]));
        let denied = answer(&request, &Decision::Denied("x"));
        assert_eq!(denied["policyDocument"]["Statement"][0]["Effect"], "Deny");
        assert_eq!(denied["policyDocument"]["Statement"][0]["Resource"], json!([format!("{stage}/*")]));
    }

    #[test]
    fn a_rest_api_sends_the_token_alone() {
        let event = json!({ "type": "TOKEN", "authorizationToken": "Bearer x", "methodArn": ARN });
        let request = Request::read(&event);
        assert_eq!((request.authorization.as_deref(), request.scope), (Some("Bearer x"), Some(Scope::Write)));
    }

    #[test]
    fn doubled_headers_are_no_header() {
        let twice = http("GET", &json!({ "authorization": "Bearer x", "Authorization": "Bearer y" }));
        assert_eq!(Request::read(&twice).authorization, None);
        let mut listed = http("GET", &json!({ "authorization": "Bearer x" }));
        listed["multiValueHeaders"] = json!({ "Authorization": ["Bearer x", "Bearer y"] });
        assert_eq!(Request::read(&listed).authorization, None);
    }

    #[test]
    fn strange_events_are_denied_in_some_format() {
        for event in [
            json!(null),
            json!([]),
            json!({}),
            json!({ "version": 2.0 }),
            json!({ "type": 1 }),
            json!({ "type": "TOKEN", "methodArn": "*" }),
            json!({ "headers": 1, "version": "2.0" }),
        ] {
            let request = Request::read(&event);
            let answer = answer(&request, &Decision::Denied("x"));
            let denies = answer["isAuthorized"] == false
                || answer["policyDocument"]["Statement"][0]["Effect"] == "Deny";
            assert!(denies && request.authorization.is_none(), "{event}");
        }
        let wild = json!({ "type": "TOKEN", "authorizationToken": "x", "methodArn": "arn:a:b:c:d:*/*/GET/" });
        let answer = answer(&Request::read(&wild), &allowed(&[Scope::Read]));
        assert_eq!(answer["policyDocument"]["Statement"][0]["Effect"], "Deny", "no wildcard from outside");
    }
}
