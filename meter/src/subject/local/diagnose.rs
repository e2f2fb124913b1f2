//! Explains why a binary cannot be started, from the operating system's error and the file's header.

use crate::error::Error;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{self, Path, PathBuf};

/// The absolute path of a binary, since the function gets another working directory.
pub(super) fn absolute(binary: &Path) -> Result<PathBuf, Error> {
    path::absolute(binary).map_err(|error| not_started(binary, &error))
}

/// The error for a binary that cannot be started, with a remedy.
pub(super) fn not_started(binary: &Path, error: &io::Error) -> Error {
    let (problem, hint) = explain(binary, error);
    Error::NotStarted { path: binary.to_owned(), problem, hint }
}

/// Checks before the start that the binary is an executable file.
pub(super) fn check(binary: &Path) -> Result<(), Error> {
    let executable = fs::metadata(binary)
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0);
    if executable {
        Ok(())
    } else {
        Err(not_started(binary, &io::Error::from(io::ErrorKind::PermissionDenied)))
    }
}

fn explain(binary: &Path, error: &io::Error) -> (String, String) {
    let metadata = match fs::metadata(binary) {
        Ok(metadata) => metadata,
        Err(error) => {
            return (error.to_string(), "build it first, or correct the path after --binary".to_owned());
        }
    };
    if metadata.is_dir() {
        return (
            "it is a folder".to_owned(),
            "give the path of the executable in it, often `bootstrap`".to_owned(),
        );
    }
    if metadata.permissions().mode() & 0o111 == 0 {
        return ("it is not executable".to_owned(), format!("chmod +x {}", binary.display()));
    }
    let header = read_start(binary).unwrap_or_default();
    match (machine(&header), error.kind()) {
        (Some(machine), _) if machine != std::env::consts::ARCH => (
            format!(
                "exec format error: it is built for {machine}, this machine is {}",
                std::env::consts::ARCH
            ),
            format!("build it for {}, or install qemu-user with binfmt", std::env::consts::ARCH),
        ),
        (Some(_), io::ErrorKind::NotFound) => (
            "the dynamic loader that it names is missing on this machine".to_owned(),
            "build it statically (a musl target), or run it where its C library is installed".to_owned(),
        ),
        (None, io::ErrorKind::NotFound) if header.starts_with(b"#!") => {
            let line = header[2..].split(|byte| *byte == b'\n').next().unwrap_or_default();
            let interpreter = String::from_utf8_lossy(line).trim().to_owned();
            (
                format!("its interpreter is missing: {interpreter}"),
                "install it, or correct the first line".to_owned(),
            )
        }
        (None, _) if !header.starts_with(b"#!") => (
            format!("exec format error: it is no executable of this system ({error})"),
            "a function is an ELF binary for Linux, or a script that begins with #!".to_owned(),
        ),
        _ => (error.to_string(), "run it by hand to see its own error".to_owned()),
    }
}

fn read_start(binary: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    File::open(binary)?.take(256).read_to_end(&mut start)?;
    Ok(start)
}

/// The instruction set of an ELF file, by Rust's names. `None` for other files.
fn machine(header: &[u8]) -> Option<&'static str> {
    if !header.starts_with(b"\x7fELF") {
        return None;
    }
    let bytes = [*header.get(18)?, *header.get(19)?];
    // Byte 5 is the byte order.
    let number = if header[5] == 2 { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) };
    Some(match number {
        3 => "x86",
        20 => "powerpc",
        21 => "powerpc64",
        22 => "s390x",
        40 => "arm",
        62 => "x86_64",
        183 => "aarch64",
        243 => "riscv64",
        _ => "another processor",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;

    fn explained(content: &[u8], mode: u32) -> (String, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bootstrap");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        explain(&path, &io::Error::from(io::ErrorKind::NotFound))
    }

    fn elf(machine: u16) -> Vec<u8> {
        let mut header = vec![0; 64];
        header[..6].copy_from_slice(b"\x7fELF\x02\x01");
        header[18..20].copy_from_slice(&machine.to_le_bytes());
        header
    }

    #[test]
    fn each_cause_is_named_with_its_remedy() {
        let native = if std::env::consts::ARCH == "x86_64" { 62 } else { 183 };
        assert!(explained(b"", 0o644).1.starts_with("chmod +x "));
        assert!(explained(&elf(243), 0o755).0.contains("built for riscv64"));
        assert!(explained(&elf(native), 0o755).0.contains("dynamic loader"));
        assert!(explained(b"#!/no/such/sh -e\nexit", 0o755).0.ends_with("missing: /no/such/sh -e"));
        assert!(explained(b"hello", 0o755).0.starts_with("exec format error"));
        assert!(explained(b"\x7fELF", 0o755).0.starts_with("exec format error"));
        let missing = explain(Path::new("/no/such/file"), &io::Error::from(io::ErrorKind::NotFound));
        assert!(missing.1.contains("--binary"));
        assert_eq!(
            explain(Path::new("/"), &io::Error::from(io::ErrorKind::PermissionDenied)).0,
            "it is a folder"
        );
    }
}
