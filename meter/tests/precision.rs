//! Measurements that continue until every median is precise, with mocks of a fixed series.

mod common;
#[path = "common/measurement.rs"]
mod measurement;

use common::fixture;
use lambda_meter::cost::Architecture;
use lambda_meter::matrix::{Draft, DraftEvent, DraftTarget, Goal, Limit, Matrix, Next, Step};
use lambda_meter::results::{Results, load};
use lambda_meter::run::{Ending, Plan, Recording, take_samples};
use measurement::{MockSource, begun, matrix, measured, mocks, target};
use std::cell::Cell;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);

fn goal(percent: f64) -> Goal {
    Goal { percent, max_runs: 50, max_time: HOUR }
}

/// Ten warm samples of one function, and the goal.
fn ten(goal: Goal) -> Matrix {
    let targets = vec![target("ours", &[128])];
    Matrix { targets, runs: 10, cold: 0, published: Vec::new(), goal: Some(goal), ..matrix() }
}

/// A plan whose n-th invocation takes `base + n` microseconds.
fn plan(matrix: Matrix, base: u64) -> Plan {
    Plan::new(matrix, vec![Box::new(MockSource::new("ours", Architecture::X86_64, base))])
}

fn begin(path: &Path, plan: &Plan) -> Recording {
    Recording::create(path, false, begun(plan).header, || Ok(None)).unwrap()
}

/// Measures `plan` into a new file.
fn taken(plan: Plan) -> (Ending, Results) {
    let folder = tempfile::tempdir().unwrap();
    let mut recording = begin(&folder.path().join("results.json"), &plan);
    let ending = take_samples(plan, &mut recording, &|| false).unwrap();
    assert_eq!(&load(recording.path()).unwrap(), recording.results());
    (ending, recording.results().clone())
}

#[test]
fn a_precise_series_ends_with_its_planned_samples() {
    let (ending, results) = taken(plan(ten(goal(5.0)), 100_000));
    assert_eq!((ending, results.samples.len()), (Ending::Complete, 10));
}

#[test]
fn a_series_ends_with_the_first_round_that_is_precise() {
    let goal = goal(35.0);
    let (ending, results) = taken(plan(ten(goal), 0));
    let count = results.samples.len();
    assert_eq!((ending, goal.wide(1, &results.samples)), (Ending::Complete, Vec::new()));
    assert!((11..50).contains(&count), "{count}");
    for before in 10..count {
        assert_eq!(goal.wide(1, &results.samples[..before]).len(), 1, "{before} of {count}");
    }
}

#[test]
fn a_series_that_never_gets_precise_ends_at_a_limit() {
    let (ending, results) = taken(plan(ten(goal(5.0)), 0));
    assert_eq!((ending, results.samples.len()), (Ending::Limited(Limit::Runs), 50));
    let at_once = Goal { max_time: Duration::ZERO, ..goal(5.0) };
    let (ending, results) = taken(plan(ten(at_once), 0));
    assert_eq!((ending, results.samples.len()), (Ending::Limited(Limit::Time), 10));
    let few = Goal { max_runs: 3, ..goal(5.0) };
    let (ending, results) = taken(plan(ten(few), 0));
    assert_eq!((ending, results.samples.len()), (Ending::Limited(Limit::Runs), 10), "planned samples stay");
}

#[test]
fn an_interrupted_series_continues_where_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.json");
    for (least, stop) in [(0, 4), (4, 23), (23, 60)] {
        let plan = plan(ten(goal(5.0)), 0);
        let header = begun(&plan).header;
        let mut recording = match least {
            0 => begin(&path, &plan),
            _ => Recording::resume(&path, &header).unwrap(),
        };
        let asked = Cell::new(least);
        let is_interrupted = || asked.replace(asked.get() + 1) == stop;
        let ending = take_samples(plan, &mut recording, &is_interrupted).unwrap();
        let expected = if stop < 50 { Ending::Interrupted } else { Ending::Limited(Limit::Runs) };
        assert_eq!((ending, recording.results().samples.len()), (expected, stop.min(50)));
    }
    let rounds: Vec<u32> = load(&path).unwrap().samples.iter().map(|sample| sample.round).collect();
    assert_eq!(rounds, (0..50).collect::<Vec<_>>());
}

