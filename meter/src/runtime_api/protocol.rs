//! The order of calls, as a state machine.
//!
//! ```text
//! Starting --next--> Waiting --deliver(id)--> Invoking(id) --finish(id)--> Answered --next--> Waiting
//!     \--init_error--> Failed
//! ```

/// What a function may call now.
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
    /// The name that AWS's emulator uses in its messages.
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

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// 403: not in this state.
    InvalidStateTransition {
        /// The state that the function is in.
        from: &'static str,
        /// The state that the call leads to.
        to: &'static str,
    },
    /// 400: no invocation with this id waits for an answer.
    InvalidRequestId,
    /// 413: the response is too large.
    ResponseTooLarge,
    /// 413: the streamed response is too large.
    StreamTooLarge,
    /// 400: the connection ended within the body.
    Truncated,
    /// 404: no such path.
    UnknownPath,
    /// 405: another method is needed.
    WrongMethod,
}

impl Protocol {
    /// A function that has just been started.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `GET invocation/next`; true the first time, when it ends the initialisation.
    ///
    /// Asking again while waiting is allowed: a client may have lost its connection.
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

    /// The event of the invocation `id` goes out.
    pub fn deliver(&mut self, id: &str) {
        debug_assert_eq!(self.state, State::Waiting, "an event goes only to a function that waits");
        self.state = State::Invoking(id.to_owned());
    }

    /// Whether `POST invocation/{id}/response` or `/error` is allowed.
    ///
    /// # Errors
    ///
    /// When that invocation does not wait for an answer: never heard of, or answered before.
    pub fn expects(&self, id: &str) -> Result<(), Refusal> {
        match &self.state {
            State::Invoking(current) if current == id => Ok(()),
            _ => Err(Refusal::InvalidRequestId),
        }
    }

    /// The answer to the invocation `id` is complete.
    ///
    /// # Errors
    ///
    /// As for [`expects`](Self::expects).
    pub fn finish(&mut self, id: &str) -> Result<(), Refusal> {
        self.expects(id)?;
        self.state = State::Answered;
        Ok(())
    }

    /// `POST init/error`.
    ///
    /// # Errors
    ///
    /// Once the function has asked for an event.
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
