//! The file that samples are saved to as they come.
//!
//! It is a complete JSON document after every sample: one line for the plan, one for each
//! sample, and a closing line that the next sample replaces, in a single write. A process that
//! is killed loses at most the sample that it was taking.

use super::{Header, Results, ResultsError, Sample};
use serde::de::DeserializeOwned;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const HEADER: &str = "{\"header\":";
const SAMPLES: &str = ",\n\"samples\":[";
const END: &str = "\n]}\n";

/// A file of results that is being written.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    file: File,
    /// Where the next sample goes.
    end: u64,
    empty: bool,
}

impl Store {
    /// Makes sure that the file can be written, before anything is measured.
    ///
    /// # Errors
    ///
    /// When it exists and may not be replaced, or cannot be written.
    pub fn create(path: &Path, overwrite: bool) -> Result<Self, ResultsError> {
        let mut options = OpenOptions::new();
        options.write(true);
        if overwrite {
            options.create(true).truncate(true)
        } else {
            options.create_new(true)
        };
        let file = options.open(path).map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => ResultsError::Exists { path: path.to_owned() },
            _ => unwritable(path, source),
        })?;
        Ok(Self { path: path.to_owned(), file, end: 0, empty: true })
    }

    /// Opens a file to add samples to; `results` is what it holds from now on.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn resume(path: &Path, results: &Results) -> Result<Self, ResultsError> {
        let mut name = path.as_os_str().to_owned();
        name.push(".tmp");
        let copy = PathBuf::from(name);
        let mut store = Self::create(&copy, true)?;
        store.begin(&results.header)?;
        results.samples.iter().try_for_each(|sample| store.add(sample))?;
        // Only a whole copy takes the place of the file.
        std::fs::rename(&copy, path).map_err(|error| unwritable(path, error))?;
        path.clone_into(&mut store.path);
        Ok(store)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the plan; the samples follow.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn begin(&mut self, header: &Header) -> Result<(), ResultsError> {
        let text = format!("{HEADER}{}{SAMPLES}", json(header));
        self.write(&text).map_err(|error| unwritable(&self.path, error))
    }

    /// Adds a sample.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn add(&mut self, sample: &Sample) -> Result<(), ResultsError> {
        let comma = if self.empty { "" } else { "," };
        self.write(&format!("{comma}\n{}", json(sample))).map_err(|error| unwritable(&self.path, error))?;
        self.empty = false;
        Ok(())
    }

    /// Removes a file in which nothing was written.
    pub fn discard(self) {
        if self.end == 0 {
            // Whatever is left is empty.
            let _ = std::fs::remove_file(&self.path);
        }
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(format!("{text}{END}").as_bytes())?;
        self.end += text.len() as u64;
        Ok(())
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("plain data has a JSON form")
}

fn unwritable(path: &Path, source: io::Error) -> ResultsError {
    ResultsError::Unwritable { path: path.to_owned(), source }
}

/// Reads a file of results; a last line that was cut off is dropped.
///
/// # Errors
///
/// When it cannot be read, or is no file of results.
pub fn load(path: &Path) -> Result<Results, ResultsError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ResultsError::Unreadable { path: path.to_owned(), source })?;
    let malformed = |problem: String| ResultsError::Malformed { path: path.to_owned(), problem };
    let results: Results = match serde_json::from_str(&text) {
        Ok(results) => results,
        Err(error) => recover(&text).ok_or_else(|| malformed(error.to_string()))?,
    };
    let Header { schema, cells, .. } = &results.header;
    if schema != super::SCHEMA {
        return Err(malformed(format!("its schema is {schema}, this version reads {}", super::SCHEMA)));
    }
    match results.samples.iter().find(|sample| sample.cell >= cells.len()) {
        Some(sample) => {
            Err(malformed(format!("a sample is of the cell {}, of {} cells", sample.cell, cells.len())))
        }
        None => Ok(results),
    }
}

/// Line by line, up to the first that is not whole.
fn recover(text: &str) -> Option<Results> {
    let (header, samples) = text.strip_prefix(HEADER)?.split_once(SAMPLES)?;
    let lines = samples.lines().filter(|line| !line.is_empty());
    let samples = lines.map_while(|line| parse(line.trim_end_matches(','))).collect();
    Some(Results { header: parse(header)?, samples })
}

fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}
