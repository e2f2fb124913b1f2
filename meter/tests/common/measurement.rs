//! A measurement of mocks with known figures.

#![allow(dead_code, reason = "no test uses all of it")]

use lambda_meter::cost::{Architecture, Prices};
use lambda_meter::error::Error;
use lambda_meter::matrix::{Check, EventPlan, Matrix, Place, Published, Start, TargetPlan};
use lambda_meter::report_line::billed_duration;
use lambda_meter::results::{Environment, Overhead, Results, Sample, TargetRecord};
use lambda_meter::run::{Ending, Plan, Progress, Sampler, measure};
use lambda_meter::sandbox::Limits;
use lambda_meter::subject::{Cause, FunctionError, Invocation, Mock, Source, Target};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// A function whose n-th invocation takes `base * 128 / memory + n` microseconds.
pub(crate) struct MockSource {
    record: TargetRecord,
    base: u64,
    /// Invocations so far, of all sandboxes.
    count: Rc<Cell<u64>>,
    /// The invocation that crashes.
    crash: Option<u64>,
}

impl MockSource {
    pub(crate) fn new(name: &str, architecture: Architecture, base: u64) -> Self {
        let record = TargetRecord {
            name: name.to_owned(),
            kind: "mock".to_owned(),
            place: "nowhere".to_owned(),
            architecture,
            package: None,
            figures: "figures of a mock".to_owned(),
            size: Some(1_000_000),
            sha256: Some(format!("{base:064x}")),
            revision: None,
            extensions: Vec::new(),
        };
        Self { record, base, count: Rc::default(), crash: None }
    }

    pub(crate) fn crashing(mut self, invocation: u64) -> Self {
        self.crash = Some(invocation);
        self
    }
}

impl Source for MockSource {
    fn record(&self) -> &TargetRecord {
        &self.record
    }

    fn open(&mut self, memory_mb: u64, _: Start) -> Result<Box<dyn Target>, Error> {
        let sandbox = MockSandbox {
            base: self.base * 128 / memory_mb,
            memory_mb,
            is_new: true,
            count: Rc::clone(&self.count),
            crash: self.crash,
        };
        Ok(Box::new(sandbox))
    }

    fn is_cold_forced(&self) -> bool {
        true
    }
}

struct MockSandbox {
    base: u64,
    memory_mb: u64,
    is_new: bool,
    count: Rc<Cell<u64>>,
    crash: Option<u64>,
}

impl Target for MockSandbox {
    fn invoke(&mut self, event: &[u8]) -> Result<Invocation, Error> {
        let number = self.count.get();
        self.count.set(number + 1);
        let duration = Duration::from_micros(self.base + number);
        let init_duration = self.is_new.then(|| Duration::from_micros(1_500));
        let crash = self.crash == Some(number);
        self.is_new = crash;
        let error = FunctionError {
            cause: Cause::Exited,
            error_type: "Runtime.ExitError".to_owned(),
            error_message: "Runtime exited with error: signal: killed".to_owned(),
        };
        let invocation = Invocation {
            request_id: format!("request-{number}"),
            payload: br#"{"pi":"3.14"}"#.to_vec(),
            function_error: crash.then_some(error),
            init_duration,
            duration,
            extension_overhead: None,
            billed_duration: billed_duration(duration, init_duration),
            memory_size: self.memory_mb,
            max_memory_used: 12,
            log_tail: Vec::new(),
        };
        Mock::new([Ok(invocation)]).invoke(event)
    }
}

pub(crate) fn target(name: &str, memory: &[u64]) -> TargetPlan {
    TargetPlan {
        name: name.to_owned(),
        place: Place::Binary("nowhere".into()),
        architecture: None,
        memory: memory.to_vec(),
        variables: Vec::new(),
        extensions: Vec::new(),
        layers: Vec::new(),
    }
}

/// Two functions, two memory sizes, 5 warm and 3 cold samples.
pub(crate) fn matrix() -> Matrix {
    Matrix {
        targets: vec![target("ours", &[128, 512]), target("<theirs>", &[128, 512])],
        events: vec![EventPlan { name: "event".to_owned(), bytes: b"{}".to_vec(), sha256: None }],
        runs: 5,
        cold: 3,
        goal: None,
        warmup: 1,
        timeout: Duration::from_secs(900),
        baseline: "ours".to_owned(),
        limits: Limits::Off,
        check: Check::Digits,
        published: vec![Published {
            row: "theirs, x86_64".to_owned(),
            target: Some("<theirs>".to_owned()),
            memory: 128,
            duration_s: Some((0.8, 1.2)),
            init_ms: Some((17.0, 22.0)),
            memory_mb: None,
            source: None,
        }],
        left_out: Vec::new(),
    }
}

pub(crate) fn mocks() -> Vec<Box<dyn Source>> {
    vec![
        Box::new(MockSource::new("ours", Architecture::X86_64, 100_000)),
        Box::new(MockSource::new("<theirs>", Architecture::Arm64, 1_000_000)),
    ]
}

pub(crate) fn environment() -> Environment {
    Environment {
        cpu: "Mock CPU".to_owned(),
        cpus: 2,
        architecture: "x86_64".to_owned(),
        kernel: "6.0".to_owned(),
        memory_mb: 1_024,
        load: 0.1,
    }
}

/// Two runs: these results, and the same with every time 0.1 % longer.
pub(crate) fn twice(results: &Results) -> [Results; 2] {
    let mut again = results.clone();
    again.samples.iter_mut().for_each(|sample| sample.duration_ms *= 1.001);
    [results.clone(), again]
}

/// Results without samples.
pub(crate) fn begun(plan: &Plan) -> Results {
    let created = "2026-11-22T00:00:00.000Z".to_owned();
    let mut header = plan.header(Prices::default(), created, environment());
    // Independent of the tool's version.
    header.tool = "lambda-meter".to_owned();
    header.overhead = Some(Overhead { init_ms: 0.5, duration_ms: 0.05, around_ms: 0.1, samples: 30 });
    Results { header, samples: Vec::new() }
}

/// Measures everything, with constants in place of times of this machine.
pub(crate) fn measured(matrix: &Matrix, sources: Vec<Box<dyn Source>>) -> Results {
    let plan = Plan::new(matrix.clone(), sources);
    let mut results = begun(&plan);
    let cells = results.header.cells.clone();
    let steps = matrix.steps(&matrix.cells());
    let mut sampler = Sampler::new(plan);
    let mut progress = Progress::new(&cells, steps.len());
    let ending = measure(&mut sampler, &steps, &mut progress, &|| false, &mut |sample: Sample| {
        results.samples.push(Sample { at: "2026-11-22T00:00:01.000Z".to_owned(), wall_ms: 0.0, ..sample });
        Ok(())
    });
    assert_eq!(ending.unwrap(), Ending::Complete);
    results
}
