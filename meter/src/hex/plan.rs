//! The two sums, their parts, and what they cost.

use super::args::HexArgs;
use super::failed;
use super::kept::Kept;
use super::service::Service;
use crate::cost::Prices;
use crate::error::Error;
use crate::export::usd;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Formulas, and the digits before the position that their sums begin at.
const SUMS: [(&str, u64); 2] = [("bellard", 0), ("bbp", 8)];
/// The price of a state transition of Step Functions in us-east-1.
const TRANSITION: f64 = 0.000_025;
/// Transitions of a part: its start, its number, the search, the choice, the computation, the store, the end.
const TRANSITIONS: f64 = 7.0;

/// A sum in parts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SumPlan {
    pub(super) job: String,
    pub(super) parts: u64,
    /// Of all parts.
    pub(super) seconds: f64,
    pub(super) gb_seconds: f64,
    /// Parts that are kept.
    pub(super) kept: u64,
    /// Items of the state machine's map.
    pub(super) batches: u64,
}

/// Both sums, and the prices.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) position: String,
    pub(super) sums: Vec<SumPlan>,
    pub(super) prices: Prices,
    /// Price of a GB-second of the function's architecture.
    pub(super) gb_second: f64,
    /// Cost of a part beside its GB-seconds.
    pub(super) usd_each: f64,
}

impl Plan {
    /// Asks the function for both plans. Parts that are kept decide about their number.
    pub(super) fn make(service: &Service, args: &HexArgs, kept: &Kept) -> Result<Self, Error> {
        let prices = args.prices.prices();
        let mut sums = Vec::new();
        for (formula, shift) in SUMS {
            let ask = |parts: Option<u64>| {
                let seconds = parts.is_none().then(|| args.seconds.unwrap_or(120));
                service.ask(&json!({
                    "op": "hex-plan",
                    "position": args.position,
                    "formula": formula,
                    "shift": shift,
                    "parts": parts,
                    "seconds": seconds,
                }))
            };
            let mut sum = SumPlan::read(&ask(args.parts)?)?;
            if let Some(parts) = kept.parts(&sum.job).filter(|&parts| parts != sum.parts) {
                sum = SumPlan::read(&ask(Some(parts))?)?;
            }
            sum.kept = kept.of(&sum.job).len() as u64;
            sums.push(sum);
        }
        let gb_second = prices.gb_second(service.architecture);
        let machine = if args.state_machine.is_some() { TRANSITIONS * TRANSITION } else { 0.0 };
        let usd_each = prices.request + machine;
        Ok(Self { position: args.position.clone(), sums, prices, gb_second, usd_each })
    }

    /// Cost of the parts that are not kept, in USD.
    #[expect(clippy::cast_precision_loss, reason = "at most 100,000 parts")]
    pub(super) fn usd(&self) -> f64 {
        let of = |sum: &SumPlan| {
            let left = (sum.parts - sum.kept.min(sum.parts)) as f64;
            left * (self.usd_each + sum.gb_seconds / sum.parts as f64 * self.gb_second)
        };
        self.sums.iter().map(of).sum()
    }

    /// Seconds until the end with so many invocations at a time.
    #[expect(clippy::cast_precision_loss, reason = "at most 100,000 parts")]
    pub(super) fn wall_seconds(&self, concurrency: u32) -> f64 {
        let of = |sum: &SumPlan| {
            let left = sum.parts - sum.kept.min(sum.parts);
            left.div_ceil(u64::from(concurrency)) as f64 * sum.seconds / sum.parts as f64
        };
        self.sums.iter().map(of).sum()
    }

    /// Refuses a plan above the budget.
    pub(super) fn allow(&self, max_usd: f64) -> Result<(), Error> {
        let expected = self.usd();
        if expected <= max_usd {
            return Ok(());
        }
        Err(failed(
            format!(
                "the digits are expected to cost {} USD, and --max-usd {max_usd} is the limit",
                usd(expected)
            ),
            "raise --max-usd; --dry-run prints the plan alone",
        ))
    }

