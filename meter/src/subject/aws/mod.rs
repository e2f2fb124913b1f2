//! A function on AWS, measured by Lambda itself.
//!
//! Every figure is from the REPORT line at the end of the invocation's log (`LogType=Tail`). A
//! change of the function's configuration, one environment variable, forces a cold start, because
//! Lambda then discards every older sandbox. Memory sizes are set in the same call. The original
//! configuration is restored when the measurement ends for any reason. After a `kill -9` the next
//! run restores it, since the variable records the original memory size.
//!
//! - [`Session`]: a region and credentials, checked before the first sample;
//! - [`Function`]: a function with its configuration, current and original;
//! - `failure`: an error message with a remedy for every refusal.
//!
//! The feature `aws` is off by default, because the SDK takes longer to compile than the rest.

mod caller;
mod configuration;
mod failure;
mod function;
mod marker;
mod session;
mod source;

pub(crate) use caller::FunctionCaller;
pub use function::{Described, Function};
pub use session::Session;
pub(crate) use session::connect;
pub(super) use source::Clouds;

use super::{Invocation, Target, remote};
use crate::cost::{Budget, invocation};
use crate::error::Error;
use crate::matrix::Start;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::LogType;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::cell::RefCell;
use std::rc::Rc;

/// A function with one memory size.
#[derive(Debug)]
pub struct Aws {
    function: Rc<RefCell<Function>>,
    memory_mb: u64,
    /// Cold when the next invocation has to find a new sandbox.
    start: Start,
    budget: Rc<RefCell<Budget>>,
    /// Longest billed duration so far, the expectation for the next invocation.
    longest_ms: f64,
}

impl Aws {
    /// `function` with this much memory, whose first invocation is expected to bill `assumed_ms`.
    #[must_use]
    pub fn new(
        function: Rc<RefCell<Function>>,
        memory_mb: u64,
        start: Start,
        budget: Rc<RefCell<Budget>>,
        assumed_ms: f64,
    ) -> Self {
        Self { function, memory_mb, start, budget, longest_ms: assumed_ms }
    }

    fn usd(&self, billed_ms: f64) -> f64 {
        let architecture = self.function.borrow().described().architecture;
        invocation(&self.budget.borrow().prices, architecture, self.memory_mb, billed_ms)
    }
}

impl Target for Aws {
    fn invoke(&mut self, event: &[u8]) -> Result<Invocation, Error> {
        self.budget.borrow().allow(self.usd(self.longest_ms))?;
        let invocation = {
            let mut function = self.function.borrow_mut();
            function.prepare(self.memory_mb, self.start)?;
            invoke(&function, event)?
        };
        // The next invocation may reuse this sandbox.
        self.start = Start::Warm;
        let billed_ms = invocation.billed_duration.as_secs_f64() * 1e3;
        self.longest_ms = self.longest_ms.max(billed_ms);
        let usd = self.usd(billed_ms);
        self.budget.borrow_mut().spend(usd);
        Ok(invocation)
    }
}

fn invoke(function: &Function, event: &[u8]) -> Result<Invocation, Error> {
    let plan = function.plan();
    let session = function.session();
    let request = session
        .client()
        .invoke()
        .function_name(&plan.name)
        .set_qualifier(plan.qualifier.clone())
        .log_type(LogType::Tail)
        .payload(Blob::new(event));
    // Lambda answers at the latest when the function's own timeout is over.
    let answer = session.wait(function.described().timeout, "Invoke", &plan.name, request.send())?;
    let log_tail = answer.log_result().and_then(|log| BASE64_STANDARD.decode(log).ok()).unwrap_or_default();
    let payload = answer.payload().map(|blob| blob.as_ref().to_vec()).unwrap_or_default();
    let report = remote::report(&log_tail).ok_or_else(|| failure::no_report(&plan.name, &log_tail))?;
    Ok(Invocation {
        request_id: report.request_id,
        function_error: answer.function_error().map(|_| remote::function_error(&payload)),
        payload,
        init_duration: report.init_duration,
        duration: report.duration,
        extension_overhead: None,
        billed_duration: report.billed_duration,
        memory_size: report.memory_size,
        max_memory_used: report.max_memory_used,
        log_tail,
    })
}
