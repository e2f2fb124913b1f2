//! Overhead of a function's framework: init and warm invocation of Lambda binaries, as ratios to a
//! floor that does nothing else (examples/floor.rs).
//!
//! ```text
//! rustc --edition 2024 -C opt-level=3 -C lto=fat -C codegen-units=1 -C strip=symbols -C linker=rust-lld \
//!     -C relocation-model=static --target x86_64-unknown-linux-musl meter/examples/floor.rs -o target/floor
//! cargo bench -p lambda-meter --bench startup -- \
//!     --floor target/floor \
//!     --function target/x86_64-unknown-linux-musl/release/bootstrap \
//!     --other glibc=target/release/bootstrap \
//!     --stream function=target/x86_64-unknown-linux-musl/release/bootstrap
//! ```
//!
//! rustc builds the floor in seconds, since the floor uses std alone; cargo would first build all
//! dependencies of lambda-meter. The binaries run interleaved and in rotated order, so that drift
//! of the machine affects all of them alike. Bench and binaries share one processor (`--spread`
//! leaves the choice to the kernel): they take turns, and a second processor would only add its
//! wake-up time, which varies between 10 and 50 us. The Runtime API is one blocking thread (api.rs).

mod api;
mod sandbox;
mod statistics;

use clap::Parser;
use rustix::thread::{CpuSet, sched_getcpu, sched_setaffinity};
use sandbox::Sandbox;
use statistics::{Summary, duration};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Start-up and warm overhead of Lambda binaries, as ratios to a floor
#[derive(Debug, Parser)]
#[command(name = "startup")]
struct Options {
    /// The floor: the example `floor` of lambda-meter
    #[arg(long, value_name = "PATH")]
    floor: PathBuf,
    /// The function
    #[arg(long, value_name = "PATH")]
    function: PathBuf,
    /// A further binary; may be repeated
    #[arg(long, value_name = "NAME=PATH", value_parser = named)]
    other: Vec<(String, PathBuf)>,
    /// A binary that answers `{"digits": 1000, "output": "stream"}` by a stream; may be repeated
    #[arg(long, value_name = "NAME=PATH", value_parser = named)]
    stream: Vec<(String, PathBuf)>,
    /// Cold starts of each
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    cold: u32,
    /// Warm invocations of each
    #[arg(
        long, value_name = "N", default_value_t = 2_000,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    warm: u32,
    /// Fail if init of the function takes longer than so many times init of the floor
    #[arg(long, value_name = "RATIO")]
    max_init: Option<f64>,
    /// Fail if a warm invocation of the function takes longer than so many times that of the floor
    #[arg(long, value_name = "RATIO")]
    max_warm: Option<f64>,
    /// Fail if the function has more resident memory after init
    #[arg(long, value_name = "MB")]
    max_rss: Option<f64>,
    /// Let the kernel choose processors, instead of one processor for bench and binaries
    #[arg(long)]
    spread: bool,
    /// The event
    #[arg(long, value_name = "JSON", default_value = r#"{"digits": 1}"#)]
    event: String,
    /// Arguments that cargo passes on
    #[arg(long, hide = true)]
    bench: bool,
}

fn named(text: &str) -> std::result::Result<(String, PathBuf), String> {
    let (name, path) =
        text.split_once('=').ok_or("expected NAME=PATH, as in glibc=target/release/bootstrap")?;
    Ok((name.to_owned(), path.into()))
}

/// One binary and its samples.
struct Variant {
    name: String,
    path: PathBuf,
    init: Vec<Duration>,
    first: Vec<Duration>,
    resident_kb: Vec<u64>,
    warm: Vec<Duration>,
}

fn main() -> ExitCode {
    // `cargo bench` runs every bench, also with arguments for another bench.
    if !std::env::args().any(|arg| ["--floor", "--function", "--help"].iter().any(|own| arg.starts_with(own)))
    {
        println!(
            "startup: skipped; run it with: cargo bench -p lambda-meter --bench startup -- --floor PATH \
             --function PATH"
        );
        return ExitCode::SUCCESS;
    }
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("startup: error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    if !options.spread {
        stay_on_this_processor()?;
    }
    let folder = tempfile::tempdir()?;
    let mut variants = variants(options, folder.path())?;
    let event = options.event.as_bytes();
    for round in 0..options.cold as usize {
        for index in rotated(variants.len(), round) {
            cold_start(&mut variants[index], event)?;
        }
    }
    warm_invocations(&mut variants, event, options.warm as usize)?;
    print(options, &variants)?;
    streams(&options.stream)?;
    hold(options, &variants)
}

/// Fails if the function exceeds a limit.
fn hold(options: &Options, variants: &[Variant]) -> Result<()> {
    let [floor, function, ..] = variants else { return Ok(()) };
    let ratio = |samples: fn(&Variant) -> &[Duration]| {
        let [ours, least] = [function, floor].map(|variant| Summary::of(samples(variant)).median);
        ours.div_duration_f64(least)
    };
    let figures = [
        ("init, in that of the floor", ratio(|variant| &variant.init), options.max_init),
        ("warm invocation, in that of the floor", ratio(|variant| &variant.warm), options.max_warm),
        ("RSS after init, in MB", resident_mb(function), options.max_rss),
    ];
    let exceeded = figures.into_iter().filter_map(|(name, figure, limit)| {
        limit.filter(|&limit| figure > limit).map(|limit| format!("{name}: {figure:.2}, more than {limit}"))
    });
    let exceeded: Vec<String> = exceeded.collect();
    if exceeded.is_empty() { Ok(()) } else { Err(exceeded.join("; ").into()) }
}

