//! HTTP APIs of `--functions`: payload format 1.0, and CORS.

use super::application::file;
use super::server::Server;
use serde_json::{Value, json};
use std::process::Command;

const FORMATS: &str = r#"
    [[route]]
    key = "ANY /mode/{mode}"
    target = "api"
    payload = "1.0"
    authorizer = "first"
    [[route]]
    key = "$default"
    target = "api"
    payload = "1.0"
    [[route]]
    key = "GET /two/mode/{mode}"
    target = "api"
    [[authorizer]]
    name = "first"
    target = "authorizer"
    identity = ["$request.header.Authorization", "$context.routeKey"]
    payload = "1.0"
"#;

/// The event that the fixture got, from the body of its reply.
fn replied(server: &Server, head: &str) -> (u16, String, Value) {
    let (status, head, body) = server.call(head, b"");
    (status, head, serde_json::from_slice(&body).unwrap())
}

#[test]
fn an_event_and_a_reply_of_format_1() {
    let (_folder, path) = file(FORMATS);
    let server = Server::application(&path);
    let head =
        "GET /mode/reply?a=1&a=2&b=%20\r\nAuthorization: policy\r\nX-C: 1\r\nX-C: 2\r\nCookie: e=f\r\n";
    let (status, head, event) = replied(&server, head);
    assert_eq!(status, 201, "{head}");
    for line in ["x-a: 1", "x-b: 2", "x-b: 3"] {
        assert_eq!(head.lines().filter(|other| *other == line).count(), 1, "{line} once in {head}");
    }
    assert!(!head.contains("set-cookie"), "format 1.0 has no cookies: {head}");
    let text = |place: &str| event.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned();
    let texts =
        ["/version", "/resource", "/path", "/httpMethod", "/headers/x-c", "/headers/cookie"].map(text);
    assert_eq!(texts, ["1.0", "/mode/{mode}", "/mode/reply", "GET", "2", "e=f"]);
    assert_eq!(event["multiValueHeaders"]["x-c"], json!(["1", "2"]));
    assert_eq!(event["queryStringParameters"], json!({"a": "1", "b": " "}));
    assert_eq!(event["multiValueQueryStringParameters"], json!({"a": ["1", "2"], "b": [" "]}));
    assert_eq!(event["pathParameters"], json!({"mode": "reply"}));
    let context = &event["requestContext"];
    assert_eq!(context["authorizer"], json!({"by": "policy"}), "without the layer `lambda` of format 2.0");
    assert_eq!((&context["resourcePath"], &context["stage"]), (&json!("/mode/{mode}"), &json!("$default")));
    assert_eq!(context["identity"]["sourceIp"], "127.0.0.1");
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&Value::Null, &json!(false)));
}

#[test]
fn an_authorizer_of_format_1_gets_the_fields_of_awss_example() {
    let (_folder, path) = file(FORMATS);
    let server = Server::application(&path);
    let (status, _, event) = replied(&server, "GET /mode/reply\r\nAuthorization: tell\r\n");
    let asked = &event["requestContext"]["authorizer"];
    assert_eq!((status, &asked["version"], &asked["type"]), (201, &json!("1.0"), &json!("REQUEST")));
    let arn = "arn:aws:execute-api:us-east-1:123456789012:local/$default/GET/mode/reply";
    assert_eq!(asked["methodArn"], arn);
    let sources = json!("tell,ANY /mode/{mode}");
    assert_eq!((&asked["identitySource"], &asked["authorizationToken"]), (&sources, &sources));
    assert_eq!(
        (&asked["resource"], &asked["pathParameters"]),
        (&json!("/mode/{mode}"), &json!({"mode": "reply"}))
    );
    for absent in ["routeArn", "rawPath", "body", "multiValueHeaders"] {
        assert!(asked.get(absent).is_none(), "{absent}");
    }
    let refused = |token: &str| server.call(&format!("GET /mode/reply\r\nAuthorization: {token}\r\n"), b"").0;
    assert_eq!((refused("deny"), refused("fail")), (500, 500), "a simple answer is none in format 1.0");
    let post = server.call("POST /mode/reply\r\nAuthorization: policy\r\n", b"");
    assert_eq!(post.0, 403);
}

#[test]
fn an_answer_without_a_status_is_an_error_in_format_1_alone() {
    let (_folder, path) = file(FORMATS);
    let server = Server::application(&path);
    // The fixture echoes its event.
    let (status, head, error) = replied(&server, "GET /other");
    assert!(head.contains("\r\ncontent-type: application/json"), "{head}");
    assert_eq!((status, error), (500, json!({"message": "Internal Server Error"})));
    let (status, head, event) = replied(&server, "GET /two/mode/echo");
    assert_eq!((status, &event["version"]), (200, &json!("2.0")), "{head}");
}

