//! Layers: folders or zips whose files appear at `/opt` in the sandbox.
//!
//! Layers are copied into one folder in the given order, so that a later layer replaces files of an
//! earlier one, as on Lambda. Where the tool may mount (as root), a thread with a mount namespace of
//! its own binds the folder over `/opt` and starts the process: the process sees the layers there,
//! and nothing runs between the tool and the process. Elsewhere the extensions are started from the
//! folder, and `PATH` and `LD_LIBRARY_PATH` name it in place of `/opt`.

use super::extension::ExtensionFile;
use crate::error::Error;
use rustix::mount::{MountFlags, MountPropagationFlags, mount_bind, mount_change, mount_remount};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use zip::ZipArchive;

/// The place of layers in a sandbox.
const OPT: &str = "/opt";

/// The files of all layers. The last clone removes them.
#[derive(Debug, Clone)]
pub struct Opt {
    folder: Arc<Folder>,
    is_mounted: bool,
}

impl PartialEq for Opt {
    fn eq(&self, other: &Self) -> bool {
        self.folder.0 == other.folder.0
    }
}

impl Eq for Opt {}

impl Opt {
    /// Copies layers into a new folder; `None` without layers.
    ///
    /// # Errors
    ///
    /// When a layer is missing, or neither a folder nor a zip.
    pub fn unpack(layers: &[PathBuf]) -> Result<Option<Self>, Error> {
        if layers.is_empty() {
            return Ok(None);
        }
        let folder = Folder::new().map_err(|error| wrong(&layers[0], &error.to_string(), SPACE))?;
        layers.iter().try_for_each(|layer| unpack(layer, &folder.0))?;
        let mut opt = Self { folder: Arc::new(folder), is_mounted: true };
        opt.is_mounted =
            std::thread::scope(|scope| scope.spawn(|| opt.mount().is_ok()).join().unwrap_or(false));
        Ok(Some(opt))
    }

    /// The extensions of the layers, in the order of their names.
    ///
    /// # Errors
    ///
    /// When the folder `extensions` cannot be read.
    pub(super) fn extensions(&self) -> Result<Vec<ExtensionFile>, Error> {
        ExtensionFile::in_folder(&self.folder.0.join("extensions"), &self.place().join("extensions"))
    }

    /// The place of the files for the processes of the sandbox.
    #[must_use]
    pub fn place(&self) -> &Path {
        if self.is_mounted { Path::new(OPT) } else { &self.folder.0 }
    }

    /// The folder with the files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder.0
    }

    /// Mounts the files at `/opt` for the calling thread and the processes that the thread starts.
    pub(super) fn mount(&self) -> io::Result<()> {
        if !self.is_mounted {
            return Ok(());
        }
        own_mounts()?;
        let private = MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC;
        mount_change("/", private)?;
        mount_bind(&self.folder.0, OPT)?;
        mount_remount(OPT, MountFlags::BIND | MountFlags::RDONLY, "")?;
        Ok(())
    }
}

/// Gives the calling thread a mount namespace of its own.
#[expect(deprecated, reason = "unsafe only with the flag FILES, which is not used")]
fn own_mounts() -> io::Result<()> {
    Ok(rustix::thread::unshare(rustix::thread::UnshareFlags::NEWNS)?)
}

fn unpack(layer: &Path, folder: &Path) -> Result<(), Error> {
    let metadata = fs::metadata(layer)
        .map_err(|error| wrong(layer, &error.to_string(), "correct the path after --layer"))?;
    if metadata.is_dir() {
        return copy(layer, folder).map_err(|error| wrong(layer, &error.to_string(), SPACE));
    }
    let file = File::open(layer).map_err(|error| wrong(layer, &error.to_string(), "may you read it?"))?;
    let not_zip = |error: zip::result::ZipError| {
        wrong(layer, &error.to_string(), "a layer is a folder or a zip, with extensions/NAME in it")
    };
    // `extract` refuses names that lead out of the folder, and keeps the modes of the files.
    ZipArchive::new(file).and_then(|mut archive| archive.extract(folder)).map_err(not_zip)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            let _ = fs::remove_file(&target);
            symlink(fs::read_link(entry.path())?, &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

fn wrong(layer: &Path, problem: &str, hint: &'static str) -> Error {
    Error::Layer { path: layer.to_owned(), problem: problem.to_owned(), hint }
}

const SPACE: &str = "is there space in $TMPDIR, and may you read all files of the layer?";

/// A folder for temporary files, removed with the value.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("lambda-meter-layers-{}-{number}", std::process::id()));
        fs::create_dir(&folder)?;
        // Every user may read `/opt` on Lambda.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::SimpleFileOptions;

    fn file(path: &Path, content: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn zip_of(path: &Path, files: &[(&str, &str)]) {
        let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
        for (name, content) in files {
            zip.start_file(*name, SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
    }

    #[test]
    fn later_layers_replace_files_of_earlier_ones_and_modes_are_kept() {
        let root = tempfile::tempdir().unwrap();
        let (folder, zip) = (root.path().join("layer"), root.path().join("layer.zip"));
        file(&folder.join("extensions/two"), "from the folder");
        file(&folder.join("lib/data"), "data");
        zip_of(&zip, &[("extensions/two", "from the zip"), ("extensions/one", "1")]);
        let opt = Opt::unpack(&[folder, zip]).unwrap().unwrap();
        let two = opt.folder().join("extensions/two");
        assert_eq!(fs::read_to_string(&two).unwrap(), "from the zip");
        assert_eq!(fs::metadata(&two).unwrap().permissions().mode() & 0o777, 0o755);
        let names: Vec<String> = opt.extensions().unwrap().into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["one", "two"]);
        let place = opt.folder().to_owned();
        drop(opt);
        assert!(!place.exists(), "the files go with the value");
    }

    #[test]
    fn a_wrong_layer_is_named_with_its_remedy() {
        let root = tempfile::tempdir().unwrap();
        let text = root.path().join("layer.txt");
        fs::write(&text, "no zip").unwrap();
        let problem = |path: &Path| Opt::unpack(&[path.to_owned()]).unwrap_err().to_string();
        assert!(problem(&text).contains("a layer is a folder or a zip"), "{}", problem(&text));
        assert!(problem(Path::new("/no/such")).contains("--layer"));
        let evil = root.path().join("evil.zip");
        zip_of(&evil, &[("../../escaped", "x")]);
        let result = Opt::unpack(&[evil]);
        assert!(!root.path().join("escaped").exists() && !std::env::temp_dir().join("escaped").exists());
        drop(result);
    }
}
