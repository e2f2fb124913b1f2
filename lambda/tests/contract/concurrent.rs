//! Managed instances: several invocations at once.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Barrier, mpsc};
use std::time::Duration;

const AT_ONCE: usize = 3;

/// A process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A request of the function: its first line and headers in lower case, and its body.
fn request(stream: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8(body).unwrap()))
}

/// Hands out an event on each connection once all connections wait for one, and passes answers on.
fn serve(stream: TcpStream, index: usize, waiting: &Barrier, answers: &mpsc::Sender<(String, String)>) {
    let mut stream = BufReader::new(stream);
    let mut served = false;
    while let Some((head, body)) = request(&mut stream) {
        if head.starts_with("post ") {
            answers.send((head, body)).unwrap();
            stream.get_mut().write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n").unwrap();
            continue;
        }
        assert!(head.starts_with("get /2018-06-01/runtime/invocation/next "), "{head}");
        if served || index >= AT_ONCE {
            // No more events: the connection waits, as it does on Lambda.
            continue;
        }
        served = true;
        waiting.wait();
        // The last connection is served first and has the most work.
        std::thread::sleep(Duration::from_millis(20 * (AT_ONCE - index) as u64));
        let event = format!(r#"{{"digits": {}, "reuse": true}}"#, 10 + index);
        let head = format!(
            "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-{index}\r\n\
             Lambda-Runtime-Invocation-Id: inv-{index}\r\nLambda-Runtime-Deadline-Ms: 99999999999999\r\n\
             Content-Length: {}\r\n\r\n{event}",
            event.len()
        );
        stream.get_mut().write_all(head.as_bytes()).unwrap();
    }
}

#[test]
fn three_invocations_at_once_are_answered_in_any_order() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let process = Command::new(env!("CARGO_BIN_EXE_bootstrap"))
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr().unwrap().to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "pi")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")
        .env("AWS_LAMBDA_MAX_CONCURRENCY", AT_ONCE.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let _process = Process(process);
    let waiting = Arc::new(Barrier::new(AT_ONCE));
    let (sender, answers) = mpsc::channel();
    std::thread::spawn(move || {
        for (index, stream) in listener.incoming().enumerate() {
            let (waiting, sender) = (Arc::clone(&waiting), sender.clone());
            std::thread::spawn(move || serve(stream.unwrap(), index, &waiting, &sender));
        }
    });
    let mut seen = [false; AT_ONCE];
    for _ in 0..AT_ONCE {
        let (head, body) = answers.recv_timeout(Duration::from_secs(60)).expect("an answer");
        let index = (0..AT_ONCE).find(|index| head.contains(&format!("/invocation/id-{index}/response ")));
        let index = index.unwrap_or_else(|| panic!("{head}"));
        assert!(head.contains(&format!("lambda-runtime-invocation-id: inv-{index}\r\n")), "{head}");
        assert!(body.contains(&format!("\"digits\":{}", 10 + index)), "{body}");
        assert!(body.ends_with(&format!("\"request_id\":\"id-{index}\"}}")), "{body}");
        seen[index] = true;
    }
    assert_eq!(seen, [true; AT_ONCE]);
}
