//! What an extension saw in a test.

use lambda_meter::subject::Configuration;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What an extension saw, and the folder that holds it.
pub(crate) struct Seen(tempfile::TempDir);

impl Seen {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.path().join("seen")
    }

    pub(crate) fn all(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.file()).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn of(&self, kind: &str) -> Vec<Value> {
        self.all().into_iter().filter(|line| line["kind"] == kind).collect()
    }

    /// Types of the events in order.
    pub(crate) fn events(&self) -> Vec<String> {
        let events = self.of("event").into_iter();
        events.map(|line| line["event"]["eventType"].as_str().unwrap_or("none").to_owned()).collect()
    }

    /// All events of telemetry in order.
    pub(crate) fn telemetry(&self) -> Vec<Value> {
        let batches = self.of("telemetry").into_iter();
        batches.flat_map(|batch| batch["events"].as_array().unwrap().clone()).collect()
    }

    /// A function with the Python extension in this mode.
    pub(crate) fn configure(&self, mode: &str) -> impl FnOnce(&mut Configuration) {
        let variables = vec![
            ("EXTENSION_LOG".to_owned(), self.file().to_string_lossy().into_owned()),
            ("EXTENSION_MODE".to_owned(), mode.to_owned()),
        ];
        move |configuration| {
            configuration.variables.extend(variables);
            configuration.extend(&[], &[plain()]).unwrap();
        }
    }
}

/// The extension in plain Python.
pub(crate) fn plain() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/extensions/plain.py")
}
