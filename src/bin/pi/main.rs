//! `pi`: digits of pi on the command line.

mod args;
mod output;
mod progress;

use args::Args;
use clap::Parser;
use output::{Output, WriteError};
use progress::Progress;
use std::process::ExitCode;

/// musl's malloc gives every large block back to the kernel at once, which made
/// the spigot several times slower.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    match run(&Args::parse()) {
        // Whoever reads the digits has closed the pipe, and so has enough.
        Ok(()) | Err(WriteError::Closed) => ExitCode::SUCCESS,
        Err(WriteError::Failed(reason)) => {
            eprintln!("pi: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), WriteError> {
    let mut output = Output::open(args)?;
    let mut progress = Progress::new(args);
    let mut text = args.text();
    while let Some(block) = text.next_block() {
        output.write(block)?;
        progress.update(text.remaining());
    }
    progress.finish();
    output.finish(args)
}
