//! Where the text goes: a file, standard output, or its digest.
//!
//! The output is opened before the first digit is computed, so that a bad path
//! costs nothing.

use crate::args::Args;
use pi_spigot::pi::TextDigest;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long digits may wait in the buffer for company.
const PATIENCE: Duration = Duration::from_millis(100);

/// Where blocks of text go.
pub(crate) struct Output {
    writer: Box<dyn Write>,
    /// The name of the file, for messages; `None` is standard output.
    target: Option<String>,
    digest: Option<TextDigest>,
    flushed: Instant,
}

/// Why the text could not be written.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// The reader has closed the pipe.
    Closed,
    /// Anything else, in words.
    Failed(String),
}

impl Output {
    pub(crate) fn open(args: &Args) -> Result<Self, WriteError> {
        let writer: Box<dyn Write> = match &args.output {
            Some(path) => Box::new(io::BufWriter::new(create(path)?)),
            None => Box::new(io::BufWriter::new(io::stdout())),
        };
        Ok(Self {
            writer,
            target: args.output.as_ref().map(|path| path.display().to_string()),
            digest: args.digest.then(TextDigest::default),
            flushed: Instant::now(),
        })
    }

    pub(crate) fn write(&mut self, block: &str) -> Result<(), WriteError> {
        if let Some(digest) = &mut self.digest {
            digest.update(block);
            return Ok(());
        }
        self.attempt(|writer| writer.write_all(block.as_bytes()))?;
        if self.flushed.elapsed() >= PATIENCE {
            self.attempt(|writer| writer.flush())?;
            self.flushed = Instant::now();
        }
        Ok(())
    }

    /// Ends the text with a newline, or prints the digest of it.
    pub(crate) fn finish(mut self, args: &Args) -> Result<(), WriteError> {
        match self.digest.take() {
            None => self.attempt(|writer| writeln!(writer))?,
            Some(digest) => {
                let summary = digest.finish();
                self.attempt(|writer| {
                    writeln!(writer, "digits     {}", args.digits)?;
                    writeln!(writer, "algorithm  {}", args.algorithm)?;
                    writeln!(writer, "sha256     {}", summary.sha256)?;
                    writeln!(writer, "first      {}", summary.first)?;
                    writeln!(writer, "last       {}", summary.last)
                })?;
            }
        }
        self.attempt(|writer| writer.flush())
    }

    fn attempt(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), WriteError> {
        let target = self.target.as_deref();
        write(&mut *self.writer).map_err(|error| match (error.kind(), target) {
            (ErrorKind::BrokenPipe, _) => WriteError::Closed,
            (_, Some(file)) => WriteError::Failed(format!("cannot write to {file}: {error}")),
            (_, None) => WriteError::Failed(format!("cannot write to standard output: {error}")),
        })
    }
}

fn create(path: &Path) -> Result<File, WriteError> {
    File::create(path).map_err(|error| {
        let path = path.display();
        WriteError::Failed(format!("cannot create {path}: {error}; give --output a path that can be written"))
    })
}
