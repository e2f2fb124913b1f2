//! The file of parts that are done: the function's answers, one in a line.
//!
//! A line is appended after each part. A line without its end, of a process that was killed, is dropped.

use super::failed;
use crate::error::Error;
use serde_json::Value;
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

/// Answers of `hex-part` by their jobs, and the file that gets further ones.
pub(super) struct Kept {
    path: PathBuf,
    file: Option<File>,
    answers: HashMap<String, Vec<Value>>,
}

impl Kept {
    /// No part and no file: a state machine keeps the parts.
    pub(super) fn nothing() -> Self {
        Self { path: PathBuf::new(), file: None, answers: HashMap::new() }
    }

    /// Reads the file at `path`; a missing one is empty.
    pub(super) fn read(path: PathBuf) -> Result<Self, Error> {
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                let problem = format!("cannot read {}: {error}", path.display());
                return Err(failed(problem, "--state names another file for the parts"));
            }
        };
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let mut kept = Self { path, file: None, answers: HashMap::new() };
        for (index, line) in whole.lines().enumerate() {
            let answer: Option<Value> = serde_json::from_str(line).ok().filter(is_part);
            let Some(answer) = answer else {
                let problem =
                    format!("line {} of {} is no answer of hex-part", index + 1, kept.path.display());
                return Err(failed(problem, "remove the line, or give another file by --state"));
            };
            kept.insert(answer);
        }
        Ok(kept)
    }

    /// The number of parts of a job with the same sum, if one of them is kept. A job ends with that
    /// number.
    pub(super) fn parts(&self, job: &str) -> Option<u64> {
        let split = |job: &str| job.rsplit_once('-').map(|(sum, parts)| (sum.to_owned(), parts.parse().ok()));
        let (sum, _) = split(job)?;
        self.answers.keys().filter_map(|job| split(job)).find(|(own, _)| *own == sum)?.1
    }

    /// The parts of a job, in the order of their numbers.
    pub(super) fn of(&self, job: &str) -> Vec<&Value> {
        let mut answers: Vec<&Value> = self.answers.get(job).into_iter().flatten().collect();
        answers.sort_by_key(|answer| answer["part"].as_u64());
        answers
    }

    /// Appends a part to the file.
    pub(super) fn add(&mut self, answer: Value) -> Result<(), Error> {
        let problem = |error: &io::Error| {
            let problem = format!("cannot write {}: {error}", self.path.display());
            failed(problem, "--state names another file for the parts")
        };
        if self.file.is_none() {
            self.file = Some(self.open().map_err(|error| problem(&error))?);
        }
        if let Some(file) = &mut self.file {
            let line = format!("{answer}\n");
            file.write_all(line.as_bytes())
                .and_then(|()| file.sync_data())
                .map_err(|error| problem(&error))?;
        }
        self.insert(answer);
        Ok(())
    }

    /// The file's name, for messages.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn open(&self) -> io::Result<File> {
        let file = OpenOptions::new().append(true).create(true).open(&self.path)?;
        let text = fs::read(&self.path)?;
        let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64)?;
        Ok(file)
    }

    /// A part counts once.
    fn insert(&mut self, answer: Value) {
        let job = answer["job"].as_str().unwrap_or_default().to_owned();
        let answers = self.answers.entry(job).or_default();
        if !answers.iter().any(|other| other["part"] == answer["part"]) {
            answers.push(answer);
        }
    }
}

fn is_part(answer: &Value) -> bool {
    answer["job"].is_string() && answer["sum"].is_string() && answer["part"].is_u64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(job: &str, part: u64) -> Value {
        json!({"job": job, "part": part, "sum": "00"})
    }

    #[test]
    fn parts_are_read_as_they_were_written_and_count_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("parts");
        let mut kept = Kept::read(path.clone()).unwrap();
        for part in [2, 0, 2] {
            kept.add(answer("bbp-4-3", part)).unwrap();
        }
        let cut = r#"{"job":"bbp-4-3","#;
        fs::write(&path, fs::read_to_string(&path).unwrap() + cut).unwrap();
        let mut again = Kept::read(path.clone()).unwrap();
        assert_eq!((again.parts("bbp-4-9"), again.parts("bbp-8-3")), (Some(3), None));
        again.add(answer("bbp-4-3", 1)).unwrap();
        assert_eq!(
            Kept::read(path).unwrap().of("bbp-4-3"),
            [0, 1, 2].map(|i| answer("bbp-4-3", i)).iter().collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_strange_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("parts");
        fs::write(&path, "{\"job\":\"a-1-2\",\"part\":0,\"sum\":\"\"}\nhello\n").unwrap();
        let Err(error) = Kept::read(path) else { panic!("it is no part") };
        assert!(error.to_string().contains("line 2 of"), "{error}");
    }
}
