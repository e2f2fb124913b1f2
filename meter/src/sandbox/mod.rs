//! The limits around a function's process: Lambda's share of a vCPU and the function's memory.
//!
//! ```text
//! Layout::detect()      finds the cgroup hierarchies of this machine, version 1, 2 or both
//!   └─ Group::create()  makes a group for one sandbox, removed when it is dropped
//!        enter()        starts the process inside, so that its first instruction counts
//!        throttle()     limits CPU time to 20 ms x memory / 1769 in every 20 ms, after init
//!        freeze()       stops every thread between two invocations
//! ```
//!
//! [`CpuShare`] is Lambda's rule and independent of cgroups; [`Group`] is independent of Lambda.

mod folders;
mod group;
mod layout;
mod share;
mod stale;

pub use group::Group;
pub use layout::{Layout, Place, Unavailable, Version};
pub use share::CpuShare;

/// Limits of a function: Lambda's share of a vCPU, and its memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Limits {
    /// Limit where this machine allows it, and say so where not
    Auto,
    /// Limit, or refuse to start
    Require,
    /// No limits: the full speed and memory of this machine
    #[default]
    Off,
}
