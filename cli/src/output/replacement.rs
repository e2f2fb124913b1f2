//! A new file beside an old one, which it replaces once it is complete.
//!
//! ```text
//! create    FILE's folder gets .FILE.xxxxxx.tmp, with FILE's mode
//! write     into the temporary: FILE stays as it is
//! complete  fsync, then rename over FILE
//! drop      remove the temporary: an error, or a signal (see signals)
//! ```
//!
//! A rename would separate hard links, change the owner, and fail on a mount point (a single file
//! mounted into a container). There the complete temporary is copied over the old bytes instead.

use super::signals;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tempfile::{NamedTempFile, TempPath};

/// A temporary, and the file that it is to become.
pub(super) struct Replacement {
    file: File,
    /// The old file, open for writing.
    old: Option<File>,
    pending: Arc<Pending>,
}

/// The part of a replacement that the signal handler sees.
pub(super) struct Pending {
    pub(super) path: PathBuf,
    state: Mutex<State>,
}

pub(super) enum State {
    /// The temporary is being written; dropping its path removes it.
    Incomplete(TempPath),
    Complete,
    Failed,
}

impl Pending {
    /// The state; holding the lock keeps the other thread from changing it.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Replacement {
    /// Makes the temporary for the file at `path`; `old` is that file if there is one.
    pub(super) fn create(path: PathBuf, old: Option<File>) -> Result<Self, String> {
        let name = path.file_name().ok_or("the path names no file; give --output the name of a file")?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let (file, temporary) =
            temporary(folder, name, old.as_ref()).map_err(|error| reason(folder, &error))?.into_parts();
        let pending = Arc::new(Pending { path, state: Mutex::new(State::Incomplete(temporary)) });
        let replacement = Self { file, old, pending };
        signals::watch(&replacement.pending)
            .map_err(|error| format!("no thread can be started to wait for signals: {error}"))?;
        Ok(replacement)
    }

    /// Puts the temporary in the file's place.
    pub(super) fn complete(mut self) -> Result<(), String> {
        let pending = Arc::clone(&self.pending);
        let mut state = pending.lock();
        let State::Incomplete(temporary) = std::mem::replace(&mut *state, State::Failed) else {
            return Err("interrupted".to_owned());
        };
        let path = pending.path.display();
        self.file.sync_all().map_err(|error| format!("cannot write to {path}: {error}"))?;
        let (temporary, error) = match self.rename(temporary, &pending.path) {
            Ok(()) => (None, None),
            Err((temporary, error)) => (Some(temporary), error),
        };
        if let Some(temporary) = temporary {
            self.copy(error).map_err(|error| match temporary.keep() {
                Ok(kept) => {
                    let kept = kept.display();
                    format!(
                        "cannot replace {path}: {error}; the digits are complete in {kept}: move it yourself"
                    )
                }
                Err(_) => format!("cannot replace {path}: {error}"),
            })?;
        }
        *state = State::Complete;
        Ok(())
    }

    /// Renames the temporary, or returns it if the old file would lose links or its owner.
    fn rename(&self, temporary: TempPath, path: &Path) -> Result<(), (TempPath, Option<io::Error>)> {
        match &self.old {
            Some(old) if !alike(old, &self.file) => Err((temporary, None)),
            _ => temporary.persist(path).map_err(|error| (error.path, Some(error.error))),
        }
    }

    /// Copies the temporary over the old file; without an old file returns the error of the rename.
    fn copy(&mut self, error: Option<io::Error>) -> io::Result<()> {
        let Some(old) = &mut self.old else { return error.map_or(Ok(()), Err) };
        self.file.rewind()?;
        old.set_len(0)?;
        io::copy(&mut self.file, old)?;
        old.sync_all()
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Replacement {
    /// Removes an incomplete temporary. The signal handler holds another reference to its path.
    fn drop(&mut self) {
        let mut state = self.pending.lock();
        if matches!(*state, State::Incomplete(_)) {
            *state = State::Failed;
        }
    }
}

/// A temporary beside the file called `name`, with the mode that the complete file shall have.
fn temporary(folder: &Path, name: &OsStr, old: Option<&File>) -> io::Result<NamedTempFile> {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    // Open it like any new file, so that its mode follows the umask; tempfile's default is 0600.
    let temporary = builder
        .prefix(&prefix)
        .suffix(".tmp")
        .make_in(folder, |path| File::options().read(true).write(true).create_new(true).open(path))?;
    if let Some(old) = old {
        temporary.as_file().set_permissions(old.metadata()?.permissions())?;
    }
    Ok(temporary)
}

fn reason(folder: &Path, error: &io::Error) -> String {
    format!(
        "no temporary file can be made in {}: {error}; give --output a path in a folder that can be \
         written, or redirect standard output",
        folder.display()
    )
}

/// True if a rename keeps everything about the old file: it has one link and the same owner.
#[cfg(unix)]
fn alike(old: &File, temporary: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(old), Ok(new)) = (old.metadata(), temporary.metadata()) else { return false };
    old.nlink() == 1 && (old.uid(), old.gid()) == (new.uid(), new.gid())
}

#[cfg(not(unix))]
fn alike(_: &File, _: &File) -> bool {
    true
}
