//! A function with exact figures, for tests.

use super::{Invocation, Target};
use crate::error::Error;
use std::collections::VecDeque;

/// Plays back prepared invocations, and records the events.
#[derive(Debug, Default)]
pub struct Mock {
    prepared: VecDeque<Result<Invocation, Error>>,
    /// The events so far.
    pub events: Vec<Vec<u8>>,
}

impl Mock {
    /// A mock that returns these invocations in order.
    #[must_use]
    pub fn new(prepared: impl IntoIterator<Item = Result<Invocation, Error>>) -> Self {
        Self { prepared: prepared.into_iter().collect(), events: Vec::new() }
    }
}

impl Target for Mock {
    /// # Panics
    ///
    /// When more invocations are requested than were prepared.
    fn invoke(&mut self, event: &[u8]) -> Result<Invocation, Error> {
        self.events.push(event.to_vec());
        self.prepared.pop_front().expect("the mock was prepared for fewer invocations")
    }
}
