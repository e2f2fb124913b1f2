//! The HTTP reply of a stream.
//!
//! A stream of the type `application/vnd.awslambda.http-integration-response` begins with a prelude:
//! status, headers and cookies as JSON, then eight zero bytes. Any other stream is the body itself.

use super::buffered::{set_headers, status_code};
use super::{BUFFER, Face};
use crate::serve::reply::{Body, Reply};
use crate::subject::Invocation;
use http_body_util::channel::Channel;
use hyper::Response;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use std::io;
use tokio::sync::mpsc::Receiver;
use tokio::sync::oneshot;

const WITH_PRELUDE: &str = "application/vnd.awslambda.http-integration-response";
/// The end of a prelude.
const DELIMITER: [u8; 8] = [0; 8];
/// The longest prelude, in bytes.
const LONGEST: usize = 256 * 1024;

/// The reply to a stream with this content type, of which `first` has arrived. The connection is
/// broken off when the invocation fails, so that the caller does not take the body for complete.
pub(super) async fn reply(
    face: Face,
    content_type: &str,
    first: Bytes,
    mut pieces: Receiver<Bytes>,
    outcome: oneshot::Receiver<Invocation>,
) -> Reply {
    let (mut caller, body) = Channel::new(BUFFER);
    let mut reply: Reply = Response::new(Body::Right(body));
    let mut first = first;
    if content_type == WITH_PRELUDE {
        let Some((prelude, rest)) = prelude(first, &mut pieces).await else { return face.failure() };
        let status = prelude.get("statusCode").map_or(Some(200), Value::as_u64).and_then(status_code);
        let Some(status) = status else { return face.failure() };
        *reply.status_mut() = status;
        set_headers(&mut reply, &prelude);
        first = rest;
    } else if let Ok(value) = HeaderValue::from_str(content_type)
        && !content_type.is_empty()
    {
        reply.headers_mut().insert(CONTENT_TYPE, value);
    }
    let octets = HeaderValue::from_static("application/octet-stream");
    reply.headers_mut().entry(CONTENT_TYPE).or_insert(octets);
    tokio::spawn(async move {
        // A caller that disconnects does not end the invocation: the rest is read and dropped.
        let _ = caller.send_data(first).await;
        while let Some(piece) = pieces.recv().await {
            let _ = caller.send_data(piece).await;
        }
        if outcome.await.is_ok_and(|invocation| invocation.function_error.is_some()) {
            caller.abort(io::Error::other("the function failed in the middle of its response"));
        }
    });
    reply
}

/// The prelude, and the bytes after it; `None` for a stream without one.
async fn prelude(first: Bytes, pieces: &mut Receiver<Bytes>) -> Option<(Value, Bytes)> {
    let mut begin = first.to_vec();
    loop {
        if let Some(end) = begin.windows(DELIMITER.len()).position(|window| window == DELIMITER) {
            let rest = begin.split_off(end + DELIMITER.len());
            let prelude = serde_json::from_slice(&begin[..end]).ok()?;
            return Some((prelude, rest.into()));
        }
        if begin.len() > LONGEST {
            return None;
        }
        begin.extend_from_slice(&pieces.recv().await?);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pieces: &[&[u8]]) -> Option<(Value, Bytes)> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (sender, mut receiver) = tokio::sync::mpsc::channel(BUFFER);
            for piece in &pieces[1..] {
                sender.send(Bytes::copy_from_slice(piece)).await.unwrap();
            }
            drop(sender);
            prelude(Bytes::copy_from_slice(pieces[0]), &mut receiver).await
        })
    }

    #[test]
    fn a_prelude_may_arrive_in_pieces_and_with_the_first_bytes_of_the_body() {
        let (prelude, rest) = of(&[b"{\"statusCode\":", b"404}\0\0\0", b"\0\0\0\0\0body"]).unwrap();
        assert_eq!((prelude["statusCode"].as_u64(), rest.as_ref()), (Some(404), &b"body"[..]));
        let (prelude, rest) = of(&[b"{}\0\0\0\0\0\0\0\0"]).unwrap();
        assert!(prelude.is_object() && rest.is_empty());
    }

    #[test]
    fn a_stream_without_a_prelude_is_no_reply() {
        assert_eq!(of(&[b"{}", b"body"]), None);
        assert_eq!(of(&[b"{\0\0\0\0\0\0\0\0"]), None);
        assert_eq!(of(&[&vec![b'x'; LONGEST + 1]]), None);
    }
}
