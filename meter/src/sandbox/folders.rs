//! The folders of a group: made in each hierarchy, removed together.

use super::layout::lists;
use super::{Place, Unavailable, Version, stale};
use std::fs;
use std::path::{Path, PathBuf};

/// The folders of a group, each once; removed when dropped.
#[derive(Debug, Default)]
pub(super) struct Folders(pub(super) Vec<PathBuf>);

impl Folders {
    /// A folder of this name in `parent`; where two controllers share a place, it is one.
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

    /// In version 2 a group with processes cannot pass controllers on to groups below it, so the
    /// new one goes beside ours, or beside one further up: the nearest where it is allowed.
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

/// Whether groups below `folder` have these controllers, which are switched on if need be.
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
