//! Answers in messages of an event stream.

use super::common::event;
use super::{STREAM, Server};

/// The messages of an event stream: type and payload.
fn messages(mut bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let (total, headers) = (number(bytes), number(&bytes[4..]));
        let text = String::from_utf8_lossy(&bytes[12..12 + headers]).into_owned();
        let kind = ["PayloadChunk", "InvokeComplete"].into_iter().find(|kind| text.contains(kind)).unwrap();
        messages.push((kind.to_owned(), bytes[12 + headers..total - 4].to_vec()));
        bytes = &bytes[total..];
    }
    messages
}

#[test]
fn a_stream_arrives_in_messages() {
    let server = Server::start(&[]);
    let stream = |mode: &str| {
        let (status, head, body) = server.call(STREAM, event(mode).as_bytes());
        assert!(status == 200 && head.contains("content-type: application/vnd.amazon.eventstream"), "{head}");
        let text = |(kind, payload)| format!("{kind} {}", String::from_utf8(payload).unwrap().trim_end());
        messages(&body).into_iter().map(text).collect::<Vec<_>>()
    };
    let pieces =
        ["PayloadChunk 0000000", "PayloadChunk 0000001", "PayloadChunk 0000002", "InvokeComplete {}"];
    assert_eq!(stream("stream"), pieces);
    assert_eq!(stream("echo"), ["PayloadChunk {\"mode\":\"echo\"}", "InvokeComplete {}"]);
    let failed = stream("stream-error");
    assert_eq!(failed.len(), 3);
    assert!(failed[2].contains(r#""ErrorCode":"Fixture.Late","ErrorDetails":"{\"errorType\""#), "{failed:?}");
    let broken = stream("stream-exit");
    assert!(broken[2].contains(r#""ErrorCode":"Runtime.ExitError""#), "{broken:?}");
}
