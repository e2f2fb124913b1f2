//! Reasons to stop before the text is complete.

use pi_spigot::pi::hex::HexError;

/// A reason to stop before the text is complete.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The reader of the pipe has closed it: it has all that it wants, so this is success.
    ReaderClosed,
    /// Any other reason, as a sentence for the user.
    Message(String),
}

impl From<HexError> for Failure {
    fn from(error: HexError) -> Self {
        Self::Message(error.to_string())
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Message(message)
    }
}