fn resident_mb(variant: &Variant) -> f64 {
    statistics::median(&variant.resident_kb).unwrap_or_default() as f64 / 1024.0
}

/// Pins this process and all processes that it starts to one processor.
fn stay_on_this_processor() -> Result<()> {
    let mut processors = CpuSet::new();
    processors.set(sched_getcpu());
    Ok(sched_setaffinity(None, &processors)?)
}

/// The first digits and the end of streams, warm, in turns.
fn streams(binaries: &[(String, PathBuf)]) -> Result<()> {
    const COUNT: usize = 50;
    const EVENT: &[u8] = br#"{"digits": 1000, "output": "stream"}"#;
    if binaries.is_empty() {
        return Ok(());
    }
    let mut sandboxes: Vec<Sandbox> =
        binaries.iter().map(|(_, path)| Sandbox::start(path)).collect::<Result<_>>()?;
    let mut times = vec![(Vec::new(), Vec::new()); sandboxes.len()];
    for _ in 0..COUNT {
        for (sandbox, (firsts, ends)) in sandboxes.iter_mut().zip(&mut times) {
            let (first, end) = sandbox.stream(EVENT)?;
            firsts.push(first);
            ends.push(end);
        }
    }
    println!("\nMedians of {COUNT} streams, warm, from the event's delivery.\n");
    println!("| binary | first digits | end |\n|---|---|---|");
    for ((name, _), (firsts, ends)) in binaries.iter().zip(&times) {
        println!("| {name} | {} | {} |", Summary::of(firsts), Summary::of(ends));
    }
    Ok(())
}

/// Copies the binaries to a folder sequentially, as unpacking a zip does. The kernel caches a file
/// that a linker wrote piecemeal in smaller units, which start 20 us later.
fn variants(options: &Options, folder: &Path) -> Result<Vec<Variant>> {
    let given =
        [("floor".to_owned(), options.floor.clone()), ("function".to_owned(), options.function.clone())];
    let new = |(index, (name, from)): (usize, (String, PathBuf))| {
        let path = folder.join(index.to_string());
        let bytes = fs::read(&from).map_err(|error| format!("cannot read {}: {error}", from.display()))?;
        fs::write(&path, bytes)?;
        fs::set_permissions(&path, Permissions::from_mode(0o755))?;
        let (init, first, resident_kb, warm) = Default::default();
        Ok(Variant { name, path, init, first, resident_kb, warm })
    };
    given.into_iter().chain(options.other.iter().cloned()).enumerate().map(new).collect()
}

/// The order 0, 1, 2, then 0, 2, 1, then 1, 2, 0, and so on: no binary always comes first, or always
/// follows the same other, whose size decides the state of the caches.
fn rotated(count: usize, round: usize) -> impl Iterator<Item = usize> {
    let (first, backwards) = (round / 2, round % 2 == 1);
    (0..count).map(move |index| (first + if backwards { count - index } else { index }) % count)
}

fn cold_start(variant: &mut Variant, event: &[u8]) -> Result<()> {
    let mut sandbox = Sandbox::start(&variant.path)?;
    variant.init.push(sandbox.init_duration);
    variant.resident_kb.push(sandbox.resident_kb());
    variant.first.push(sandbox.invoke(event)?);
    Ok(())
}

/// Keeps one process of each binary, in turns of a hundred invocations.
fn warm_invocations(variants: &mut [Variant], event: &[u8], count: usize) -> Result<()> {
    const TURN: usize = 100;
    let mut sandboxes: Vec<Sandbox> =
        variants.iter().map(|variant| Sandbox::start(&variant.path)).collect::<Result<_>>()?;
    for sandbox in &mut sandboxes {
        for _ in 0..TURN {
            sandbox.invoke(event)?;
        }
    }
    for turn in 0..count.div_ceil(TURN) {
        for index in rotated(variants.len(), turn) {
            for _ in 0..TURN.min(count - turn * TURN) {
                variants[index].warm.push(sandboxes[index].invoke(event)?);
            }
        }
    }
    Ok(())
}

fn print(options: &Options, variants: &[Variant]) -> Result<()> {
    let summaries: Vec<(Summary, Summary)> =
        variants.iter().map(|variant| (Summary::of(&variant.init), Summary::of(&variant.warm))).collect();
    let (floor_init, floor_warm) = (summaries[0].0.median, summaries[0].1.median);
    println!(
        "Medians of {} cold starts and {} warm invocations with the event `{}`;",
        options.cold, options.warm, options.event
    );
    let place = if options.spread { "wherever the kernel chose" } else { "all on one processor" };
    println!(
        "± is the median absolute deviation. Wall time of this machine, {place}, no CPU share emulated.\n"
    );
    println!("| binary | init | ratio | first invoke | warm invoke | ratio | RSS after init | file |");
    println!("|---|---|---|---|---|---|---|---|");
    for (variant, (init, warm)) in variants.iter().zip(&summaries) {
        println!(
            "| {} | {init} | {:.2} | {} | {warm} | {:.2} | {:.1} MB | {} KB |",
            variant.name,
            init.median.div_duration_f64(floor_init),
            duration(Summary::of(&variant.first).median),
            warm.median.div_duration_f64(floor_warm),
            resident_mb(variant),
            fs::metadata(&variant.path)?.len().div_ceil(1000),
        );
    }
    Ok(())
}
