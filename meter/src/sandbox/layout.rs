//! Finds the cgroup controllers, in version 1, version 2, or both.
//!
//! `/proc/self/mountinfo` gives the mount point and the root of each hierarchy, and
//! `/proc/self/cgroup` this process's group in each. New groups are made below that group, so that
//! limits from outside (a container's, a service's) still apply.

use std::fs;
use std::path::{Path, PathBuf};

/// The interface of a cgroup hierarchy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// A hierarchy for each controller.
    V1,
    /// A single hierarchy for all controllers.
    V2,
}

/// A folder in which a group can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The version, which decides the names of the files.
    pub version: Version,
    /// The folder.
    pub folder: PathBuf,
}

/// The reason why limits cannot be set, with a remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {remedy}")]
pub struct Unavailable {
    /// The problem.
    pub problem: String,
    /// The remedy.
    pub remedy: &'static str,
}

impl Unavailable {
    pub(super) fn new(problem: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            remedy: "run it as root, or by `systemd-run --user --scope -p Delegate=yes lambda-meter ...`",
        }
    }
}

/// The places of the controllers that a sandbox needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Limits CPU time.
    pub cpu: Place,
    /// Limits memory.
    pub memory: Place,
    /// Stops all processes.
    pub freezer: Place,
    /// Counts CPU time.
    pub accounting: Place,
}

impl Layout {
    /// The layout of this machine, as this process sees it.
    ///
    /// # Errors
    ///
    /// When a controller is missing.
    pub fn detect() -> Result<Self, Unavailable> {
        let read = |path: &str| {
            fs::read_to_string(path)
                .map_err(|error| Unavailable::new(format!("{path} cannot be read ({error})")))
        };
        Self::find(&read("/proc/self/mountinfo")?, &read("/proc/self/cgroup")?)
    }

    /// The layout that these two files describe.
    ///
    /// # Errors
    ///
    /// When a controller is missing.
    pub fn find(mountinfo: &str, own_groups: &str) -> Result<Self, Unavailable> {
        let hierarchies: Vec<Hierarchy> =
            mountinfo.lines().filter_map(|line| Hierarchy::parse(line, own_groups)).collect();
        let v1 = |controller: &str| hierarchies.iter().find_map(|hierarchy| hierarchy.v1(controller));
        let unified = hierarchies.iter().find_map(Hierarchy::unified);
        let controller = |name: &str| {
            v1(name)
                .map_or_else(|| unified.clone()?.having(name), Some)
                .ok_or_else(|| Unavailable::new(format!("the cgroup controller {name} is not mounted")))
        };
        // Version 2 freezes and counts without a controller.
        let built_in = |name: &str| {
            v1(name).or_else(|| unified.clone()).ok_or_else(|| {
                Unavailable::new(format!("neither the cgroup controller {name} nor version 2 is mounted"))
            })
        };
        Ok(Self {
            cpu: controller("cpu")?,
            memory: controller("memory")?,
            freezer: built_in("freezer")?,
            accounting: built_in("cpuacct")?,
        })
    }
}

impl Place {
    /// This place, if it or an ancestor in version 2 has the controller `name`.
    fn having(self, name: &str) -> Option<Self> {
        let offered = self.upwards().any(|folder| lists(&folder.join("cgroup.controllers"), name));
        offered.then_some(self)
    }

    /// The folder and its ancestors in the same hierarchy of version 2.
    pub(super) fn upwards(&self) -> impl Iterator<Item = &Path> {
        self.folder.ancestors().take_while(|folder| folder.join("cgroup.controllers").exists())
    }
}

/// True when a file of version 2 lists this controller.
pub(super) fn lists(file: &Path, controller: &str) -> bool {
    let controllers = fs::read_to_string(file).unwrap_or_default();
    controllers.split_whitespace().any(|listed| listed == controller)
}

/// A mounted hierarchy.
struct Hierarchy<'a> {
    version: Version,
    /// Controllers of a version 1 hierarchy.
    controllers: Vec<&'a str>,
    /// This process's own group.
    folder: PathBuf,
}

impl<'a> Hierarchy<'a> {
    /// Parses `31 23 0:28 /root /mount/point rw - cgroup cgroup rw,cpu,cpuacct`.
    fn parse(line: &'a str, own_groups: &str) -> Option<Self> {
        let (before, after) = line.split_once(" - ")?;
        let mut fields = before.split(' ').skip(3);
        let (root, mount_point) = (unescape(fields.next()?), unescape(fields.next()?));
        let mut after = after.split(' ');
        let (version, controllers) = match after.next()? {
            "cgroup" => (Version::V1, after.nth(1)?.split(',').collect()),
            "cgroup2" => (Version::V2, Vec::new()),
            _ => return None,
        };
        let own = own_group(own_groups, version, &controllers)?;
        // In a container the mount shows only the part of the host's hierarchy below its root.
        let below = Path::new(own).strip_prefix(&root).unwrap_or(Path::new(""));
        let folder = Path::new(&mount_point).join(below);
        Some(Self { version, controllers, folder })
    }

