//! False alarms and missed changes of `compare` and `ab`, simulated with a fixed seed.
//!
//! The noise is that of a shared machine: each run and each cell of a run has its own level (3 %
//! each), a run drifts (1 % from round to round), a sample varies by 5 %, and one in 20 is slower by
//! half on average. Twelve cells, 20 samples each, 100 pairs of runs.

#[path = "common/measurement.rs"]
mod measurement;

use fastrand::Rng;
use lambda_meter::compare::{Comparison, Verdict, compare, compare_targets};
use lambda_meter::cost::Architecture;
use lambda_meter::matrix::{EventPlan, Goal, Matrix, Next};
use lambda_meter::results::{CellRecord, Results, Sample};
use lambda_meter::run::Plan;
use lambda_meter::subject::Source;
use measurement::{MockSource, begun, matrix, target};
use std::collections::HashMap;
use std::time::Duration;

const PAIRS: u32 = 100;
const SAMPLES: u32 = 20;
const FAIL_PERCENT: f64 = 5.0;

/// Results without samples: the targets x 2 events x 3 memory sizes x cold and warm.
fn plan(targets: &[&str]) -> Results {
    planned(targets, &["small", "large"], &[128, 512, 1_769], SAMPLES)
}

/// Results without samples: the targets x events x memory sizes x warm, and cold if planned.
fn planned(targets: &[&str], events: &[&str], memory: &[u64], cold: u32) -> Results {
    let event = |name: &&str| EventPlan { name: (*name).to_owned(), bytes: b"{}".to_vec(), sha256: None };
    let matrix = Matrix {
        targets: targets.iter().map(|name| target(name, memory)).collect(),
        events: events.iter().map(event).collect(),
        runs: SAMPLES,
        cold,
        baseline: targets[0].to_owned(),
        published: Vec::new(),
        ..matrix()
    };
    let source = |name: &&str| Box::new(MockSource::new(name, Architecture::X86_64, 1)) as Box<dyn Source>;
    begun(&Plan::new(matrix, targets.iter().map(source).collect()))
}

/// A standard normal number, by Box and Muller.
fn normal(random: &mut Rng) -> f64 {
    (-2.0 * (1.0 - random.f64()).ln()).sqrt() * (std::f64::consts::TAU * random.f64()).cos()
}

/// The noise of one run.
struct Noise {
    level: f64,
    /// The level of a cell is common to all targets, as that of a memory size is.
    levels: HashMap<(String, u64, String), f64>,
    drift: f64,
}

impl Noise {
    fn new(results: &Results, random: &mut Rng) -> Self {
        let level = 0.03 * normal(random);
        let mut levels = HashMap::new();
        for cell in &results.header.cells {
            levels.entry(key(cell)).or_insert_with(|| 0.03 * normal(random));
        }
        Self { level, levels, drift: 0.0 }
    }

    /// Adds one sample of every cell; `factor` multiplies the time of the target `new`.
    fn round(&mut self, results: &mut Results, round: u32, factor: f64, random: &mut Rng) {
        self.drift += 0.01 * normal(random);
        for (index, cell) in results.header.cells.iter().enumerate() {
            let tail = if random.f64() < 0.05 { 1.0 - 0.5 * (1.0 - random.f64()).ln() } else { 1.0 };
            let noise = self.level + self.levels[&key(cell)] + self.drift + 0.05 * normal(random);
            let own = if cell.target == "new" { factor } else { 1.0 };
            results.samples.push(sample(index, round, 10.0 * own * noise.exp() * tail));
        }
    }
}

fn key(cell: &CellRecord) -> (String, u64, String) {
    (cell.event.clone(), cell.memory_mb, cell.start.to_string())
}

/// One run; `factor` multiplies the time of the target `new`.
fn simulated(targets: &[&str], factor: f64, random: &mut Rng) -> Results {
    let mut results = plan(targets);
    let mut noise = Noise::new(&results, random);
    (0..SAMPLES).for_each(|round| noise.round(&mut results, round, factor, random));
    results
}

/// One run of `ab` that goes on from 10 samples until its medians are precise, or a limit of `goal` is
/// reached at a second a round; returns the number of rounds too.
fn stopped(goal: Goal, random: &mut Rng) -> (Results, u32) {
    const BEGIN: u32 = 10;
    let mut results = planned(&["old", "new"], &["small"], &[128], 0);
    let mut noise = Noise::new(&results, random);
    (0..BEGIN).for_each(|round| noise.round(&mut results, round, 1.0, random));
    let planned = vec![BEGIN; results.header.cells.len()];
    let mut rounds = BEGIN;
    while let Next::Round(_) =
        goal.next(&planned, &results.samples, Duration::from_secs(u64::from(rounds - BEGIN)))
    {
        noise.round(&mut results, rounds, 1.0, random);
        rounds += 1;
    }
    (results, rounds)
}

