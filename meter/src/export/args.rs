//! The destinations of reports.

use super::{Paint, csv, html, json, markdown, terminal};
use crate::analysis::Analysis;
use crate::error::Error;
use crate::results::{Results, ResultsError};
use clap::Args;
use std::fs::{self, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// The destinations of reports; - is standard output.
#[derive(Debug, Clone, Default, Args)]
pub struct ExportArgs {
    /// Write one self-contained HTML page with charts
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// Write the figures as Markdown tables, - for standard output
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,

    /// Write every sample as a line of CSV
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,

    /// Write plan, samples and figures as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// An export: a pure function from the results and their figures to a text.
type Draw = fn(&Results, &Analysis) -> String;

impl ExportArgs {
    fn all(&self) -> impl Iterator<Item = (&Path, Draw)> {
        let all: [(&Option<PathBuf>, Draw); 4] = [
            (&self.html, html),
            (&self.markdown, markdown),
            (&self.csv, |results, _| csv(results)),
            (&self.json, json),
        ];
        all.into_iter().filter_map(|(path, draw)| Some((path.as_deref()?, draw)))
    }

    /// Checks that every file can be written, before the first sample.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn check(&self) -> Result<(), Error> {
        for (path, _) in self.all().filter(|(path, _)| !is_stdout(path)) {
            let unwritable = |source| ResultsError::Unwritable { path: path.to_owned(), source };
            let is_new = !path.exists();
            OpenOptions::new().create(true).append(true).open(path).map_err(unwritable)?;
            if is_new {
                // An interrupted run leaves no empty report.
                fs::remove_file(path).map_err(unwritable)?;
            }
        }
        Ok(())
    }
}

fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}

/// Writes the reports; the table goes to standard output unless a report goes there.
///
/// # Errors
///
/// When a report cannot be written.
pub fn write(results: &Results, args: &ExportArgs) -> Result<(), Error> {
    let analysis = Analysis::of(results, &results.header.prices);
    let mut stdout_is_taken = false;
    for (path, draw) in args.all() {
        let text = draw(results, &analysis);
        if is_stdout(path) {
            stdout_is_taken = true;
            to_stdout(&text)?;
        } else {
            fs::write(path, text)
                .map_err(|source| ResultsError::Unwritable { path: path.to_owned(), source })?;
        }
    }
    if stdout_is_taken {
        return Ok(());
    }
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    to_stdout(&terminal(results, &analysis, Paint::choose(no_color, io::stdout().is_terminal())))
}

pub(crate) fn to_stdout(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        // The reader closed the pipe on purpose, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(Error::Output),
    }
}
