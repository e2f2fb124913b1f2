//! The end of a sandbox with extensions.
//!
//! SIGTERM goes to the function, which has 300 ms (500 ms with an internal extension), then SHUTDOWN
//! to the external extensions. SIGKILL ends every process that is left 2,000 ms after the SIGTERM.
//! A sandbox without extensions is killed at once.

use super::Sandbox;
use crate::clock::epoch_millis;
use crate::runtime_api::extensions::{Kind, ShutdownReason};
use crate::subject::local::output::SharedLog;
use crate::subject::local::process::Process;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};
use tokio::time::{timeout, timeout_at};

/// Time of the whole phase, with an external extension.
const LIMIT: Duration = Duration::from_millis(2_000);
/// Time of the function after SIGTERM, with an external extension only.
const GRACE: Duration = Duration::from_millis(300);
/// Time of the function after SIGTERM, with an internal extension.
const GRACE_INTERNAL: Duration = Duration::from_millis(500);

impl Sandbox {
    /// Runs the shutdown phase, if any; dropping the sandbox kills the rest.
    pub(in crate::subject::local) async fn shut_down(&mut self, reason: ShutdownReason, log: &SharedLog) {
        let extensions = self.api.extensions().clone();
        let (is_external, is_internal) = (extensions.has(Kind::External), extensions.has(Kind::Internal));
        if !is_external && !is_internal {
            return;
        }
        self.thaw();
        let deadline = Instant::now() + LIMIT;
        let deadline_ms = epoch_millis(SystemTime::now() + LIMIT);
        // The last report arrives before the event, so that an extension that exits at once has it.
        let telemetry = Arc::clone(&self.telemetry);
        let flush = timeout(GRACE, telemetry.flush());
        let stop = self.stop_gracefully(if is_internal { GRACE_INTERNAL } else { GRACE });
        let _ = tokio::join!(stop, flush);
        if !is_external {
            return;
        }
        for (name, process) in &self.extensions {
            if !extensions.registry().hears_shutdown(name) {
                process.kill();
            }
        }
        extensions.shut_down(reason, deadline_ms);
        let all = poll_fn(|context| {
            let ends = self.extensions.iter_mut().map(|(_, process)| process.poll_exit(context).is_ready());
            // Every process is polled, so that each wakes this future.
            if ends.fold(true, |all, end| all & end) { Poll::Ready(()) } else { Poll::Pending }
        });
        let _ = timeout_at(deadline.into(), all).await;
        self.drain_output();
        for (name, process) in self.extensions.iter().filter(|(_, process)| process.ended().is_none()) {
            process.kill();
            log.lock().line(&format!("lambda-meter: {}", late(name)));
        }
    }

    /// SIGTERM, and after the grace SIGKILL.
    async fn stop_gracefully(&mut self, grace: Duration) {
        let Some(runtime) = &mut self.runtime else { return };
        runtime.terminate();
        if timeout(grace, runtime.exit()).await.is_err() {
            Process::kill(runtime);
        }
    }
}

fn late(name: &str) -> String {
    let limit = LIMIT.as_millis();
    format!(
        "the extension {name} did not exit within {limit} ms of its shutdown and was killed; it should exit \
         after its last flush"
    )
}
