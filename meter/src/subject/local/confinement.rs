//! The decision whether sandboxes are limited to Lambda's share of a vCPU and to their memory.

use crate::error::Error;
use crate::sandbox::{CpuShare, Group, Layout, Limits, Unavailable};
use std::thread::available_parallelism;

/// The limits of a function's sandboxes, decided once before the first sandbox starts.
#[derive(Debug, Clone)]
pub struct Confinement {
    memory_size: u64,
    layout: Result<Layout, Reason>,
}

/// Reason for unscaled figures.
#[derive(Debug, Clone)]
enum Reason {
    AsWished,
    Unavailable(Unavailable),
}

impl Confinement {
    /// Tests for the right to make a cgroup by making one and removing it.
    ///
    /// # Errors
    ///
    /// When limits are required and cannot be set.
    pub fn prepare(limits: Limits, memory_size: u64) -> Result<Self, Error> {
        let layout = match limits {
            Limits::Off => Err(Reason::AsWished),
            Limits::Auto => possible(memory_size).map_err(Reason::Unavailable),
            Limits::Require => Ok(possible(memory_size).map_err(Error::Limits)?),
        };
        Ok(Self { memory_size, layout })
    }

    /// The share of a vCPU, if limited.
    #[must_use]
    pub fn share(&self) -> Option<CpuShare> {
        self.layout.is_ok().then(|| CpuShare::of_memory(self.memory_size))
    }

    /// A group for one sandbox, if limited.
    pub(super) fn group(&self) -> Result<Option<Group>, Error> {
        let create = |layout| Group::create(layout, self.memory_size).map_err(Error::Limits);
        self.layout.as_ref().ok().map(create).transpose()
    }

    /// The remark that belongs beside every local figure.
    #[must_use]
    pub fn remark(&self) -> String {
        match &self.layout {
            Ok(_) => format!("{}. {CANNOT_KNOW}", self.scaled()),
            Err(Reason::AsWished) => format!("{UNSCALED}. {CANNOT_KNOW}"),
            Err(Reason::Unavailable(unavailable)) => {
                format!("{UNSCALED}, because {}. {CANNOT_KNOW}", unavailable.problem)
                    + &format!("\n  hint: {}; --limits off hides this hint", unavailable.remedy)
            }
        }
    }

    fn scaled(&self) -> String {
        let share = CpuShare::of_memory(self.memory_size).cpus();
        let here = available_parallelism().map_or(1, usize::from);
        let more =
            if share > here as f64 { format!(", of which this machine has {here}") } else { String::new() };
        format!("scaled to {} MB: {share:.3} vCPU{more}, killed beyond that memory", self.memory_size)
    }
}

const UNSCALED: &str = "unscaled wall time of this machine";
const CANNOT_KNOW: &str = "Local run: excludes microVM start and code download; your CPU is not Lambda's.";

fn possible(memory_size: u64) -> Result<Layout, Unavailable> {
    let layout = Layout::detect()?;
    Group::create(&layout, memory_size)?;
    Ok(layout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_remark_says_what_cannot_be_known() {
        let confinement = |layout| Confinement { memory_size: 128, layout };
        let off = confinement(Err(Reason::AsWished));
        assert!(off.remark().starts_with(UNSCALED) && off.remark().ends_with(CANNOT_KNOW));
        let unavailable = Unavailable { problem: "no rights".to_owned(), remedy: "be root" };
        let without = confinement(Err(Reason::Unavailable(unavailable)));
        assert!(without.remark().contains("machine, because no rights. "), "{}", without.remark());
        assert!(without.remark().contains("\n  hint: be root; --limits off"), "{}", without.remark());
        assert_eq!((off.share(), without.share()), (None, None));
        assert!(off.scaled().starts_with("scaled to 128 MB: 0.072 vCPU, killed beyond"), "{}", off.scaled());
    }
}
