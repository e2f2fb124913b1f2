//! The driver: random cases for a while, with a plain stable toolchain.
//!
//! ```text
//! cargo run --release --manifest-path lab/fuzz/Cargo.toml -- --seconds 60
//! cargo run --release --manifest-path lab/fuzz/Cargo.toml -- --seed 7 --case 1234
//! ```
//!
//! Case `i` of seed `s` is the same everywhere: a failure prints both, and the
//! second command repeats it alone.

use clap::Parser;
use pi_spigot_fuzz::choices::Choices;
use pi_spigot_fuzz::guard::{caught, hush};
use pi_spigot_fuzz::integers::{LAWS, LONG_LAWS, Law};
use pi_spigot_fuzz::operands::Operands;
use pi_spigot_fuzz::smaller::{as_rust, smallest};
use pi_spigot_fuzz::{events, payload};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Random operands and payloads, each checked by another method.
#[derive(Parser)]
struct Args {
    /// Seconds to run.
    #[arg(long, default_value_t = 60, value_name = "N")]
    seconds: u64,
    /// Seed of all cases; by default drawn from the clock, and printed.
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Run only this case.
    #[arg(long, value_name = "I", requires = "seed")]
    case: Option<u64>,
    /// Run only laws whose name contains this; "event" is the parser's, "trigger" that of whole answers.
    #[arg(long, value_name = "NAME", default_value = "")]
    only: String,
    /// Most limbs of an operand that num-bigint checks.
    #[arg(long, default_value_t = 5002, value_name = "N")]
    max_limbs: usize,
    /// Stop after this many broken cases.
    #[arg(long, default_value_t = 5, value_name = "N")]
    failures: usize,
}

/// Limbs of the operands whose products are checked by residues alone.
const LONG: usize = 120_000;
/// Time for making a failure smaller.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    let args = Args::parse();
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seed = args.seed.unwrap_or(since.as_nanos() as u64);
    println!("seed {seed}, SIMD level {}", pi_spigot::cpu::Level::get().name());
    hush();
    let (start, mut done, mut failures) = (Instant::now(), BTreeMap::new(), 0);
    let cases = args.case.map_or(0..=u64::MAX, |case| case..=case);
    for case in cases {
        if args.case.is_none() && start.elapsed().as_secs() >= args.seconds {
            break;
        }
        // A step that is coprime to the generator's keeps cases apart.
        let mut choices = Choices::from_seed(seed ^ case.wrapping_mul(0xd134_2543_de82_ef95));
        let Some((name, outcome)) = run(&mut choices, &args) else { continue };
        *done.entry(name).or_insert(0u64) += 1;
        if let Err(report) = outcome {
            failures += 1;
            println!("\nFAILED {name}: --seed {seed} --case {case}\n{report}");
            if failures >= args.failures {
                break;
            }
        }
    }
    report(&done, failures, start.elapsed());
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One case: the law's name and its verdict; `None` if the law is filtered out.
fn run(choices: &mut Choices<'_>, args: &Args) -> Option<(&'static str, Result<(), String>)> {
    match choices.below(16) {
        0..3 => {
            args.wants("event").then(|| ("event", event(choices, payload::draw, events::explains_itself)))
        }
        3 => args.wants("trigger").then(|| ("trigger", event(choices, payload::trigger, events::answers))),
        4 if choices.once_in(20) => integers(choices, args, LONG_LAWS, LONG),
        _ => integers(choices, args, LAWS, args.max_limbs),
    }
}

impl Args {
    fn wants(&self, law: &str) -> bool {
        law.contains(&self.only)
    }
}

fn event(
    choices: &mut Choices<'_>,
    draw: fn(&mut Choices<'_>) -> Vec<u8>,
    law: fn(&[u8]) -> Result<(), String>,
) -> Result<(), String> {
    let payload = draw(choices);
    caught(|| law(&payload)).map_err(|why| {
        let text = String::from_utf8_lossy(&payload);
        let shown: String = text.chars().take(300).collect();
        format!("{why}\npayload of {} bytes: {shown:?}", payload.len())
    })
}

fn integers(
    choices: &mut Choices<'_>,
    args: &Args,
    laws: &[Law],
    max_limbs: usize,
) -> Option<(&'static str, Result<(), String>)> {
    let law = *choices.pick(laws);
    if !args.wants(law.0) {
        return None;
    }
    let mut operands = Operands::draw(choices, max_limbs);
    if max_limbs == LONG {
        operands = stretched(choices, operands);
    }
    let outcome = caught(|| law.1(&operands)).map_err(|why| {
        let least = smallest(law, operands.clone(), PATIENCE);
        let least_why = caught(|| law.1(&least)).err().unwrap_or_default();
        format!("{why}\nsmallest: {least_why}\n{}", as_rust(&least))
    });
    Some((law.0, outcome))
}

/// Repeats the operands up to a length where the FFT works in blocks.
fn stretched(choices: &mut Choices<'_>, operands: Operands) -> Operands {
    let mut stretch = |limbs: Vec<u64>| -> Vec<u64> {
        let len = 1 + choices.below(LONG);
        limbs.into_iter().cycle().take(len).collect()
    };
    Operands { a: stretch(operands.a), b: stretch(operands.b), bits: operands.bits }
}

fn report(done: &BTreeMap<&str, u64>, failures: usize, time: Duration) {
    println!("\n| law | cases |\n|---|---|");
    for (name, cases) in done {
        println!("| {name} | {cases} |");
    }
    let all: u64 = done.values().sum();
    println!("\n{all} cases in {:.0} s, {failures} of them broken", time.as_secs_f64());
}
