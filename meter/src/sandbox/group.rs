//! The cgroup of one sandbox, across hierarchies.

use super::folders::Folders;
use super::{CpuShare, Layout, Place, Unavailable, Version, stale};
use rustix::process::Pid;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Readings of a freezing group's state, at intervals of 100 us.
const FREEZE_ATTEMPTS: u32 = 200;

/// A group with its limits. Dropping the value kills its processes and removes the group.
#[derive(Debug)]
pub struct Group {
    cpu: Place,
    memory: Place,
    freezer: Place,
    accounting: Place,
    /// This process's own group in version 2.
    home: Option<PathBuf>,
    folders: Folders,
}

impl Group {
    /// Makes a group that limits memory to `memory_size` MB, and does not limit CPU time yet.
    ///
    /// # Errors
    ///
    /// When this process lacks the right, or a file cannot be written; no folder is left behind.
    pub fn create(layout: &Layout, memory_size: u64) -> Result<Self, Unavailable> {
        let name = stale::unique_name();
        let mut folders = Folders::default();
        let places = [&layout.cpu, &layout.memory, &layout.freezer, &layout.accounting];
        let unified = places.iter().find(|place| place.version == Version::V2);
        let in_unified = unified
            .map(|place| {
                let needed: Vec<&str> = [("cpu", &layout.cpu), ("memory", &layout.memory)]
                    .iter()
                    .filter_map(|(name, place)| (place.version == Version::V2).then_some(*name))
                    .collect();
                folders.make_unified(place, &name, &needed)
            })
            .transpose()?;
        let mut make = |place: &Place| match (&in_unified, place.version) {
            (Some(folder), Version::V2) => Ok(Place { version: Version::V2, folder: folder.clone() }),
            _ => folders.make(place, &name),
        };
        let group = Self {
            cpu: make(&layout.cpu)?,
            memory: make(&layout.memory)?,
            freezer: make(&layout.freezer)?,
            accounting: make(&layout.accounting)?,
            home: unified.map(|place| place.folder.clone()),
            folders,
        };
        group.set_up(memory_size)?;
        Ok(group)
    }

    /// Sets the limits. The quota is set and lifted once, to test that this is possible.
    fn set_up(&self, memory_size: u64) -> Result<(), Unavailable> {
        self.limit_memory(memory_size).map_err(|error| refused("the memory limit", &error))?;
        self.go_first().map_err(|error| refused("the CPU weight", &error))?;
        self.throttle(CpuShare::of_memory(memory_size))
            .and_then(|()| self.unthrottle())
            .map_err(|error| refused("the CPU quota", &error))
    }

    /// Runs `spawn` so that the process it starts is in the group before its first instruction.
    ///
    /// A child starts in the cgroup of the thread that spawns it. Version 1 moves single threads:
    /// a temporary thread enters the group and spawns. Version 2 moves only whole processes: this
    /// process enters and leaves, so only one sandbox starts at a time. No helper process runs
    /// before the function's first instruction, so the init duration holds no time of the tool.
    ///
    /// # Errors
    ///
    /// When the group cannot be entered or left.
    pub fn enter<T: Send>(&self, spawn: impl FnOnce() -> T + Send) -> io::Result<T> {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _entered = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let enter_and_spawn = || {
            let home = self.home.as_deref().map(Home);
            for folder in &self.folders.0 {
                let thread_file = folder.join("tasks");
                let file = if thread_file.exists() { thread_file } else { folder.join("cgroup.procs") };
                fs::write(file, "0")?;
            }
            let spawned = spawn();
            home.map_or(Ok(()), Home::go_back)?;
            Ok(spawned)
        };
        thread::scope(|scope| scope.spawn(enter_and_spawn).join())
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// Limits the group to this share of a vCPU.
    ///
    /// # Errors
    ///
    /// When the quota cannot be written, for example because a container's own limit is lower.
    pub fn throttle(&self, share: CpuShare) -> io::Result<()> {
        self.write_quota(&share.quota().as_micros().to_string())
    }

    /// Lifts the limit on CPU time.
    ///
    /// # Errors
    ///
    /// When the quota cannot be written.
    pub fn unthrottle(&self) -> io::Result<()> {
        self.write_quota(match self.cpu.version {
            Version::V1 => "-1",
            Version::V2 => "max",
        })
    }

    fn write_quota(&self, quota: &str) -> io::Result<()> {
        let period = CpuShare::PERIOD.as_micros().to_string();
        match self.cpu.version {
            Version::V1 => {
                self.cpu.write("cpu.cfs_period_us", &period)?;
                self.cpu.write("cpu.cfs_quota_us", quota)
            }
            Version::V2 => self.cpu.write("cpu.max", &format!("{quota} {period}")),
        }
    }

    /// Gives the group priority, so that other load on this machine does not reduce its quota.
    fn go_first(&self) -> io::Result<()> {
        match self.cpu.version {
            Version::V1 => self.cpu.write("cpu.shares", "262144"),
            Version::V2 => self.cpu.write("cpu.weight", "10000"),
        }
    }

    fn limit_memory(&self, memory_size: u64) -> io::Result<()> {
        let bytes = (memory_size * 1024 * 1024).to_string();
        // Lambda has no swap. A kernel without swap accounting lacks the second file.
        match self.memory.version {
            Version::V1 => {
                self.memory.write("memory.limit_in_bytes", &bytes)?;
                self.memory.write_existing("memory.memsw.limit_in_bytes", &bytes)
            }
            Version::V2 => {
                self.memory.write("memory.max", &bytes)?;
                self.memory.write_existing("memory.swap.max", "0")
            }
        }
    }

    /// Stops every thread of the group, and waits until all have stopped.
    ///
    /// # Errors
    ///
    /// When the state cannot be written.
    pub fn freeze(&self) -> io::Result<()> {
        let (file, state, seen, frozen) = match self.freezer.version {
            Version::V1 => ("freezer.state", "FROZEN", "freezer.state", "FROZEN"),
            Version::V2 => ("cgroup.freeze", "1", "cgroup.events", "frozen 1"),
        };
        self.freezer.write(file, state)?;
        for _ in 0..FREEZE_ATTEMPTS {
            if self.freezer.read(seen).contains(frozen) {
                break;
            }
            thread::sleep(Duration::from_micros(100));
        }
        Ok(())
    }

    /// Resumes every thread of the group.
    ///
    /// # Errors
    ///
    /// When the state cannot be written.
    pub fn thaw(&self) -> io::Result<()> {
        match self.freezer.version {
            Version::V1 => self.freezer.write("freezer.state", "THAWED"),
            Version::V2 => self.freezer.write("cgroup.freeze", "0"),
        }
    }

    /// True when the kernel killed a process of the group for lack of memory.
    #[must_use]
    pub fn ran_out_of_memory(&self) -> bool {
        let file = match self.memory.version {
            Version::V1 => "memory.oom_control",
            Version::V2 => "memory.events",
        };
        self.memory.number(file, "oom_kill ").is_some_and(|kills| kills > 0)
    }

    /// CPU time of the group.
    #[must_use]
    pub fn cpu_time(&self) -> Option<Duration> {
        match self.accounting.version {
            Version::V1 => self.accounting.number("cpuacct.usage", "").map(Duration::from_nanos),
            Version::V2 => self.accounting.number("cpu.stat", "usage_usec ").map(Duration::from_micros),
        }
    }

    /// The processes in the group.
    #[must_use]
    pub fn processes(&self) -> Vec<Pid> {
        stale::processes(&self.memory.folder)
    }

    /// Kills every process in the group, frozen or not.
    pub fn kill(&self) {
        for folder in &self.folders.0 {
            stale::kill_all(folder);
        }
    }
}

fn refused(what: &str, error: &io::Error) -> Unavailable {
    Unavailable::new(format!("{what} cannot be set ({error})"))
}

impl Place {
    fn write(&self, file: &str, text: &str) -> io::Result<()> {
        fs::write(self.folder.join(file), text)
    }

