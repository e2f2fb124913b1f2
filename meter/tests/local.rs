//! A real process as the target: every kind of answer and failure.

mod common;

use common::{assert_gone, hanging, invoke, payload, target};
use lambda_meter::error::Error;
use lambda_meter::report_line::{Report, billed_duration};
use lambda_meter::subject::{Cause, Configuration, Invocation, Target};
use std::time::Duration;

fn cause(invocation: &Invocation) -> Option<Cause> {
    invocation.function_error.as_ref().map(|error| error.cause)
}

#[test]
fn the_first_invocation_is_cold_and_the_next_ones_are_warm() {
    let (mut target, log) = target(|configuration| configuration.memory_size = 256);
    let invocations: Vec<Invocation> = (0..3).map(|_| target.invoke(b"\"event\"").unwrap()).collect();
    assert!(
        invocations
            .iter()
            .all(|invocation| invocation.payload == b"\"event\"" && cause(invocation).is_none())
    );
    let cold: Vec<bool> = invocations.iter().map(|invocation| invocation.init_duration.is_some()).collect();
    assert_eq!(cold, [true, false, false]);
    for invocation in &invocations {
        assert!(invocation.duration > Duration::ZERO && invocation.max_memory_used > 0);
        assert_eq!(invocation.memory_size, 256);
        assert_eq!(
            invocation.billed_duration,
            billed_duration(invocation.duration, invocation.init_duration)
        );
    }
    assert_eq!(log.text().matches("fixture: starting").count(), 1, "one process served them all");
}

#[test]
fn the_log_is_in_lambdas_order() {
    let (mut target, log) = target(|_| {});
    let invocation = invoke(&mut target, "log");
    let id = &invocation.request_id;
    let own = format!(
        "START RequestId: {id} Version: $LATEST\nto stdout\nto stderr\nwithout a newline\n\
         END RequestId: {id}\n{}\n",
        invocation.report()
    );
    assert_eq!(log.text(), format!("fixture: starting\n{own}"));
    assert_eq!(String::from_utf8(invocation.log_tail.clone()).unwrap(), log.text());
    let report = log.text().lines().last().unwrap().parse::<Report>().unwrap();
    assert_eq!(
        (report.request_id, report.max_memory_used),
        (invocation.request_id, invocation.max_memory_used)
    );
}

#[test]
fn any_bytes_arrive_as_they_are() {
    let (mut target, _) = target(|_| {});
    let large = vec![b'7'; lambda_meter::event::MAX_SIZE];
    for event in [&b""[..], b"{", b"\xff\x00\xfe", b"\r\n\r\n", b"null", &large] {
        assert!(target.invoke(event).unwrap().payload == event);
    }
}

