//! The state machine of a sandbox's extensions.
//!
//! ```text
//! register --> Registered --next--> Ready --event--> Pending --taken--> Running --next--> Ready
//!                  \--init_error--> Failed      \--exit_error--> Failed
//! ```
//!
//! `Pending` and `Running` are apart so that a client that repeats a lost `next` is not taken for one
//! that has finished its work.

mod entry;
mod failure;
mod lifecycle;

use entry::{Entry, State, invalid, transition};
pub use failure::{Denied, Failure, FailureKind};
pub use lifecycle::{Kind, Lifecycle};
use std::time::Instant;
use uuid::Uuid;

/// The largest number of extensions of a function.
pub const MAX_EXTENSIONS: usize = 10;

/// The extensions of one sandbox.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    /// Names of the external extensions that were started.
    started: Vec<String>,
    entries: Vec<Entry>,
    is_closed: bool,
}

impl Registry {
    /// A registry that expects external extensions with these names.
    #[must_use]
    pub fn new(started: Vec<String>) -> Self {
        Self { started, ..Self::default() }
    }

    /// Handles `register`: an extension with the name of a started file is external, any other is
    /// internal.
    ///
    /// # Errors
    ///
    /// For a second registration, an unknown event, SHUTDOWN for an internal extension, an 11th
    /// extension, and after the initialisation.
    pub fn register(&mut self, name: &str, events: &[&str]) -> Result<Uuid, Denied> {
        if name.is_empty() {
            return Err(Denied::new("Extension.InvalidExtensionName", "Empty extension name"));
        }
        let is_external = self.started.iter().any(|started| started == name);
        let kind = if is_external { Kind::External } else { Kind::Internal };
        let events = events.iter().map(|event| read(event, kind)).collect::<Result<Vec<_>, _>>()?;
        if let Some(entry) = self.entries.iter().find(|entry| entry.name == name) {
            let message = transition(entry, "Registered");
            return Err(Denied::new("Extension.InvalidExtensionState", message));
        }
        if self.is_closed {
            let message = "Extension registration closed already";
            return Err(Denied::new("Extension.RegistrationClosed", message));
        }
        if self.entries.len() >= MAX_EXTENSIONS {
            let message = format!("Extension limit ({MAX_EXTENSIONS}) reached");
            return Err(Denied::new("Extension.TooManyExtensions", message));
        }
        let id = Uuid::new_v4();
        let (name, state) = (name.to_owned(), State::Registered);
        self.entries.push(Entry { id, name, kind, events, state, ready: None, failure: None });
        Ok(id)
    }

    /// Refuses further registrations, at the function's first request for an event.
    pub fn close(&mut self) {
        self.is_closed = true;
    }

