//! Every trigger with its sample events in the format of AWS's documentation.

use super::function::{Function, SHA256_OF_10_000, trigger};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// An event of the Function URL with another method, path, query, headers and body.
pub(crate) fn request(method: &str, path: &str, query: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut event: Value = serde_json::from_str(&trigger("function-url")).unwrap();
    event["rawPath"] = path.into();
    event["rawQueryString"] = query.into();
    event["requestContext"]["http"]["method"] = method.into();
    event["headers"] = headers.iter().map(|&(name, value)| (name.to_owned(), Value::from(value))).collect();
    event["body"] = body.into();
    event.to_string()
}

pub(crate) fn get(path: &str, query: &str) -> String {
    request("GET", path, query, &[], "")
}

impl Function {
    /// The answer to an event, as an HTTP answer or the report of a batch.
    pub(crate) fn answer(&mut self, event: &str) -> Value {
        let invocation = self.invoke(event.as_bytes());
        assert_eq!(invocation.function_error, None, "{event}");
        serde_json::from_slice(&invocation.payload).unwrap()
    }
}

pub(crate) fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

#[test]
fn a_function_url_is_answered_in_json_that_no_shared_cache_keeps() {
    let mut function = Function::start(&[]);
    let answer = function.answer(&trigger("function-url"));
    let response = body(&answer);
    assert_eq!((&answer["statusCode"], &answer["isBase64Encoded"]), (&200.into(), &false.into()));
    assert_eq!((&response["digits"], &response["algorithm"]), (&1000.into(), &"gosper".into()));
    assert_eq!(response["pi"].as_str().unwrap().len(), 1001);
    let headers = &answer["headers"];
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["access-control-allow-origin"], "*");
    assert_eq!(headers["cache-control"], "private, max-age=86400");
    assert!(headers["etag"].as_str().unwrap().starts_with("W/\"pi-1-1000"));
    assert!(headers["x-amzn-trace-id"].as_str().unwrap().starts_with("Root="));
}

#[test]
fn an_http_api_posts_base64_below_its_stage() {
    let mut function = Function::start(&[]);
    let answer = function.answer(&trigger("http-api"));
    assert_eq!((&answer["statusCode"], &body(&answer)["sha256"]), (&200.into(), &SHA256_OF_10_000.into()));
    assert_eq!(answer["headers"]["cache-control"], "no-store");
}

#[test]
fn a_rest_api_gets_text_when_it_asks_for_it() {
    let mut function = Function::start(&[]);
    let answer = function.answer(&trigger("rest-api"));
    assert_eq!(answer["headers"]["content-type"], "text/plain; charset=utf-8");
    let text = answer["body"].as_str().unwrap();
    assert!(text.len() == 1001 && text.starts_with("3.14159") && text.ends_with("0198"));
    let tag = answer["headers"]["etag"].as_str().unwrap();
    assert!(!tag.starts_with("W/"), "the bytes are always these");
}

#[test]
fn load_balancers_send_lists_or_not_and_get_the_same() {
    let mut function = Function::start(&[]);
    let answer = function.answer(&trigger("load-balancer"));
    assert_eq!(answer["statusDescription"], "200 OK");
    assert_eq!((body(&answer)["digits"].as_u64(), body(&answer).get("pi")), (Some(1000), None));
    let answer = function.answer(&trigger("load-balancer-multi-value"));
    assert_eq!(answer.get("headers"), None);
    assert_eq!(answer["multiValueHeaders"]["content-type"], json!(["text/plain; charset=utf-8"]));
    assert_eq!(answer["body"].as_str().unwrap().len(), 1001);
    let large = trigger("load-balancer-multi-value").replace("\"1000\"", "\"1100000\"");
    let answer = function.answer(&large);
    assert_eq!(
        (&answer["statusCode"], &answer["statusDescription"]),
        (&413.into(), &"413 Content Too Large".into())
    );
    assert!(body(&answer)["errorMessage"].as_str().unwrap().contains("1 MB"));
}

