//! One registered extension and its state.

use super::{Denied, Failure, FailureKind, Kind, Lifecycle};
use std::time::Instant;
use uuid::Uuid;

/// The state of an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Registered,
    Ready,
    Pending,
    Running,
    Failed(FailureKind),
}

impl State {
    /// The state's name in the messages of AWS's emulator.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Registered => "Registered",
            Self::Ready => "Ready",
            Self::Pending | Self::Running => "Running",
            Self::Failed(FailureKind::Init) => "InitError",
            Self::Failed(FailureKind::Exit) => "ExitError",
        }
    }
}

/// A registered extension.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) events: Vec<Lifecycle>,
    pub(super) state: State,
    /// The last `next` that ended a phase.
    pub(super) ready: Option<Instant>,
    pub(super) failure: Option<Failure>,
}

impl Entry {
    pub(super) fn hears(&self, event: Lifecycle) -> bool {
        self.events.contains(&event)
    }
}

/// The refusal of a call that the state of an extension does not allow.
pub(super) fn invalid(entry: &Entry, to: &str) -> Denied {
    Denied::new("Extension.InvalidExtensionState", transition(entry, to))
}

/// The message of that refusal, in the words of AWS's emulator.
pub(super) fn transition(entry: &Entry, to: &str) -> String {
    let (from, name) = (entry.state.name(), &entry.name);
    format!("State transition from {from} to {to} failed for extension {name}. Error: it is not allowed")
}