    fn v1(&self, controller: &str) -> Option<Place> {
        let found = self.version == Version::V1 && self.controllers.contains(&controller);
        found.then(|| self.place())
    }

    fn unified(&self) -> Option<Place> {
        (self.version == Version::V2).then(|| self.place())
    }

    fn place(&self) -> Place {
        Place { version: self.version, folder: self.folder.clone() }
    }
}

/// This process's path in a hierarchy: `4:memory:/path`, or `0::/path` in version 2.
fn own_group<'a>(own_groups: &'a str, version: Version, controllers: &[&str]) -> Option<&'a str> {
    own_groups.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':');
        let (number, names, path) = (fields.next()?, fields.next()?, fields.next()?);
        let same = match version {
            Version::V1 => names.split(',').any(|name| !name.is_empty() && controllers.contains(&name)),
            Version::V2 => number == "0" && names.is_empty(),
        };
        same.then_some(path)
    })
}

/// Resolves the octal escapes of mountinfo.
fn unescape(field: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(field.to_owned(), |text, (escape, character)| text.replace(escape, character))
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1_MOUNTS: &str = "\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
37 31 0:34 /docker/abc /sys/fs/cgroup/the\\040freezer rw,relatime - cgroup cgroup rw,freezer
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
";
    const V1_GROUPS: &str = "\
9:name=systemd:/
6:freezer:/docker/abc/inner
4:memory:/some/service
1:cpu,cpuacct:/
0::/
";

    #[test]
    fn version_1_with_our_own_groups() {
        let layout = Layout::find(V1_MOUNTS, V1_GROUPS).unwrap();
        let place = |folder: &str| Place { version: Version::V1, folder: folder.into() };
        assert_eq!(layout.cpu, place("/sys/fs/cgroup/cpu,cpuacct/"));
        assert_eq!(layout.accounting, layout.cpu, "mounted together");
        assert_eq!(layout.memory, place("/sys/fs/cgroup/memory/some/service"));
        assert_eq!(layout.freezer, place("/sys/fs/cgroup/the freezer/inner"), "below the mount's root");
    }

    #[test]
    fn version_2_offers_what_its_file_says() {
        let root = tempfile::tempdir().unwrap();
        let own = root.path().join("user.slice");
        fs::create_dir(&own).unwrap();
        fs::write(root.path().join("cgroup.controllers"), "").unwrap();
        fs::write(own.join("cgroup.controllers"), "cpuset cpu io memory pids\n").unwrap();
        let mounts =
            format!("30 23 0:27 / {} rw shared:4 - cgroup2 cgroup2 rw,nsdelegate", root.path().display());
        let layout = Layout::find(&mounts, "0::/user.slice\n").unwrap();
        let place = Place { version: Version::V2, folder: own.clone() };
        assert_eq!(
            [layout.cpu, layout.memory, layout.freezer, layout.accounting],
            [(); 4].map(|()| place.clone())
        );
        fs::write(own.join("cgroup.controllers"), "pids\n").unwrap();
        let error = Layout::find(&mounts, "0::/user.slice\n").unwrap_err();
        assert!(error.to_string().starts_with("the cgroup controller cpu is not mounted; run it as root"));
    }

    #[test]
    fn both_versions_share_the_work() {
        let root = tempfile::tempdir().unwrap();
        let without_freezer: Vec<&str> = V1_MOUNTS.lines().filter(|line| !line.contains("freezer")).collect();
        fs::write(root.path().join("cgroup.controllers"), "").unwrap();
        let unified = format!("41 31 0:38 / {} rw - cgroup2 cgroup2 rw", root.path().display());
        let layout = Layout::find(&format!("{}\n{unified}", without_freezer.join("\n")), V1_GROUPS).unwrap();
        assert_eq!(layout.cpu.version, Version::V1);
        assert_eq!(layout.freezer.version, Version::V2, "freezing needs no controller there");
    }

    #[test]
    fn nothing_mounted_is_said() {
        let error = Layout::find("", V1_GROUPS).unwrap_err();
        assert_eq!(error.problem, "the cgroup controller cpu is not mounted");
    }
}
