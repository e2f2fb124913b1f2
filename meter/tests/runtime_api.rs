//! The Runtime API over plain HTTP, without a function.

use lambda_meter::runtime_api::{Answer, RuntimeApi, Step, StreamEnd, Streamed, Work};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

const RUNTIME: &str = "/2018-06-01/runtime";

/// Serves an API in the background and runs a blocking client against it.
fn with_api(client: impl FnOnce(SocketAddr) + Send + 'static) -> Vec<Step> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut api = RuntimeApi::start().unwrap();
        api.send(work("first"));
        api.send(work("second"));
        let address = api.address();
        let mut client = tokio::task::spawn_blocking(move || client(address));
        let mut steps = Vec::new();
        loop {
            tokio::select! {
                biased;
                step = api.step() => steps.push(step),
                result = &mut client => {
                    result.unwrap();
                    return steps;
                }
            }
        }
    })
}

fn work(id: &str) -> Work {
    Work {
        request_id: id.to_owned(),
        deadline_ms: 1_795_311_652_123,
        function_arn: "arn:aws:lambda:us-east-1:123456789012:function:pi".to_owned(),
        trace_id: "Root=1-0-0".to_owned(),
        client_context: (id == "second").then(|| "{\"custom\":{}}".to_owned()),
        event: "{\"digits\":1}".into(),
        stream: None,
        content_type: Default::default(),
    }
}

/// One request on a new connection; returns the whole answer, headers in lower case.
fn call(address: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: api\r\nConnection: close\r\n{headers}Content-Length: \
         {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_lowercase(), body.to_owned())
}

fn get(address: SocketAddr, path: &str) -> (u16, String, String) {
    call(address, "GET", &format!("{RUNTIME}{path}"), "", "")
}

fn post(address: SocketAddr, path: &str, body: &str) -> (u16, String, String) {
    call(address, "POST", &format!("{RUNTIME}{path}"), "", body)
}

