//! Measurements as the results that lambda-meter draws.

use crate::events;
use jiff::Timestamp;
use lambda_meter::analysis::Analysis;
use lambda_meter::cost::{Architecture, Prices};
use lambda_meter::export;
use lambda_meter::matrix::{Check, Start};
use lambda_meter::results::{
    CellRecord, Environment, EventRecord, Failure, Header, Results, SCHEMA, Sample, TargetRecord,
};
use pi_observatory_store as store;
use std::collections::{BTreeMap, BTreeSet};
use store::{Event, Measurement};

/// Name of the event of measurements that name none: the extension's, of any caller's invocations.
const ANY: &str = "invocations";
/// Most processors that the page names.
const PROCESSORS: usize = 4;

/// The report as one HTML page, with events below the figures.
#[must_use]
pub fn html(measurements: &[Measurement], events: &[Event], days: i64, now: Timestamp) -> String {
    let page = if measurements.is_empty() {
        empty(days)
    } else {
        let results = results(measurements, now);
        let analysis = Analysis::of(&results, &results.header.prices);
        export::html(&results, &analysis)
    };
    let end = page.rfind("</main>").unwrap_or(page.len());
    format!("{}{}{}", &page[..end], events::section(events), &page[end..])
}

/// The page of a table without measurements.
fn empty(days: i64) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>Observatory</title>\n</head>\n\
         <body>\n<main>\n<h1>No measurements</h1>\n<p>The table has none of the last {days} days. \
         The recorder writes some when its schedule fires; POST /measurements stores others.</p>\n\
         </main>\n</body>\n</html>\n"
    )
}

/// The cell of a measurement: event, function, memory size, cold before warm.
type Cell<'a> = (&'a str, &'a str, u32, bool);

fn cell(measurement: &Measurement) -> Cell<'_> {
    let event = measurement.event.as_deref().unwrap_or(ANY);
    (event, &measurement.function, measurement.memory_mb, measurement.start == store::Start::Warm)
}

/// The results of all measurements.
#[must_use]
pub fn results(measurements: &[Measurement], now: Timestamp) -> Results {
    let cells: BTreeSet<Cell<'_>> = measurements.iter().map(cell).collect();
    let positions: BTreeMap<Cell<'_>, usize> = cells.iter().copied().zip(0..).collect();
    let mut rounds = vec![0; cells.len()];
    let samples = measurements.iter().map(|it| {
        let cell = positions[&cell(it)];
        rounds[cell] += 1;
        sample(it, cell, rounds[cell] - 1)
    });
    let samples: Vec<Sample> = samples.collect();
    Results { header: header(measurements, &cells, now), samples }
}

fn sample(measurement: &Measurement, cell: usize, round: u32) -> Sample {
    Sample {
        cell,
        round,
        at: measurement.at.to_string(),
        duration_ms: measurement.duration_ms,
        billed_duration_ms: measurement.billed_ms,
        extension_overhead_ms: None,
        init_duration_ms: measurement.init_ms,
        max_memory_used_mb: measurement.used_mb.unwrap_or(0).into(),
        wall_ms: measurement.duration_ms + measurement.init_ms.unwrap_or(0.0),
        digest: measurement.sha256.clone(),
        failure: measurement
            .failure
            .clone()
            .map(|message| Failure { kind: "function_error".to_owned(), message }),
    }
}

fn header(measurements: &[Measurement], cells: &BTreeSet<Cell<'_>>, now: Timestamp) -> Header {
    let functions: BTreeSet<&str> = cells.iter().map(|cell| cell.1).collect();
    let events: BTreeSet<&str> = cells.iter().map(|cell| cell.0).collect();
    let processors: BTreeSet<&str> = measurements.iter().filter_map(|it| it.processor.as_deref()).collect();
    let cpu = match processors.len() {
        0 => "Lambda's".to_owned(),
        _ => processors.into_iter().take(PROCESSORS).collect::<Vec<_>>().join("; "),
    };
    Header {
        schema: SCHEMA.to_owned(),
        tool: concat!("observatory ", env!("CARGO_PKG_VERSION")).to_owned(),
        created: now.to_string(),
        environment: Environment {
            cpu,
            cpus: 0,
            architecture: String::new(),
            kernel: String::new(),
            memory_mb: 0,
            load: 0.0,
        },
        overhead: None,
        prices: Prices::default(),
        runs: 0,
        cold: 0,
        warmup: 0,
        timeout_s: 900,
        baseline: functions.first().copied().unwrap_or_default().to_owned(),
        check: Check::Digits,
        targets: functions.into_iter().map(|name| target(measurements, name)).collect(),
        events: events.into_iter().map(event).collect(),
        cells: cells.iter().map(record).collect(),
        published: Vec::new(),
    }
}

/// A function, by its latest measurement.
fn target(measurements: &[Measurement], name: &str) -> TargetRecord {
    let own = || measurements.iter().filter(|it| it.function == name);
    let latest = own().max_by_key(|it| it.at);
    let region = latest.and_then(|it| it.region.as_deref()).unwrap_or("an unknown region");
    TargetRecord {
        name: name.to_owned(),
        kind: "aws".to_owned(),
        place: format!("{name} in {region}"),
        architecture: match own().rev().find_map(|it| it.architecture) {
            Some(store::Architecture::Arm64) => Architecture::Arm64,
            _ => Architecture::X86_64,
        },
        package: own().rev().find_map(|it| it.package).map(|package| match package {
            store::Package::Zip => "zip".to_owned(),
            store::Package::Image => "image".to_owned(),
        }),
        figures: format!("reported by Lambda in {region}"),
        size: None,
        sha256: None,
        revision: own().rev().find_map(|it| it.revision.clone()),
        extensions: Vec::new(),
    }
}

