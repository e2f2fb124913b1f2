//! Payloads that are events, nearly events, and not events at all.

use crate::choices::Choices;

const NAMES: &[&str] = &[
    "digits",
    "algorithm",
    "output",
    "from",
    "reuse",
    "metrics",
    "digit",
    "Digits",
    "DIGITS",
    "algoritm",
    "",
    "x",
    "\\u0064igits",
    "d\u{3c0}",
];
const COUNTS: &[&str] = &[
    "1",
    "10",
    "1000",
    "0",
    "-1",
    "-0",
    "-0.0",
    "1.5",
    "1e3",
    "1E+3",
    "1e-3",
    "10000e-4",
    "1.000e3",
    "0.1e1",
    "1e12",
    "1000000000001",
    "1e13",
    "1e400",
    "1e-400",
    "1e99999999999999999999",
    "0e99999999999999999999",
    "-1e99",
    "18446744073709551616",
    "18446744073709551615",
    "9007199254740993",
    "1e",
    "1.",
    ".5",
    "01",
    "+1",
    "NaN",
    "0x10",
    "\"10\"",
    "\"1_0\"",
    "\"1__0\"",
    "\"_1\"",
    "\"1_\"",
    "\"\"",
    "\"0\"",
    "\" 1\"",
    "\"1e3\"",
    "\"\\u0031\"",
    "\"99999999999999999999999999\"",
    "\"\u{661}\"",
];
const VALUES: &[&str] = &[
    "\"chudnovsky\"",
    "\"gosper\"",
    "\"gibbons\"",
    "\"digits\"",
    "\"digest\"",
    "\"Digest\"",
    "\"\"",
    "null",
    "true",
    "false",
    "[]",
    "{}",
    "[[[]]]",
    "{\"digits\":1}",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\"unterminated",
    "tru",
    "\u{3c0}",
];
const SPACE: &[&str] = &["", "", "", " ", "\n", "\t\r\n ", "\u{a0}", "\u{feff}", "\0", "/**/"];

/// The bytes of one invocation.
pub fn draw(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut payload = match choices.below(20) {
        0 => (0..choices.below(40)).map(|_| choices.bits() as u8).collect(),
        1 => nested(choices).into_bytes(),
        2 => (*choices.pick(VALUES)).as_bytes().to_vec(),
        3 => (*choices.pick(COUNTS)).as_bytes().to_vec(),
        4 => long(choices).into_bytes(),
        _ => object(choices).into_bytes(),
    };
    if choices.once_in(3) {
        for _ in 0..=choices.below(3) {
            damage(choices, &mut payload);
        }
    }
    payload
}

fn object(choices: &mut Choices<'_>) -> String {
    let mut text = format!("{}{{", choices.pick(SPACE));
    for at in 0..choices.below(5) {
        let name = if at == 0 && !choices.once_in(4) { "digits" } else { choices.pick(NAMES) };
        let counts = name == "digits" || choices.once_in(3);
        let value = choices.pick(if counts { COUNTS } else { VALUES });
        let comma = if at > 0 && !choices.once_in(30) { "," } else { "" };
        let (before, after) = (choices.pick(SPACE), choices.pick(SPACE));
        text += &format!("{comma}{before}\"{name}\"{after}:{value}");
    }
    let end: &&str = choices.pick(&["}", "}", "}", "}", "}", "", "}}", ",}", "} x"]);
    text + end
}

/// Brackets within brackets, where a recursive parser runs out of stack.
fn nested(choices: &mut Choices<'_>) -> String {
    let depth = [1, 100, 127, 128, 129, 10_000, 200_000][choices.below(7)];
    let (open, close) = *choices.pick(&[("[", "]"), ("{\"digits\":", "}"), ("{\"x\":[", "]}")]);
    let inner = choices.pick(COUNTS);
    let close = if choices.once_in(3) { "" } else { close };
    let text = format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
    if choices.once_in(2) { text } else { format!("{{\"digits\": {text}}}") }
}

/// Numbers, names and texts of unusual length.
fn long(choices: &mut Choices<'_>) -> String {
    let length = 1 + choices.below(5000);
    let zeros = "0".repeat(length);
    match choices.below(6) {
        0 => format!("{{\"digits\": 1{zeros}}}"),
        1 => format!("{{\"digits\": 1{zeros}e-{length}}}"),
        2 => format!("{{\"digits\": 0.{zeros}5e{}}}", length + 2),
        3 => format!("{{\"digits\": \"{zeros}7\"}}"),
        4 => format!("{{\"{}\": 1}}", "\u{3c0}".repeat(length)),
        _ => format!("{{\"digits\": 5, \"algorithm\": \"{}\"}}", "\u{1f967}".repeat(length)),
    }
}

