//! From a plan to figures, with mocks whose numbers can be computed by hand.

#[path = "common/measurement.rs"]
mod measurement;

use lambda_meter::analysis::Analysis;
use lambda_meter::compare::{Verdict, compare};
use lambda_meter::cost::{Architecture, Prices};
use lambda_meter::matrix::{Matrix, Start};
use lambda_meter::results::{Results, ResultsError, Sample, Store, load};
use lambda_meter::run::{Ending, Plan, Progress, Sampler, continued, measure};
use measurement::{MockSource, begun, matrix, measured, mocks, target, twice};
use std::path::Path;

/// One function, one memory size.
fn single(runs: u32, cold: u32) -> Matrix {
    Matrix { targets: vec![target("ours", &[128])], runs, cold, published: Vec::new(), ..matrix() }
}

fn ours() -> MockSource {
    MockSource::new("ours", Architecture::X86_64, 100_000)
}

fn durations(results: &Results) -> Vec<f64> {
    results.samples.iter().map(|sample| sample.duration_ms).collect()
}

#[test]
fn warm_samples_come_from_one_warmed_sandbox() {
    let results = measured(&single(5, 0), vec![Box::new(ours())]);
    // Invocation 0 is the warm-up.
    assert_eq!(durations(&results), [100.001, 100.002, 100.003, 100.004, 100.005]);
    assert!(results.samples.iter().all(|sample| sample.init_duration_ms.is_none()));
    let analysis = Analysis::of(&results, &Prices::default());
    let summary = analysis.cells[0].duration_ms.as_ref().unwrap();
    assert_eq!((summary.median, summary.min, summary.max), (100.003, 100.001, 100.005));
    assert!((summary.mad - 0.001).abs() < 1e-9 && (summary.p95 - 100.0048).abs() < 1e-9);
    // 101 ms are billed, of 128 MB: 101/1000 * 128/1024 * 0.0000166667 + 0.0000002.
    let usd = analysis.cells[0].usd_per_million.unwrap();
    assert!((usd - (0.101 * 0.125 * 16.6667 + 0.2)).abs() < 1e-9, "{usd}");
}

#[test]
fn every_cold_sample_has_a_sandbox_of_its_own_and_pays_for_init() {
    let results = measured(&single(0, 3), vec![Box::new(ours())]);
    assert_eq!(durations(&results), [100.0, 100.001, 100.002]);
    let inits: Vec<_> = results.samples.iter().map(|sample| sample.init_duration_ms).collect();
    assert_eq!(inits, [Some(1.5); 3]);
    let billed: Vec<_> = results.samples.iter().map(|sample| sample.billed_duration_ms).collect();
    assert_eq!(billed, [102.0; 3], "the sum is rounded up, not its parts");
    assert_eq!(results.samples[0].digest, results.samples[2].digest);
    assert!(results.samples[0].digest.is_some());
}

#[test]
fn ratios_costs_and_memory_sizes_of_the_whole_matrix() {
    let results = measured(&matrix(), mocks());
    assert_eq!(results.samples.len(), 8 * 4);
    let analysis = Analysis::of(&results, &Prices::default());
    let figures = |target: &str, memory_mb: u64, start: Start| {
        let is_meant = |cell: &&lambda_meter::analysis::CellFigures| {
            (cell.cell.target.as_str(), cell.cell.memory_mb, cell.cell.start) == (target, memory_mb, start)
        };
        analysis.cells.iter().find(is_meant).unwrap()
    };
    let ratio = figures("<theirs>", 128, Start::Warm).ratio.unwrap();
    assert!((ratio.value - 10.0).abs() < 0.01 && ratio.interval.contains(ratio.value), "{ratio:?}");
    assert_eq!(figures("ours", 128, Start::Warm).ratio, None, "the baseline has no ratio");
    let tuning = &analysis.tunings[0];
    assert_eq!((tuning.target.as_str(), tuning.fastest_mb, tuning.curve.len()), ("ours", Some(512), 2));
    let mut unscaled = results.clone();
    unscaled.header.targets[0].figures = "unscaled wall time".to_owned();
    let analysis_unscaled = Analysis::of(&unscaled, &Prices::default());
    assert!(analysis_unscaled.tunings.iter().all(|tuning| tuning.target != "ours"));
    assert!(analysis_unscaled.remarks.iter().any(|it| it.starts_with("ours: memory sizes are not compared")));
    let row = &analysis.published[0];
    assert!((row.ratio.unwrap() - 1.0).abs() < 0.01 && row.our_init_ms == Some((1.5, 1.5)), "{row:?}");
}

