//! The endpoint for the function's events, by its answers.

use crate::client::{call, get, post};
use crate::lambda::{Lambda, log};
use crate::queue::{Fault, Sqs};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn errors_are_json_and_name_the_field() {
    let sqs = Sqs::start(|_| Fault::None).await;
    let lambda = Lambda::start(&sqs, &[("PI_TELEMETRY_BATCH_BYTES", "16384")]).await;
    let port = lambda.port;
    for (body, status, code, field) in [
        (r#"{"type": "a b"}"#.to_owned(), StatusCode::BAD_REQUEST, "InvalidEvent", json!("type")),
        (
            r#"[{"type": "a"}, {"typ": 1}]"#.to_owned(),
            StatusCode::BAD_REQUEST,
            "InvalidEvent",
            json!("[1].typ"),
        ),
        ("{".to_owned(), StatusCode::BAD_REQUEST, "InvalidEvent", json!(null)),
        ("x".repeat((1 << 20) + 1), StatusCode::PAYLOAD_TOO_LARGE, "TooLarge", json!(null)),
        (
            json!({"type": "a", "record": "x".repeat(16_384)}).to_string(),
            StatusCode::PAYLOAD_TOO_LARGE,
            "TooLarge",
            json!(null),
        ),
    ] {
        let (found, answer) = post(port, "/events", body).await;
        assert_eq!(found, status, "{answer}");
        assert_eq!((&answer["error"]["code"], &answer["error"]["field"]), (&json!(code), &field), "{answer}");
    }
    assert_eq!(get(port, "/events").await.0, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(post(port, "/status", "").await.0, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(get(port, "/").await.1["error"]["code"], "NotFound");
    let form = Request::post("/events").header("content-type", "text/plain").body(Full::from("{}")).unwrap();
    assert_eq!(call(port, form).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let charset = "Application/JSON; charset=utf-8";
    let body = Full::from(Bytes::from(r#"{"type": "a"}"#));
    let good = Request::post("/events").header("content-type", charset).body(body).unwrap();
    assert_eq!(call(port, good).await.0, StatusCode::ACCEPTED);

    assert_eq!(get(port, "/status").await.1["dropped"], 1);
    lambda.shut_down().await;
    let messages = sqs.messages();
    assert_eq!(messages.len(), 2, "the good event, and the event about the one that was too large");
    assert_eq!(messages[0]["record"]["reasons"], json!({"tooLarge": 1}));
}

#[tokio::test]
async fn clients_that_speak_no_http_or_stop_half_way_harm_nobody() {
    let sqs = Sqs::start(|_| Fault::None).await;
    let lambda = Lambda::start(&sqs, &[]).await;
    let mut half_way = Vec::new();
    for text in [
        "POST /events HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
        "POST /events HTTP/1.1\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\nffff\r\n{",
        "GET",
    ] {
        let mut stream = TcpStream::connect(("127.0.0.1", lambda.port)).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        half_way.push(stream);
    }
    for text in ["\u{0}\u{1}\r\n\r\n", "HELLO\r\n\r\n", "POST /events HTTP/1.1\r\ncontent-length: -1\r\n\r\n"]
    {
        let mut stream = TcpStream::connect(("127.0.0.1", lambda.port)).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"),
            "{}",
            String::from_utf8_lossy(&answer)
        );
    }
    // An endless body ends at the limit.
    let mut stream = TcpStream::connect(("127.0.0.1", lambda.port)).await.unwrap();
    let head =
        "POST /events HTTP/1.1\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    while stream.write_all(chunk.as_bytes()).await.is_ok() {}
    drop(half_way);

    assert_eq!(post(lambda.port, "/events", r#"{"type": "a"}"#).await.0, StatusCode::ACCEPTED);
    let output = lambda.shut_down().await;
    assert_eq!(log(&output), "");
    assert_eq!(sqs.messages().len(), 1);
}
