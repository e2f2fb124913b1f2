//! Endpoints of the Lambda Invoke API, as stubs of HTTP.

use lambda_meter::error::Error;
use lambda_meter::subject::{Cause, Endpoint, Invocation, Target};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::time::Duration;

/// Answers one request with `response`; the request comes back through the thread.
fn once(response: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            stream.read_line(&mut head).unwrap();
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        stream.read_exact(&mut body).unwrap();
        stream.get_mut().write_all(response.as_bytes()).unwrap();
        head + &String::from_utf8(body).unwrap()
    });
    (url, thread)
}

fn invoke(response: &'static str) -> (Result<Invocation, Error>, String) {
    let (url, thread) = once(response);
    let mut endpoint = Endpoint::new(&url, 256, Duration::from_secs(60)).unwrap();
    let invocation = endpoint.invoke(b"{\"digits\":1}");
    (invocation, thread.join().unwrap())
}

#[test]
fn without_a_report_the_time_on_our_side_counts() {
    let (invocation, request) = invoke("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull");
    let invocation = invocation.unwrap();
    assert_eq!((invocation.payload.as_slice(), invocation.memory_size), (&b"null"[..], 256));
    assert!(invocation.duration > Duration::ZERO && invocation.init_duration.is_none());
    assert!(request.starts_with("POST /2015-03-31/functions/function/invocations HTTP/1.1\r\n"), "{request}");
    assert!(
        request.ends_with("\r\n\r\n{\"digits\":1}") && request.contains("x-amz-log-type: Tail"),
        "{request}"
    );
}

#[test]
fn a_report_in_the_log_wins() {
    // "REPORT RequestId: r\tDuration: 12.34 ms\tBilled Duration: 14 ms\tMemory Size: 512 MB\t
    //  Max Memory Used: 9 MB\tInit Duration: 1.50 ms\t"
    let (invocation, _) = invoke(
        "HTTP/1.1 200 OK\r\nX-Amz-Log-Result: \
         UkVQT1JUIFJlcXVlc3RJZDogcglEdXJhdGlvbjogMTIuMzQgbXMJQmlsbGVkIER1cmF0aW9u\
         OiAxNCBtcwlNZW1vcnkgU2l6ZTogNTEyIE1CCU1heCBNZW1vcnkgVXNlZDogOSBNQglJbml0\
         IER1cmF0aW9uOiAxLjUwIG1zCQ==\r\n\
         Content-Length: 2\r\n\r\n{}",
    );
    let invocation = invocation.unwrap();
    assert_eq!(invocation.duration, Duration::from_micros(12_340));
    assert_eq!(invocation.init_duration, Some(Duration::from_micros(1_500)));
    assert_eq!((invocation.memory_size, invocation.max_memory_used), (512, 9));
}

#[test]
fn errors_are_known_by_header_or_by_form() {
    let by_header = "HTTP/1.1 200 OK\r\nX-Amz-Function-Error: Unhandled\r\nContent-Length: 4\r\n\r\noops";
    let error = invoke(by_header).0.unwrap().function_error.unwrap();
    assert_eq!(
        (error.cause, error.error_type.as_str(), error.error_message.as_str()),
        (Cause::Reported, "Unhandled", "oops")
    );
    let by_form =
        "HTTP/1.1 200 OK\r\nContent-Length: 39\r\n\r\n{\"errorMessage\":\"m\",\"errorType\":\"Mine\"}";
    let error = invoke(by_form).0.unwrap().function_error.unwrap();
    assert_eq!((error.error_type.as_str(), error.error_message.as_str()), ("Mine", "m"));
}

#[test]
fn other_answers_name_the_address_and_a_remedy() {
    let (result, _) = invoke("HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot here\n");
    let problem = result.unwrap_err().to_string();
    assert!(
        problem.contains("404 Not Found: not here") && problem.contains("curl -d '{}' http://127.0.0.1"),
        "{problem}"
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = listener.local_addr().unwrap().to_string();
    drop(listener);
    let problem =
        Endpoint::new(&url, 128, Duration::from_secs(1)).unwrap().invoke(b"").unwrap_err().to_string();
    assert!(problem.contains("refused"), "{problem}");
}

#[test]
fn silence_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = listener.local_addr().unwrap().to_string();
    let mut endpoint = Endpoint::new(&url, 128, Duration::from_millis(50)).unwrap();
    let invocation = endpoint.invoke(b"{}").unwrap();
    assert_eq!(invocation.function_error.unwrap().cause, Cause::TimedOut);
}
