//! An external extension on AWS's crate `lambda-extension`, for the tests of lambda-meter.
//!
//! `EXTENSION_LOG` names the file that gets a line of JSON for every event: the crate's own types read
//! what the Telemetry API sends, and write it again.

use lambda_extension::{Error, Extension, LambdaEvent, LambdaTelemetry, LogBuffering, NextEvent};
use lambda_extension::{SharedService, service_fn};
use std::io::Write;
use std::net::TcpListener;

fn main() -> Result<(), Error> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(watch())
}

async fn watch() -> Result<(), Error> {
    // The crate has no port 0: the port is found free here, and bound by the crate.
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let buffering = LogBuffering { timeout_ms: 25, max_bytes: 262_144, max_items: 1_000 };
    Extension::new()
        .with_events(&["INVOKE", "SHUTDOWN"])
        .with_events_processor(service_fn(event))
        .with_telemetry_types(&["platform", "function", "extension"])
        .with_telemetry_buffering(buffering)
        .with_telemetry_port_number(port)
        .with_telemetry_processor(SharedService::new(service_fn(telemetry)))
        .run()
        .await
}

async fn event(event: LambdaEvent) -> Result<(), Error> {
    match event.next {
        NextEvent::Invoke(invoke) => saw(&format!(r#"{{"kind":"INVOKE","id":"{}"}}"#, invoke.request_id)),
        NextEvent::Shutdown(shutdown) => {
            saw(&format!(r#"{{"kind":"SHUTDOWN","reason":"{}"}}"#, shutdown.shutdown_reason));
            std::process::exit(0);
        }
    }
    Ok(())
}

async fn telemetry(events: Vec<LambdaTelemetry>) -> Result<(), Error> {
    for event in events {
        saw(&serde_json::to_string(&event)?);
    }
    Ok(())
}

fn saw(line: &str) {
    let path = std::env::var("EXTENSION_LOG").expect("EXTENSION_LOG is set by the test");
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| writeln!(file, "{line}")).expect("the file of the test can be written");
}