#[test]
fn a_crash_is_counted_and_the_cell_is_warmed_again() {
    let results = measured(&single(5, 0), vec![Box::new(ours().crashing(2))]);
    let failure = results.samples[1].failure.as_ref().unwrap();
    assert_eq!(failure.kind, "crash");
    // Invocation 3 found a new sandbox, so it is no warm sample.
    let counted: Vec<f64> = [0, 2, 3, 4].map(|index| results.samples[index].duration_ms).to_vec();
    assert_eq!(counted, [100.001, 100.004, 100.005, 100.006]);
    let analysis = Analysis::of(&results, &Prices::default());
    assert_eq!((analysis.cells[0].samples, analysis.cells[0].failures), (4, 1));
    assert!(analysis.remarks.iter().any(|remark| remark.contains("1 failed (ours, event, 128 MB, warm)")));
}

#[test]
fn an_interrupt_ends_the_series_after_the_sample_at_hand() {
    let matrix = single(5, 0);
    let steps = matrix.steps(&matrix.cells());
    let plan = Plan::new(matrix, vec![Box::new(ours())]);
    let header = begun(&plan).header;
    let mut sampler = Sampler::new(plan);
    let mut taken = Vec::new();
    let count = std::cell::Cell::new(0);
    let mut progress = Progress::new(&header.cells, steps.len());
    let ending = measure(&mut sampler, &steps, &mut progress, &|| count.get() == 2, &mut |sample| {
        count.set(count.get() + 1);
        taken.push(sample);
        Ok(())
    });
    assert_eq!((ending.unwrap(), taken.len()), (Ending::Interrupted, 2));
}

fn store(path: &Path, results: &Results) -> Store {
    let mut store = Store::create(path, false).unwrap();
    store.begin(&results.header).unwrap();
    results.samples.iter().for_each(|sample| store.add(sample).unwrap());
    store
}

#[test]
fn the_file_is_whole_after_every_sample() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.json");
    let results = measured(&matrix(), mocks());
    let mut store = Store::create(&path, false).unwrap();
    store.begin(&results.header).unwrap();
    for (index, sample) in results.samples.iter().enumerate() {
        let text = std::fs::read_to_string(&path).unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["samples"].as_array().unwrap().len(), index);
        store.add(sample).unwrap();
    }
    assert_eq!(load(&path).unwrap(), results);
}

#[test]
fn a_file_that_was_cut_off_anywhere_keeps_its_whole_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.json");
    let results = measured(&single(3, 0), vec![Box::new(ours())]);
    store(&path, &results);
    let text = std::fs::read_to_string(&path).unwrap();
    let first_sample = text.find("\"samples\":[").unwrap() + "\"samples\":[".len();
    for length in first_sample..text.len() {
        std::fs::write(&path, &text[..length]).unwrap();
        let kept = load(&path).unwrap();
        assert_eq!(kept.samples[..], results.samples[..kept.samples.len()], "{length}");
    }
    std::fs::write(&path, &text[..first_sample - 20]).unwrap();
    assert!(matches!(load(&path), Err(ResultsError::Malformed { .. })));
}

