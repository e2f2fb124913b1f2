//! Payloads of the largest size with as many parts as fit. The smallest function must have enough memory
//! for each of them; objects of a million members once exhausted it.

use super::function::Function;

/// The largest payload of Lambda.
const LIMIT: usize = 6 << 20;

/// A payload with a part that is repeated as often as it fits.
struct Flood {
    name: &'static str,
    before: &'static str,
    again: &'static str,
    after: &'static str,
}

const fn flood(name: &'static str, before: &'static str, again: &'static str, after: &'static str) -> Flood {
    Flood { name, before, again, after }
}

const FLOODS: [Flood; 13] = [
    flood("members", "{", r#""":0,"#, r#""x":0}"#),
    flood("known members", "{", r#""digits":1,"#, r#""digits":1}"#),
    flood("headers", r#"{"httpMethod":"GET","path":"/pi/9","headers":{"#, r#""":0,"#, r#""x":0}}"#),
    flood(
        "values of a header",
        r#"{"httpMethod":"GET","path":"/pi/9","requestContext":{"elb":{}},"multiValueHeaders":{"a":["#,
        "0,",
        "0]}}",
    ),
    flood(
        "headers with many values",
        r#"{"httpMethod":"GET","path":"/pi/9","requestContext":{"elb":{}},"multiValueHeaders":{"a":[0]"#,
        r#","a":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]"#,
        "}}",
    ),
    flood(
        "names of a query",
        r#"{"rawPath":"/pi/9","requestContext":{"http":{"method":"GET"}},"rawQueryString":""#,
        "a&",
        r#""}"#,
    ),
    flood(
        "names of a parsed query",
        r#"{"httpMethod":"GET","path":"/pi/9","queryStringParameters":{"#,
        r#""":"","#,
        r#""x":""}}"#,
    ),
    flood(
        "members in a body",
        r#"{"rawPath":"/","requestContext":{"http":{"method":"POST"}},"body":"{"#,
        r#"\"\":0,"#,
        r#"\"x\":0}"}"#,
    ),
    flood("records", r#"{"Records":["#, "0,", "0]}"),
    flood("details", r#"{"detail-type":"x","detail":{"#, r#""":0,"#, r#""x":0}}"#),
    flood("brackets", "", "[", ""),
    flood("brackets in a member", r#"{"op":"#, "[", "}"),
    flood("digits", r#"{"digits":""#, "1_", r#"1"}"#),
];

impl Flood {
    fn payload(&self) -> String {
        let room = LIMIT - self.before.len() - self.after.len();
        [self.before, &self.again.repeat(room / self.again.len()), self.after].concat()
    }
}

#[test]
fn the_largest_payloads_are_refused_within_the_smallest_memory() {
    let Some(mut function) = Function::limited(|configuration| configuration.memory_size = 128) else {
        return;
    };
    for flood in &FLOODS {
        let process = function.target.process_id();
        let invocation = function.invoke(flood.payload().as_bytes());
        let answer = String::from_utf8_lossy(&invocation.payload);
        let told = &answer[..answer.len().min(200)];
        assert!(told.contains("errorType") || told.contains("\"statusCode\":400"), "{}: {told}", flood.name);
        assert!(!told.contains("Runtime."), "{}: {told}", flood.name);
        assert_eq!(function.respond(r#"{"digits": 10}"#)["pi"], "3.141592653", "after {}", flood.name);
        assert!(process.is_none() || function.target.process_id() == process, "{} killed it", flood.name);
    }
}
