//! The folders of a group, one in each hierarchy.

use super::layout::lists;
use super::{Place, Unavailable, Version, stale};
use std::fs;
use std::path::{Path, PathBuf};

/// The folders of a group, each once; dropping the value removes them.
#[derive(Debug, Default)]
pub(super) struct Folders(pub(super) Vec<PathBuf>);

impl Folders {
    /// Makes a folder in `parent`; two controllers in one place share a folder.
    pub(super) fn make(&mut self, parent: &Place, name: &str) -> Result<Place, Unavailable> {
        let folder = parent.folder.join(name);
        if !self.0.contains(&folder) {
            stale::sweep(&parent.folder);
            fs::create_dir(&folder).map_err(|error| {
                Unavailable::new(format!("no cgroup can be made in {} ({error})", parent.folder.display()))
            })?;
            self.0.push(folder.clone());
        }
        Ok(Place { version: parent.version, folder })
    }

    /// Makes a folder in version 2, where a group with processes cannot delegate controllers to
    /// groups below it: beside this process's own group, or beside the nearest possible ancestor.
    pub(super) fn make_unified(
        &mut self,
        own: &Place,
        name: &str,
        needed: &[&str],
    ) -> Result<PathBuf, Unavailable> {
        let mut last = Unavailable::new("no cgroup of version 2 passes on the controllers cpu and memory");
        for folder in own.upwards().filter(|folder| passes_on(folder, needed)) {
            match self.make(&Place { version: Version::V2, folder: folder.to_owned() }, name) {
                Ok(place) => return Ok(place.folder),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

/// Switches on these controllers for groups below `folder`; true when all are on.
fn passes_on(folder: &Path, needed: &[&str]) -> bool {
    let file = folder.join("cgroup.subtree_control");
    needed
        .iter()
        .all(|controller| lists(&file, controller) || fs::write(&file, format!("+{controller}")).is_ok())
}

impl Drop for Folders {
    fn drop(&mut self) {
        self.0.iter().for_each(|folder| stale::remove(folder));
    }
}