    /// True until the function asks for its first event.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.is_closed
    }

    /// Handles the arrival of `event/next`; true when the call ends a phase of the extension.
    ///
    /// # Errors
    ///
    /// For an unknown identifier, and after a reported failure.
    pub fn ask(&mut self, id: Uuid, now: Instant) -> Result<bool, Denied> {
        let entry = self.entry(id)?;
        match entry.state {
            State::Registered | State::Running => {
                entry.state = State::Ready;
                entry.ready = Some(now);
                Ok(true)
            }
            State::Ready | State::Pending => Ok(false),
            State::Failed(_) => Err(invalid(entry, "Ready")),
        }
    }

    /// Records that an event was written to the extension.
    pub fn take(&mut self, id: Uuid) {
        if let Ok(entry) = self.entry(id)
            && entry.state == State::Pending
        {
            entry.state = State::Running;
        }
    }

    /// Marks the extensions that receive `event`, and returns their identifiers.
    pub fn send(&mut self, event: Lifecycle) -> Vec<Uuid> {
        let hearing = self.entries.iter_mut().filter(|entry| entry.hears(event));
        let able = hearing.filter(|entry| !matches!(entry.state, State::Failed(_)));
        able.map(|entry| {
            // An extension that has not come back yet finds the event at its next call.
            if entry.state == State::Ready {
                entry.state = State::Pending;
            }
            entry.id
        })
        .collect()
    }

    /// Handles `init/error` and `exit/error`.
    ///
    /// # Errors
    ///
    /// For an unknown identifier, for `init/error` after the first `event/next`, and for a second
    /// report.
    pub fn fail(
        &mut self,
        id: Uuid,
        kind: FailureKind,
        error_type: &str,
        message: String,
    ) -> Result<(), Denied> {
        let entry = self.entry(id)?;
        let is_allowed = match kind {
            FailureKind::Init => entry.state == State::Registered,
            FailureKind::Exit => !matches!(entry.state, State::Failed(_)),
        };
        let failed = State::Failed(kind);
        if !is_allowed {
            return Err(invalid(entry, failed.name()));
        }
        entry.state = failed;
        let name = entry.name.clone();
        entry.failure = Some(Failure { name, kind, error_type: error_type.to_owned(), message });
        Ok(())
    }

    /// The name of a registered extension.
    ///
    /// # Errors
    ///
    /// For an unknown identifier.
    pub fn name_of(&self, id: Uuid) -> Result<&str, Denied> {
        let entry = self.entries.iter().find(|entry| entry.id == id);
        entry.map(|entry| entry.name.as_str()).ok_or_else(|| unknown(id))
    }

    /// The started extensions that have not registered.
    #[must_use]
    pub fn unregistered(&self) -> Vec<&str> {
        let registered = |name: &&str| !self.entries.iter().any(|entry| entry.name == **name);
        self.started.iter().map(String::as_str).filter(registered).collect()
    }

    /// The registered extensions that have not called `event/next` yet.
    #[must_use]
    pub fn unready(&self) -> Vec<&str> {
        self.names(|entry| entry.ready.is_none())
    }

    /// The extensions that have not come back from an INVOKE event.
    #[must_use]
    pub fn busy(&self) -> Vec<&str> {
        let is_busy = |entry: &Entry| {
            entry.hears(Lifecycle::Invoke) && matches!(entry.state, State::Pending | State::Running)
        };
        self.names(is_busy)
    }

    /// The last `event/next` of an extension with INVOKE events that ended a phase.
    #[must_use]
    pub fn last_ready(&self) -> Option<Instant> {
        let invoked = self.entries.iter().filter(|entry| entry.hears(Lifecycle::Invoke));
        invoked.filter_map(|entry| entry.ready).max()
    }

    /// The last `event/next` of any extension that ended a phase.
    #[must_use]
    pub fn initialized(&self) -> Option<Instant> {
        self.entries.iter().filter_map(|entry| entry.ready).max()
    }

    /// The first reported failure.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.entries.iter().find_map(|entry| entry.failure.as_ref())
    }

    /// True when an extension of this kind has registered.
    #[must_use]
    pub fn has(&self, kind: Kind) -> bool {
        self.entries.iter().any(|entry| entry.kind == kind)
    }

    /// True when an extension receives this event.
    #[must_use]
    pub fn hears(&self, event: Lifecycle) -> bool {
        self.entries.iter().any(|entry| entry.hears(event))
    }

    /// True when the extension with this name receives SHUTDOWN.
    #[must_use]
    pub fn hears_shutdown(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name == name && entry.hears(Lifecycle::Shutdown))
    }

    /// Name, state, events and reported error of each registered extension, as the log names them.
    #[must_use]
    pub fn summaries(&self) -> Vec<(String, &'static str, Vec<&'static str>, Option<String>)> {
        let summary = |entry: &Entry| {
            let events = entry.events.iter().map(|event| event.name()).collect();
            let error = entry.failure.as_ref().map(|failure| failure.error_type.clone());
            (entry.name.clone(), entry.state.name(), events, error)
        };
        self.entries.iter().map(summary).collect()
    }

    fn names(&self, is_wanted: impl Fn(&Entry) -> bool) -> Vec<&str> {
        self.entries.iter().filter(|entry| is_wanted(entry)).map(|entry| entry.name.as_str()).collect()
    }

    fn entry(&mut self, id: Uuid) -> Result<&mut Entry, Denied> {
        self.entries.iter_mut().find(|entry| entry.id == id).ok_or_else(|| unknown(id))
    }
}

fn read(event: &str, kind: Kind) -> Result<Lifecycle, Denied> {
    let refuse = |why: &str| Denied::new("Extension.InvalidEventType", format!("{event}: {why}"));
    match (Lifecycle::read(event), kind) {
        (None, _) => Err(refuse("the events are INVOKE and SHUTDOWN")),
        (Some(Lifecycle::Shutdown), Kind::Internal) => Err(refuse(
            "an internal extension ends with the function's process; an external one must register with its \
             file name",
        )),
        (Some(event), _) => Ok(event),
    }
}

fn unknown(id: Uuid) -> Denied {
    Denied::new("Extension.UnknownExtensionIdentifier", format!("Unknown extension {id}"))
}

#[cfg(test)]
mod tests;
