//! Streamed responses: their pieces, their pace and their end.

mod common;

use common::{event, limited, payload, target};
use lambda_meter::subject::{Cause, Invocation, LocalBinary, Target};
use std::time::Duration;

/// Invokes the fixture as `InvokeWithResponseStream` does; returns the pieces and the record.
fn stream(target: &mut LocalBinary, mode: &str) -> (Vec<String>, Invocation) {
    let mut pieces = Vec::new();
    let piece = |bytes: &[u8]| pieces.push(String::from_utf8(bytes.to_vec()).unwrap());
    let invocation = target.invoke_streaming(event(mode).as_bytes(), piece).unwrap();
    (pieces, invocation)
}

#[test]
fn pieces_come_as_they_are_written() {
    let (mut target, _) = target(|_| {});
    let (pieces, invocation) = stream(&mut target, "stream");
    assert_eq!(pieces, ["0000000\n", "0000001\n", "0000002\n"]);
    assert_eq!((payload(&invocation), invocation.function_error.clone()), ("", None));
    let first_byte = target.first_byte().unwrap();
    assert!(first_byte > Duration::ZERO && first_byte < invocation.duration);
    assert_eq!(stream(&mut target, "stream").1.init_duration, None, "the sandbox lives on");
}

#[test]
fn who_does_not_ask_for_a_stream_gets_the_whole() {
    let (mut target, _) = target(|_| {});
    let invocation = common::invoke(&mut target, "stream");
    assert_eq!(payload(&invocation), "0000000\n0000001\n0000002\n");
    assert_eq!(target.first_byte(), None);
    let failed = common::invoke(&mut target, "stream-error");
    assert_eq!(failed.function_error.clone().unwrap().error_type, "Fixture.Late");
    assert_eq!(payload(&failed), r#"{"errorType":"Fixture.Late","errorMessage":"oh"}"#);
}

#[test]
fn a_response_that_is_not_streamed_is_the_payload() {
    let (mut target, _) = target(|_| {});
    let (pieces, invocation) = stream(&mut target, "echo");
    assert_eq!((pieces.len(), payload(&invocation)), (0, r#"{"mode":"echo"}"#));
    let (_, failed) = stream(&mut target, "error");
    assert_eq!(failed.function_error.unwrap().error_type, "Fixture.Error");
}

#[test]
fn a_failure_after_the_first_byte_is_told_by_trailers() {
    let (mut target, _) = target(|_| {});
    let (pieces, invocation) = stream(&mut target, "stream-error");
    assert_eq!(pieces.len(), 2, "what came before stays");
    let error = invocation.function_error.clone().unwrap();
    assert_eq!((error.cause, error.error_type.as_str()), (Cause::Reported, "Fixture.Late"));
    assert_eq!(error.error_message, "oh");
    assert_eq!(payload(&invocation), r#"{"errorType":"Fixture.Late","errorMessage":"oh"}"#);
    assert_eq!(stream(&mut target, "stream").1.init_duration, None, "the sandbox lives on");
}

#[test]
fn a_stream_that_breaks_off_is_never_taken_for_complete() {
    let (mut target, _) = target(|_| {});
    let (pieces, invocation) = stream(&mut target, "stream-break");
    let error = invocation.function_error.unwrap();
    assert_eq!((pieces.len(), error.cause), (2, Cause::Truncated));
    assert_eq!(error.error_type, "Runtime.TruncatedResponse");
    let (pieces, invocation) = stream(&mut target, "stream-exit");
    let error = invocation.function_error.unwrap();
    assert_eq!((pieces.len(), error.cause), (2, Cause::Exited), "the reason behind it");
    assert!(error.error_message.ends_with("Runtime exited with error: exit status 9"));
    assert!(stream(&mut target, "stream").1.init_duration.is_some());
}

#[test]
fn beyond_6_mb_a_stream_is_held_back() {
    let (mut target, _) = target(|_| {});
    let (pieces, invocation) = stream(&mut target, "stream-7-mb");
    assert_eq!(pieces.iter().map(String::len).sum::<usize>(), 7 * 1024 * 1024);
    assert!(invocation.duration >= Duration::from_millis(500), "the seventh takes half a second");
    let too_large = common::invoke(&mut target, "stream-7-mb").function_error.unwrap();
    assert_eq!(too_large.cause, Cause::ResponseTooLarge, "and is too much for who does not stream");
}

#[test]
fn a_limited_sandbox_streams_as_well() {
    let Some((mut target, _)) = limited(|configuration| configuration.memory_size = 1769) else { return };
    assert_eq!(stream(&mut target, "stream").0.len(), 3);
    assert!(target.invoke(b"1").unwrap().init_duration.is_none());
}
