//! Ours beside the big-integer crates that anyone can install.
//!
//! [`digits`] times the first N digits of pi as decimal text, each run in a
//! process of its own ([`cell`]), the peers in rotated order, every text held
//! against the golden digest. [`products`] times raw n x n products. [`report`]
//! prints both as Markdown and keeps them as JSON. A [`program`] can take part too.
//!
//! All peers ([`peer`]) run the same [`chudnovsky`], one plain splitting over the
//! few operations of [`number`], so that the table compares their arithmetic. The
//! row "plain" is our arithmetic under that splitting: it separates the gain of our
//! arithmetic from the gain of our series.

mod args;
mod cell;
mod chudnovsky;
mod digits;
mod golden;
mod machine;
mod number;
mod peer;
mod products;
mod program;
mod report;

use args::{Args, Command, Table};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match args.command {
        Some(Command::Cell { peer, digits, seconds }) => cell::run(peer, digits, seconds),
        None => compare(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn compare(args: &Args) -> Result<(), String> {
    // Fail on an unwritable path now, not in an hour.
    let json = args.json.as_deref().map(report::create).transpose()?;
    args.check()?;
    let machine = machine::Machine::look(args.level.as_deref());
    print!("{machine}");
    let digits = match args.table {
        Table::Products => Vec::new(),
        _ => digits::measure(args)?,
    };
    let products = match args.table {
        Table::Digits => Vec::new(),
        _ => products::measure(args)?,
    };
    report::print(args, &digits, &products);
    json.map_or(Ok(()), |file| report::save(file, &machine, &digits, &products))
}