    /// The plan in words, for the terminal.
    pub(super) fn words(&self, args: &HexArgs) -> String {
        let mut text = String::new();
        for sum in &self.sums {
            let SumPlan { job, parts, seconds, gb_seconds, kept, .. } = sum;
            let kept = if *kept > 0 { format!(", {kept} of them kept") } else { String::new() };
            let _ = writeln!(
                text,
                "lambda-meter: {job}: parts {parts}{kept}, {seconds:.1} s, {gb_seconds:.1} GB-seconds"
            );
        }
        let (cost, wall) = (usd(self.usd()), in_words(self.wall_seconds(args.concurrency)));
        let _ = writeln!(
            text,
            "lambda-meter: expected: {cost} USD and {wall} with {} at a time ({})",
            args.concurrency, self.prices.source
        );
        text
    }
}

impl SumPlan {
    fn read(answer: &Value) -> Result<Self, Error> {
        let read = || {
            let (whole, number) =
                (|name: &str| answer.get(name)?.as_u64(), |name: &str| answer.get(name)?.as_f64());
            Some(Self {
                job: answer.get("job")?.as_str()?.to_owned(),
                parts: whole("parts")?.max(1),
                seconds: number("seconds")?,
                gb_seconds: number("gb_seconds")?,
                kept: 0,
                batches: answer.get("batches")?.as_array()?.len() as u64,
            })
        };
        read().ok_or_else(|| {
            failed(
                format!("the function's answer to hex-plan is no plan: {answer}"),
                "the function needs the operations of the feature hex: make zip-hex",
            )
        })
    }
}

/// `about 3 min`.
pub(super) fn in_words(seconds: f64) -> String {
    match seconds.round() {
        ..1.0 => "a second".to_owned(),
        seconds @ ..100.0 => format!("about {seconds} s"),
        seconds @ ..6_000.0 => format!("about {} min", (seconds / 60.0).round()),
        seconds @ ..360_000.0 => format!("about {:.1} h", seconds / 3_600.0),
        seconds => format!("about {:.1} days", seconds / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(parts: u64, kept: u64) -> Plan {
        let sum = |job: &str| SumPlan {
            job: job.to_owned(),
            parts,
            seconds: 1_200.0,
            gb_seconds: 2_000.0,
            kept,
            batches: parts,
        };
        Plan {
            position: "1e12".to_owned(),
            sums: vec![sum("bellard-4-10"), sum("bbp-4-10")],
            prices: Prices::default(),
            gb_second: 1e-5,
            usd_each: 1e-3,
        }
    }

    #[test]
    fn a_plan_counts_what_is_left() {
        assert!((plan(10, 0).usd() - 2.0 * (0.02 + 0.01)).abs() < 1e-12);
        assert!((plan(10, 5).usd() - 0.03).abs() < 1e-12);
        assert!(plan(10, 10).usd().abs() < 1e-12);
        assert!((plan(10, 0).wall_seconds(4) - 2.0 * 3.0 * 120.0).abs() < 1e-9);
        assert!((plan(10, 7).wall_seconds(4) - 2.0 * 120.0).abs() < 1e-9);
    }

    #[test]
    fn a_plan_above_the_budget_is_refused() {
        plan(10, 0).allow(0.061).unwrap();
        let problem = plan(10, 0).allow(0.05).unwrap_err().to_string();
        assert!(problem.contains("cost 0.0600 USD, and --max-usd 0.05"), "{problem}");
    }

    #[test]
    fn an_answer_that_is_no_plan_is_named() {
        let problem = SumPlan::read(&json!({"pi": "3.14"})).unwrap_err().to_string();
        assert!(problem.contains("no plan") && problem.contains("make zip-hex"), "{problem}");
    }

    #[test]
    fn times_in_words() {
        let said = [0.2, 99.0, 300.0, 9_000.0, 1e6].map(in_words);
        assert_eq!(said, ["a second", "about 99 s", "about 5 min", "about 2.5 h", "about 11.6 days"]);
    }
}
