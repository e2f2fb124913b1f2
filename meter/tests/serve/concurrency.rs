//! Several invocations at one time.

use super::common::{event, http};
use super::server::{INVOKE, Server};

#[test]
fn as_many_at_once_as_there_are_sandboxes_and_429_beyond() {
    let server = Server::start(&["--concurrency", "2"]);
    let slow = || {
        std::thread::scope(|scope| {
            let calls: Vec<_> = (0..4).map(|_| scope.spawn(|| server.invoke("slow"))).collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect::<Vec<_>>()
        })
    };
    let answers = slow();
    let (good, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.0 == 200);
    assert_eq!((good.len(), refused.len()), (2, 2), "{answers:?}");
    for (status, head, body) in refused {
        assert!(*status == 429 && head.contains("x-amzn-errortype: toomanyrequestsexception"), "{head}");
        assert!(body.contains("ReservedFunctionConcurrentInvocationLimitExceeded"), "{body}");
    }
    for _ in 0..5 {
        assert_eq!(server.invoke("echo").0, 200, "one after the other never meets a busy one");
    }
    assert_eq!(server.log().matches("fixture: starting").count(), 2, "sandboxes are used again");
}

#[test]
fn a_refused_call_says_when_to_try_again() {
    let server = Server::start(&["--concurrency", "1", "--timeout", "3"]);
    let address = server.address;
    let busy = std::thread::spawn(move || http(address, INVOKE, event("hang").as_bytes()).0);
    server.wait_for("hanging: ");
    let (status, head, _) = server.invoke("echo");
    assert_eq!(status, 429);
    assert!(head.contains("\r\nretry-after: 1"), "{head}");
    assert_eq!(busy.join().unwrap(), 200);
}
