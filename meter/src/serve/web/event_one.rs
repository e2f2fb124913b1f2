//! The event of payload format 1.0, that of a REST API and of an HTTP API whose integration asks for it.

use super::Face;
use super::event::{Matched, body_text, text_of};
use hyper::body::Bytes;
use hyper::header::USER_AGENT;
use hyper::http::request::Parts;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Fields of `requestContext.identity` that are null without IAM and Cognito.
const NOBODY: [&str; 10] = [
    "accessKey",
    "accountId",
    "caller",
    "cognitoAuthenticationProvider",
    "cognitoAuthenticationType",
    "cognitoIdentityId",
    "cognitoIdentityPoolId",
    "principalOrgId",
    "user",
    "userArn",
];

/// The event. Names of headers have lower case, and as in AWS's example `headers` has the last value of a
/// name, `queryStringParameters` the first.
pub(super) fn event(face: Face, parts: &Parts, body: &Bytes, request_id: &str, route: &Matched) -> Value {
    let path = parts.uri.path();
    // The part of `GET /pi/{digits}` behind the method; `$default` has none.
    let resource = route.key.split_once(' ').map_or(route.key.as_str(), |(_, resource)| resource);
    let headers = parts.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let query = query.map(|(name, value)| (name.into_owned(), value.into_owned()));
    let (headers, query) = (lists(headers), lists(query));
    let (text, is_base64) = body_text(&parts.headers, body);
    let mut identity: Map<String, Value> =
        NOBODY.map(|name| (name.to_owned(), Value::Null)).into_iter().collect();
    identity.insert("sourceIp".to_owned(), "127.0.0.1".into());
    let agent = text_of(&parts.headers, &USER_AGENT).unwrap_or_default();
    identity.insert("userAgent".to_owned(), agent.into());
    let now = Timestamp::now();
    json!({
        "version": "1.0",
        "resource": resource,
        "path": path,
        "httpMethod": parts.method.as_str(),
        "headers": one_each(&headers, <[Value]>::last),
        "multiValueHeaders": headers,
        "queryStringParameters": or_null(one_each(&query, <[Value]>::first)),
        "multiValueQueryStringParameters": or_null(query),
        "requestContext": {
            "accountId": face.account(),
            "apiId": "local",
            "authorizer": route.context.clone().unwrap_or_else(|| json!({"claims": null, "scopes": null})),
            "domainName": face.domain(),
            "domainPrefix": "local",
            "extendedRequestId": request_id,
            "httpMethod": parts.method.as_str(),
            "identity": identity,
            "path": path,
            "protocol": "HTTP/1.1",
            "requestId": request_id,
            "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "requestTimeEpoch": now.as_millisecond(),
            "resourceId": null,
            "resourcePath": resource,
            "stage": "$default",
        },
        "pathParameters": if route.parameters.is_empty() { Value::Null } else { json!(route.parameters) },
        "stageVariables": null,
        "body": if body.is_empty() { Value::Null } else { text.into() },
        "isBase64Encoded": is_base64,
    })
}

/// All values of each name.
fn lists(pairs: impl Iterator<Item = (String, String)>) -> Map<String, Value> {
    let mut lists = Map::new();
    for (name, value) in pairs {
        let list = lists.entry(name).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(value.into());
        }
    }
    lists
}

/// One value of each name.
fn one_each(lists: &Map<String, Value>, choose: fn(&[Value]) -> Option<&Value>) -> Map<String, Value> {
    let chosen =
        lists.iter().filter_map(|(name, list)| Some((name.clone(), choose(list.as_array()?)?.clone())));
    chosen.collect()
}

fn or_null(object: Map<String, Value>) -> Value {
    if object.is_empty() { Value::Null } else { Value::Object(object) }
}
