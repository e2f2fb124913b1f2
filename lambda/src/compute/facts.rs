//! The facts of a computation.

use crate::contract::Request;
use std::time::Duration;

/// The facts of a computation, for the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// The request with the settings of the function.
    pub(crate) request: Request,
    /// The time of the computation.
    pub(crate) compute: Option<Duration>,
    /// The origin of the digits, if the request allows reuse.
    pub(crate) reused: Option<bool>,
}

impl Facts {
    pub(crate) const fn of(request: Request) -> Self {
        Self { request, compute: None, reused: None }
    }
}
