//! The client against servers that answer by hand, byte for byte; on both of what it can run on.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use http_body_util::BodyExt;
use lambda_runtime_api_client::body::Body;
use lambda_runtime_api_client::{BoxError, Client, block_on, build_request};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::pin::Pin;
use std::thread::{self, JoinHandle};

const ANSWER: &[u8] = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nOK";
const NOTHING: &[u8] = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";

/// The connections that a server accepts, each with the answers that it gives before it hangs up.
type Script = &'static [&'static [&'static [u8]]];

/// A server, which returns what it received on each connection.
fn server(script: Script) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serve = move || {
        let serve = |answers: &&[&[u8]]| {
            let (mut stream, _) = listener.accept().unwrap();
            answers.iter().map(|answer| exchange(&mut stream, answer)).collect::<String>()
        };
        script.iter().map(serve).collect()
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

fn client(endpoint: &str) -> Client {
    Client::builder().with_endpoint(endpoint.parse().unwrap()).with_pool_size(1).build()
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

type Calls<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// On tokio's streams, as the function runs for several invocations at once.
fn with_tokio(calls: Calls<'_>) {
    tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap().block_on(calls);
}

/// Without, as it runs for one after the other.
fn direct(calls: Calls<'_>) {
    block_on(calls);
}

/// What a server receives from the calls of a client, which is the same on both; the endpoint is what
/// is before and behind the server's address.
fn on_both(script: Script, endpoint: (&str, &str), calls: impl Fn(Client) -> Calls<'static>) -> Vec<String> {
    let [first, second] = [with_tokio, direct].map(|run| {
        let (address, server) = server(script);
        run(calls(client(&format!("{}{address}{}", endpoint.0, endpoint.1))));
        let received = server.join().unwrap().into_iter();
        received.map(|text| text.replace(&address, "ADDRESS")).collect::<Vec<_>>()
    });
    assert_eq!(first, second);
    first
}

const PLAIN: (&str, &str) = ("", "");

#[test]
fn one_connection_serves_calls_that_follow_each_other() {
    let received = on_both(&[&[ANSWER, ANSWER, ANSWER]], PLAIN, |client| {
        Box::pin(async move {
            assert_eq!(ask(&client, get("/next")).await.unwrap(), (202, Bytes::from("OK")));
            // Nobody has to read what an answer says.
            drop(client.call(post("/response", "digits")).await.unwrap());
            assert_eq!(ask(&client, get("/next")).await.unwrap().0, 202);
        })
    });
    let head = "GET /next HTTP/1.1\r\nuser-agent: aws-lambda-rust/1.1.1\r\nhost: ADDRESS\r\n\r\n";
    assert!(received[0].starts_with(head) && received[0].ends_with(head), "{received:?}");
    assert!(received[0].contains("content-length: 6\r\n\r\ndigits"), "{received:?}");
}

#[test]
fn a_connection_that_was_hung_up_between_calls_is_replaced() {
    let received = on_both(&[&[NOTHING], &[NOTHING]], PLAIN, |client| {
        Box::pin(async move {
            assert_eq!(ask(&client, get("/first")).await.unwrap().0, 202);
            // The server's thread hangs up when it likes.
            thread::sleep(std::time::Duration::from_millis(50));
            assert_eq!(ask(&client, post("/second", "two")).await.unwrap().0, 202);
        })
    });
    assert!(received[1].starts_with("POST /second ") && received[1].ends_with("two"), "{received:?}");
}

#[test]
fn a_request_that_was_sent_is_not_sent_again() {
    // The second connection would answer whatever came.
    let received = on_both(&[&[NOTHING, b""], &[NOTHING]], PLAIN, |client| {
        Box::pin(async move {
            ask(&client, get("/next")).await.unwrap();
            ask(&client, post("/response", "once")).await.expect_err("it was hung up on");
            ask(&client, get("/next")).await.unwrap();
        })
    });
    assert!(received[0].ends_with("once") && received[1].starts_with("GET /next "), "{received:?}");
}

#[test]
fn connections_from_before_a_snapshot_are_forgotten() {
    let received = on_both(&[&[NOTHING], &[NOTHING]], PLAIN, |client| {
        Box::pin(async move {
            ask(&client, get("/restore")).await.unwrap();
            client.reset_pool();
            ask(&client, get("/next")).await.unwrap();
        })
    });
    assert!(received[1].starts_with("GET /next "), "{received:?}");
}

#[test]
fn the_path_of_an_emulator_comes_first() {
    for end in ["/.rt/bootstrap", "/.rt/bootstrap/"] {
        let received = on_both(&[&[NOTHING]], ("http://", end), |client| {
            Box::pin(
                async move { drop(ask(&client, get("/2018-06-01/runtime/invocation/next")).await.unwrap()) },
            )
        });
        let expected = "GET /.rt/bootstrap/2018-06-01/runtime/invocation/next HTTP/1.1\r\n";
        assert!(received[0].starts_with(expected), "{received:?}");
    }
}

#[test]
fn calls_at_once_have_connections_of_their_own() {
    let (address, server) = server(&[&[NOTHING], &[NOTHING, NOTHING]]);
    with_tokio(Box::pin(async {
        let client = client(&address);
        // The server takes one connection after the other, so neither waits for the other's answer.
        let first = tokio::spawn(client.call(get("/a")));
        let second = tokio::spawn(client.call(get("/b")));
        first.await.unwrap().unwrap();
        second.await.unwrap().unwrap();
        ask(&client, get("/c")).await.unwrap();
    }));
    let received = server.join().unwrap().concat();
    assert!(["/a", "/b", "/c"].iter().all(|path| received.contains(path)), "{received}");
}

#[test]
fn a_body_is_written_as_it_comes_and_ends_in_trailers() {
    let (address, server) = server(&[&[NOTHING]]);
    with_tokio(Box::pin(async {
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
    }));
    let received = server.join().unwrap().concat();
    assert!(received.ends_with("\r\n\r\n2\r\n3.\r\n2\r\n14\r\n0\r\nfailed: yes\r\n\r\n"), "{received}");
}

#[test]
fn six_megabytes_come_in_pieces_and_go_in_pieces() {
    const SIZE: usize = 6 << 20;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = thread::spawn(move || {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            exchange(&mut stream, format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n").as_bytes());
            for piece in vec![b'3'; SIZE].chunks(123_456) {
                stream.write_all(piece).unwrap();
            }
            let mut head_and_body = vec![0; SIZE];
            stream.read_exact(&mut head_and_body).unwrap();
            stream.write_all(NOTHING).unwrap();
            // The rest is behind the head.
            std::io::copy(&mut stream, &mut std::io::sink()).unwrap();
        }
    });
    for run in [with_tokio, direct] {
        run(Box::pin(async {
            let client = client(&address);
            let (_, event) = ask(&client, get("/next")).await.unwrap();
            assert!(event.len() == SIZE && event.iter().all(|&byte| byte == b'3'));
            assert_eq!(ask(&client, post("/response", event)).await.unwrap().0, 202);
        }));
    }
    server.join().unwrap();
}

#[test]
fn an_answer_that_breaks_off_is_an_error() {
    let scripts: [(Script, &str); 3] = [
        (&[&[b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n3.14"]], "body"),
        (&[&[b"HTTP/1.1 200 OK\r\nContent-Le"]], "head"),
        (&[&[b"SSH-2.0-OpenSSH_9.2\r\n\r\n"]], "other protocol"),
    ];
    for (script, what) in scripts {
        on_both(script, PLAIN, |client| {
            Box::pin(async move { drop(ask(&client, get("/next")).await.expect_err(what)) })
        });
    }
}

#[test]
fn nobody_there_is_an_error_that_says_so() {
    // A port that was just given back.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    for run in [with_tokio, direct] {
        run(Box::pin(async {
            let error = ask(&client(&address), get("/next")).await.unwrap_err();
            assert!(error.to_string().contains("refused"), "{error}");
        }));
    }
}

#[test]
#[should_panic(expected = "AWS_LAMBDA_RUNTIME_API names a host")]
fn an_address_without_a_host_is_refused() {
    let _ = client("/just/a/path");
}

#[test]
#[should_panic(expected = "waits for an answer of the runtime API")]
fn what_nobody_would_end_is_not_waited_for() {
    block_on(std::future::pending::<()>());
}
