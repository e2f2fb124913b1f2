//! `pi`: digits of pi on the command line.

mod args;
mod check;
mod output;
mod progress;

use args::Args;
use check::Check;
use clap::Parser;
use output::{Output, WriteError};
use pi_spigot::cpu::Level;
use progress::Progress;
use std::process::ExitCode;

/// musl's malloc gives every large block back to the kernel at once, which made
/// the spigot several times slower.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    if let Err(error) = Level::from_env() {
        eprintln!("pi: {}: {error}", Level::VARIABLE);
        return ExitCode::FAILURE;
    }
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
    let mut check = Check::wanted(args);
    let mut text = args.text();
    while let Some(block) = text.next_block() {
        output.write(block)?;
        if let Some(check) = &mut check {
            check.update(block);
        }
        progress.update(text.remaining());
    }
    progress.finish();
    drop(text);
    // The digits first: they are not lost to a check that fails.
    output.finish(args)?;
    check.map_or(Ok(()), Check::finish)
}
