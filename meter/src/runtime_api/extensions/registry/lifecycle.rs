//! Events of extensions, and the two kinds of extensions that receive them.

/// The events of an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifecycle {
    /// An invocation.
    Invoke,
    /// The end of the sandbox.
    Shutdown,
}

impl Lifecycle {
    /// The name in requests and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invoke => "INVOKE",
            Self::Shutdown => "SHUTDOWN",
        }
    }

    pub(super) fn read(name: &str) -> Option<Self> {
        [Self::Invoke, Self::Shutdown].into_iter().find(|event| event.name() == name)
    }
}

/// The two kinds of extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A process of its own, started from `/opt/extensions`.
    External,
    /// A part of the function's process.
    Internal,
}
