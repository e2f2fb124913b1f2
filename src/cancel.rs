//! Stops a computation from outside, without a word of it in any signature.
//!
//! ```text
//! token.run(compute)    the thread works under a token while `compute` runs
//! check()               unwinds to whoever caught it, if that token is cancelled
//! ```
//!
//! Large products, subtrees of a sum and digits of the spigot call [`check`]: a few nanoseconds
//! each, and never long apart. Unwinding frees what was allocated and is not a panic: no hook runs
//! and nothing is printed. Whoever calls [`Token::run`] catches it; threads that a computation
//! starts take the token along by [`current`].

use std::cell::RefCell;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    static CURRENT: RefCell<Option<Token>> = const { RefCell::new(None) };
}

/// Cancels what runs under it. Clones are the same token.
#[derive(Clone, Debug, Default)]
pub struct Token(Arc<AtomicBool>);

/// What a cancelled computation unwinds with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl Token {
    /// Lets the computation unwind at its next check.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Runs `compute` under this token. When it is cancelled, this unwinds.
    pub fn run<T>(&self, compute: impl FnOnce() -> T) -> T {
        let _restore = Restore(CURRENT.replace(Some(self.clone())));
        compute()
    }
}

/// Puts the token back that was there before, on unwinding too.
struct Restore(Option<Token>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// The token that this thread works under.
#[must_use]
pub fn current() -> Option<Token> {
    CURRENT.with_borrow(Clone::clone)
}

/// Runs `compute` under a token that another thread handed over, if it did.
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