#[test]
fn events_carry_the_contract_in_their_detail_or_say_that_there_is_none() {
    let mut function = Function::start(&[]);
    let response = function.respond(&trigger("eventbridge-detail"));
    assert_eq!((&response["digits"], response.get("pi")), (&1000.into(), None));
    let (error_type, message) = function.refuse(trigger("eventbridge-schedule").as_bytes());
    assert_eq!(error_type, "MissingDigits", "{message}");
    let response = function.respond(&trigger("eventbridge-scheduler"));
    assert_eq!((&response["digits"], response.get("pi")), (&1000.into(), None), "a string of JSON");
    let unset = trigger("eventbridge-schedule").replace(r#""detail": {}"#, r#""detail": "{}""#);
    let (error_type, message) = function.refuse(unset.as_bytes());
    assert_eq!(error_type, "MissingDigits");
    assert!(message.contains("in `detail`"), "{message}");
}

#[test]
fn a_batch_reports_the_messages_that_failed_and_logs_the_others() {
    let mut function = Function::start(&[("AWS_LAMBDA_LOG_FORMAT", "JSON")]);
    let answer = function.answer(&trigger("sqs"));
    let failed = json!([{"itemIdentifier": "2e1424d4-f796-459a-8184-9c92662be6da"}]);
    assert_eq!(answer["batchItemFailures"], failed);
    let log = function.log.text();
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert_eq!(lines.len(), 3, "{log}");
    assert_eq!((&lines[2]["sha256"], &lines[2]["algorithm"]), (&SHA256_OF_10_000.into(), &"gosper".into()));
    assert_eq!((&lines[1]["errorType"], &lines[1]["level"]), (&"InvalidJson".into(), &"WARN".into()));
    assert_eq!(
        function.answer(r#"{"Records": [{"eventSource": "aws:sqs"}]}"#)["batchItemFailures"],
        json!([{"itemIdentifier": ""}])
    );
}

#[test]
fn paths_methods_and_bad_input_have_their_status() {
    let mut function = Function::start(&[]);
    let too_much = &request("POST", "/", "", &[], r#"{"digits": 7e6}"#);
    for (event, status, error_type) in [
        (get("/pi/ten", ""), 400, "InvalidDigits"),
        (get("/pi", ""), 400, "MissingDigits"),
        (get("/pi/10", "digits=20"), 400, "DuplicateField"),
        (get("/pi", "digit=20"), 400, "UnknownField"),
        (get("/pi", "digits=10&algorithm=leibniz"), 400, "UnknownAlgorithm"),
        (get("/pi", "digits=10&output=stream"), 400, "StreamNotEnabled"),
        (get("/tau", ""), 404, "NotFound"),
        (get("/pi/1/2", ""), 404, "NotFound"),
        (request("DELETE", "/", "", &[], ""), 405, "MethodNotAllowed"),
        (request("DELETE", "/pi", "", &[], ""), 405, "MethodNotAllowed"),
        (request("POST", "/pi/10", "", &[], "{}"), 405, "MethodNotAllowed"),
        (request("POST", "/", "", &[], "digits=10"), 400, "InvalidJson"),
        (request("POST", "/", "", &[], ""), 400, "EmptyPayload"),
        (get("/pi/7000000", ""), 413, "ResponseTooLarge"),
        (too_much.clone(), 413, "ResponseTooLarge"),
        (get("/pi/1000000000", "output=digest"), 413, "InsufficientMemory"),
    ] {
        let answer = function.answer(&event);
        assert_eq!(
            (&answer["statusCode"], &body(&answer)["errorType"]),
            (&status.into(), &error_type.into())
        );
        assert_eq!(answer["headers"]["cache-control"], "no-store");
        assert_eq!(answer["headers"].get("allow").is_some(), status == 405, "{answer}");
    }
    assert_eq!(body(&function.answer(&get("/pi/1_0/", "")))["pi"], "3.141592653");
}

#[test]
fn head_and_options_and_tags_need_no_digits() {
    let mut function = Function::start(&[]);
    let get_headers = function.answer(&get("/pi/10", ""))["headers"].clone();
    let head = function.answer(&request("HEAD", "/pi/10", "", &[], ""));
    let without_trace = |mut headers: Value| {
        headers.as_object_mut().unwrap().remove("x-amzn-trace-id");
        headers
    };
    assert_eq!((&head["statusCode"], &head["body"]), (&200.into(), &"".into()));
    assert_eq!(without_trace(head["headers"].clone()), without_trace(get_headers.clone()));
    let options = function.answer(&request("OPTIONS", "/pi", "", &[], ""));
    assert_eq!((&options["statusCode"], &options["body"]), (&204.into(), &"".into()));
    assert_eq!(options["headers"]["access-control-allow-methods"], "GET, HEAD, POST, OPTIONS");
    let tag = get_headers["etag"].as_str().unwrap();
    let known = function.answer(&request("GET", "/pi/10", "", &[("if-none-match", tag)], ""));
    assert_eq!(
        (&known["statusCode"], &known["body"], &known["headers"]["etag"]),
        (&304.into(), &"".into(), &tag.into())
    );
    let other = function.answer(&request("GET", "/pi/11", "", &[("if-none-match", tag)], ""));
    assert_eq!(other["statusCode"], 200);
}

#[test]
fn what_has_no_body_has_none_for_who_takes_gzip_either() {
    let mut function = Function::start(&[]);
    let headers = [("accept-encoding", "gzip"), ("if-none-match", "*")];
    for (method, headers, status) in [("HEAD", &headers[..1], 200), ("GET", &headers[..], 304)] {
        let answer = function.answer(&request(method, "/pi/10000", "", headers, ""));
        assert_eq!(
            (&answer["statusCode"], &answer["body"], &answer["isBase64Encoded"]),
            (&status.into(), &"".into(), &false.into())
        );
        assert!(answer["headers"]["etag"].as_str().unwrap().ends_with("-gzip\""));
    }
}

#[test]
fn gzip_is_what_the_program_of_that_name_reads() {
    let mut function = Function::start(&[]);
    let headers = [("Accept-Encoding", "br, gzip"), ("Accept", "text/plain")];
    let answer = function.answer(&request("GET", "/pi/10000", "", &headers, ""));
    assert_eq!(
        (&answer["isBase64Encoded"], &answer["headers"]["content-encoding"]),
        (&true.into(), &"gzip".into())
    );
    let encoded = answer["body"].as_str().unwrap();
    assert!(encoded.len() < 6500, "{}", encoded.len());
    let mut program = Command::new("sh")
        .args(["-c", "base64 -d | gzip -dc | sha256sum"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    program.stdin.take().unwrap().write_all(encoded.as_bytes()).unwrap();
    let output = program.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).starts_with(SHA256_OF_10_000));
    let short = function.answer(&request("GET", "/pi/10", "", &headers, ""));
    assert_eq!((&short["isBase64Encoded"], short["headers"].get("content-encoding")), (&false.into(), None));
}
