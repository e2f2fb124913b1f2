//! The file that saves each sample as soon as it is taken.
//!
//! The file is a complete JSON document after every sample: a line for the plan, a line for each
//! sample, and a closing line that the next sample replaces in a single write. A killed process
//! loses at most the sample in progress.

use super::{Header, Results, ResultsError, Sample};
use serde::de::DeserializeOwned;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const HEADER: &str = "{\"header\":";
const SAMPLES: &str = ",\n\"samples\":[";
const END: &str = "\n]}\n";

/// A results file that is being written.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    file: File,
    /// Position of the next sample.
    end: u64,
    empty: bool,
}

impl Store {
    /// Creates the file, before the first sample.
    ///
    /// # Errors
    ///
    /// When the file exists and `overwrite` is false, or the file cannot be written.
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

    /// Rewrites the file with `results`, ready for further samples.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn resume(path: &Path, results: &Results) -> Result<Self, ResultsError> {
        let mut name = path.as_os_str().to_owned();
        name.push(".tmp");
        let copy = PathBuf::from(name);
        let mut store = Self::create(&copy, true)?;
        store.begin(&results.header)?;
        results.samples.iter().try_for_each(|sample| store.add(sample))?;
        // Replace the file only by a complete copy.
        std::fs::rename(&copy, path).map_err(|error| unwritable(path, error))?;
        path.clone_into(&mut store.path);
        Ok(store)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the plan.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn begin(&mut self, header: &Header) -> Result<(), ResultsError> {
        let text = format!("{HEADER}{}{SAMPLES}", json(header));
        self.write(&text).map_err(|error| unwritable(&self.path, error))
    }

    /// Adds a sample.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn add(&mut self, sample: &Sample) -> Result<(), ResultsError> {
        let comma = if self.empty { "" } else { "," };
        self.write(&format!("{comma}\n{}", json(sample))).map_err(|error| unwritable(&self.path, error))?;
        self.empty = false;
        Ok(())
    }

    /// Removes an empty file.
    pub fn discard(self) {
        if self.end == 0 {
            // A file that cannot be removed is empty.
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

/// Reads a results file; an incomplete last line is dropped.
///
/// # Errors
///
/// When the file cannot be read, or has another format.
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

/// Parses line by line, up to the first incomplete line.
fn recover(text: &str) -> Option<Results> {
    let (header, samples) = text.strip_prefix(HEADER)?.split_once(SAMPLES)?;
    let lines = samples.lines().filter(|line| !line.is_empty());
    let samples = lines.map_while(|line| parse(line.trim_end_matches(','))).collect();
    Some(Results { header: parse(header)?, samples })
}

fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}