#[test]
fn events_go_out_in_order_with_their_headers_and_answers_are_accepted() {
    let steps = with_api(|api| {
        let (status, head, body) = get(api, "/invocation/next");
        assert_eq!((status, body.as_str()), (200, "{\"digits\":1}"));
        for header in [
            "content-type: application/json",
            "lambda-runtime-aws-request-id: first",
            "lambda-runtime-deadline-ms: 1795311652123",
            "lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:123456789012:function:pi",
            "lambda-runtime-trace-id: root=1-0-0",
        ] {
            assert!(head.contains(header), "{header} in {head}");
        }
        let accepted = post(api, "/invocation/first/response", "3.14");
        assert_eq!((accepted.0, accepted.2.as_str()), (202, r#"{"status":"OK"}"#));
        let second = get(api, "/invocation/next").1;
        assert!(second.contains("lambda-runtime-aws-request-id: second"));
        assert!(second.contains("lambda-runtime-client-context: {\"custom\":{}}"));
        assert!(!head.contains("client-context"));
        let header = "Lambda-Runtime-Function-Error-Type: Function.Bad\r\n";
        assert_eq!(call(api, "POST", &format!("{RUNTIME}/invocation/second/error"), header, "{}").0, 202);
    });
    assert!(matches!(&steps[0], Step::Ready(_)));
    assert!(matches!(&steps[1], Step::Delivered(_)));
    assert!(matches!(&steps[2], Step::Answered(_, Answer::Response(body)) if body == "3.14"));
    assert!(matches!(&steps[3..5], [Step::Idle(_), Step::Delivered(_)]), "ready is said once");
    let Step::Answered(_, Answer::Error(reported)) = &steps[5] else { panic!("{steps:?}") };
    assert_eq!((reported.error_type.as_deref(), &reported.body[..]), (Some("Function.Bad"), &b"{}"[..]));
}

#[test]
fn an_answer_needs_the_right_id_and_is_taken_once() {
    with_api(|api| {
        let invalid = r#"{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}"#;
        let refused = |path: &str| {
            let (status, _, body) = post(api, path, "{}");
            assert_eq!((status, body.as_str()), (400, invalid), "{path}");
        };
        refused("/invocation/first/response");
        get(api, "/invocation/next");
        refused("/invocation/second/response");
        refused("/invocation/second/error");
        assert_eq!(post(api, "/invocation/first/error", "{}").0, 202);
        refused("/invocation/first/response");
    });
}

#[test]
fn calls_out_of_order_are_forbidden() {
    with_api(|api| {
        get(api, "/invocation/next");
        let (status, _, body) = get(api, "/invocation/next");
        assert_eq!(status, 403);
        assert!(body.contains(r#""errorType":"InvalidStateTransition""#), "{body}");
        assert!(body.contains("State transition from Running to Ready failed for runtime."), "{body}");
        assert_eq!(post(api, "/init/error", "{}").0, 403);
    });
}

#[test]
fn a_failed_initialisation_is_reported() {
    let steps = with_api(|api| {
        assert_eq!(post(api, "/init/error", r#"{"errorType":"A"}"#).0, 202);
        assert_eq!(get(api, "/invocation/next").0, 403);
    });
    assert!(matches!(&steps[..], [Step::InitError(reported)] if reported.body == r#"{"errorType":"A"}"#));
}

#[test]
fn unknown_paths_and_methods() {
    with_api(|api| {
        assert_eq!(call(api, "GET", "/", "", "").0, 404);
        assert_eq!(call(api, "GET", "/2015-03-31/runtime/invocation/next", "", "").0, 404);
        assert_eq!(get(api, "/invocation/next/more").0, 404);
        assert_eq!(post(api, "/invocation/next", "").0, 405);
        assert_eq!(get(api, "/invocation/first/response").0, 405);
    });
}

#[test]
fn a_chunked_response_is_put_together() {
    let steps = with_api(|api| {
        get(api, "/invocation/next");
        let mut stream = TcpStream::connect(api).unwrap();
        let head = format!(
            "POST {RUNTIME}/invocation/first/response HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\
             Transfer-Encoding: chunked\r\n\r\n"
        );
        stream.write_all(format!("{head}2\r\n3.\r\n2\r\n14\r\n0\r\n\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    });
    assert!(matches!(&steps[2], Step::Answered(_, Answer::Response(body)) if body == "3.14"));
}

#[test]
fn a_response_that_is_cut_off_is_no_answer() {
    let steps = with_api(|api| {
        get(api, "/invocation/next");
        let mut stream = TcpStream::connect(api).unwrap();
        let head = format!("POST {RUNTIME}/invocation/first/response HTTP/1.1\r\nHost: api\r\n");
        stream.write_all(format!("{head}Content-Length: 10\r\n\r\n3.14").as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert_eq!(post(api, "/invocation/first/response", "3.14").0, 202, "the invocation still waits");
    });
    assert_eq!(steps.len(), 3);
}

/// Streams a response of the given MB to `first`; returns the status line.
fn stream(api: SocketAddr, megabytes: usize) -> String {
    get(api, "/invocation/next");
    let mut stream = TcpStream::connect(api).unwrap();
    let head = format!(
        "POST {RUNTIME}/invocation/first/response HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\
         Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = [b"100000\r\n", vec![b'3'; 1024 * 1024].as_slice(), b"\r\n"].concat();
    (0..megabytes).for_each(|_| stream.write_all(&chunk).unwrap());
    stream.write_all(b"0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap().to_owned()
}

/// Serves one streamed response on tokio's paused clock.
fn passed_on(megabytes: usize) -> (usize, String, Streamed) {
    let builder = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    builder.unwrap().block_on(async {
        let mut api = RuntimeApi::start().unwrap();
        let (sender, mut pieces) = tokio::sync::mpsc::channel(4);
        api.send(Work { stream: Some(sender), ..work("first") });
        let address = api.address();
        let (status_sender, status) = tokio::sync::oneshot::channel();
        // `spawn_blocking` would stop the paused clock.
        std::thread::spawn(move || status_sender.send(stream(address, megabytes)));
        let mut size = 0;
        while let Some(piece) = pieces.recv().await {
            size += piece.len();
        }
        loop {
            if let Step::Answered(_, Answer::Streamed(streamed)) = api.step().await {
                return (size, status.await.unwrap(), streamed);
            }
        }
    })
}

#[test]
fn a_stream_may_have_200_mb() {
    let (size, status, streamed) = passed_on(200);
    assert_eq!((size, streamed.size, streamed.end), (200 << 20, 200 << 20, StreamEnd::Complete));
    assert!(status.contains(" 202 "), "{status}");
}

#[test]
fn and_no_more() {
    let (size, status, streamed) = passed_on(203);
    assert!(size <= 200 << 20 && size > 199 << 20, "{size}");
    assert_eq!(streamed.end, StreamEnd::TooLarge);
    assert!(status.contains(" 413 "), "{status}");
}
