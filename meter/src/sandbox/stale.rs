//! Names of groups, and the removal of groups that a killed tool left behind.
//!
//! Dropping a sandbox removes its group, also after Ctrl-C and a panic. Only SIGKILL leaves a group
//! behind; the next tool that makes a group in the same place finds the leftover by its name.

use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

const PREFIX: &str = "lambda-meter";
/// Attempts to remove a group, at intervals of a millisecond.
const ATTEMPTS: u32 = 500;

/// A unique name: `lambda-meter-4026531836-1234-0`.
///
/// The numbers are this process's PID namespace, its process id, and a counter. The process id
/// identifies the owner only within the same namespace.
pub(super) fn unique_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{PREFIX}-{}-{}-{count}", namespace(), std::process::id())
}

fn namespace() -> String {
    let link = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    link.to_string_lossy().chars().filter(char::is_ascii_digit).collect()
}

/// Removes the groups in `parent` whose owners have exited, with the processes in them.
pub(super) fn sweep(parent: &Path) {
    let own = format!("{PREFIX}-{}-", namespace());
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(&own)?.split('-').next()?.parse().ok());
        if owner.is_some_and(|owner: u32| !Path::new(&format!("/proc/{owner}")).exists()) {
            kill_all(&entry.path());
            remove(&entry.path());
        }
    }
}

/// Kills every process in the group, and thaws the frozen so that they die.
pub(super) fn kill_all(group: &Path) {
    // Version 2 since Linux 5.14, which has no race against a process that forks.
    write_existing(&group.join("cgroup.kill"), "1");
    for process in processes(group) {
        let _ = kill_process(process, Signal::KILL);
    }
    write_existing(&group.join("freezer.state"), "THAWED");
    write_existing(&group.join("cgroup.freeze"), "0");
}

/// Removes the group as soon as its last process has exited.
pub(super) fn remove(group: &Path) {
    for _ in 0..ATTEMPTS {
        match fs::remove_dir(group) {
            Err(error) if error.kind() == std::io::ErrorKind::ResourceBusy => kill_all(group),
            _ => return,
        }
        sleep(Duration::from_millis(1));
    }
}

/// The processes in the group.
pub(super) fn processes(group: &Path) -> Vec<Pid> {
    let ids = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
    ids.lines().filter_map(|line| Pid::from_raw(line.parse().ok()?)).collect()
}

fn write_existing(file: &Path, text: &str) {
    if file.exists() {
        let _ = fs::write(file, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_only_those_of_the_dead_are_swept() {
        let parent = tempfile::tempdir().unwrap();
        let path = |name: &str| parent.path().join(name);
        let (ours, again) = (unique_name(), unique_name());
        assert_ne!(ours, again);
        let dead = format!("{PREFIX}-{}-4194305-0", namespace());
        let elsewhere = format!("{PREFIX}-1-4194305-0");
        for name in [&ours, &dead, &elsewhere, &"other".to_owned()] {
            fs::create_dir(path(name)).unwrap();
        }
        sweep(parent.path());
        assert!(!path(&dead).exists(), "no process can have an id beyond 2^22");
        assert!([&ours, &elsewhere].iter().all(|name| path(name).exists()) && path("other").exists());
    }
}