const CORS: &str = r#"
    [cors]
    allow_origins = ["https://a.example", "http://*"]
    allow_methods = ["GET", "PUT"]
    allow_headers = ["authorization"]
    expose_headers = ["x-a"]
    max_age = 300
    [[route]]
    key = "PUT /guarded"
    target = "api"
    authorizer = "tokens"
    [[route]]
    key = "ANY /any"
    target = "api"
    authorizer = "tokens"
    [[route]]
    key = "GET /mode/{mode}"
    target = "api"
    [[authorizer]]
    name = "tokens"
    target = "authorizer"
    identity = ["$request.header.Authorization"]
    simple_responses = true
"#;

/// Status and CORS headers of a request.
fn asked(server: &Server, line: &str, headers: &str) -> (u16, Vec<String>) {
    let (status, head, _) = server.call(&format!("{line}\r\n{headers}"), b"");
    let lines = head.lines().filter_map(|line| line.strip_prefix("access-control-"));
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.sort();
    (status, lines)
}

#[test]
fn a_preflight_is_answered_without_function_and_authorizer() {
    let (_folder, path) = file(CORS);
    let server = Server::application(&path);
    let preflight = "Origin: https://a.example\r\nAccess-Control-Request-Method: PUT\r\n";
    let full = [
        "allow-headers: authorization",
        "allow-methods: get,put",
        "allow-origin: https://a.example",
        "max-age: 300",
    ];
    for path in ["/guarded", "/mode/echo", "/nowhere"] {
        assert_eq!(
            asked(&server, &format!("OPTIONS {path}"), preflight),
            (204, full.map(str::to_owned).to_vec()),
            "{path}"
        );
    }
    assert!(!server.log().contains("fixture: "), "no function has started: {}", server.log());
    assert_eq!(
        asked(&server, "OPTIONS /guarded", "Origin: https://a.example\r\n").0,
        404,
        "no preflight, no route"
    );
    let stranger = "Origin: https://b.example\r\nAccess-Control-Request-Method: PUT\r\n";
    assert_eq!(asked(&server, "OPTIONS /guarded", stranger), (204, Vec::new()));
    // As API Gateway documents for $default, a route that takes OPTIONS guards preflights too.
    assert_eq!(asked(&server, "OPTIONS /any", preflight).0, 401);
    let allowed = format!("{preflight}Authorization: allow\r\n");
    assert_eq!(asked(&server, "OPTIONS /any", &allowed).0, 204);
}

#[test]
fn replies_of_functions_get_the_apis_headers_and_lose_their_own() {
    let (_folder, path) = file(CORS);
    let server = Server::application(&path);
    let from = |origin: &str| asked(&server, "GET /mode/reply", origin);
    let plain_http = vec!["allow-origin: http://c.example".to_owned(), "expose-headers: x-a".to_owned()];
    assert_eq!(from("Origin: http://c.example\r\n"), (201, plain_http));
    assert_eq!(from("Origin: https://b.example\r\n"), (201, Vec::new()));
    assert_eq!(from(""), (201, Vec::new()), "the function's own header is dropped");
    let refused = asked(&server, "PUT /guarded", "Origin: https://a.example\r\n");
    assert_eq!(refused, (401, Vec::new()), "API Gateway dresses replies of integrations");
}

#[test]
fn mistakes_in_payload_and_cors_name_the_remedy() {
    let route = "[[route]]\nkey = \"GET /\"\ntarget = \"api\"\n";
    let authorizer = "[[authorizer]]\nname = \"a\"\ntarget = \"api\"\n";
    let cors = |rest: &str| format!("[cors]\n{rest}\n{route}");
    for (sections, words) in [
        (format!("{route}payload = \"3.0\""), "unknown variant `3.0`, expected `1.0` or `2.0`"),
        (
            format!("{route}{authorizer}payload = \"1.0\"\nsimple_responses = true"),
            "the authorizer a has simple responses, which payload format 1.0 does not know",
        ),
        (cors(""), "[cors] allows no origin"),
        (
            cors("allow_origin = [\"*\"]"),
            "[cors] has the unknown key allow_origin\n  hint: did you mean allow_origins?",
        ),
        (cors("allow_origins = [\"*\"]\nallow_credentials = true"), "credentials to the origin *"),
        (
            cors("allow_origins = [\"*\"]\nmax_age = 86401"),
            "max_age of [cors] is 86401 s; allowed is -1 to 86400 s",
        ),
        ("[cors]\nallow_origins = [\"*\"]".to_owned(), "[cors] belongs to the routes"),
    ] {
        let (_folder, path) = file(&sections);
        let mut command = Command::new(env!("CARGO_BIN_EXE_lambda-meter"));
        let run = command.args(["serve", "--port", "0", "--functions"]).arg(path).output().unwrap();
        let text = String::from_utf8(run.stderr).unwrap();
        assert!(text.contains(words) && !run.status.success(), "{sections}\n{text}");
    }
}