#[test]
fn a_reported_error_leaves_the_sandbox_alive() {
    let (mut target, _) = target(|_| {});
    let invocation = invoke(&mut target, "error");
    let error = invocation.function_error.clone().unwrap();
    assert_eq!((error.error_type.as_str(), error.error_message.as_str()), ("Fixture.Error", "as you wish"));
    assert_eq!(error.cause, Cause::Reported);
    assert_eq!(payload(&invocation), r#"{"errorType":"Fixture.Error","errorMessage":"as you wish"}"#);
    assert_eq!(invocation.report().status, None);
    assert_eq!(invoke(&mut target, "echo").init_duration, None);
}

#[test]
fn a_crash_is_told_in_lambdas_words_and_the_next_event_finds_a_new_sandbox() {
    let (mut target, log) = target(|_| {});
    let ends = [
        ("exit", "Runtime exited with error: exit status 7"),
        ("exit-0", "Runtime exited without providing a reason"),
        ("abort", "Runtime exited with error: signal: aborted"),
        ("panic", "Runtime exited with error: exit status 101"),
    ];
    for (mode, words) in ends {
        let invocation = invoke(&mut target, mode);
        assert_eq!(cause(&invocation), Some(Cause::Exited), "{mode}");
        let message = format!("RequestId: {} Error: {words}", invocation.request_id);
        let expected = format!(r#"{{"errorType":"Runtime.ExitError","errorMessage":"{message}"}}"#);
        assert_eq!(payload(&invocation), expected);
        assert!(log.text().contains(&format!("{message}\nRuntime.ExitError\nEND RequestId: ")));
        assert!(log.text().ends_with("\tStatus: error\tError Type: Runtime.ExitError\n"));
        assert!(invoke(&mut target, "echo").init_duration.is_some());
    }
}

#[test]
fn a_sandbox_that_ends_after_its_answer_is_replaced() {
    let (mut target, _) = target(|_| {});
    assert_eq!(payload(&invoke(&mut target, "respond-and-exit")), "\"last words\"");
    let next = invoke(&mut target, "echo");
    assert!(next.init_duration.is_some() && next.function_error.is_none());
}

#[test]
fn a_timeout_kills_the_function_and_all_that_it_started() {
    let (mut target, log) = target(|configuration| configuration.timeout = Duration::from_secs(1));
    let invocation = invoke(&mut target, "hang");
    assert_eq!(cause(&invocation), Some(Cause::TimedOut));
    let message = format!("RequestId: {} Error: Task timed out after 1.00 seconds", invocation.request_id);
    assert_eq!(
        payload(&invocation),
        format!(r#"{{"errorType":"Sandbox.Timedout","errorMessage":"{message}"}}"#)
    );
    assert!(log.text().contains(&format!("Z {} Task timed out after 1.00 seconds\n", invocation.request_id)));
    assert!(log.text().ends_with("\tStatus: timeout\n"));
    assert_gone(&hanging(&log.text()));
}

#[test]
fn dropping_the_target_kills_its_process() {
    let (mut target, _) = target(|_| {});
    invoke(&mut target, "echo");
    let process_id = target.process_id().unwrap();
    assert!(common::runs(process_id));
    drop(target);
    assert_gone(&[process_id]);
}

#[test]
fn the_largest_response_passes_and_a_larger_one_does_not() {
    let (mut target, _) = target(|_| {});
    assert_eq!(invoke(&mut target, "largest").payload.len(), 6_291_556);
    let invocation = invoke(&mut target, "too-large");
    assert_eq!(
        payload(&invocation),
        "{\"errorType\":\"Function.ResponseSizeTooLarge\",\"errorMessage\":\"Response payload size \
         (7340060 bytes) \
         exceeded maximum allowed payload size (6291556 bytes).\"}"
    );
    assert_eq!(cause(&invocation), Some(Cause::ResponseTooLarge));
    assert_eq!(invoke(&mut target, "echo").init_duration, None, "the function lives on");
}

#[test]
fn a_function_that_breaks_the_protocol_gets_the_documented_refusals() {
    let (mut target, _) = target(|_| {});
    assert_eq!(
        payload(&invoke(&mut target, "bad-request-id")),
        r#"400 {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}"#
    );
    let refused = invoke(&mut target, "next-without-answer");
    assert!(payload(&refused).starts_with("403 ") && payload(&refused).contains("InvalidStateTransition"));
}

#[test]
fn an_invocation_has_the_documented_headers() {
    let (mut target, _) = target(|configuration| configuration.function_name = "pi".to_owned());
    let invocation = invoke(&mut target, "headers");
    let headers = payload(&invocation).to_lowercase();
    assert!(headers.contains(&format!("lambda-runtime-aws-request-id: {}", invocation.request_id)));
    assert!(
        headers.contains(
            "lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:123456789012:function:pi"
        )
    );
    assert!(headers.contains("lambda-runtime-trace-id: root=1-"));
    let deadline =
        headers.lines().find_map(|line| line.strip_prefix("lambda-runtime-deadline-ms: ")).unwrap();
    assert!(deadline.len() == 13 && deadline.bytes().all(|byte| byte.is_ascii_digit()), "{deadline}");
}

#[test]
fn the_environment_is_lambdas_and_nothing_else() {
    let (mut target, _) = target(|configuration| {
        configuration.variables =
            vec![("OWN".to_owned(), "1".to_owned()), ("TZ".to_owned(), "UTC".to_owned())];
    });
    let invocation = invoke(&mut target, "environment");
    let mut names: Vec<&str> =
        payload(&invocation).lines().map(|line| line.split('=').next().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "AWS_DEFAULT_REGION",
            "AWS_EXECUTION_ENV",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            "AWS_LAMBDA_FUNCTION_NAME",
            "AWS_LAMBDA_FUNCTION_VERSION",
            "AWS_LAMBDA_INITIALIZATION_TYPE",
            "AWS_LAMBDA_LOG_GROUP_NAME",
            "AWS_LAMBDA_LOG_STREAM_NAME",
            "AWS_LAMBDA_RUNTIME_API",
            "AWS_REGION",
            "LAMBDA_RUNTIME_DIR",
            "LAMBDA_TASK_ROOT",
            "LANG",
            "OWN",
            "PATH",
            "TZ",
            "_HANDLER",
        ]
    );
    for line in
        ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128", "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/fixture", "TZ=UTC"]
    {
        assert!(payload(&invocation).lines().any(|found| found == line), "{line}");
    }
}

#[test]
fn an_initialisation_that_fails_is_named() {
    let failing = |init: &str| {
        let init = init.to_owned();
        let (mut target, log) = target(|configuration| {
            configuration.variables = vec![("FIXTURE_INIT".to_owned(), init)];
        });
        (target.invoke(b"{}").unwrap_err(), log.text())
    };
    let (error, log) = failing("exit");
    assert!(matches!(&error, Error::ExitedInInit { status, .. } if status == "exit status 42"), "{error}");
    assert!(log.starts_with("fixture: starting\nINIT_REPORT Init Duration: "), "{log}");
    assert!(log.ends_with(" ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError\n"), "{log}");
    let (error, _) = failing("signal");
    assert!(matches!(&error, Error::ExitedInInit { status, .. } if status == "signal: aborted"), "{error}");
    let (error, log) = failing("error");
    assert!(
        matches!(&error, Error::InitFailed { error_type, .. } if error_type == "Fixture.NoConfig"),
        "{error}"
    );
    assert!(log.ends_with("\tStatus: error\tError Type: Fixture.NoConfig\n"), "{log}");
}

#[test]
fn an_initialisation_that_hangs_is_killed() {
    let (mut target, log) = target(|configuration| {
        configuration.variables = vec![("FIXTURE_INIT".to_owned(), "hang".to_owned())];
        configuration.init_timeout = Duration::from_secs(2);
    });
    let error = target.invoke(b"{}").unwrap_err();
    assert!(matches!(error, Error::InitTimedOut { .. }), "{error}");
    assert!(log.text().ends_with("\tPhase: init\tStatus: timeout\n"));
    assert_gone(&hanging(&log.text()));
}

#[test]
fn a_binary_that_cannot_be_executed_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text");
    std::fs::write(&text, "hello").unwrap();
    let start = |path: &std::path::Path| {
        let log = lambda_meter::log::Log::new(Box::new(std::io::sink()));
        let mut target = lambda_meter::subject::LocalBinary::new(Configuration::new(path), log).unwrap();
        target.invoke(b"{}").unwrap_err().to_string()
    };
    assert!(start(&folder.path().join("missing")).contains("--binary"));
    assert!(start(folder.path()).contains("it is a folder"));
    assert!(start(&text).contains("hint: chmod +x "));
}
