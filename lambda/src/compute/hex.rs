//! Hexadecimal digits: sums, plans and parts of sums, and their proof.

use super::operation::cpu;
use crate::context::Context;
use crate::contract::hex::{Counted, Hex, Job, LONGEST_PART, MOST_PARTS, Size};
use crate::contract::{EventError, json};
use crate::limits::hex::{Rate, digits_fit, longest_part, part_fits};
use crate::limits::{Stopping, within};
use pi_spigot::cpu::Level;
use pi_spigot::pi::hex::{Formula, HexError, Part, PartialSum, Sum, hex_digits, squarings};
use serde::Serialize;
use serde_json::value::RawValue;
use std::time::{Duration, Instant};

/// Items of a map over batches of parts. Their list passes a state of Step Functions on its way to S3, and a
/// payload has 256 KiB.
const MOST_BATCHES: u64 = 8000;
/// Modular squarings that are not worth a thread of their own.
const BRIEF: f64 = 1e6;

/// An answer, the time of its computation, and work that is still stopping.
pub(crate) struct Done {
    pub(crate) answer: Result<Box<RawValue>, EventError>,
    pub(crate) compute: Option<Duration>,
    pub(crate) stopping: Option<Stopping>,
}

/// Answers a request of [`crate::contract::hex`].
pub(crate) fn hex(request: Hex, context: &Context<'_>) -> Done {
    match request {
        Hex::Digits { formula, position, count } => digits((formula, position, count), context),
        Hex::Part { job, number } => part(job, number, context),
        Hex::Plan { formula, position, size } => at_once(plan(formula, position, size, context)),
        Hex::Sum { job, sums, partial } => at_once(sum(job, sums, partial, context)),
        Hex::Compare { position, sums, price } => at_once(compare(position, &sums, price, context)),
    }
}

fn at_once(answer: Result<Box<RawValue>, EventError>) -> Done {
    Done { answer, compute: None, stopping: None }
}

#[derive(Serialize)]
struct Digits<'a> {
    position: u64,
    count: u64,
    digits: String,
    formula: &'static str,
    compute_ms: f64,
    request_id: &'a str,
}

fn digits((formula, position, count): (Formula, u64, u64), context: &Context<'_>) -> Done {
    let Context { capacity, deadline, request_id, .. } = *context;
    if let Err(error) = digits_fit((formula, position, count), capacity, deadline) {
        return at_once(Err(error));
    }
    let brief = crate::limits::hex::cost(formula, position, count) < BRIEF;
    timed(
        brief,
        context,
        move || hex_digits(formula, position, count, capacity.threads).unwrap_or_default().into_bytes(),
        |found, time| {
            let digits = String::from_utf8(found).unwrap_or_default();
            if digits.is_empty() {
                return Err(EventError::InvalidParts { reason: HexError::Equal(position).to_string() });
            }
            let compute_ms = crate::contract::milliseconds(time);
            Ok(json::raw(&Digits {
                position,
                count,
                digits,
                formula: formula.name(),
                compute_ms,
                request_id,
            }))
        },
    )
}

#[derive(Serialize)]
struct PartOf<'a> {
    #[serde(flatten)]
    range: Range,
    part: u64,
    squarings: f64,
    cpu: String,
    simd: &'static str,
    version: &'static str,
    request_id: &'a str,
}

/// The terms of a job, their sum and the work that it took.
#[derive(Serialize)]
struct Range {
    job: String,
    first: u64,
    end: u64,
    sum: String,
    error: u64,
    parts: u64,
    ms: u64,
    mb_ms: u64,
}

impl Range {
    fn of(Counted { sum, job, parts, ms, mb_ms }: &Counted) -> Self {
        let terms = sum.part().terms();
        Self {
            job: job.to_string(),
            first: terms.start,
            end: terms.end,
            sum: format!("{:032x}", sum.sum()),
            error: u64::try_from(sum.error()).unwrap_or(u64::MAX),
            parts: *parts,
            ms: *ms,
            mb_ms: *mb_ms,
        }
    }
}

/// Three decimals.
fn rounded(value: f64) -> f64 {
    (value * 1e3) as u64 as f64 / 1e3
}

/// MB and milliseconds as GB-seconds.
fn gb_seconds(mb_ms: u64) -> f64 {
    rounded(mb_ms as f64 / 1.024e6)
}

