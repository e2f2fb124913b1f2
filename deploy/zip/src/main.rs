//! Packs a program as Lambda wants it: one entry, executable, `bootstrap` for a function and
//! `extensions/NAME` for a layer.
//!
//! The bytes of the zip depend on those of the program only: no owner, and 1980-01-01 as the date,
//! the first day that a zip can name.

use std::ffi::OsString;
use std::io::{self, Cursor, Write};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// Smallest zip: fifteen rounds of Zopfli, which the crate `zip` counts from level 9 on. It takes seconds,
/// and every cold start fetches 3 % less than by level 9.
const SMALLEST: i64 = 24;

/// Level for tests, whose programs carry symbols and are large.
const FAST: i64 = 1;

fn main() -> ExitCode {
    let mut arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let fast = arguments.first().is_some_and(|first| first == "--fast");
    if fast {
        arguments.remove(0);
    }
    let (program, zip, entry) = match arguments.as_slice() {
        [program, zip] => (program, zip, "bootstrap".into()),
        [program, zip, entry] => (program, zip, entry.to_string_lossy()),
        _ => {
            eprintln!("usage: pi-spigot-zip [--fast] PROGRAM ZIP [ENTRY]");
            return ExitCode::from(2);
        }
    };
    match pack(Path::new(program), Path::new(zip), &entry, if fast { FAST } else { SMALLEST }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Reads a program, writes its zip, and makes the folder that the zip goes to.
fn pack(program: &Path, zip: &Path, entry: &str, level: i64) -> Result<(), String> {
    let bytes = fs::read(program).map_err(|error| format!("cannot read {}: {error}", program.display()))?;
    let packed = zipped(&bytes, entry, level)
        .map_err(|error| format!("cannot pack {}: {error}", program.display()))?;
    let folder = zip.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    fs::write(zip, packed).map_err(|error| format!("cannot write {}: {error}", zip.display()))
}

/// The zip of a program as the entry of this name, in memory.
fn zipped(program: &[u8], entry: &str, level: i64) -> io::Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .system(System::Unix)
        .unix_permissions(0o755)
        .last_modified_time(DateTime::default())
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(level));
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(entry, options)?;
    writer.write_all(program)?;
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use sha2::{Digest, Sha256};
    use zip::ZipArchive;

    use super::*;

    /// Bytes that compress a little, as a program does.
    fn program() -> Vec<u8> {
        (0..100_000_u32).flat_map(|i| (i.wrapping_mul(i) / 7).to_le_bytes()).collect()
    }

    #[test]
    fn the_only_entry_is_an_executable_bootstrap() {
        let mut archive =
            ZipArchive::new(Cursor::new(zipped(&program(), "bootstrap", SMALLEST).unwrap())).unwrap();
        assert_eq!(archive.len(), 1);
        let mut entry = archive.by_index(0).unwrap();
        assert_eq!(entry.name().unwrap(), "bootstrap");
        assert_eq!(entry.unix_mode(), Some(0o100_755));
        assert_eq!(entry.last_modified(), Some(DateTime::default()));
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        assert!(bytes == program(), "the entry is not the program");
    }

    #[test]
    fn an_extension_lies_in_the_folder_extensions() {
        let zip = zipped(&program(), "extensions/pi-telemetry", FAST).unwrap();
        let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
        assert_eq!(archive.len(), 1);
        let entry = archive.by_index(0).unwrap();
        assert_eq!(entry.name().unwrap(), "extensions/pi-telemetry");
        assert_eq!(entry.unix_mode(), Some(0o100_755));
    }

    /// A changed digest means that an update of `zip` or `zopfli` gives other bytes: intended or not?
    #[test]
    fn the_bytes_are_the_same_on_every_machine() {
        let digest: Vec<String> = Sha256::digest(zipped(&program(), "bootstrap", SMALLEST).unwrap())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(digest.concat(), "0fd1af6ff99b85c7cbd3f65175ab622ab0016f112d1568c0463cc85193b38ddc");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error =
            pack(Path::new("no/such/program"), Path::new("unused.zip"), "bootstrap", FAST).unwrap_err();
        assert!(error.starts_with("cannot read no/such/program: "), "{error}");
    }
}
