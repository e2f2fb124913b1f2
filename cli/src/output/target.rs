//! The file that is written: standard output, a special file, or a temporary that replaces a file.

use super::replacement::Replacement;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

/// The file that is written, with its name for messages.
pub(super) struct Target {
    name: String,
    kind: Kind,
}

enum Kind {
    /// Standard output, or a file without contents to protect: a device, FIFO or open descriptor.
    Stream(File),
    /// A regular file, old or new.
    Replaced(Replacement),
}

impl Target {
    /// Opens `path`, or standard output.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, String> {
        let Some(path) = path else {
            let kind = Kind::Stream(standard_output()?);
            return Ok(Self { name: "standard output".to_owned(), kind });
        };
        let name = path.display().to_string();
        let kind = open_file(path).map_err(|reason| format!("cannot create {name}: {reason}"))?;
        Ok(Self { name, kind })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Puts a complete temporary in the place of its file.
    pub(super) fn complete(self) -> Result<(), String> {
        match self.kind {
            Kind::Stream(_) => Ok(()),
            Kind::Replaced(replacement) => replacement.complete(),
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.kind {
            Kind::Stream(file) => file.write(bytes),
            Kind::Replaced(replacement) => replacement.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        // Neither kind has a buffer.
        Ok(())
    }
}

fn open_file(path: &Path) -> Result<Kind, String> {
    let path = follow_links(path).map_err(|error| error.to_string())?;
    if is_descriptor(&path) {
        // Never truncate: the shell may have opened the descriptor with `>>`.
        let file = File::options().append(true).open(&path).map_err(|error| error.to_string())?;
        return Ok(Kind::Stream(file));
    }
    let metadata = fs::metadata(&path);
    let old = metadata.ok().map(|metadata| {
        let file = File::options().write(true).open(&path);
        file.map(|file| (file, metadata.is_file()))
    });
    match old.transpose().map_err(|error| format!("{error}; {WRITABLE}"))? {
        Some((special, false)) => Ok(Kind::Stream(special)),
        old => Replacement::create(path, old.map(|(file, _)| file)).map(Kind::Replaced),
    }
}

/// The remedy for a path that cannot be opened.
const WRITABLE: &str = "give --output a path that can be written";

/// Resolves symbolic links. The last link may point to a file that does not exist yet.
///
/// Stops at the path of an open descriptor: behind /dev/stdout is the link /proc/self/fd/1.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    const MOST: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST {
        match fs::read_link(&path) {
            Ok(target) if !is_descriptor(&path) => {
                path = path.parent().unwrap_or(Path::new("")).join(target);
            }
            _ => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// True for the path of an open descriptor: /proc/self/fd/1, /dev/fd/1.
fn is_descriptor(path: &Path) -> bool {
    let folder = path.parent().unwrap_or(Path::new(""));
    let folder_is = |name: &str| folder.components().next_back() == Some(Component::Normal(name.as_ref()));
    folder_is("fd") && (path.starts_with("/proc") || path.starts_with("/dev"))
}

#[cfg(unix)]
fn standard_output() -> Result<File, String> {
    use std::os::fd::AsFd;
    if !*OPEN_AT_START {
        return Err("cannot write to standard output: it is closed; redirect it to a file or a pipe, \
                    or give --output FILE"
            .to_owned());
    }
    // Avoid std's handle: it buffers by lines and ignores EBADF, so a read-only descriptor is success.
    let descriptor = io::stdout().as_fd().try_clone_to_owned();
    descriptor.map(File::from).map_err(|error| format!("cannot write to standard output: {error}"))
}

#[cfg(windows)]
fn standard_output() -> Result<File, String> {
    use std::os::windows::io::AsHandle;
    let handle = io::stdout().as_handle().try_clone_to_owned();
    handle.map(File::from).map_err(|error| format!("cannot write to standard output: {error}"))
}

#[cfg(unix)]
ctor::declarative::ctor! {
    /// True if standard output was open before std replaced a closed one by /dev/null.
    // SAFETY: the function runs before `main` and before std has started. It makes one system call,
    // and neither allocates nor uses std's input and output.
    #[ctor(unsafe)]
    static OPEN_AT_START: bool = rustix::io::fcntl_getfd(rustix::stdio::stdout()).is_ok();
}
