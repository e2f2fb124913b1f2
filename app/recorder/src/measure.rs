//! One function: its cold and warm invocations, measured by Lambda itself.
//!
//! lambda-meter forces cold starts, reads the REPORT lines, and puts the configuration back when
//! the value is dropped, for whatever reason.

use crate::Plan;
use lambda_meter::cost::{self, Budget, Prices};
use lambda_meter::error::Error;
use lambda_meter::matrix::{Check, FunctionPlan, Start};
use lambda_meter::run::Verifier;
use lambda_meter::subject::aws::{Aws, Described, Function, Session};
use lambda_meter::subject::{Invocation, Target};
use pi_observatory_store as store;
use serde::Deserialize;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use store::Measurement;

/// Time to put a configuration back before the recorder's own deadline.
const RESERVE: Duration = Duration::from_secs(20);
/// Billed milliseconds that the first invocation is expected to have.
const ASSUMED_MS: f64 = 1_000.0;
/// Most letters of a failure's text.
const LONGEST: usize = 256;

/// Measures every function of a plan, one after the other.
#[derive(Debug)]
pub struct Meter<'a> {
    plan: &'a Plan,
    session: Rc<Session>,
    budget: Rc<RefCell<Budget>>,
    deadline: Instant,
}

/// Facts that the function itself knows.
#[derive(Debug, Default, Deserialize)]
struct Version {
    cpu: Option<String>,
    simd: Option<String>,
    git_revision: Option<String>,
}

impl Version {
    /// The processor and the level of its vectors.
    fn processor(&self) -> Option<String> {
        let cpu = self.cpu.as_ref()?;
        Some(self.simd.as_ref().map_or_else(|| cpu.clone(), |simd| format!("{cpu}, {simd}")))
    }
}

/// A series of samples with one memory size.
struct Series<'a> {
    function: &'a str,
    memory_mb: u64,
    described: &'a Described,
}

impl<'a> Meter<'a> {
    /// A meter with the credentials of the environment that stops before `deadline`.
    ///
    /// # Errors
    ///
    /// When there are no credentials or no region.
    pub fn open(plan: &'a Plan, deadline: Instant) -> Result<Self, Error> {
        let session = Rc::new(Session::open(None, None)?);
        let budget = Rc::new(RefCell::new(Budget::new(Prices::default(), plan.max_usd)));
        Ok(Self { plan, session, budget, deadline })
    }

    /// USD spent so far.
    #[must_use]
    pub fn spent_usd(&self) -> f64 {
        self.budget.borrow().spent_usd()
    }

    /// Measures one function; `keep` gets every sample at once, `is_known` names those to leave out.
    ///
    /// # Errors
    ///
    /// When the function cannot be described, changed or invoked, or the time is over. Samples
    /// taken before have been kept.
    pub fn measure(
        &self,
        function: &str,
        is_known: impl Fn(&str) -> bool,
        mut keep: impl FnMut(Measurement),
    ) -> Result<(), MeasureError> {
        let (name, qualifier) = match function.split_once(':') {
            Some((name, qualifier)) if !function.starts_with("arn:") => (name, Some(qualifier.to_owned())),
            _ => (function, None),
        };
        let plan = FunctionPlan { name: name.to_owned(), qualifier, region: None, profile: None };
        let cold = if plan.is_latest() { self.plan.cold } else { 0 };
        let opened = Rc::new(RefCell::new(Function::open(Rc::clone(&self.session), plan)?));
        let described = opened.borrow().described().clone();
        let sizes: Vec<u64> = match &self.plan.memory_mb[..] {
            [] => vec![described.memory_mb],
            sizes => sizes.iter().map(|size| u64::from(*size)).collect(),
        };
        for memory_mb in sizes {
            let series = Series { function, memory_mb, described: &described };
            let mut version = None;
            for (start, count) in [(Start::Cold, cold), (Start::Warm, self.plan.warm)] {
                let ids: Vec<String> = (0..count)
                    .map(|round| format!("{memory_mb}-{start}-{round:03}"))
                    .filter(|id| !is_known(id))
                    .collect();
                let mut target = None;
                for id in ids {
                    self.check_time(&described)?;
                    // Every cold sample has a sandbox of its own, warm samples share one.
                    let again = target.take().filter(|_| start == Start::Warm);
                    let mut aws = again.unwrap_or_else(|| self.target(&opened, memory_mb, start));
                    let invocation = aws.invoke(self.plan.event.as_bytes())?;
                    if start == Start::Cold || version.is_none() {
                        version = Some(self.version(&mut aws));
                    }
                    keep(self.sample(&series, id, &invocation, version.as_ref()));
                    target = Some(aws);
                }
            }
        }
        Ok(())
    }