#[test]
fn an_unfinished_round_is_finished_before_anything_else() {
    let results = measured(&matrix(), mocks());
    // Cells alternate between 3 cold and 5 warm samples.
    let planned: Vec<u32> = [3, 5].repeat(4);
    let mut samples = results.samples;
    let narrow = goal(f64::INFINITY);
    assert_eq!(goal(5.0).wide(8, &samples).len(), 8, "five samples are too few for an interval");
    let Next::Round(first) = goal(5.0).next(&planned, &samples, Duration::ZERO) else { panic!("no round") };
    assert_eq!(first.len(), 8, "a round has a sample of every cell");
    assert_eq!(first[..2], [Step { cell: 0, round: 3 }, Step { cell: 1, round: 5 }]);
    assert_eq!(narrow.next(&planned, &samples, Duration::ZERO), Next::Precise);
    let mut sample = samples[0].clone();
    (sample.cell, sample.round) = (first[0].cell, first[0].round);
    samples.push(sample);
    assert_eq!(narrow.next(&planned, &samples, HOUR), Next::Round(first[1..].to_vec()));
}

#[test]
fn failures_alone_ask_for_no_more_samples() {
    let results = measured(&ten(goal(5.0)), vec![Box::new(MockSource::new("ours", Architecture::Arm64, 0))]);
    let mut samples = results.samples;
    assert_eq!(goal(5.0).wide(1, &samples).len(), 1);
    let failure = lambda_meter::results::Failure { kind: "crash".to_owned(), message: String::new() };
    samples.iter_mut().for_each(|sample| sample.failure = Some(failure.clone()));
    assert_eq!(goal(5.0).next(&[10], &samples, Duration::ZERO), Next::Precise);
}

fn draft() -> Draft {
    let target = DraftTarget {
        binary: Some("ours".into()),
        function: Some("theirs".to_owned()),
        ..DraftTarget::default()
    };
    let event = DraftEvent { json: Some("{}".to_owned()), ..DraftEvent::default() };
    Draft { targets: vec![target], events: vec![event], ..Draft::default() }
}

#[test]
fn the_goal_is_a_default_only_where_samples_are_free_and_not_counted() {
    let of = |draft: Draft| draft.plan().unwrap().goal;
    assert_eq!(of(draft()), Some(Goal::default()));
    assert_eq!(of(Draft { runs: Some(10), ..draft() }), None);
    assert_eq!(of(Draft { cold: Some(10), ..draft() }), None);
    assert_eq!(of(Draft { precision: Some(0.0), ..draft() }), None);
    assert_eq!(of(Draft { aws: true, ..draft() }), None, "samples on AWS cost money");
    assert_eq!(of(Draft { aws: true, max_runs: Some(99), ..draft() }), None);
    let asked =
        Draft { runs: Some(4), precision: Some(2.0), max_runs: Some(9), max_time: Some(7), ..draft() };
    let expected = Goal { percent: 2.0, max_runs: 9, max_time: Duration::from_secs(7) };
    assert_eq!(of(asked), Some(expected));
    for percent in [-1.0, 101.0, f64::NAN] {
        let error = Draft { precision: Some(percent), ..draft() }.plan().unwrap_err().to_string();
        assert!(error.contains("0 to 100 %"), "{error}");
    }
}

#[test]
fn the_command_line_names_the_limit_and_the_wide_cells() {
    let folder = tempfile::tempdir().unwrap();
    let path = fixture().display().to_string();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lambda-meter"));
        command.current_dir(folder.path()).args(args).output().unwrap()
    };
    // The interval of two samples is never trusted, so the outcome does not depend on the machine.
    let options = ["--event", "{\"pi\":\"3.14\"}", "--limits", "off", "-o", "r.json", "--overwrite"];
    let limits = ["--runs", "1", "--cold", "0", "--precision", "5", "--max-runs", "2"];
    for (targets, count) in [(&["run", "--binary", &path][..], 2), (&["ab", &path, &path], 4)] {
        let output = run(&[targets, &options, &limits].concat());
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{text}");
        assert!(text.contains("stopped at --max-runs 2"), "{text}");
        assert!(text.contains("128 MB, warm: too few successful samples"), "{text}");
        assert_eq!(load(&folder.path().join("r.json")).unwrap().samples.len(), count);
    }
    let plan = run(&["run", "--binary", &path, "--event", "{}", "--dry-run"]);
    let text = String::from_utf8(plan.stdout).unwrap();
    assert!(text.contains("Counts are the highest") && text.contains("± 5 %"), "{text}");
    let plan = run(&["run", "--binary", &path, "--event", "{}", "--runs", "3", "--dry-run"]);
    assert!(!String::from_utf8(plan.stdout).unwrap().contains("Counts are the highest"));
}