#[test]
fn a_file_can_be_continued_with_more_samples() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.json");
    let all = measured(&single(5, 0), vec![Box::new(ours())]);
    let some = Results { samples: all.samples[..2].to_vec(), ..all.clone() };
    drop(store(&path, &some));
    let continued = continued(&path, load(&path).unwrap(), &all.header, None).unwrap();
    let mut store = Store::resume(&path, &continued).unwrap();
    all.samples[2..].iter().for_each(|sample| store.add(sample).unwrap());
    assert_eq!(load(&path).unwrap(), all);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
}

#[test]
fn samples_of_different_things_are_not_mixed() {
    let results = measured(&single(2, 0), vec![Box::new(ours())]);
    let refused = |change: fn(&mut Results)| {
        let mut now = results.clone();
        change(&mut now);
        continued(Path::new("old.json"), results.clone(), &now.header, None).unwrap_err().to_string()
    };
    assert!(refused(|now| now.header.targets[0].sha256 = None).contains("rebuilt"));
    assert!(refused(|now| now.header.targets[0].figures.clear()).contains("--limits"));
    assert!(refused(|now| now.header.events[0].size = 1).contains("events"));
    assert!(refused(|now| now.header.cells[0].memory_mb = 256).contains("memory sizes"));
    assert!(refused(|now| "other".clone_into(&mut now.header.environment.cpu)).contains("processor"));
}

#[test]
fn files_are_refused_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.json");
    let results = measured(&single(2, 0), vec![Box::new(ours())]);
    drop(store(&path, &results));
    let exists = Store::create(&path, false).unwrap_err().to_string();
    assert!(exists.contains("--resume") && exists.contains("--overwrite"), "{exists}");
    assert!(Store::create(&path, true).is_ok());
    let missing = Store::create(&folder.path().join("no/folder"), false).unwrap_err().to_string();
    assert!(missing.contains("check that the folder exists"), "{missing}");
    for text in ["", "[]", "{}", "{\"header\":{}}", "not JSON"] {
        std::fs::write(&path, text).unwrap();
        assert!(load(&path).unwrap_err().to_string().contains("is not a results file"), "{text}");
    }
    let other = serde_json::to_string(&results).unwrap().replace("results/1", "results/2");
    std::fs::write(&path, other).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("its schema is lambda-meter/results/2"));
    let lost = Results { samples: vec![Sample { cell: 9, ..results.samples[0].clone() }], ..results };
    std::fs::write(&path, serde_json::to_string(&lost).unwrap()).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("a sample is of the cell 9, of 1 cells"));
}

#[test]
fn a_comparison_matches_cells_and_says_what_else_differs() {
    let before = measured(&matrix(), mocks());
    let mut after = before.clone();
    for sample in after.samples.iter_mut().filter(|sample| sample.cell == 1) {
        sample.duration_ms *= 0.5;
    }
    "Another CPU".clone_into(&mut after.header.environment.cpu);
    after.header.cells[7].memory_mb = 1_024;
    let comparison = compare(&twice(&before), &twice(&after), 1.0);
    let verdicts: Vec<Verdict> = comparison.changes.iter().map(|change| change.verdict).collect();
    // The cold cells have three samples.
    let (few, same) = (Verdict::TooFew, Verdict::Same);
    assert_eq!(verdicts, [few, Verdict::Faster, few, same, few, same, few]);
    let remarks = comparison.remarks.join("\n");
    assert!(remarks.contains("Mock CPU before, Another CPU after"), "{remarks}");
    assert!(
        remarks.contains("<theirs>, event, 1024 MB, warm is new") && remarks.contains("1 cells"),
        "{remarks}"
    );
    assert!(remarks.contains("ours is the same binary in both"), "{remarks}");
}

#[test]
fn single_targets_are_compared_whatever_their_names() {
    let before = measured(&single(5, 0), vec![Box::new(ours())]);
    let mut after = before.clone();
    "renamed".clone_into(&mut after.header.targets[0].name);
    "renamed".clone_into(&mut after.header.cells[0].target);
    assert_eq!(compare(&[before], &[after], 1.0).changes.len(), 1);
}
