//! The machine of a measurement.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs;

/// The machine, as far as an unprivileged process can read it.
///
/// Host name and user are left out, so that results can be published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// The processor's model.
    pub cpu: String,
    /// Logical processors available to this process.
    pub cpus: usize,
    /// The architecture.
    pub architecture: String,
    /// Kernel version.
    pub kernel: String,
    /// Memory in MB.
    pub memory_mb: u64,
    /// Load average over the last minute.
    pub load: f64,
}

impl Environment {
    /// This machine at this moment.
    #[must_use]
    pub fn here() -> Self {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        Self {
            cpu: cpu(&read("/proc/cpuinfo")),
            cpus: std::thread::available_parallelism().map_or(1, usize::from),
            architecture: std::env::consts::ARCH.to_owned(),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            memory_mb: memory_mb(&read("/proc/meminfo")),
            load: load(&read("/proc/loadavg")),
        }
    }

    /// The machine in words: processor, logical processors and kernel, as far as they are known.
    ///
    /// Functions on Lambda name their processors only.
    #[must_use]
    pub fn describe(&self) -> String {
        match self.kernel.as_str() {
            "" => self.processor(),
            kernel => format!("{}, Linux {kernel}", self.processor()),
        }
    }

    /// The processor and the number of logical processors, if it is known.
    #[must_use]
    pub fn processor(&self) -> String {
        match self.cpus {
            0 => self.cpu.clone(),
            cpus => format!("{}, {cpus} CPUs", self.cpu),
        }
    }

    /// True when other programs are likely to disturb a measurement.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "few processors")]
    pub fn is_busy(&self) -> bool {
        self.load > self.cpus as f64 * 0.5
    }
}

fn cpu(cpuinfo: &str) -> String {
    let field = |name: &str| {
        let line = cpuinfo.lines().find(|line| line.starts_with(name))?;
        line.split_once(':').map(|(_, value)| value.trim().to_owned())
    };
    // ARM kernels give only numbers.
    field("model name")
        .or_else(|| {
            Some(format!("ARM implementer {} part {}", field("CPU implementer")?, field("CPU part")?))
        })
        .unwrap_or_else(|| "unknown".to_owned())
}

fn memory_mb(meminfo: &str) -> u64 {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn load(loadavg: &str) -> f64 {
    loadavg.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0)
}

/// SHA-256 in lower-case hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intel_and_arm_are_read() {
        assert_eq!(cpu("processor\t: 0\nmodel name\t: Fast CPU @ 2 GHz\n"), "Fast CPU @ 2 GHz");
        assert_eq!(cpu("CPU implementer\t: 0x41\nCPU part\t: 0xd0c\n"), "ARM implementer 0x41 part 0xd0c");
        assert_eq!(cpu(""), "unknown");
        assert_eq!(memory_mb("MemTotal:       24684000 kB\n"), 24_105);
        assert_eq!((load("9.17 8.09 6.06 3/400 1\n"), load("")), (9.17, 0.0));
    }

    #[test]
    fn unknown_parts_are_left_out() {
        let mut environment = Environment { cpu: "Fast CPU".to_owned(), cpus: 2, ..Environment::here() };
        environment.kernel = "6.1".to_owned();
        assert_eq!(environment.describe(), "Fast CPU, 2 CPUs, Linux 6.1");
        (environment.cpus, environment.kernel) = (0, String::new());
        assert_eq!(environment.describe(), "Fast CPU");
    }

    #[test]
    fn this_machine_says_something() {
        let here = Environment::here();
        assert!(here.cpus > 0 && !here.kernel.is_empty() && here.memory_mb > 0, "{here:?}");
    }

    #[test]
    fn the_digest_of_nothing() {
        assert!(sha256(b"").starts_with("e3b0c44298fc1c149afbf4c8996fb924"));
        assert_eq!(sha256(b"abc").len(), 64);
    }
}
