//! `pi`: digits of pi on the command line.

mod args;
mod failure;
mod hex;
mod output;
mod progress;
mod proof;

use args::Args;
use failure::Failure;
use output::Output;
use pi_spigot::cpu::Level;
use progress::Progress;
use proof::Proof;
use std::process::ExitCode;

/// musl's malloc returns every large block to the kernel, which makes the spigot several times slower.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    match run(&Args::read()) {
        Ok(()) | Err(Failure::ReaderClosed) => ExitCode::SUCCESS,
        Err(Failure::Message(message)) => {
            eprintln!("pi: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Failure> {
    Level::from_env().map_err(|error| format!("{}: {error}", Level::VARIABLE))?;
    if let Some(position) = args.hex {
        return hex::run(args, position);
    }
    let threads = args.threads_that_fit()?;
    let mut output = Output::open(args)?;
    let mut text = args.text(threads);
    let mut progress = Progress::start(args, text.remaining());
    let mut proof = args.verify.then(|| Proof::new(args, threads));
    while let Some(block) = text.next_block() {
        output.write(block)?;
        if let Some(proof) = &mut proof {
            proof.update(block);
        }
        progress.update(text.remaining());
    }
    progress.finish();
    drop(text);
    // Deliver the digits first: a failed proof must not lose them.
    output.finish(args)?;
    proof.map_or(Ok(()), Proof::finish)
}