    fn write_existing(&self, file: &str, text: &str) -> io::Result<()> {
        if self.folder.join(file).exists() { self.write(file, text) } else { Ok(()) }
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).unwrap_or_default()
    }

    /// The number after `key` at the start of a line.
    fn number(&self, file: &str, key: &str) -> Option<u64> {
        self.read(file).lines().find_map(|line| line.strip_prefix(key)?.trim().parse().ok())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Guard that moves this process back to its own group of version 2, even after a panic.
struct Home<'a>(&'a Path);

impl Home<'_> {
    fn go_back(self) -> io::Result<()> {
        let result = self.enter();
        std::mem::forget(self);
        result
    }

    fn enter(&self) -> io::Result<()> {
        fs::write(self.0.join("cgroup.procs"), "0")
    }
}

impl Drop for Home<'_> {
    fn drop(&mut self) {
        let _ = self.enter();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plain files stand in for the kernel's interface of version 2.
    #[test]
    fn version_2_in_its_own_words() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("cgroup.controllers"), "cpu memory").unwrap();
        let place = Place { version: Version::V2, folder: root.path().to_owned() };
        let [cpu, memory, freezer, accounting] = [(); 4].map(|()| place.clone());
        let group = Group::create(&Layout { cpu, memory, freezer, accounting }, 128).unwrap();
        let file = |name: &str| group.cpu.read(name);
        assert_eq!(fs::read_to_string(root.path().join("cgroup.subtree_control")).unwrap(), "+memory");
        assert_eq!([file("cpu.max"), file("memory.max")], ["max 20000", "134217728"]);
        group.throttle(CpuShare::of_memory(128)).unwrap();
        assert_eq!(file("cpu.max"), "1447 20000");
        fs::write(group.cpu.folder.join("cpu.stat"), "usage_usec 12\nuser_usec 7\n").unwrap();
        fs::write(group.cpu.folder.join("memory.events"), "oom 1\noom_kill 1\n").unwrap();
        assert_eq!((group.cpu_time(), group.ran_out_of_memory()), (Some(Duration::from_micros(12)), true));
        group.freeze().unwrap();
        assert_eq!(file("cgroup.freeze"), "1");
        group.enter(|| assert_eq!(file("cgroup.procs"), "0", "the spawning thread is inside")).unwrap();
        let home = fs::read_to_string(root.path().join("cgroup.procs")).unwrap();
        assert_eq!(home, "0", "and outside again");
    }

    #[test]
    fn what_cannot_be_made_is_said() {
        let place = Place { version: Version::V1, folder: "/no/such/folder".into() };
        let [cpu, memory, freezer, accounting] = [(); 4].map(|()| place.clone());
        let error = Group::create(&Layout { cpu, memory, freezer, accounting }, 128).unwrap_err();
        assert!(error.to_string().starts_with("no cgroup can be made in /no/such/folder ("), "{error}");
        assert!(error.to_string().contains("run it as root"), "{error}");
    }
}
