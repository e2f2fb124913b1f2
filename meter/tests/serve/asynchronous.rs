//! Invocations of the type Event.

use super::common::event;
use super::server::{INVOKE, Server};
use std::time::{Duration, Instant};

#[test]
fn an_event_may_wait_and_a_dry_run_runs_nothing() {
    let server = Server::start(&["--concurrency", "1"]);
    let (status, ..) = server.call(&format!("{INVOKE}\r\nX-Amz-Invocation-Type: DryRun\r\n"), b"{}");
    assert_eq!((status, server.log().contains("START")), (204, false));
    for _ in 0..3 {
        let (status, ..) =
            server.call(&format!("{INVOKE}\r\nX-Amz-Invocation-Type: Event\r\n"), event("slow").as_bytes());
        assert_eq!(status, 202, "even while another one runs");
    }
    let end = Instant::now() + Duration::from_secs(30);
    while server.log().matches("REPORT").count() < 3 {
        assert!(Instant::now() < end, "{}", server.log());
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_asynchronous_event_that_fails_is_tried_twice_more_with_its_request_id() {
    let server = Server::start(&["--async-wait", "0", "--concurrency", "1"]);
    let head = format!("{INVOKE}\r\nX-Amz-Invocation-Type: Event\r\n");
    assert_eq!(server.call(&head, event("error").as_bytes()).0, 202);
    server.wait_for("was dropped after 3 attempts");
    let log = server.log();
    let ids: Vec<&str> =
        log.lines().filter_map(|line| line.strip_prefix("START RequestId: ")?.split(' ').next()).collect();
    assert!(ids.len() == 3 && ids.iter().all(|id| *id == ids[0]), "{log}");
    let once = Server::start(&["--async-wait", "0", "--async-retries", "0"]);
    assert_eq!(once.call(&head, event("error").as_bytes()).0, 202);
    once.wait_for("was dropped after 1 attempt");
}
