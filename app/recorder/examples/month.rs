//! The cost of a month of the observatory at its default schedule, for app/README.md.
//!
//! ```text
//! cargo run --package pi-observatory-recorder --example month
//! ```
//!
//! Prices of Lambda are lambda-meter's. Those of the other services are list prices of us-east-1, noted
//! here by hand, without any free tier.

use lambda_meter::cost::{Architecture, PRICE_DATE, Prices, invocation};

/// Measurements of 30 days at `rate(6 hours)`.
const MEASUREMENTS: f64 = 120.0;
/// Cold and warm samples of each function and memory size, the defaults of the template.
const SAMPLES: (f64, f64) = (2.0, 5.0);
/// Billed milliseconds of 10,000 digits, cold and warm, at 128 and at 1,769 MB: generous.
const BILLED: [(u64, f64, f64); 2] = [(128, 60.0, 20.0), (1_769, 40.0, 3.0)];
/// Seconds of the recorder for a forced cold start: two changes of a configuration, and waiting.
const FORCED_S: f64 = 6.0;
/// Reports that are looked at, and their milliseconds.
const REPORTS: (f64, f64) = (100.0, 1_500.0);
/// USD for a million writes, reads of 4 KB and HTTP requests, and for a GB of logs.
const OTHERS: (f64, f64, f64, f64) = (0.625, 0.125, 1.0, 0.50);
/// Reads of 4 KB of a report: 30 days, both functions, 0.5 KB each.
const READS: f64 = 900.0;

fn main() {
    let prices = Prices::default();
    let (cold, warm) = SAMPLES;
    let pi: f64 = [Architecture::Arm64, Architecture::X86_64]
        .into_iter()
        .flat_map(|architecture| {
            BILLED.map(|(memory, cold_ms, warm_ms)| (architecture, memory, cold_ms, warm_ms))
        })
        .map(|(architecture, memory, cold_ms, warm_ms)| {
            let usd = |billed| invocation(&prices, architecture, memory, billed);
            // Each cold start is followed by a question for its processor.
            cold * (usd(cold_ms) + usd(1.0)) + warm * usd(warm_ms)
        })
        .sum();
    let samples = 4.0 * (cold + warm);
    let seconds = 4.0 * cold * FORCED_S + samples * 0.1;
    let recorder = invocation(&prices, Architecture::Arm64, 256, seconds * 1e3);
    let (reports, report_ms) = REPORTS;
    let report = invocation(&prices, Architecture::Arm64, 1_769, report_ms)
        + invocation(&prices, Architecture::Arm64, 256, 20.0);
    let (write, read, request, log) = OTHERS;
    let lines = [
        ("invocations of the pi functions", MEASUREMENTS * pi),
        ("the recorder", MEASUREMENTS * recorder),
        ("writes of measurements", MEASUREMENTS * samples * write / 1e6),
        ("reports: functions, requests, reads", reports * (report + (request + READS * read) / 1e6)),
        ("logs, 20 MB", 0.020 * log),
    ];
    println!("| part | USD a month |\n|---|---|");
    for (name, usd) in lines {
        println!("| {name} | {usd:.4} |");
    }
    println!("| together | {:.2} |", lines.iter().map(|(_, usd)| usd).sum::<f64>());
    println!("\n{MEASUREMENTS} measurements of {samples} samples; prices of {PRICE_DATE}, us-east-1");
}
