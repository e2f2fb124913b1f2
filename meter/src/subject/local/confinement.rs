//! Whether and how a sandbox is held to Lambda's share of a CPU and to its memory.

use crate::error::Error;
use crate::sandbox::{CpuShare, Group, Layout, Limits, Unavailable};
use std::thread::available_parallelism;

/// What is decided once, before the first sandbox is started.
#[derive(Debug, Clone)]
pub struct Confinement {
    memory_size: u64,
    layout: Result<Layout, Reason>,
}

/// Why figures are unscaled.
#[derive(Debug, Clone)]
enum Reason {
    AsWished,
    Unavailable(Unavailable),
}

impl Confinement {
    /// Finds out what this machine allows, by making a group and removing it again.
    ///
    /// # Errors
    ///
    /// When limits are required and cannot be had.
    pub fn prepare(limits: Limits, memory_size: u64) -> Result<Self, Error> {
        let layout = match limits {
            Limits::Off => Err(Reason::AsWished),
            Limits::Auto => possible(memory_size).map_err(Reason::Unavailable),
            Limits::Require => Ok(possible(memory_size).map_err(Error::Limits)?),
        };
        Ok(Self { memory_size, layout })
    }

    /// The share of a CPU, when it is limited.
    #[must_use]
    pub fn share(&self) -> Option<CpuShare> {
        self.layout.is_ok().then(|| CpuShare::of_memory(self.memory_size))
    }

    /// A group for one sandbox, when it is limited.
    pub(super) fn group(&self) -> Result<Option<Group>, Error> {
        let create = |layout| Group::create(layout, self.memory_size).map_err(Error::Limits);
        self.layout.as_ref().ok().map(create).transpose()
    }

    /// What has to stand beside every local figure.
    #[must_use]
    pub fn remark(&self) -> String {
        match &self.layout {
            Ok(_) => format!("{}; {CANNOT_KNOW}", self.scaled()),
            Err(Reason::AsWished) => format!("{UNSCALED}; {CANNOT_KNOW}"),
            Err(Reason::Unavailable(unavailable)) => {
                format!("{UNSCALED}, because {}; {CANNOT_KNOW}", unavailable.problem)
                    + &format!("\n  hint: {}; --limits off takes them as they are", unavailable.remedy)
            }
        }
    }

    fn scaled(&self) -> String {
        let share = CpuShare::of_memory(self.memory_size).cpus();
        let here = available_parallelism().map_or(1, usize::from);
        let more =
            if share > here as f64 { format!(", of which this machine has {here}") } else { String::new() };
        format!("scaled to {} MB: {share:.3} CPUs{more}, killed beyond that memory", self.memory_size)
    }
}

const UNSCALED: &str = "these figures are unscaled wall time of this machine";
const CANNOT_KNOW: &str =
    "a local run cannot know Lambda's processor, the start of its microVM and the fetch of code or image";

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
        assert!(without.remark().contains("machine, because no rights; "), "{}", without.remark());
        assert!(without.remark().contains("\n  hint: be root; --limits off"), "{}", without.remark());
        assert_eq!((off.share(), without.share()), (None, None));
        assert!(off.scaled().starts_with("scaled to 128 MB: 0.072 CPUs, killed beyond"), "{}", off.scaled());
    }
}
