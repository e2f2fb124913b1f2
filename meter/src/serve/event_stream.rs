//! The framing of `application/vnd.amazon.eventstream`.
//!
//! ```text
//! total length | headers length | CRC of these 8 bytes | headers | payload | CRC of all before
//! header: length of the name (1 byte) | name | 7 (a string) | length (2 bytes) | value
//! ```
//!
//! Numbers are big-endian, and the CRC is that of gzip (smithy.io, "Amazon Event Stream
//! Specification").

use serde_json::{Map, Value};

const STRING: u8 = 7;
/// Lengths and checksums around headers and payload.
const OVERHEAD: usize = 16;

/// The message for a piece of the response.
#[must_use]
pub fn payload_chunk(payload: &[u8]) -> Vec<u8> {
    event("PayloadChunk", "application/octet-stream", payload)
}

/// The message at the end of the response, with an error if any, and the log if requested.
#[must_use]
pub fn invoke_complete(error: Option<(&str, &str)>, log_result: Option<&str>) -> Vec<u8> {
    let mut members = Map::new();
    if let Some((code, details)) = error {
        members.insert("ErrorCode".to_owned(), code.into());
        members.insert("ErrorDetails".to_owned(), details.into());
    }
    if let Some(log_result) = log_result {
        members.insert("LogResult".to_owned(), log_result.into());
    }
    event("InvokeComplete", "application/json", Value::Object(members).to_string().as_bytes())
}

fn event(event_type: &str, content_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut headers = Vec::new();
    let named = [(":event-type", event_type), (":content-type", content_type), (":message-type", "event")];
    for (name, value) in named {
        headers.push(name.len() as u8);
        headers.extend_from_slice(name.as_bytes());
        headers.push(STRING);
        headers.extend_from_slice(&(value.len() as u16).to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    message(&headers, payload)
}

fn message(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let total = OVERHEAD + headers.len() + payload.len();
    let mut message = Vec::with_capacity(total);
    message.extend_from_slice(&(total as u32).to_be_bytes());
    message.extend_from_slice(&(headers.len() as u32).to_be_bytes());
    message.extend_from_slice(&crc32fast::hash(&message).to_be_bytes());
    message.extend_from_slice(headers);
    message.extend_from_slice(payload);
    message.extend_from_slice(&crc32fast::hash(&message).to_be_bytes());
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_empty_message() {
        let expected = [0, 0, 0, 16, 0, 0, 0, 0, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff];
        assert_eq!(message(b"", b""), expected);
    }

    #[test]
    fn a_chunk_is_its_payload_in_a_frame() {
        let chunk = payload_chunk(b"3.14");
        assert_eq!(u32::from_be_bytes(chunk[..4].try_into().unwrap()) as usize, chunk.len());
        let text = String::from_utf8_lossy(&chunk).into_owned();
        assert!(text.contains("\x0b:event-type\x07\0\x0cPayloadChunk"), "{text}");
        assert_eq!(&chunk[chunk.len() - 8..chunk.len() - 4], b"3.14");
    }

    #[test]
    fn the_end_names_what_there_is() {
        let text = |message: Vec<u8>| String::from_utf8_lossy(&message).into_owned();
        assert!(text(invoke_complete(None, None)).contains("{}"));
        let full = text(invoke_complete(Some(("A", "b")), Some("bG9n")));
        assert!(full.contains(r#"{"ErrorCode":"A","ErrorDetails":"b","LogResult":"bG9n"}"#), "{full}");
    }
}
