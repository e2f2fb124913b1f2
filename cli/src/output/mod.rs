//! The text's way out: a file, standard output, or a digest on either.
//!
//! The output is opened before the first digit is computed, so that a bad path costs nothing.

mod replacement;
#[cfg_attr(not(unix), path = "no_signals.rs")]
mod signals;
mod target;

use crate::args::Args;
use crate::failure::Failure;
use pi_spigot::pi::TextDigest;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::time::{Duration, Instant};
use target::Target;

/// Longest time for which digits stay in the buffer.
const FLUSH_INTERVAL: Duration = Duration::from_millis(100);

/// Bytes of a write: as many as a pipe holds on Linux.
const BUFFER: usize = 64 * 1024;

/// Receives the blocks of the text.
pub(crate) struct Output {
    writer: BufWriter<Target>,
    /// Characters still to come before the first one that is printed.
    skip: u64,
    digest: Option<TextDigest>,
    flushed: Instant,
}

impl Output {
    pub(crate) fn open(args: &Args) -> Result<Self, Failure> {
        Ok(Self {
            writer: BufWriter::with_capacity(capacity(args), Target::open(args.output_file())?),
            skip: args.skipped(),
            digest: args.digest.then(TextDigest::default),
            flushed: Instant::now(),
        })
    }

    pub(crate) fn write(&mut self, block: &str) -> Result<(), Failure> {
        let skipped = self.skip.min(block.len() as u64);
        self.skip -= skipped;
        let block = &block[skipped as usize..];
        if let Some(digest) = &mut self.digest {
            digest.update(block);
            return Ok(());
        }
        self.attempt(|writer| writer.write_all(block.as_bytes()))?;
        if self.flushed.elapsed() >= FLUSH_INTERVAL {
            self.attempt(Write::flush)?;
            self.flushed = Instant::now();
        }
        Ok(())
    }

    /// Ends the text with a newline, or prints its digest; then makes the output final.
    pub(crate) fn finish(mut self, args: &Args) -> Result<(), Failure> {
        match self.digest.take() {
            None => self.attempt(|writer| writeln!(writer))?,
            Some(digest) => self.attempt(|writer| print_digest(writer, args, digest))?,
        }
        self.attempt(Write::flush)?;
        let (target, _) = self.writer.into_parts();
        target.complete().map_err(Failure::Message)
    }

    fn attempt(
        &mut self,
        write: impl FnOnce(&mut BufWriter<Target>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        write(&mut self.writer).map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Failure::ReaderClosed,
            _ => format!("cannot write to {}: {error}", self.writer.get_ref().name()).into(),
        })
    }
}

/// Bytes of the buffer: all of a short text, with its point and its newline.
fn capacity(args: &Args) -> usize {
    usize::try_from(args.digits.get()).map_or(BUFFER, |digits| BUFFER.min(digits.saturating_add(2)))
}

fn print_digest(writer: &mut impl Write, args: &Args, digest: TextDigest) -> io::Result<()> {
    let summary = digest.finish();
    writeln!(writer, "digits     {}", args.digits)?;
    if args.from.get() > 1 {
        writeln!(writer, "from       {}", args.from)?;
    }
    writeln!(writer, "algorithm  {}", args.algorithm)?;
    writeln!(writer, "sha256     {}", summary.sha256)?;
    writeln!(writer, "first      {}", summary.first)?;
    writeln!(writer, "last       {}", summary.last)
}
