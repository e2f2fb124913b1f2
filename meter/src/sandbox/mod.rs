//! What surrounds a function's process: the share of a CPU and the memory that Lambda gives it.
//!
//! ```text
//! Layout::detect()      which cgroup hierarchies this machine has, version 1, 2 or both
//!   └─ Group::create()  a group of its own for one sandbox, removed when it is dropped
//!        enter()        starts the process inside, so that even its first instruction counts
//!        throttle()     20 ms x memory / 1769 out of every 20 ms, once the initialisation is over
//!        freeze()       between two invocations not even a background thread runs
//! ```
//!
//! [`CpuShare`] is Lambda's rule and knows nothing of cgroups; [`Group`] knows nothing of Lambda.

mod folders;
mod group;
mod layout;
mod share;
mod stale;

pub use group::Group;
pub use layout::{Layout, Place, Unavailable, Version};
pub use share::CpuShare;

/// Whether a function is held to Lambda's share of a CPU and to its memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Limits {
    /// If this machine allows it
    Auto,
    /// Or else refuse to start
    Require,
    /// Never: the whole speed and memory of this machine
    #[default]
    Off,
}