/// An event of a trigger around a few requests, some of it damaged.
pub fn trigger(choices: &mut Choices<'_>) -> Vec<u8> {
    let event = match choices.below(8) {
        0..4 => http(choices),
        4 => batch(choices),
        5 => format!(r#"{{"detail-type":"x","detail":{}}}"#, object(choices)),
        6 => format!(r#"{{"detail-type":"x","detail":"{}"}}"#, choices.pick(BODIES)),
        _ => format!(r#"{{"op":"{}"}}"#, choices.pick(&["version", "Version", ""])),
    };
    let mut payload = event.into_bytes();
    if choices.once_in(2) {
        for _ in 0..=choices.below(4) {
            damage(choices, &mut payload);
        }
    }
    payload
}

/// Bodies inside a JSON string.
const BODIES: &[&str] = &[
    r#"{\"digits\":9}"#,
    "eyJkaWdpdHMiOjl9",
    "",
    "{",
    r#"{\"op\":\"version\"}"#,
    r#"{\"Type\":\"Notification\",\"TopicArn\":\"t\",\"Message\":\"{}\"}"#,
    r#"{\"detail-type\":\"x\",\"detail\":{\"digits\":3}}"#,
    r#"{\"Service\":\"S3\",\"Event\":\"s3:TestEvent\",\"Bucket\":\"b\"}"#,
];

/// A request of a Function URL, an API or a load balancer.
fn http(choices: &mut Choices<'_>) -> String {
    const METHODS: &[&str] = &["GET", "HEAD", "POST", "OPTIONS", "DELETE", "get", ""];
    const PATHS: &[&str] =
        &["/pi", "/pi/10", "/pi/1_0", "//pi/0", "/", "", "/prod/pi/7", "/a/pi/%31%30", "/pi//", "pi", "/x"];
    const TEMPLATES: &[&str] = &["/", "/pi/{n}", "/{n}", "/x/{proxy+}", "{", "", "/spigot"];
    const QUERIES: &[&str] =
        &["", "digits=10", "digits=10&from=3", "digits=%310&output=digest", "digits", "=", "&&", "a=%f"];
    const HEADERS: &[&str] =
        &["*/*", "text/plain", "gzip", "gzip;q=0", "text/*;q=0.2", "W/\\\"pi-1-10\\\"", "", ";;,"];
    let (method, path, query) = (choices.pick(METHODS), choices.pick(PATHS), choices.pick(QUERIES));
    let (template, body) = (choices.pick(TEMPLATES), choices.pick(BODIES));
    let (accept, coding) = (choices.pick(HEADERS), choices.pick(HEADERS));
    let encoded = choices.pick(&["true", "false", "null"]);
    let headers =
        format!(r#"{{"accept":"{accept}","Accept-Encoding":"{coding}","if-none-match":"{accept}"}}"#);
    let parameters = format!(r#"{{"n":"7","proxy":"{path}"}}"#);
    let rest = format!(
        r#""headers":{headers},"body":"{body}","isBase64Encoded":{encoded},"pathParameters":{parameters}"#
    );
    match choices.below(3) {
        0 => {
            let host = choices.pick(&["x.lambda-url.us-east-1.on.aws", "x.example.com"]);
            let http = format!(r#"{{"http":{{"method":"{method}"}},"stage":"prod","domainName":"{host}"}}"#);
            let target = format!(r#""rawPath":"{path}","rawQueryString":"{query}""#);
            format!(r#"{{{target},"routeKey":"GET {template}","requestContext":{http},{rest}}}"#)
        }
        1 => {
            let target = format!(r#""httpMethod":"{method}","resource":"{template}","path":"{path}""#);
            format!(r#"{{{target},"queryStringParameters":{{"digits":"{query}"}},{rest}}}"#)
        }
        _ => {
            let target = format!(r#""httpMethod":"{method}","path":"{path}","body":"{body}""#);
            let query = format!(r#""multiValueQueryStringParameters":{{"digits":["10","{query}"]}}"#);
            let headers = format!(r#""multiValueHeaders":{{"accept":["{accept}"]}}"#);
            format!(r#"{{"requestContext":{{"elb":{{}}}},{target},{query},{headers}}}"#)
        }
    }
}

/// A batch of two messages of one group, and what is no message.
fn batch(choices: &mut Choices<'_>) -> String {
    let queue = choices.pick(&["q", "q.fifo"]);
    let source = format!(r#""eventSource":"aws:sqs","eventSourceARN":"{queue}""#);
    let mut message = |id: u32| {
        let body = choices.pick(BODIES);
        format!(r#"{{{source},"messageId":"{id}","body":"{body}","attributes":{{"MessageGroupId":"g"}}}}"#)
    };
    let (first, second) = (message(1), message(2));
    format!(r#"{{"Records":[{first},{second},{{}},1]}}"#)
}

/// Changes, doubles or drops bytes.
fn damage(choices: &mut Choices<'_>, payload: &mut Vec<u8>) {
    if payload.is_empty() {
        payload.push(choices.bits() as u8);
        return;
    }
    let at = choices.below(payload.len());
    match choices.below(4) {
        0 => payload[at] = choices.bits() as u8,
        1 => payload[at] = *choices.pick(b"{}[]\",:\\_-+.e019 \xff\xc3\0"),
        2 => payload.insert(at, *choices.pick(b"{}[]\",:\\_-+.e019 \xff\xc3\0")),
        _ => payload.truncate(at),
    }
}
