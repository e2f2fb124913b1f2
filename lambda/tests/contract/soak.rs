//! Many invocations of one process: its memory stays constant.
//!
//! `ci/soak.sh` sends 10,000 invocations (`PI_SOAK=10000`) to the deployed file (`PI_SOAK_BINARY`)
//! and prints the resident memory on the way. A build for glibc grows by 150 bytes with each invocation:
//! `lambda_runtime` puts the trace into the environment, and glibc's `setenv` never frees the old value.
//! musl's `setenv` does.

use super::function::{Function, service, trigger};
use lambda_meter::subject::resident_memory;

/// The growth of resident memory that is allowed after the warm-up, in KB.
const SLACK: u64 = 1024;

#[test]
fn memory_stays_where_it_is() {
    let count = std::env::var("PI_SOAK").map_or(400, |count| count.parse().expect("PI_SOAK is a number"));
    let mut function = Function::configured(|configuration| {
        if let Some(binary) = std::env::var_os("PI_SOAK_BINARY") {
            configuration.binary = binary.into();
        }
        configuration.variables = vec![("AWS_LAMBDA_LOG_LEVEL".to_owned(), "FATAL".to_owned())];
    });
    let mut events: Vec<String> = ["function-url", "rest-api", "load-balancer", "sqs"].map(trigger).into();
    events.push(service("s3"));
    events.extend(
        [
            r#"{"digits": 10}"#,
            r#"{"digits": 20000}"#,
            r#"{"digits": 0}"#,
            r#"{"digits": 9000, "output": "stream"}"#,
            r#"{"digits": 5000, "reuse": true}"#,
            r#"{"digits": 300, "algorithm": "gibbons"}"#,
            "{",
        ]
        .map(str::to_owned),
    );
    let resident = |function: &mut Function, rounds: usize| {
        for _ in 0..rounds {
            events.iter().for_each(|event| drop(function.invoke(event.as_bytes())));
        }
        resident_memory(function.target.process_id().expect("it runs")).expect("it has memory")
    };
    let rounds = usize::max(count / 12, 10);
    let settled = resident(&mut function, rounds / 5);
    for part in 1..=4 {
        let now = resident(&mut function, rounds / 5);
        println!("{:6} invocations: {} KB", (part + 1) * (rounds / 5) * 12, now);
        assert!(now <= settled + SLACK, "{settled} KB after the first fifth, {now} now");
    }
}