fn part(job: Job, number: u64, context: &Context<'_>) -> Done {
    let Context { capacity, deadline, request_id, .. } = *context;
    let (Some(part), Some(whole)) = (job.part(number), job.whole()) else {
        return at_once(Err(EventError::InvalidParts { reason: format!("{job} has no part {number}") }));
    };
    if let Err(error) = part_fits(&part, &whole, capacity, deadline) {
        return at_once(Err(error));
    }
    let (squarings, computed) = (squarings(&part), part.clone());
    timed(
        squarings < BRIEF,
        context,
        move || computed.sum(capacity.threads).sum().to_le_bytes().to_vec(),
        |sum, time| {
            let sum = PartialSum::new(part, sum.try_into().map_or(0, u128::from_le_bytes));
            // Lambda bills each millisecond that has begun.
            let ms = time.as_millis() as u64 + 1;
            let mb_ms = ms * capacity.memory_mb.unwrap_or_default();
            let range = Range::of(&Counted { sum, job, parts: 1, ms, mb_ms });
            let (cpu, simd, version) = (cpu(), Level::get().name(), env!("CARGO_PKG_VERSION"));
            Ok(json::raw(&PartOf { range, part: number, squarings, cpu, simd, version, request_id }))
        },
    )
}

/// Computes bytes within the deadline; `answer` gets them and the time. Bytes share the code of threads
/// and channels with streams.
fn timed(
    brief: bool,
    context: &Context<'_>,
    compute: impl FnOnce() -> Vec<u8> + Send + 'static,
    answer: impl FnOnce(Vec<u8>, Duration) -> Result<Box<RawValue>, EventError>,
) -> Done {
    let start = Instant::now();
    let compute: Box<dyn FnOnce() -> Vec<u8> + Send> = Box::new(compute);
    let (result, stopping) = within(context.deadline, brief, compute);
    let time = start.elapsed();
    let compute = result.is_ok().then_some(time);
    Done { answer: result.and_then(|result| answer(result, time)), compute, stopping }
}

#[derive(Serialize)]
struct Plan<'a> {
    job: String,
    formula: &'static str,
    position: u64,
    terms: u64,
    squarings: f64,
    parts: u64,
    part_seconds: f64,
    timeout_seconds: u64,
    seconds: f64,
    gb_seconds: f64,
    batches: Vec<Batch>,
    request_id: &'a str,
}

/// Numbers of parts, both included.
#[derive(Serialize)]
struct Batch {
    from: u64,
    to: u64,
}

fn plan(
    formula: Formula,
    position: u64,
    size: Size,
    context: &Context<'_>,
) -> Result<Box<RawValue>, EventError> {
    let Context { capacity, deadline, request_id, .. } = *context;
    let invalid = |reason: String| EventError::InvalidParts { reason };
    let whole = Part::at(formula, position).map_err(|error| invalid(error.to_string()))?;
    let (cost, terms) = (squarings(&whole), whole.terms().end);
    let pieces = whole.pieces().into_iter();
    let pieces: Vec<_> =
        pieces.map(|piece| (squarings(&piece), Rate::measured(&piece, capacity, deadline))).collect();
    let seconds: f64 = pieces.iter().map(|(cost, rate)| rate.seconds(*cost)).sum();
    // Parts have equal costs, and those of the largest moduli take the longest.
    let longest = pieces.iter().map(|(_, rate)| rate.seconds(cost)).fold(0.0, f64::max);
    let wanted = match size {
        Size::Seconds(each) => (longest / (each as f64).min(longest_part(deadline))) as u64 + 1,
        Size::Parts(parts) => parts,
    };
    if wanted > MOST_PARTS {
        let least = longest as u64 / MOST_PARTS + 1;
        let seconds = seconds as u64;
        let reason = format!(
            "the sum takes about {seconds} s on this function, which is more than {MOST_PARTS} parts of such \
             a length; use `seconds` from {least} to {LONGEST_PART} and a timeout of twice as much, or a \
             function with more memory",
        );
        return Err(invalid(reason));
    }
    let parts = wanted.clamp(1, terms);
    let batch = parts.div_ceil(MOST_BATCHES);
    let batches = 0..parts.div_ceil(batch);
    let batches = batches.map(|i| Batch { from: i * batch, to: ((i + 1) * batch).min(parts) - 1 }).collect();
    let part_seconds = seconds / parts as f64;
    Ok(json::raw(&Plan {
        job: Job { formula, bit: whole.bit(), parts }.to_string(),
        formula: formula.name(),
        position,
        terms,
        squarings: cost,
        parts,
        part_seconds: rounded(part_seconds),
        timeout_seconds: (4.0 * longest / parts as f64 + 10.0).min(900.0) as u64,
        seconds: rounded(seconds),
        gb_seconds: rounded(seconds * capacity.memory_mb.unwrap_or_default() as f64 / 1024.0),
        batches,
        request_id,
    }))
}

