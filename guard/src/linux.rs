//! Limits from Linux's files: available memory, and cgroups of version 1 and 2.
//!
//! ```text
//! /proc/self/cgroup       the process's group in each hierarchy      4:memory:/a/b    0::/a/b
//! /proc/self/mountinfo    the hierarchy's folder, and the group that is its root
//! FOLDER/a/b, FOLDER/a, FOLDER    limit and usage of each group; the tightest counts
//! ```

use super::limits::{Limit, Source};
use std::fs;
use std::path::{Path, PathBuf};

/// Smallest computation, in bytes, whose time makes reading the files (100 microseconds) negligible.
pub(super) const WORTH_READING: u64 = 8 << 20;

pub(super) fn limits() -> impl Iterator<Item = Limit> {
    let process = Path::new("/proc/self");
    let cgroups = groups(&read(process, "cgroup"), &read(process, "mountinfo"));
    let cgroup = cgroups.iter().filter_map(Group::left).min();
    let available = field(&read(Path::new("/proc"), "meminfo"), "MemAvailable:").map(|kib| kib * 1024);
    let limit = |source, bytes: Option<u64>| bytes.map(|bytes| Limit { source, bytes });
    [limit(Source::Cgroup, cgroup), limit(Source::Available, available)].into_iter().flatten()
}

/// A cgroup that holds the process, directly or by one of its children.
#[derive(Debug, PartialEq, Eq)]
struct Group {
    folder: PathBuf,
    version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

impl Group {
    /// Bytes that the group may still use. Its page cache counts as free.
    fn left(&self) -> Option<u64> {
        let (limit, usage, prefix) = match self.version {
            Version::One => ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_"),
            Version::Two => ("memory.max", "memory.current", ""),
        };
        // The word "max" means no limit.
        let limit: u64 = read(&self.folder, limit).trim().parse().ok()?;
        let used: u64 = read(&self.folder, usage).trim().parse().unwrap_or(0);
        let stat = read(&self.folder, "memory.stat");
        let cached = ["inactive_file", "active_file"].map(|name| field(&stat, &format!("{prefix}{name}")));
        let cached: u64 = cached.into_iter().flatten().sum();
        Some(limit.saturating_sub(used.saturating_sub(cached)))
    }
}

/// The groups of the process from its own up to the root of the hierarchy.
fn groups(cgroup: &str, mountinfo: &str) -> Vec<Group> {
    let mut groups = Vec::new();
    for (version, path) in cgroup.lines().filter_map(group_path) {
        for (root, folder) in mountinfo.lines().filter_map(|line| mounted(line, version)) {
            // A container may see the host's path of its group, and only a part of the hierarchy.
            let below = path.strip_prefix(root).unwrap_or(Path::new(""));
            let group: PathBuf = folder.join(below).components().collect();
            let up = group.ancestors().take_while(|up| up.starts_with(folder));
            groups.extend(up.map(|up| Group { folder: up.to_owned(), version }));
        }
    }
    groups
}

/// The group in a line `4:memory:/path` or `0::/path` of a hierarchy that limits memory.
fn group_path(line: &str) -> Option<(Version, &Path)> {
    let mut fields = line.splitn(3, ':').skip(1);
    let (controllers, path) = (fields.next()?, fields.next()?);
    let version = match controllers {
        "" => Version::Two,
        list if list.split(',').any(|name| name == "memory") => Version::One,
        _ => return None,
    };
    Some((version, Path::new(path)))
}

/// Root and folder in a line of mountinfo that mounts a memory hierarchy of this version.
fn mounted(line: &str, version: Version) -> Option<(&Path, &Path)> {
    let (mount, system) = line.split_once(" - ")?;
    let mut system = system.split(' ');
    let (kind, options) = (system.next()?, system.nth(1)?);
    let right = match version {
        Version::One => kind == "cgroup" && options.split(',').any(|option| option == "memory"),
        Version::Two => kind == "cgroup2",
    };
    let mut mount = mount.split(' ').skip(3);
    right.then_some((Path::new(mount.next()?), Path::new(mount.next()?)))
}

/// The number behind `name` in lines `name 123`.
fn field(text: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines().map(str::split_ascii_whitespace);
    let mut found = lines.find_map(|mut words| (words.next() == Some(name)).then_some(words))?;
    found.next()?.parse().ok()
}

/// The text of a file; empty where a system lacks the file.
fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
23 1 0:21 / / rw - ext4 /dev/root rw
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
35 31 0:32 /docker/1 /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
";

    fn folders(cgroup: &str, mountinfo: &str) -> Vec<String> {
        groups(cgroup, mountinfo).iter().map(|group| group.folder.display().to_string()).collect()
    }

    #[test]
    fn a_group_and_all_above_it_count_wherever_they_are_mounted() {
        let cgroup = "5:cpu:/\n4:memory,hugetlb:/docker/1/a/b\n";
        let memory = "/sys/fs/cgroup/memory";
        assert_eq!(folders(cgroup, MOUNTS), [&format!("{memory}/a/b"), &format!("{memory}/a"), memory]);
        // The path of the host, of which the container sees another part.
        assert_eq!(folders("4:memory:/elsewhere", MOUNTS), [memory]);
        assert_eq!(folders("0::/x", MOUNTS), ["/sys/fs/cgroup/unified/x", "/sys/fs/cgroup/unified"]);
        assert!(folders("0::/x", "").is_empty() && folders("", MOUNTS).is_empty());
    }

    #[test]
    fn the_rest_of_a_limit_includes_the_page_cache() {
        for (version, limit, usage, prefix) in [
            (Version::Two, "memory.max", "memory.current", ""),
            (Version::One, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
            let group = Group { folder: folder.path().to_owned(), version };
            assert_eq!(group.left(), None, "no files");
            write(limit, "1000\n");
            assert_eq!(group.left(), Some(1000));
            write(usage, "700\n");
            write("memory.stat", &format!("anon 90\n{prefix}inactive_file 100\n{prefix}active_file 50\n"));
            assert_eq!(group.left(), Some(450));
            write(usage, "7000\n");
            assert_eq!(group.left(), Some(0));
            write(limit, "max\n");
            assert_eq!(group.left(), None);
        }
    }

    #[test]
    fn this_machine_tells_its_memory() {
        let available = limits().find(|limit| limit.source == Source::Available).unwrap();
        assert!(available.bytes > 1 << 20, "{available:?}");
    }
}