    fn target(&self, function: &Rc<RefCell<Function>>, memory_mb: u64, start: Start) -> Aws {
        Aws::new(Rc::clone(function), memory_mb, start, Rc::clone(&self.budget), ASSUMED_MS)
    }

    fn check_time(&self, described: &Described) -> Result<(), MeasureError> {
        // The next invocation may take as long as the function may.
        let needed = RESERVE + described.timeout.min(Duration::from_secs(60));
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left < needed { Err(MeasureError::OutOfTime { left, needed }) } else { Ok(()) }
    }

    /// The function's own words on its processor and commit; a stranger's function knows nothing.
    fn version(&self, target: &mut Aws) -> Version {
        let answer = target.invoke(br#"{"op":"version"}"#);
        let payload = answer.ok().filter(|it| it.function_error.is_none()).map(|it| it.payload);
        payload.and_then(|payload| serde_json::from_slice(&payload).ok()).unwrap_or_default()
    }

    fn sample(
        &self,
        series: &Series<'_>,
        id: String,
        invocation: &Invocation,
        version: Option<&Version>,
    ) -> Measurement {
        let described = series.described;
        let checked = check(self.plan, series.function, invocation);
        let millis = lambda_meter::results::millis;
        let billed_ms = millis(invocation.billed_duration);
        let usd = cost::invocation(
            &self.budget.borrow().prices,
            described.architecture,
            series.memory_mb,
            billed_ms,
        );
        Measurement {
            function: series.function.to_owned(),
            at: self.plan.at,
            id,
            source: store::Source::Recorder,
            // The REPORT line decides: Lambda may have started a sandbox where a warm one was expected.
            start: match invocation.init_duration {
                Some(_) => store::Start::Cold,
                None => store::Start::Warm,
            },
            memory_mb: small(invocation.memory_size),
            duration_ms: millis(invocation.duration),
            billed_ms,
            init_ms: invocation.init_duration.map(millis),
            used_mb: Some(small(invocation.max_memory_used)),
            usd: Some(usd),
            architecture: Some(match described.architecture {
                cost::Architecture::Arm64 => store::Architecture::Arm64,
                cost::Architecture::X86_64 => store::Architecture::X86_64,
            }),
            package: Some(match described.package {
                "image" => store::Package::Image,
                _ => store::Package::Zip,
            }),
            region: Some(self.session.region().to_owned()),
            processor: version.and_then(Version::processor).map(|it| one_line(&it)),
            revision: version.and_then(|it| it.git_revision.clone()),
            event: Some(self.plan.event_name.clone()),
            sha256: checked.as_ref().ok().cloned().flatten(),
            failure: checked.err().map(|failure| one_line(&failure)),
        }
    }
}

/// The digest of the digits in an answer, or the failure in words.
fn check(plan: &Plan, function: &str, invocation: &Invocation) -> Result<Option<String>, String> {
    if let Some(error) = &invocation.function_error {
        return Err(format!("{}: {}", error.error_type, error.error_message));
    }
    let mut verifier = Verifier::new(Check::Digits, [plan.sha256.as_deref()]);
    verifier.verify(0, function, &invocation.payload).map_err(|problem| format!("wrong answer: {problem}"))
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn one_line(text: &str) -> String {
    let line: String =
        text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(LONGEST).collect();
    if line.is_empty() { "unknown".to_owned() } else { line }
}

/// A function that could not be measured to the end.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// Lambda, or the limit of the cost.
    #[error(transparent)]
    Meter(#[from] Error),
    /// The recorder's own timeout is near.
    #[error(
        "{left:.0?} are left, and a sample with the restoration of the configuration needs {needed:.0?}; \
         give the recorder a longer timeout (at most 900 s), or fewer samples"
    )]
    OutOfTime {
        /// Time left.
        left: Duration,
        /// Time needed.
        needed: Duration,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_short_line() {
        assert_eq!(one_line("a\nb\t"), "a b ");
        assert_eq!((one_line(&"x".repeat(999)).len(), one_line("").as_str()), (LONGEST, "unknown"));
    }
}