fn event(name: &str) -> EventRecord {
    EventRecord { name: name.to_owned(), size: 0, sha256: String::new(), expected: None }
}

fn record(&(event, target, memory_mb, is_warm): &Cell<'_>) -> CellRecord {
    CellRecord {
        target: target.to_owned(),
        event: event.to_owned(),
        memory_mb: memory_mb.into(),
        start: if is_warm { Start::Warm } else { Start::Cold },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::tests::event;
    use crate::routes::tests::measurement;
    use jiff::SignedDuration;

    /// Ten days of two functions, cold and warm; the arm64 function is always faster.
    fn days() -> Vec<Measurement> {
        let start: Timestamp = "2026-11-01T06:00:00Z".parse().unwrap();
        let mut all = Vec::new();
        for day in 0..10 {
            for (function, factor) in [("pi-arm64", 1.0), ("pi-x86", 2.0)] {
                for round in 0..6_u32 {
                    let cold = round < 2;
                    let at = start.checked_add(SignedDuration::from_hours(24 * day)).unwrap();
                    all.push(Measurement {
                        function: function.to_owned(),
                        at,
                        id: format!("{round}"),
                        start: if cold { store::Start::Cold } else { store::Start::Warm },
                        init_ms: cold.then_some(10.0 * factor),
                        duration_ms: factor * (1.0 + f64::from(round) / 10.0),
                        ..measurement()
                    });
                }
            }
        }
        all
    }

    #[test]
    fn the_report_has_trends_cold_beside_warm_and_cost() {
        let page = html(&days(), &[], 30, "2026-11-29T12:00:00Z".parse().unwrap());
        for text in [
            "time (init + duration), cold",
            "time (init + duration), warm",
            "USD for a million invocations, cold",
            "a mark is the median of a day",
            "2026-11-01",
            "pi-arm64 is fastest; pi-x86 takes 2 times as long",
            "class=\"whisker\"",
        ] {
            assert!(page.contains(text), "{text}");
        }
        for outside in ["<script", "http://", "https://", "src=", "<link"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }

    /// `mine` comes first among the functions, and has neither the others' event nor their memory sizes.
    #[test]
    fn a_function_has_one_colour_in_all_legends() {
        let mut all = days();
        let larger = all.clone().into_iter().map(|it| Measurement { memory_mb: 1_769, ..it });
        all.extend(larger.collect::<Vec<_>>());
        let other = Measurement {
            function: "mine".to_owned(),
            event: Some("other".to_owned()),
            memory_mb: 256,
            ..measurement()
        };
        all.push(other);
        let page = html(&all, &[], 30, "2026-11-29T12:00:00Z".parse().unwrap());
        for (name, class) in [("pi-arm64", "c1"), ("pi-x86", "c2")] {
            let legends = page.matches(&format!("\">{name}</span>")).count();
            let right = page.matches(&format!("<span class=\"{class}\">{name}</span>")).count();
            assert_eq!((legends, right), (4, 4), "two trends, cost against time, and memory for {name}");
        }
        assert!(!page.contains("<span class=\"c0\">mine</span>"), "a legend has no function without marks");
    }

    #[test]
    fn names_are_no_markup() {
        let hostile = Measurement {
            event: Some("<script>alert(1)</script>".to_owned()),
            processor: Some("<img src=x>".to_owned()),
            failure: Some("<b>".to_owned()),
            ..measurement()
        };
        let page = html(&[hostile], &[], 30, Timestamp::UNIX_EPOCH);
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<b>"));
    }

    #[test]
    fn nothing_is_said_to_be_nothing() {
        let page = html(&[], &[], 7, Timestamp::UNIX_EPOCH);
        assert!(page.contains("none of the last 7 days") && !page.contains("Events"));
    }

    #[test]
    fn events_stand_below_the_figures() {
        let told = [event(1, "order.placed", "{\"price\": 3}")];
        for measurements in [vec![], days()] {
            let page = html(&measurements, &told, 30, Timestamp::UNIX_EPOCH);
            let at = page.find("<td>order.placed</td>").unwrap();
            assert!(at < page.find("</main>").unwrap() && page.find("<h1>").unwrap() < at);
        }
    }

    #[test]
    fn a_full_report_fits_the_response() {
        // A tenth of the most samples, because each has a dot of the same size.
        let all: Vec<Measurement> = (0..200_u32)
            .map(|number| Measurement {
                function: format!("function-{}", number % 20),
                at: Timestamp::from_second(1_795_953_600 + i64::from(number) * 12_000).unwrap(),
                id: number.to_string(),
                ..measurement()
            })
            .collect();
        let page = html(&all, &[], 30, Timestamp::UNIX_EPOCH);
        assert!(page.len() < 500_000, "{} bytes", page.len());
    }
}
