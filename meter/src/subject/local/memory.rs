//! The memory use of a process, from `/proc/PID/status`.

use std::fs;

/// `VmHWM`, the peak resident memory in kB, without child processes.
///
/// `None` when the process has exited.
pub(super) fn peak(process_id: u32) -> Option<u64> {
    field(process_id, "VmHWM:")
}

/// `VmRSS`, the resident memory in kB. `None` when the process has exited.
#[must_use]
pub fn resident(process_id: u32) -> Option<u64> {
    field(process_id, "VmRSS:")
}

fn field(process_id: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process_id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_process_uses_some() {
        // The peak is read last, because each reading maps code that has not run before.
        let (resident, peak) = (resident(std::process::id()).unwrap(), peak(std::process::id()).unwrap());
        assert!(resident > 0 && peak >= resident, "{peak} {resident}");
    }

    #[test]
    fn no_process_has_id_0() {
        assert_eq!(peak(0), None);
    }
}
