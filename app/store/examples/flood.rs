//! Writes measurements to a real endpoint, each one several times, through whatever faults it has.
//!
//! ```text
//! TABLE=name AWS_ENDPOINT_URL=http://127.0.0.1:4566 flood COUNT
//! ```
//!
//! All of them go by batches, in halves that overlap; every twentieth goes once more alone, before
//! or after. The test counts the items afterwards.

use pi_observatory_store::{Measurement, Put, Retry, Source, Start, Table, connect};
use std::error::Error;
use std::time::Duration;

/// Measurements that one call of the library gets.
const CHUNK: usize = 250;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let count: u32 = std::env::args().nth(1).ok_or("usage: flood COUNT")?.parse()?;
    // Enough for services that restart on a busy machine.
    let retry = Retry { attempts: 400, cap: Duration::from_millis(500), ..Retry::default() };
    let table = Table::new(connect()?, std::env::var("TABLE")?, 400).with_retry(retry);
    let all: Vec<Measurement> = (0..count).map(measurement).collect();
    let early: Vec<&Measurement> = all.iter().step_by(40).collect();
    for it in early {
        assert_eq!(table.put(it).await?, Put::Stored, "{} is new", it.id);
    }
    let half = all.len() / 2;
    for part in [&all[..half + half / 10], &all[half..]] {
        for chunk in part.chunks(CHUNK) {
            table.put_all(chunk).await?;
        }
    }
    for it in all.iter().skip(20).step_by(40) {
        assert_ne!(table.put(it).await?, Put::Other, "{} is there", it.id);
    }
    println!("{count}");
    Ok(())
}

fn measurement(number: u32) -> Measurement {
    let minute = i64::from(number / 100) * 60;
    Measurement {
        function: format!("flood-{}", number % 4),
        at: jiff::Timestamp::from_second(1_795_953_600 + minute).expect("a time of 2026"),
        id: format!("n{number:06}"),
        source: Source::Recorder,
        start: Start::Warm,
        memory_mb: 128,
        duration_ms: f64::from(number) / 8.0,
        billed_ms: f64::from(number / 8 + 1),
        init_ms: None,
        used_mb: Some(12),
        usd: Some(2.5e-7),
        architecture: None,
        package: None,
        region: None,
        processor: None,
        revision: None,
        event: None,
        sha256: None,
        failure: None,
    }
}
