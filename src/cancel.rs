//! Cancellation: stop a computation from another thread, without a parameter in any signature.
//!
//! ```text
//! token.run(compute)    the thread works under the token while `compute` runs
//! check()               unwinds out of `token.run` if the token is cancelled
//! ```
//!
//! Products, subtrees of a sum and digits of the spigot call [`check`], and long products call it
//! within. A call takes a few nanoseconds, and calls are never long apart. Unwinding frees all memory;
//! no panic hook runs and nothing is printed. The caller of [`Token::run`] catches the unwinding with
//! [`std::panic::catch_unwind`] and finds [`Cancelled`] as its payload. A program that is built with
//! `panic = "abort"` aborts instead. Threads that a computation starts work under its token too.
//!
//! ```
//! use pi_spigot::pi::cancel::{Cancelled, Token};
//! use pi_spigot::pi::Algorithm;
//!
//! let token = Token::default();
//! token.cancel(); // from any thread, at any time
//! let compute = || Algorithm::Gibbons.digits("9_999".parse().unwrap());
//! let digits = std::panic::catch_unwind(|| token.run(compute));
//! assert!(digits.unwrap_err().is::<Cancelled>());
//! ```

use std::cell::RefCell;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    static CURRENT: RefCell<Option<Token>> = const { RefCell::new(None) };
}

/// A handle on the computations that [`Token::run`] starts. A clone cancels the same computations.
#[derive(Clone, Debug, Default)]
pub struct Token(Arc<AtomicBool>);

/// The payload with which a cancelled computation unwinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl Token {
    /// Cancels: every computation under the token unwinds at its next check.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Tells whether [`Token::cancel`] has been called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Runs `compute` under this token, and unwinds with [`Cancelled`] if the token is cancelled meanwhile.
    pub fn run<T>(&self, compute: impl FnOnce() -> T) -> T {
        let _restore = Restore(CURRENT.replace(Some(self.clone())));
        compute()
    }
}

/// Restores the previous token when dropped, on unwinding too.
struct Restore(Option<Token>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// The token under which this thread works.
#[must_use]
pub fn current() -> Option<Token> {
    CURRENT.with_borrow(Clone::clone)
}

/// Runs `compute` under the token of another thread, if that thread has one.
pub(crate) fn under<T>(token: Option<Token>, compute: impl FnOnce() -> T) -> T {
    match token {
        Some(token) => token.run(compute),
        None => compute(),
    }
}

/// Unwinds if this thread's token is cancelled.
#[inline]
pub fn check() {
    #[cfg(test)]
    testing::count();
    if CURRENT.with_borrow(|token| token.as_ref().is_some_and(Token::is_cancelled)) {
        resume_unwind(Box::new(Cancelled));
    }
}

/// Cancellation at a chosen check, so that a test can interrupt a computation everywhere.
#[cfg(test)]
pub(crate) mod testing {
    use super::Token;
    use std::cell::Cell;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    thread_local! {
        /// Checks of this thread until it cancels its own token; none of them when 0.
        static LEFT: Cell<u32> = const { Cell::new(0) };
    }

    /// Runs `compute` and cancels it at its check number `at`, counted from 1. None if it was cancelled.
    pub(crate) fn cancelled_at<T>(at: u32, compute: impl FnOnce() -> T) -> Option<T> {
        LEFT.set(at);
        let result = catch_unwind(AssertUnwindSafe(|| Token::default().run(compute)));
        LEFT.set(0);
        result.map_err(|payload| assert!(payload.is::<super::Cancelled>(), "another panic")).ok()
    }

    pub(super) fn count() {
        let left = LEFT.get();
        LEFT.set(left.saturating_sub(1));
        if left == 1 {
            super::current().expect("a token of cancelled_at").cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn only_a_cancelled_token_unwinds_and_only_within() {
        let token = Token::default();
        token.run(check);
        token.cancel();
        let caught = catch_unwind(AssertUnwindSafe(|| token.run(check))).unwrap_err();
        assert!(caught.is::<Cancelled>());
        assert!(current().is_none(), "the token before is back");
        check();
        Token::default().run(check);
    }
}
