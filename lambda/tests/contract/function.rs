//! The real `bootstrap` behind a Runtime API, configured for tests.

use lambda_meter::log::Log;
use lambda_meter::sandbox::Limits;
use lambda_meter::subject::{Configuration, Invocation, LocalBinary, Target};
use serde_json::Value;
use std::io::{self, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) const SHA256_OF_10: &str = "3dec3e77c7b4ae987fb2fadeb54168ecd2d991af41c5ef75d21560096807f0cb";
pub(crate) const SHA256_OF_10_000: &str = "1f08958df70c30bbf3f7205ad5f9b2b9430e3378b4e4e6300063bd9fbd83d6e3";

/// Digits that [`Function::slow`] admits, and cannot finish in time when [`Function::stalled`].
pub(crate) const SLOW_DIGITS: u64 = 4_000_000;

/// The log of the function.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

pub(crate) struct Function {
    pub(crate) target: LocalBinary,
    pub(crate) log: Lines,
}

impl Function {
    pub(crate) fn start(variables: &[(&str, &str)]) -> Self {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        Self::configured(|configuration| configuration.variables = variables.iter().map(owned).collect())
    }

    pub(crate) fn configured(change: impl FnOnce(&mut Configuration)) -> Self {
        let mut configuration = Configuration::new(env!("CARGO_BIN_EXE_bootstrap"));
        change(&mut configuration);
        let log = Lines::default();
        match LocalBinary::new(configuration, Log::new(Box::new(log.clone()))) {
            Ok(target) => Self { target, log },
            Err(error) => panic!(
                "this test could not run: {error}\n  \
                 LAMBDA_METER_TESTS=without-limits leaves out tests that need cgroups"
            ),
        }
    }

    /// A function with 1.2 s and one thread that has answered once. If [`Function::stalled`], it takes
    /// longer for [`SLOW_DIGITS`] than any estimate.
    pub(crate) fn slow() -> Self {
        let mut function = Self::configured(|configuration| {
            configuration.timeout = Duration::from_millis(1200);
            configuration.memory_size = 1769;
            configuration.variables = vec![("PI_SIMD".to_owned(), "baseline".to_owned())];
        });
        function.respond(r#"{"digits": 10}"#);
        function
    }

    /// Stops the process during `invoke`, from 0.05 s to 0.8 s after its begin, so that it is late on any
    /// processor and in any profile.
    pub(crate) fn stalled<T>(&mut self, invoke: impl FnOnce(&mut Self) -> T) -> T {
        let process = self.target.process_id().expect("it has answered");
        let signal = move |name: &str| {
            let kill = format!("kill -{name} {process}");
            assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success(), "{kill}");
        };
        let stalling = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            signal("STOP");
            std::thread::sleep(Duration::from_millis(750));
            signal("CONT");
        });
        let result = invoke(self);
        stalling.join().unwrap();
        result
    }

    /// A function held to its memory and its share of a vCPU; `None` where the user has opted out.
    pub(crate) fn limited(change: impl FnOnce(&mut Configuration)) -> Option<Self> {
        if std::env::var("LAMBDA_METER_TESTS").as_deref() == Ok("without-limits") {
            eprintln!("NOT TESTED: LAMBDA_METER_TESTS=without-limits");
            return None;
        }
        Some(Self::configured(|configuration| {
            configuration.limits = Limits::Require;
            change(configuration);
        }))
    }

    pub(crate) fn invoke(&mut self, event: &[u8]) -> Invocation {
        self.target.invoke(event).expect("the function answers")
    }

    /// The response to a valid event.
    pub(crate) fn respond(&mut self, event: &str) -> Value {
        let invocation = self.invoke(event.as_bytes());
        assert_eq!(invocation.function_error, None, "{event}");
        let response: Value = serde_json::from_slice(&invocation.payload).unwrap();
        assert_eq!(response["request_id"], invocation.request_id.as_str());
        response
    }

    /// The `errorType` and the `errorMessage` of an invalid event.
    pub(crate) fn refuse(&mut self, event: &[u8]) -> (String, String) {
        let invocation = self.invoke(event);
        let shown = String::from_utf8_lossy(&event[..event.len().min(60)]).into_owned();
        let error = invocation.function_error.unwrap_or_else(|| panic!("{shown} was accepted"));
        (error.error_type, error.error_message)
    }

    /// The pieces of a streamed response, and the record.
    pub(crate) fn stream(&mut self, event: &str) -> (Vec<Vec<u8>>, Invocation) {
        let mut pieces = Vec::new();
        let piece = |bytes: &[u8]| pieces.push(bytes.to_vec());
        let invocation = self.target.invoke_streaming(event.as_bytes(), piece).unwrap();
        (pieces, invocation)
    }
}

/// A sample event of a trigger.
pub(crate) fn trigger(name: &str) -> String {
    sample("triggers", name)
}

/// A sample event of a service that the function does not serve.
pub(crate) fn service(name: &str) -> String {
    sample("services", name)
}

fn sample(folder: &str, name: &str) -> String {
    std::fs::read_to_string(format!("../events/{folder}/{name}.json")).unwrap()
}

/// The names of the sample events in a folder.
pub(crate) fn samples(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(format!("../events/{folder}")).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert!(!names.is_empty(), "events/{folder} has samples");
    names
}
