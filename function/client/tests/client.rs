//! The client against servers that answer by hand, byte for byte.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use http_body_util::BodyExt;
use lambda_runtime_api_client::body::Body;
use lambda_runtime_api_client::{BoxError, Client, build_request};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

const ANSWER: &[u8] = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nOK";
const NOTHING: &[u8] = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";

/// A server: each item is a connection that it accepts, with the answers that it gives before it hangs up.
/// It returns what it received on each.
fn server(connections: &'static [&'static [&'static [u8]]]) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serve = move || {
        let serve = |answers: &&[&[u8]]| {
            let (mut stream, _) = listener.accept().unwrap();
            answers.iter().map(|answer| exchange(&mut stream, answer)).collect::<String>()
        };
        connections.iter().map(serve).collect()
    };
    (address, thread::spawn(serve))
}

/// Reads one request, whose end is that of its head, of what its length says or of its trailers.
fn exchange(stream: &mut TcpStream, answer: &[u8]) -> String {
    let mut received = Vec::new();
    while !complete(&received) {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "hung up after {:?}", String::from_utf8_lossy(&received));
        received.extend_from_slice(&buffer[..count]);
    }
    stream.write_all(answer).unwrap();
    String::from_utf8(received).unwrap()
}

fn complete(received: &[u8]) -> bool {
    let text = String::from_utf8_lossy(received).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.split("\r\n").find_map(|line| line.strip_prefix("content-length: "));
    match length {
        Some(length) => body.len() == length.parse::<usize>().unwrap(),
        None if head.contains("transfer-encoding: chunked") => {
            body.split_once("0\r\n").is_some_and(|(_, trailers)| trailers.ends_with("\r\n"))
        }
        None => true,
    }
}

fn client(address: &str) -> Client {
    Client::builder().with_endpoint(address.parse().unwrap()).with_pool_size(1).build()
}

fn get(path: &str) -> Request<Body> {
    build_request().uri(path).body(Body::empty()).unwrap()
}

fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    build_request().method("POST").uri(path).body(body.into()).unwrap()
}

/// Status and body of the answer.
async fn ask(client: &Client, request: Request<Body>) -> Result<(u16, Bytes), BoxError> {
    let (head, body) = client.call(request).await?.into_parts();
    Ok((head.status.as_u16(), body.collect().await?.to_bytes()))
}

/// On one thread, as the function runs.
fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap().block_on(future)
}

#[test]
fn one_connection_serves_calls_that_follow_each_other() {
    let (address, server) = server(&[&[ANSWER, ANSWER, ANSWER]]);
    run(async {
        let client = client(&address);
        assert_eq!(ask(&client, get("/next")).await.unwrap(), (202, Bytes::from("OK")));
        // Nobody has to read what an answer says.
        drop(client.call(post("/response", "digits")).await.unwrap());
        assert_eq!(ask(&client, get("/next")).await.unwrap().0, 202);
    });
    let received = server.join().unwrap();
    assert_eq!(received.len(), 1);
    assert!(
        received[0].starts_with("GET /next HTTP/1.1\r\nuser-agent: aws-lambda-rust/1.1.1\r\n"),
        "{received:?}"
    );
    assert!(received[0].contains(&format!("host: {address}\r\n")), "{received:?}");
    assert!(received[0].contains("content-length: 6\r\n\r\ndigits"), "{received:?}");
}

#[test]
fn a_connection_that_was_hung_up_between_calls_is_replaced() {
    let (address, server) = server(&[&[NOTHING], &[NOTHING]]);
    run(async {
        let client = client(&address);
        assert_eq!(ask(&client, get("/first")).await.unwrap().0, 202);
        assert_eq!(ask(&client, post("/second", "two")).await.unwrap().0, 202);
    });
    let received = server.join().unwrap();
    assert!(received[1].starts_with("POST /second ") && received[1].ends_with("two"), "{received:?}");
}

#[test]
fn a_request_that_was_sent_is_not_sent_again() {
    // The second connection would answer whatever came.
    let (address, server) = server(&[&[NOTHING, b""], &[NOTHING]]);
    run(async {
        let client = client(&address);
        ask(&client, get("/next")).await.unwrap();
        ask(&client, post("/response", "once")).await.expect_err("it was hung up on");
        ask(&client, get("/next")).await.unwrap();
    });
    let received = server.join().unwrap();
    assert!(received[0].ends_with("once") && received[1].starts_with("GET /next "), "{received:?}");
}

#[test]
fn calls_at_once_have_connections_of_their_own() {
    let (address, server) = server(&[&[NOTHING], &[NOTHING, NOTHING]]);
    run(async {
        let client = client(&address);
        // The server takes one connection after the other, so neither waits for the other's answer.
        let first = tokio::spawn(client.call(get("/a")));
        let second = tokio::spawn(client.call(get("/b")));
        first.await.unwrap().unwrap();
        second.await.unwrap().unwrap();
        ask(&client, get("/c")).await.unwrap();
    });
    let received = server.join().unwrap().concat();
    assert!(["/a", "/b", "/c"].iter().all(|path| received.contains(path)), "{received}");
}

#[test]
fn connections_from_before_a_snapshot_are_forgotten() {
    let (address, server) = server(&[&[NOTHING], &[NOTHING]]);
    run(async {
        let client = client(&address);
        ask(&client, get("/restore")).await.unwrap();
        client.reset_pool();
        ask(&client, get("/next")).await.unwrap();
    });
    assert!(server.join().unwrap()[1].starts_with("GET /next "));
}

#[test]
fn the_path_of_an_emulator_comes_first() {
    for end in ["", "/"] {
        let (address, server) = server(&[&[NOTHING]]);
        run(async {
            let client = client(&format!("http://{address}/.rt/bootstrap{end}"));
            ask(&client, get("/2018-06-01/runtime/invocation/next")).await.unwrap();
        });
        let received = server.join().unwrap().concat();
        let expected = "GET /.rt/bootstrap/2018-06-01/runtime/invocation/next HTTP/1.1\r\n";
        assert!(received.starts_with(expected), "{received}");
    }
}

#[test]
fn a_body_is_written_as_it_comes_and_ends_in_trailers() {
    let (address, server) = server(&[&[NOTHING]]);
    run(async {
        let client = client(&address);
        let (mut sender, body) = Body::channel();
        let mut request = post("/response", Bytes::new());
        request.headers_mut().insert("trailer", HeaderValue::from_static("failed"));
        *request.body_mut() = body;
        let call = tokio::spawn(client.call(request));
        sender.send_data(Bytes::from("3.")).await.unwrap();
        sender.send_data(Bytes::from("14")).await.unwrap();
        let trailers = HeaderMap::from_iter([("failed".parse().unwrap(), HeaderValue::from_static("yes"))]);
        sender.send_trailers(trailers).await.unwrap();
        drop(sender);
        call.await.unwrap().unwrap();
    });
    let received = server.join().unwrap().concat();
    assert!(received.ends_with("\r\n\r\n2\r\n3.\r\n2\r\n14\r\n0\r\nfailed: yes\r\n\r\n"), "{received}");
}

#[test]
fn nobody_there_is_an_error_that_says_so() {
    // A port that was just given back.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let error = run(async { ask(&client(&address), get("/next")).await }).unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");
}

#[test]
#[should_panic(expected = "AWS_LAMBDA_RUNTIME_API names a host")]
fn an_address_without_a_host_is_refused() {
    let _ = client("/just/a/path");
}
