//! Applications of `--functions`: routes, authorizers and their errors. app/tests/local.py has queues and
//! schedules.

use super::common::fixture;
use super::server::Server;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A file with the fixture as the functions `api` and `authorizer`, and these sections.
pub(crate) fn file(sections: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.toml");
    let target = |name| format!("[[target]]\nname = {name:?}\nbinary = {:?}\n", fixture());
    std::fs::write(&path, format!("{}{}{sections}", target("api"), target("authorizer"))).unwrap();
    (folder, path)
}

const SECTIONS: &str = r#"
    [[route]]
    key = "GET /open/{name}/{rest+}"
    target = "api"
    [[route]]
    key = "GET /kept"
    target = "api"
    authorizer = "kept"
    [[route]]
    key = "ANY /asked"
    target = "api"
    authorizer = "asked"
    [[authorizer]]
    name = "kept"
    target = "authorizer"
    identity = ["$request.header.Authorization"]
    ttl = 60
    simple_responses = true
    [[authorizer]]
    name = "asked"
    target = "authorizer"
    identity = ["$request.header.Authorization", "$context.routeKey"]
"#;

fn call(server: &Server, line: &str, token: Option<&str>) -> (u16, Value) {
    let head = token.map_or_else(|| line.to_owned(), |token| format!("{line}\r\nAuthorization: {token}\r\n"));
    let (status, head, body) = server.call(&head, b"");
    assert!(head.contains("\r\ncontent-type: application/json"), "{head}");
    (status, serde_json::from_slice(&body).unwrap())
}

/// The number of times that the authorizer was asked; the log may arrive after the answer.
fn asked(server: &Server, expected: usize) -> usize {
    let count = || server.log().matches("fixture: asked").count();
    let end = Instant::now() + Duration::from_secs(20);
    while count() < expected && Instant::now() < end {
        sleep(Duration::from_millis(5));
    }
    count()
}

#[test]
fn a_route_has_its_key_and_the_variables_of_its_path() {
    let (_folder, path) = file(SECTIONS);
    let server = Server::application(&path);
    let (status, event) = call(&server, "GET /open/a%20b/c/d?x=1", None);
    assert_eq!((status, &event["routeKey"]), (200, &json!("GET /open/{name}/{rest+}")));
    assert_eq!(event["pathParameters"], json!({"name": "a b", "rest": "c/d"}));
    assert_eq!(event["requestContext"]["routeKey"], "GET /open/{name}/{rest+}");
    assert_eq!(event["requestContext"].get("authorizer"), None);
    let missing = (404, json!({"message": "Not Found"}));
    assert_eq!(call(&server, "GET /other", None), missing);
    assert_eq!(call(&server, "POST /kept", None), missing);
    server.wait_for("GET /kept -> api, authorizer kept");
    assert_eq!(server.call("POST /2015-03-31/functions/authorizer/invocations", b"{}").0, 200);
}

#[test]
fn an_authorizer_allows_refuses_or_fails_as_behind_api_gateway() {
    let (_folder, path) = file(SECTIONS);
    let server = Server::application(&path);
    let (unauthorized, forbidden, error) = (
        json!({"message": "Unauthorized"}),
        json!({"message": "Forbidden"}),
        json!({"message": "Internal Server Error"}),
    );
    assert_eq!(call(&server, "GET /kept", None), (401, unauthorized));
    assert_eq!(asked(&server, 0), 0, "an authorizer is not asked without its identity source");
    for _ in 0..3 {
        let (status, event) = call(&server, "GET /kept", Some("allow"));
        assert_eq!(
            (status, &event["requestContext"]["authorizer"]),
            (200, &json!({"lambda": {"by": "simple"}}))
        );
    }
    assert_eq!(asked(&server, 1), 1, "an answer is kept");
    assert_eq!(call(&server, "GET /kept", Some("deny")), (403, forbidden.clone()));
    assert_eq!(call(&server, "GET /kept", Some("deny")), (403, forbidden.clone()));
    assert_eq!(asked(&server, 2), 2, "a refusal too");
    for token in ["fail", "fail", "nonsense"] {
        assert_eq!(call(&server, "GET /kept", Some(token)), (500, error.clone()));
    }
    assert_eq!(asked(&server, 5), 5, "and no failure");
    server.wait_for("the authorizer kept failed; the caller gets 500");
    server.wait_for("gave an answer that API Gateway refuses: isAuthorized is missing");
}

