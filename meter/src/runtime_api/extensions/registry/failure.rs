//! Refused calls, and the failures that extensions report.

/// A call that is refused with 403.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// `errorType`.
    pub error_type: &'static str,
    /// `errorMessage`.
    pub message: String,
}

impl Denied {
    /// A refusal in these words.
    #[must_use]
    pub fn new(error_type: &'static str, message: impl Into<String>) -> Self {
        Self { error_type, message: message.into() }
    }
}

/// The two reports of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// `init/error`.
    Init,
    /// `exit/error`.
    Exit,
}

impl FailureKind {
    /// `errorType` of the invocation that fails with the extension.
    #[must_use]
    pub fn error_type(self) -> &'static str {
        match self {
            Self::Init => "Extension.InitError",
            Self::Exit => "Extension.ExitError",
        }
    }
}

/// A failure that an extension reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Name of the extension.
    pub name: String,
    /// The call that reported the failure.
    pub kind: FailureKind,
    /// The header `Lambda-Extension-Function-Error-Type`.
    pub error_type: String,
    /// `errorMessage` in the body, or the body itself.
    pub message: String,
}
