//! Requests for hexadecimal digits, in one invocation or in parts over many.
//!
//! ```text
//! hex          digits                                       what fits one invocation
//! hex-plan     the sum for a position, in parts of equal time
//! hex-part     one part, by the job and its number
//! hex-sum      consecutive parts in one; all of them give digits
//! hex-compare  two sums of different terms, with the digits on which they agree
//! ```
//!
//! A job is a text, `FORMULA-BIT-PARTS`: parts follow from it on every machine.

use super::json::{Members, Unfit, describe, excerpt, string};
use super::request::nearest;
use super::{EventError, Operation};
use pi_spigot::pi::hex::{Formula, MAX_COUNT, Part, PartialSum, parse_position, share};
use std::fmt;

/// The most parts of a job.
pub(crate) const MOST_PARTS: u64 = 100_000;
/// The longest part that may be asked for, in seconds.
pub(crate) const LONGEST_PART: u64 = 600;
/// The most digits that a sum may begin before the position.
const MOST_SHIFT: u64 = 16;

/// A request.
#[derive(Clone, Debug)]
pub(crate) enum Hex {
    /// Digits from a position on.
    Digits { formula: Formula, position: u64, count: u64 },
    /// The plan of the sum that begins at a position.
    Plan { formula: Formula, position: u64, size: Size },
    /// A part of a job.
    Part { job: Job, number: u64 },
    /// Consecutive parts of a job; `partial` accepts some of its terms.
    Sum { job: Job, sums: Vec<Counted>, partial: bool },
    /// Two complete sums, the position of the digits, and the price of a billion GB-seconds in USD.
    Compare { position: u64, sums: [Counted; 2], price: Option<u64> },
}

/// The size of parts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Size {
    /// Seconds for each.
    Seconds(u64),
    /// Their number.
    Parts(u64),
}

/// A sum and the number of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) formula: Formula,
    pub(crate) bit: u64,
    pub(crate) parts: u64,
}

impl Job {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split('-');
        let (formula, bit, parts) = (words.next()?, words.next()?, words.next()?);
        let job = Self { formula: formula.parse().ok()?, bit: bit.parse().ok()?, parts: parts.parse().ok()? };
        // Only the form in which jobs are written: a job has one name.
        (job.to_string() == text && (1..=MOST_PARTS).contains(&job.parts) && job.whole().is_some())
            .then_some(job)
    }

    /// All terms of the sum.
    pub(crate) fn whole(self) -> Option<Part> {
        Part::whole(self.formula, self.bit).ok()
    }

    /// The terms of a part.
    pub(crate) fn part(self, number: u64) -> Option<Part> {
        share(&self.whole()?, self.parts, number)
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.formula, self.bit, self.parts)
    }
}

/// A sum of consecutive terms, with the work that it took.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    pub(crate) sum: PartialSum,
    pub(crate) job: Job,
    pub(crate) parts: u64,
    /// Milliseconds of all its parts.
    pub(crate) ms: u64,
    /// The same times the memory size, in MB.
    pub(crate) mb_ms: u64,
}

impl Operation {
    /// The operations of this module.
    const HEX: [Self; 5] = [Self::Hex, Self::HexPlan, Self::HexPart, Self::HexSum, Self::HexCompare];

    /// The fields beside `op`.
    pub(crate) const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Version | Self::SelfTest => &[],
            Self::Hex => &["position", "count", "formula"],
            Self::HexPlan => &["position", "formula", "shift", "seconds", "parts"],
            Self::HexPart => &["job", "part"],
            Self::HexSum => &["job", "sums", "before", "partial"],
            Self::HexCompare => &["position", "sums", "usd_per_billion_gb_seconds"],
        }
    }
}

/// The values of an operation's fields.
struct Fields<'a> {
    op: Operation,
    values: [Option<&'a str>; 5],
}

impl Hex {
    /// The request in an object, if its operation is of this module.
    pub(crate) fn of(members: &Members<'_>) -> Option<Result<(Operation, Self), EventError>> {
        if !cfg!(feature = "hex") {
            return None;
        }
        let name = members.text("op").ok()??;
        let op = Operation::HEX.into_iter().find(|op| op.name() == name)?;
        Some(Fields::of(op, members).and_then(|fields| fields.request()).map(|request| (op, request)))
    }
}

impl<'a> Fields<'a> {
    fn of(op: Operation, members: &Members<'a>) -> Result<Self, EventError> {
        let (mut values, known) = ([None; 5], op.fields());
        for (name, value) in members.iter().filter(|&(name, _)| name != "op") {
            let Some(index) = known.iter().position(|&field| field == name) else {
                let (name, nearest) = (format!("`{}`", excerpt(name)), nearest(name, known));
                return Err(EventError::UnknownField { name, nearest, op: Some(op) });
            };
            // A null is a field that a state machine has no value for.
            if values[index].replace(value).is_some() {
                return Err(EventError::DuplicateField { name: known[index], op: Some(op) });
            }
        }
        Ok(Self { op, values: values.map(|value| value.filter(|&value| value != "null")) })
    }