#[test]
fn an_application_whose_messages_nobody_reads_goes_on() {
    let (_folder, path) = file(SECTIONS);
    let mut server = Server::unheard(&path);
    for _ in 0..2 {
        let failed = (500, json!({"message": "Internal Server Error"}));
        assert_eq!(call(&server, "GET /kept", Some("fail")), failed);
        assert_eq!(call(&server, "GET /kept", Some("allow")).0, 200);
    }
    assert_eq!(server.interrupt(), Some(0));
}

#[test]
fn a_policy_is_judged_by_the_arn_of_the_request() {
    let (_folder, path) = file(SECTIONS);
    let server = Server::application(&path);
    let (status, event) = call(&server, "GET /asked", Some("policy"));
    assert_eq!((status, &event["requestContext"]["authorizer"]["lambda"]["by"]), (200, &json!("policy")));
    assert_eq!(call(&server, "POST /asked", Some("policy")).0, 403);
    assert_eq!(call(&server, "GET /kept", Some("policy")).0, 200, "simple responses do not exclude policies");
    assert_eq!(call(&server, "GET /asked", Some("allow")).0, 500);
    server.wait_for("isAuthorized needs simple_responses = true");
}

#[test]
fn mistakes_name_the_section_and_the_remedy() {
    let route = |rest: &str| format!("[[route]]\nkey = \"GET /\"\n{rest}");
    let authorizer = |rest: &str| format!("[[authorizer]]\nname = \"a\"\ntarget = \"api\"\n{rest}");
    for (sections, words) in [
        (
            route("target = \"apo\""),
            "the route GET / names the unknown target apo\n  hint: did you mean api?",
        ),
        (route("targte = \"api\""), "[[route]] has the unknown key targte\n  hint: did you mean target?"),
        (route(""), "missing field `target`"),
        (route("target = \"api\"\nauthorizer = \"b\""), "the route GET / names the unknown authorizer b"),
        (format!("{0}{0}", route("target = \"api\"\n")), "there are two routes named GET /"),
        (
            "[[route]]\nkey = \"/pi\"\ntarget = \"api\"".to_owned(),
            "the key \"/pi\" of a [[route]] expected METHOD",
        ),
        (authorizer("ttl = 60"), "keeps answers for 60 s and has no identity"),
        (authorizer("ttl = 3601"), "ttl of the authorizer a is 3601 s; allowed is 0 to 3600 s"),
        (
            authorizer("identity = [\"Authorization\"]"),
            "an identity of the authorizer a is Authorization; allowed is",
        ),
        (format!("{0}{0}", authorizer("")), "there are two authorizers named a"),
        (
            "[[schedule]]\nexpression = \"daily\"\ntarget = \"api\"".to_owned(),
            "is neither rate(...) nor cron(...)",
        ),
        (
            "[[schedule]]\nexpression = \"rate(1 day)\"\ntarget = \"api\"\nevent = \"{\"".to_owned(),
            "the event of the schedule rate(1 day) is no JSON",
        ),
        (
            format!("[[target]]\nname = \"api\"\nbinary = {:?}", fixture()),
            "there are two functions named api",
        ),
    ] {
        let (_folder, path) = file(&sections);
        let run = Command::new(env!("CARGO_BIN_EXE_lambda-meter"))
            .args(["serve", "--port", "0", "--functions"])
            .arg(path)
            .output()
            .unwrap();
        let text = String::from_utf8(run.stderr).unwrap();
        assert!(text.contains(words) && !run.status.success(), "{sections}\n{text}");
    }
    let (_folder, path) = file(SECTIONS);
    let server = Command::new(env!("CARGO_BIN_EXE_lambda-meter"))
        .args(["serve", "--port", "0", "--http", "--functions"])
        .arg(path)
        .output()
        .unwrap();
    assert!(String::from_utf8(server.stderr).unwrap().contains("leave out --http"));
}
