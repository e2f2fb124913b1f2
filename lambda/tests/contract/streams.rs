//! Streamed responses and their failures.

use super::function::{Function, SHA256_OF_10_000, SLOW_DIGITS, trigger};
use lambda_meter::subject::Cause;
use serde_json::Value;
use sha2::{Digest, Sha256};

fn sha256(pieces: &[Vec<u8>]) -> String {
    let mut digest = Sha256::new();
    pieces.iter().for_each(|piece| digest.update(piece));
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The status and headers before the eight zero bytes, and the body behind them.
fn http(pieces: &[Vec<u8>]) -> (Value, Vec<u8>) {
    let whole = pieces.concat();
    let end = whole.windows(8).position(|window| window == [0; 8]).expect("a prelude");
    (serde_json::from_slice(&whole[..end]).unwrap(), whole[end + 8..].to_vec())
}

#[test]
fn digits_come_in_pieces_and_are_those_of_the_whole() {
    let mut function = Function::start(&[]);
    for algorithm in ["chudnovsky", "gosper", "gibbons"] {
        let event = format!(r#"{{"digits": "10_000", "output": "stream", "algorithm": "{algorithm}"}}"#);
        let (pieces, invocation) = function.stream(&event);
        assert_eq!((invocation.function_error, invocation.payload.len()), (None, 0));
        assert!(pieces.len() > 3, "{} pieces", pieces.len());
        assert_eq!(sha256(&pieces), SHA256_OF_10_000, "{algorithm}");
    }
    let (pieces, _) = function.stream(r#"{"digits": 7, "from": 2, "output": "stream"}"#);
    assert_eq!(pieces.concat(), b"1415926");
    let log = function.log.text();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("streamed=true")).collect();
    assert!(lines.len() == 4 && lines.iter().all(|line| line.contains(" compute_ms=")), "{log}");
}

#[test]
fn a_stream_takes_part_in_reuse_and_metrics() {
    let mut function = Function::start(&[("PI_METRICS", "1"), ("PI_REUSE", "1"), ("PI_STREAM", "1")]);
    function.respond(r#"{"digits": 2000}"#);
    let (pieces, _) = function.stream(r#"{"digits": "10_000", "output": "stream"}"#);
    assert_eq!(sha256(&pieces), SHA256_OF_10_000);
    let log = function.log.text();
    assert!(
        log.contains(" reused=true") && log.lines().filter(|line| line.contains("_aws")).count() == 2,
        "{log}"
    );
    let text = trigger("function-url").replace("application/json", "text/plain");
    let (head, body) = http(&function.stream(&text.replace("gosper", "chudnovsky")).0);
    assert_eq!((&head["headers"]["pi-reused"], body.len()), (&"true".into(), 1001));
}

#[test]
fn who_does_not_ask_for_a_stream_gets_the_same_digits_whole() {
    let mut function = Function::start(&[]);
    let invocation = function.invoke(br#"{"digits": "10_000", "output": "stream"}"#);
    assert_eq!(sha256(&[invocation.payload.to_vec()]), SHA256_OF_10_000);
}

#[test]
fn what_is_refused_before_the_first_byte_is_an_error_and_no_stream() {
    let mut function = Function::start(&[]);
    let (pieces, invocation) = function.stream(r#"{"digits": "400_000_000", "output": "stream"}"#);
    assert_eq!(
        (pieces.len(), invocation.function_error.unwrap().error_type.as_str()),
        (0, "ResponseTooLarge")
    );
    let (pieces, invocation) = function.stream(r#"{"digits": "100_000_000", "output": "stream"}"#);
    assert_eq!(
        (pieces.len(), invocation.function_error.unwrap().error_type.as_str()),
        (0, "InsufficientMemory")
    );
}

#[test]
fn a_deadline_after_the_first_byte_is_told_by_trailers_and_the_sandbox_lives_on() {
    let mut function = Function::slow();
    let event = format!(r#"{{"digits": {SLOW_DIGITS}, "output": "stream"}}"#);
    let (pieces, invocation) = function.stalled(|function| function.stream(&event));
    let error = invocation.function_error.expect("it takes longer");
    assert_eq!((error.cause, error.error_type.as_str()), (Cause::Reported, "DeadlineExceeded"));
    assert!(
        error.error_message.contains("stopped after 1.") && error.error_message.contains("--timeout"),
        "{error:?}"
    );
    assert!(pieces.concat().starts_with(b"3.14159"));
    let process = function.target.process_id();
    assert_eq!(function.respond(r#"{"digits": 10}"#)["pi"], "3.141592653");
    assert_eq!(function.target.process_id(), process, "nothing was killed");
}

#[test]
fn a_streaming_function_url_gets_status_and_headers_before_the_body() {
    let mut function = Function::start(&[("PI_STREAM", "1")]);
    let text = trigger("function-url")
        .replace("application/json", "text/plain")
        .replace("digits=1000", "digits=10000");
    let (pieces, invocation) = function.stream(&text);
    assert_eq!(invocation.function_error, None);
    let (head, body) = http(&pieces);
    assert_eq!(
        (&head["statusCode"], &head["headers"]["content-type"]),
        (&200.into(), &"text/plain; charset=utf-8".into())
    );
    assert!(pieces.len() > 3 && sha256(&[body]) == SHA256_OF_10_000);
    let (head, body) = http(&function.stream(&trigger("function-url")).0);
    let response: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&head["statusCode"], &response["digits"]), (&200.into(), &1000.into()));
    let (head, body) = http(&function.stream(&text.replace("/pi", "/tau")).0);
    let response: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&head["statusCode"], &response["errorType"]), (&404.into(), &"NotFound".into()));
}

#[test]
fn six_megabytes_are_no_limit_to_a_stream() {
    let mut function = Function::configured(|configuration| configuration.memory_size = 512);
    let (pieces, invocation) = function.stream(r#"{"digits": "7_000_000", "output": "stream"}"#);
    assert_eq!(invocation.function_error, None);
    assert_eq!(pieces.iter().map(Vec::len).sum::<usize>(), 7_000_001);
    assert_eq!(&pieces.concat()[..7], b"3.14159");
}
