//! The state machine of a function's calls.
//!
//! ```text
//! Starting --next--> Waiting --deliver(id)--> Invoking(id) --finish(id)--> Answered --next--> Waiting
//!     \--init_error--> Failed
//! ```

use super::extensions::Denied;
use crate::telemetry::Invalid;

/// The state of a function, which decides the calls that are allowed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Protocol {
    state: State,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum State {
    #[default]
    Starting,
    Waiting,
    Invoking(String),
    Answered,
    Failed,
}

impl State {
    /// The state's name in the messages of AWS's emulator.
    fn name(&self) -> &'static str {
        match self {
            Self::Starting => "Started",
            Self::Waiting => "Ready",
            Self::Invoking(_) => "Running",
            Self::Answered => "InvocationResponse",
            Self::Failed => "InitError",
        }
    }
}

/// Reasons to refuse a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// 403: the call is not allowed in this state.
    InvalidStateTransition {
        /// The current state.
        from: &'static str,
        /// The state that the call asks for.
        to: &'static str,
    },
    /// 400: no invocation with this id expects an answer.
    InvalidRequestId,
    /// 413: the buffered response is too large.
    ResponseTooLarge,
    /// 413: the streamed response is too large.
    StreamTooLarge,
    /// 400: the connection ended before the body did.
    Truncated,
    /// 403: a call of an extension is not allowed.
    Extension(Denied),
    /// 400: a subscription is not valid.
    Subscription(Invalid),
    /// 404: the path is unknown.
    UnknownPath,
    /// 405: the path needs another method.
    WrongMethod,
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        Self::Extension(denied)
    }
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        Self::Subscription(invalid)
    }
}

impl Protocol {
    /// The state of a function that has just been started.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Handles `GET invocation/next`; true for the first call, which ends the initialisation.
    ///
    /// A repeated call while waiting is allowed, since a client may have lost its connection.
    ///
    /// # Errors
    ///
    /// While an invocation has no answer yet, and after a failed initialisation.
    pub fn ask(&mut self) -> Result<bool, Refusal> {
        let first = self.state == State::Starting;
        match self.state {
            State::Starting | State::Waiting | State::Answered => self.state = State::Waiting,
            State::Invoking(_) | State::Failed => return Err(self.refusal(&State::Waiting)),
        }
        Ok(first)
    }

    /// Records the delivery of the event with this invocation id.
    pub fn deliver(&mut self, id: &str) {
        debug_assert_eq!(self.state, State::Waiting, "an event goes only to a function that waits");
        self.state = State::Invoking(id.to_owned());
    }

    /// Checks that `POST invocation/{id}/response` or `/error` is allowed.
    ///
    /// # Errors
    ///
    /// When that invocation is unknown or already answered.
    pub fn expects(&self, id: &str) -> Result<(), Refusal> {
        match &self.state {
            State::Invoking(current) if current == id => Ok(()),
            _ => Err(Refusal::InvalidRequestId),
        }
    }

    /// Records the complete answer to the invocation `id`.
    ///
    /// # Errors
    ///
    /// As for [`expects`](Self::expects).
    pub fn finish(&mut self, id: &str) -> Result<(), Refusal> {
        self.expects(id)?;
        self.state = State::Answered;
        Ok(())
    }

    /// Handles `POST init/error`.
    ///
    /// # Errors
    ///
    /// After the function has asked for an event.
    pub fn init_error(&mut self) -> Result<(), Refusal> {
        if self.state != State::Starting {
            return Err(self.refusal(&State::Failed));
        }
        self.state = State::Failed;
        Ok(())
    }

    fn refusal(&self, to: &State) -> Refusal {
        Refusal::InvalidStateTransition { from: self.state.name(), to: to.name() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(from: &'static str, to: &'static str) -> Refusal {
        Refusal::InvalidStateTransition { from, to }
    }

    #[test]
    fn two_invocations_in_order() {
        let mut protocol = Protocol::new();
        assert_eq!(protocol.ask(), Ok(true));
        protocol.deliver("a");
        assert_eq!(protocol.finish("a"), Ok(()));
        assert_eq!(protocol.ask(), Ok(false));
        assert_eq!(protocol.ask(), Ok(false), "asking again is allowed");
        protocol.deliver("b");
        assert_eq!(protocol.finish("b"), Ok(()));
    }

    #[test]
    fn an_answer_needs_the_current_id() {
        let mut protocol = Protocol::new();
        assert_eq!(protocol.finish("a"), Err(Refusal::InvalidRequestId));
        protocol.ask().unwrap();
        assert_eq!(protocol.finish("a"), Err(Refusal::InvalidRequestId));
        protocol.deliver("a");
        assert_eq!(protocol.finish("b"), Err(Refusal::InvalidRequestId));
        assert_eq!(protocol.finish("a"), Ok(()));
        assert_eq!(protocol.finish("a"), Err(Refusal::InvalidRequestId), "only one answer");
    }

    #[test]
    fn next_is_refused_before_the_answer() {
        let mut protocol = Protocol::new();
        protocol.ask().unwrap();
        protocol.deliver("a");
        assert_eq!(protocol.ask(), Err(refused("Running", "Ready")));
        assert_eq!(protocol.finish("a"), Ok(()), "and changes nothing");
    }

    #[test]
    fn init_error_is_for_the_start_only() {
        let mut protocol = Protocol::new();
        assert_eq!(protocol.init_error(), Ok(()));
        assert_eq!(protocol.init_error(), Err(refused("InitError", "InitError")));
        assert_eq!(protocol.ask(), Err(refused("InitError", "Ready")));
        let mut protocol = Protocol::new();
        protocol.ask().unwrap();
        assert_eq!(protocol.init_error(), Err(refused("Ready", "InitError")));
    }
}