    fn request(&self) -> Result<Hex, EventError> {
        Ok(match self.op {
            Operation::HexPlan => self.plan()?,
            Operation::HexPart => {
                let job = self.job()?;
                let number = self.integer("part", 0..=job.parts - 1, None)?;
                Hex::Part { job, number }
            }
            Operation::HexSum => {
                let job = self.job()?;
                let mut sums = self.sums(Some(job))?;
                if let Some(before) = self.get("before") {
                    sums.push(self.sum("before", before, Some(job))?);
                }
                let partial = match self.get("partial") {
                    None | Some("false") => false,
                    Some("true") => true,
                    Some(value) => return Err(self.invalid("partial", value, "allowed are true and false")),
                };
                Hex::Sum { job, sums, partial }
            }
            Operation::HexCompare => {
                let position = self.position()?;
                let price = self.get("usd_per_billion_gb_seconds");
                let price = price
                    .map(|_| self.integer("usd_per_billion_gb_seconds", 0..=1_000_000, None))
                    .transpose()?;
                let sums = self.sums(None)?.try_into();
                let sums = sums.map_err(|_| self.invalid("sums", "[]", "two complete sums are compared"))?;
                Hex::Compare { position, sums, price }
            }
            _ => {
                let (formula, position) = (self.formula()?, self.position()?);
                Hex::Digits { formula, position, count: self.integer("count", 1..=MAX_COUNT, Some(16))? }
            }
        })
    }

    fn plan(&self) -> Result<Hex, EventError> {
        let (formula, position) = (self.formula()?, self.position()?);
        let position = position.saturating_sub(self.integer("shift", 0..=MOST_SHIFT, Some(0))?).max(1);
        let size = match (self.get("parts"), self.get("seconds")) {
            (Some(_), Some(seconds)) => {
                return Err(self.invalid("seconds", seconds, "give `parts` or `seconds`, not both"));
            }
            (Some(_), None) => Size::Parts(self.integer("parts", 1..=MOST_PARTS, None)?),
            (None, _) => Size::Seconds(self.integer("seconds", 1..=LONGEST_PART, Some(120))?),
        };
        Ok(Hex::Plan { formula, position, size })
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.values[self.op.fields().iter().position(|&field| field == name)?]
    }

    fn required(&self, name: &'static str) -> Result<&'a str, EventError> {
        self.get(name).ok_or(EventError::MissingField { name, op: self.op })
    }

    fn invalid(&self, name: &'static str, found: &str, allowed: &str) -> EventError {
        EventError::InvalidField { name, op: self.op, found: describe(found), allowed: allowed.to_owned() }
    }

    fn position(&self) -> Result<u64, EventError> {
        let value = self.required("position")?;
        let text = string(value).unwrap_or_else(|| value.to_owned());
        parse_position(&text).map_err(|error| self.invalid("position", value, &error.to_string()))
    }

    fn formula(&self) -> Result<Formula, EventError> {
        let Some(value) = self.get("formula") else { return Ok(Formula::Bellard) };
        let name = string(value).unwrap_or_default();
        name.parse().map_err(|_| self.invalid("formula", value, "allowed are `bellard`, `bbp`"))
    }

    fn integer(
        &self,
        name: &'static str,
        allowed: std::ops::RangeInclusive<u64>,
        default: Option<u64>,
    ) -> Result<u64, EventError> {
        let value = match (self.get(name), default) {
            (None, Some(default)) => return Ok(default),
            (None, None) => self.required(name)?,
            (Some(value), _) => value,
        };
        value.parse().ok().filter(|number| allowed.contains(number)).ok_or_else(|| {
            let (first, last) = (allowed.start(), allowed.end());
            self.invalid(name, value, &format!("allowed are integers from {first} to {last}"))
        })
    }

    fn job(&self) -> Result<Job, EventError> {
        let value = self.required("job")?;
        string(value).and_then(|text| Job::parse(&text)).ok_or_else(|| {
            self.invalid(
                "job",
                value,
                "allowed is the job of a plan, {\"op\": \"hex-plan\", \"position\": \"1e9\"}",
            )
        })
    }

    fn sums(&self, job: Option<Job>) -> Result<Vec<Counted>, EventError> {
        let value = self.required("sums")?;
        let list = super::json::elements(value);
        let list =
            list.map_err(|Unfit| self.invalid("sums", value, "allowed is a list of at most 10000 sums"))?;
        list.iter().map(|element| self.sum("sums", element.get(), job)).collect()
    }

    /// A sum: an answer of `hex-part` or `hex-sum`, as an object or as the text of one.
    fn sum(&self, name: &'static str, value: &str, job: Option<Job>) -> Result<Counted, EventError> {
        let text = string(value);
        let read = || {
            let members = Members::of(text.as_deref().unwrap_or(value)).ok()?;
            let number = |name| members.get(name).ok()?.map(str::parse::<u64>)?.ok();
            let own = Job::parse(&members.text("job").ok()??)?;
            let part = Part::new(own.formula, own.bit, number("first")?..number("end")?).ok()?;
            let sum = members.text("sum").ok()??;
            let sum =
                (sum.len() == 32 && !sum.starts_with('+')).then(|| u128::from_str_radix(&sum, 16).ok())??;
            Some(Counted {
                sum: PartialSum::new(part, sum),
                job: own,
                parts: number("parts").unwrap_or(1),
                ms: number("ms").unwrap_or(0),
                mb_ms: number("mb_ms").unwrap_or(0),
            })
        };
        let allowed = "allowed are answers of hex-part and hex-sum for the job: \
                       `job`, `first`, `end`, `sum` of 32 hexadecimal digits";
        let sum = read().ok_or_else(|| self.invalid(name, value, allowed))?;
        match job.filter(|&job| job != sum.job) {
            None => Ok(sum),
            Some(job) => {
                let allowed = format!("this one is of the job {}; allowed are answers for {job}", sum.job);
                Err(self.invalid(name, value, &allowed))
            }
        }
    }
}