fn sample(cell: usize, round: u32, duration_ms: f64) -> Sample {
    Sample {
        cell,
        round,
        at: String::new(),
        duration_ms,
        billed_duration_ms: duration_ms.ceil(),
        extension_overhead_ms: None,
        init_duration_ms: None,
        max_memory_used_mb: 1,
        wall_ms: duration_ms,
        digest: None,
        failure: None,
    }
}

/// Pairs that fail with `--fail-if-slower 5`, and cells called slower.
fn failures(mut measure: impl FnMut() -> Comparison) -> (u32, usize) {
    let (mut failed, mut cells) = (0, 0);
    for _ in 0..PAIRS {
        let comparison = measure();
        assert!(!comparison.changes.is_empty());
        failed += u32::from(comparison.is_slower_by(FAIL_PERCENT));
        cells += comparison.changes.iter().filter(|change| change.verdict == Verdict::Slower).count();
    }
    (failed, cells)
}

fn ab(factor: f64, random: &mut Rng) -> Comparison {
    compare_targets(&simulated(&["old", "new"], factor, random), "old", "new", 1.0)
}

fn files(count: usize, factor: f64, random: &mut Rng) -> Comparison {
    let before: Vec<Results> = (0..count).map(|_| simulated(&["old"], 1.0, random)).collect();
    let after: Vec<Results> = (0..count).map(|_| simulated(&["new"], factor, random)).collect();
    compare(&before, &after, 1.0)
}

#[test]
fn the_same_binary_twice_rarely_fails_and_a_change_of_10_percent_is_found() {
    let random = &mut Rng::with_seed(314);
    let (alarms, cells) = failures(|| ab(1.0, random));
    println!("ab, A/A: {alarms} of {PAIRS} fail, {cells} of 1200 cells slower");
    assert!(alarms <= 5, "{alarms} false alarms");
    let (found, cells) = failures(|| ab(1.1, random));
    println!("ab, 10 % slower: {found} of {PAIRS} fail, {cells} of 1200 cells slower");
    assert!(found >= 80, "only {found} found");
}

/// The rule that ends a run looks at the widths of intervals, not at the difference: it must not raise
/// the number of false alarms. A run that `--max-time` ends has a number of rounds that depends on no
/// sample, as the runs above.
#[test]
fn the_rule_that_ends_a_run_of_ab_raises_no_false_alarms() {
    let random = &mut Rng::with_seed(535);
    let goal = Goal { percent: 3.5, max_runs: 16, max_time: Duration::from_secs(30) };
    let mut lengths = Vec::new();
    let (alarms, cells) = failures(|| {
        let (results, rounds) = stopped(goal, random);
        lengths.push(rounds);
        compare_targets(&results, "old", "new", 1.0)
    });
    lengths.sort_unstable();
    println!("ab, ended after {lengths:?} rounds: A/A {alarms} of {PAIRS} fail, {cells} cells slower");
    assert!(alarms <= 5, "{alarms} false alarms");
    let of = |rounds: u32| lengths.iter().filter(|length| **length == rounds).count();
    assert!(of(16) > 5 && of(16) < 95, "precision and --max-runs both end runs: {lengths:?}");
}

#[test]
fn files_of_the_same_binary_rarely_fail() {
    let random = &mut Rng::with_seed(159);
    for (count, least) in [(2, 30), (3, 60), (4, 80), (5, 80)] {
        let (alarms, _) = failures(|| files(count, 1.0, random));
        let (found, cells) = failures(|| files(count, 1.1, random));
        println!(
            "compare, {count} files a side: A/A {alarms} of {PAIRS} fail; 10 % slower: {found} fail, \
             {cells} of 1200 cells slower"
        );
        assert!(alarms <= 5, "{count} files: {alarms} false alarms");
        assert!(found >= least, "{count} files: only {found} found");
    }
}

#[test]
fn one_file_on_each_side_has_no_verdict() {
    let random = &mut Rng::with_seed(265);
    let comparison = files(1, 2.0, random);
    assert!(comparison.changes.iter().all(|change| change.verdict == Verdict::OneRun));
    assert!(comparison.remarks.iter().any(|remark| remark.contains("lambda-meter ab")), "{comparison:?}");
}