#[derive(Serialize)]
struct SumOf<'a> {
    #[serde(flatten)]
    range: Range,
    complete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digits: Option<String>,
    request_id: &'a str,
}

/// Adds consecutive parts. The same part twice in a row counts once, if both sums are equal.
fn sum(
    job: Job,
    mut sums: Vec<Counted>,
    partial: bool,
    context: &Context<'_>,
) -> Result<Box<RawValue>, EventError> {
    for pair in sums.windows(2) {
        let [a, b] = [&pair[0].sum, &pair[1].sum];
        if a.part() == b.part() && a.sum() != b.sum() {
            let terms = a.part().terms();
            return Err(EventError::SumsDisagree {
                reason: format!(
                    "the terms {}..{} have the sums {:032x} and {:032x}",
                    terms.start,
                    terms.end,
                    a.sum(),
                    b.sum()
                ),
            });
        }
    }
    sums.dedup_by(|b, a| a.sum == b.sum);
    let all: Vec<PartialSum> = sums.iter().map(|sum| sum.sum.clone()).collect();
    let invalid =
        |error: pi_spigot::pi::hex::MergeError| EventError::InvalidParts { reason: error.to_string() };
    let sum = PartialSum::merge(&all).map_err(invalid)?;
    let whole = Sum::merge(std::slice::from_ref(&sum));
    let merged = Counted {
        sum,
        job,
        parts: sums.iter().map(|sum| sum.parts).sum(),
        ms: sums.iter().map(|sum| sum.ms).sum(),
        mb_ms: sums.iter().map(|sum| sum.mb_ms).sum(),
    };
    let whole = if partial { whole.ok() } else { Some(whole.map_err(invalid)?) };
    Ok(json::raw(&SumOf {
        range: Range::of(&merged),
        complete: whole.is_some(),
        position: whole.map(|_| job.bit / 4 + 1),
        digits: whole.map(|whole| whole.digits()),
        request_id: context.request_id,
    }))
}

#[derive(Serialize)]
struct Proof<'a> {
    position: u64,
    digits: &'a str,
    agreed: usize,
    sums: [SumOf<'a>; 2],
    parts: u64,
    seconds: f64,
    gb_seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    usd: Option<f64>,
    request_id: &'a str,
}

/// Compares the digits of two sums that share no term.
fn compare(
    position: u64,
    sums: &[Counted; 2],
    price: Option<u64>,
    context: &Context<'_>,
) -> Result<Box<RawValue>, EventError> {
    let invalid = |reason: String| EventError::InvalidParts { reason };
    let [a, b] = sums;
    if (a.job.formula, a.job.bit) == (b.job.formula, b.job.bit) {
        return Err(invalid(
            "both sums have the same terms, which proves nothing; use two formulas".to_owned(),
        ));
    }
    let digits = |counted: &Counted| {
        let sum =
            Sum::merge(std::slice::from_ref(&counted.sum)).map_err(|error| invalid(error.to_string()))?;
        let (first, digits) = (counted.job.bit / 4 + 1, sum.digits());
        let skipped = position.checked_sub(first).and_then(|skipped| usize::try_from(skipped).ok());
        let from = skipped.and_then(|skipped| digits.get(skipped..)).filter(|digits| !digits.is_empty());
        let from = from.ok_or_else(|| {
            invalid(format!("the sum {} has no certain digit at position {position}", counted.job))
        })?;
        Ok((from.to_owned(), digits))
    };
    let ((from_a, all_a), (from_b, all_b)) = (digits(a)?, digits(b)?);
    let agreed = from_a.len().min(from_b.len());
    if from_a[..agreed] != from_b[..agreed] {
        let reason =
            format!("from position {position} on, {} gives {from_a} and {} gives {from_b}", a.job, b.job);
        return Err(EventError::SumsDisagree { reason });
    }
    let gb_seconds = gb_seconds(a.mb_ms + b.mb_ms);
    let request_id = context.request_id;
    let shown = |counted: &Counted, digits| SumOf {
        range: Range::of(counted),
        complete: true,
        position: Some(counted.job.bit / 4 + 1),
        digits: Some(digits),
        request_id,
    };
    Ok(json::raw(&Proof {
        position,
        digits: &from_a[..agreed],
        agreed,
        sums: [shown(a, all_a), shown(b, all_b)],
        parts: a.parts + b.parts,
        seconds: rounded((a.ms + b.ms) as f64 / 1e3),
        gb_seconds,
        usd: price.map(|price| price as f64 * gb_seconds / 1e9),
        request_id,
    }))
}
