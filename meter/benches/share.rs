//! Accuracy of the CPU limit: wall time x share against CPU time.
//!
//! ```text
//! cargo bench -p lambda-meter --bench share -- \
//!     --function target/x86_64-unknown-linux-musl/release/bootstrap \
//!     --event '{"digits": 10000, "algorithm": "gibbons"}'
//! ```
//!
//! The cgroup counts the CPU time of an invocation. The memory sizes take turns, so that drift of
//! the machine affects all of them alike.

use clap::Parser;
use lambda_meter::log::Log;
use lambda_meter::sandbox::{CpuShare, Limits};
use lambda_meter::subject::{Configuration, LocalBinary, Target};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Wall time x share against CPU time, at several memory sizes
#[derive(Debug, Parser)]
#[command(name = "share")]
struct Options {
    /// The function
    #[arg(long, value_name = "PATH")]
    function: PathBuf,
    /// An event with a long computation
    #[arg(long, value_name = "JSON", default_value = r#"{"digits": 10000, "algorithm": "gibbons"}"#)]
    event: String,
    /// Memory sizes in MB
    #[arg(long, value_name = "MB", value_delimiter = ',', default_value = "128,256,512,1024,1769")]
    memory: Vec<u64>,
    /// Warm invocations of each
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Arguments that cargo passes on
    #[arg(long, hide = true)]
    bench: bool,
}

/// One memory size and its samples.
struct Row {
    memory: u64,
    target: LocalBinary,
    samples: Vec<(Duration, Duration)>,
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    // `cargo bench` runs every bench, also with arguments for another bench.
    if !std::env::args().any(|arg| arg.starts_with("--function") || arg.starts_with("--help")) {
        println!("share: skipped; run it with: cargo bench -p lambda-meter --bench share -- --function PATH");
        return ExitCode::SUCCESS;
    }
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("share: error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let mut rows = options.memory.iter().map(|memory| start(options, *memory)).collect::<Result<Vec<_>>>()?;
    for _ in 0..options.runs {
        for row in &mut rows {
            let before = row.target.cpu_time().unwrap_or_default();
            let invocation = row.target.invoke(options.event.as_bytes())?;
            let after = row.target.cpu_time().unwrap_or_default();
            if let Some(error) = invocation.function_error {
                return Err(format!("the function failed: {}", error.error_message).into());
            }
            row.samples.push((invocation.duration, after - before));
        }
    }
    println!("| memory | share | wall time | CPU time | wall x share / CPU |");
    println!("|---|---|---|---|---|");
    rows.iter().for_each(print);
    Ok(())
}

/// A warm sandbox of this size.
fn start(options: &Options, memory: u64) -> Result<Row> {
    let mut configuration = Configuration::new(&options.function);
    configuration.memory_size = memory;
    configuration.limits = Limits::Require;
    let mut target = LocalBinary::new(configuration, Log::new(Box::new(std::io::sink())))?;
    target.invoke(options.event.as_bytes())?;
    Ok(Row { memory, target, samples: Vec::new() })
}

/// The median of each column; the last is the median of ratios, not the ratio of medians.
fn print(row: &Row) {
    let share = CpuShare::of_memory(row.memory).cpus();
    let median = |value: &dyn Fn(&(Duration, Duration)) -> f64| {
        let mut values: Vec<f64> = row.samples.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    println!(
        "| {} MB | {share:.4} | {:.1} ms | {:.1} ms | {:.3} |",
        row.memory,
        median(&|sample| sample.0.as_secs_f64() * 1e3),
        median(&|sample| sample.1.as_secs_f64() * 1e3),
        median(&|sample| sample.0.as_secs_f64() * share / sample.1.as_secs_f64())
    );
}
