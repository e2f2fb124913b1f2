//! Limits of a process's memory: of its own, of its cgroups, of the machine.

#[cfg(target_os = "linux")]
use super::linux;

/// An upper bound of a resource of this process, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) source: Source,
    pub(super) bytes: u64,
}

/// The limited resource.
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has all of them"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    AddressSpace,
    Data,
    Cgroup,
    Available,
}

impl Source {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::AddressSpace => "address space (ulimit -v)",
            Self::Data => "data (ulimit -d)",
            Self::Cgroup => "memory left in this container or cgroup",
            Self::Available => "memory available on this machine",
        }
    }

    pub(super) const fn remedy(self) -> &'static str {
        match self {
            Self::AddressSpace | Self::Data => "raise the limit",
            Self::Cgroup => "raise the memory limit of the container",
            Self::Available => "end other programs",
        }
    }
}

/// All limits that can stop a process that needs `required` bytes.
#[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "reading files is for Linux"))]
#[cfg_attr(not(unix), expect(unused_mut, reason = "nothing is known"))]
pub(super) fn all(required: u64) -> Vec<Limit> {
    let mut limits = Vec::new();
    #[cfg(unix)]
    limits.extend(of_process());
    #[cfg(target_os = "linux")]
    if required >= linux::WORTH_READING {
        limits.extend(linux::limits());
    }
    limits
}

#[cfg(unix)]
fn of_process() -> impl Iterator<Item = Limit> {
    use rustix::process::{Resource, getrlimit};
    let limits = [(Source::AddressSpace, Resource::As), (Source::Data, Resource::Data)];
    limits.into_iter().filter_map(|(source, resource)| {
        let bytes = getrlimit(resource).current?;
        Some(Limit { source, bytes })
    })
}
