//! The environment of a record: processor, load, versions, commit.

use pi_spigot::cpu::Level;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::process::Command;

/// The lock file names the versions exactly.
const LOCK: &str = include_str!("../../Cargo.lock");
const PACKAGES: [&str; 6] = ["malachite-nz", "rug", "gmp-mpfr-sys", "dashu-int", "num-bigint", "pi-spigot"];

/// The header of a record.
#[derive(Serialize)]
pub struct Machine {
    pub date: String,
    pub cpu: String,
    pub level: String,
    /// Processes that were ready to run, on average over a minute, and processors.
    pub load: String,
    pub commit: String,
    pub compiler: String,
    pub versions: BTreeMap<String, String>,
}

impl Machine {
    /// Asks the system; missing values are "unknown".
    pub fn look(level: Option<&str>) -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        let cpu = read("/proc/cpuinfo");
        let cpu = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let load = read("/proc/loadavg");
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let manifest = env!("CARGO_MANIFEST_DIR");
        Self {
            date: said("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
            cpu: cpu.map_or_else(|| "unknown".to_owned(), |(_, model)| model.trim().to_owned()),
            level: level.map_or_else(|| Level::get().name().to_owned(), str::to_owned),
            load: format!("{} on {processors} processors", load.split(' ').next().unwrap_or("unknown")),
            commit: said("git", &["-C", manifest, "describe", "--always", "--dirty", "--abbrev=12"]),
            compiler: said("rustc", &["--version"]),
            versions: PACKAGES.iter().map(|&name| (name.to_owned(), version(name))).collect(),
        }
    }
}

/// The first line of a program's output.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.ok().filter(|output| output.status.success()).map(|output| output.stdout);
    let text = text.map(|text| String::from_utf8_lossy(&text).trim().to_owned());
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

/// The version of a package in the lock file.
fn version(package: &str) -> String {
    let name = format!("name = \"{package}\"\nversion = \"");
    let version = LOCK.split_once(&name).and_then(|(_, rest)| rest.split_once('"'));
    version.map_or_else(|| "unknown".to_owned(), |(version, _)| version.to_owned())
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, {}, SIMD level {} for ours, load {}.", self.date, self.cpu, self.level, self.load)?;
        let versions: Vec<_> =
            self.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
        writeln!(
            f,
            "{}; commit {}; {}; release profile, one thread.\n",
            versions.join(", "),
            self.commit,
            self.compiler
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_versions_are_known() {
        assert!(PACKAGES.iter().all(|package| version(package) != "unknown"));
    }
}
