//! Streamed responses: digits leave while later digits are computed.
//!
//! Cached digits leave first, if the request allows reuse.
//!
//! The computation has its own thread and hands blocks to the writer, so that a slow caller holds it
//! back and the deadline ends both. The first block has 64 digits, for an early first byte; later blocks
//! grow to some milliseconds of work, 64 KB at most.

use super::facts::Facts;
use crate::cache::Kept;
use crate::context::Context;
use crate::contract::http::{Answer, Gzip};
use crate::contract::{Channel, EventError, Output, Request};
use crate::limits::Work;
use pi_spigot::pi::Text;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const FIRST_BLOCK: usize = 64;
const LONGEST_BLOCK: usize = 64 * 1024;
/// The shortest and the longest good time of a block.
const BRIEF: Duration = Duration::from_millis(2);
const LONG: Duration = Duration::from_millis(20);

/// A streamed response.
#[derive(Debug)]
pub struct Stream {
    content_type: &'static str,
    /// The bytes at hand: the prelude of an HTTP answer, the first digits.
    first: Option<Vec<u8>>,
    work: Option<Work<Vec<u8>>>,
    clock: Clock,
}

/// The time of the computation so far, without the time of the writer.
#[derive(Clone, Debug, Default)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn add(&self, time: Duration) {
        self.0.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
    }
}

impl Stream {
    /// The `Content-Type` of the response.
    #[must_use]
    pub const fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// The next bytes, never an empty chunk; `None` after the last.
    ///
    /// # Errors
    /// The computation fails, or the deadline comes before its end.
    pub fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, EventError> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        self.work.as_mut().map_or(Ok(None), Work::next)
    }

    /// The time of the computation so far, if this stream computes digits.
    #[must_use]
    pub fn compute(&self) -> Option<Duration> {
        self.work.as_ref().map(|_| Duration::from_nanos(self.clock.0.load(Ordering::Relaxed)))
    }

    /// A stream of a finished HTTP answer.
    pub(crate) fn of_answer(answer: Answer) -> Self {
        let mut first = answer.prelude();
        first.extend(answer.into_stream_body());
        Self { content_type: HTTP, first: Some(first), work: None, clock: Clock::default() }
    }

    /// A stream of digits behind the prelude of an HTTP answer.
    pub(crate) fn behind(answer: &Answer, mut digits: Self) -> Self {
        let mut first = answer.prelude();
        first.extend(digits.first.take().unwrap_or_default());
        Self { content_type: HTTP, first: Some(first), ..digits }
    }
}

/// Starts to compute a stream and waits for its first digits.
pub(crate) fn stream(
    request: Request,
    gzip: bool,
    context: &Context<'_>,
) -> (Result<Stream, EventError>, Facts) {
    // The digits are not held in memory, whatever output the request asks for.
    let request = context.settings.applied(Request { output: Output::Stream, ..request });
    let mut facts = Facts::of(request);
    (start(&mut facts, gzip, context), facts)
}

fn start(facts: &mut Facts, gzip: bool, context: &Context<'_>) -> Result<Stream, EventError> {
    let (request, Context { capacity, deadline, .. }) = (facts.request, *context);
    let mut granted = capacity.admit(&request, Channel::Stream, deadline)?;
    let source = if request.reuse && capacity.can_keep(&request, &mut granted) {
        Source::Kept(KeptText::of(&request, capacity.threads))
    } else {
        let text = Text::range(request.algorithm, request.from, request.digits).early();
        Source::Once(text.with_threads(capacity.threads))
    };
    facts.reused = request.reuse.then(|| source.is_from_memory());
    let clock = Clock::default();
    let running = clock.clone();
    let mut work = Work::start(deadline, move |send| {
        // The memory is free when the work has ended.
        let _granted = granted;
        produce(source, gzip.then(Gzip::new), &running, send);
    })?;
    let first = work.next()?;
    Ok(Stream { content_type: "text/plain; charset=utf-8", first, work: Some(work), clock })
}

/// The source of the digits.
enum Source {
    Once(Text),
    Kept(KeptText),
}

impl Source {
    fn is_from_memory(&self) -> bool {
        matches!(self, Self::Kept(text) if text.kept.len() > text.next)
    }

    /// The next characters, with at most `most` digits.
    fn next_block_of(&mut self, most: usize) -> Option<Vec<u8>> {
        match self {
            Self::Once(text) => text.next_block_of(most).map(|block| block.as_bytes().to_vec()),
            Self::Kept(text) => text.next_block_of(most),
        }
    }
}

/// The text of a range of cached digits.
struct KeptText {
    kept: Kept,
    /// The numbers of digits before the next digit and up to the last.
    next: usize,
    last: usize,
}

impl KeptText {
    fn of(request: &Request, threads: usize) -> Self {
        let (next, last) = (request.from.get() as usize - 1, request.last().get() as usize);
        let mut kept = Kept::take(request.algorithm, threads);
        kept.reserve(last);
        Self { kept, next, last }
    }

    fn next_block_of(&mut self, most: usize) -> Option<Vec<u8>> {
        let from = self.next;
        self.next = self.last.min(from + most);
        if self.next == from {
            return None;
        }
        let mut block = self.kept.first(self.next)[from..].to_vec();
        if from == 0 && self.last > 1 {
            block.insert(1, b'.');
        }
        Some(block)
    }
}

/// The content type by which Lambda expects status and headers before the body.
const HTTP: &str = "application/vnd.awslambda.http-integration-response";

/// Sends digits in blocks as long as `send` takes them, then leaves cached digits for later invocations.
fn produce(mut source: Source, mut gzip: Option<Gzip>, clock: &Clock, send: &mut dyn FnMut(Vec<u8>) -> bool) {
    let mut length = FIRST_BLOCK;
    let mut taken = true;
    while taken {
        let start = Instant::now();
        let Some(block) = source.next_block_of(length) else { break };
        let time = start.elapsed();
        clock.add(time);
        let bytes = match &mut gzip {
            Some(gzip) => gzip.push(&block),
            None => block,
        };
        taken = bytes.is_empty() || send(bytes);
        length = next_length(length, time);
    }
    if let Source::Kept(text) = source {
        text.kept.keep();
    }
    if let Some(gzip) = gzip.filter(|_| taken) {
        send(gzip.finish());
    }
}

/// The length of the next block, after a block that took `time`.
fn next_length(length: usize, time: Duration) -> usize {
    match time {
        _ if time < BRIEF => (2 * length).min(LONGEST_BLOCK),
        _ if time > LONG => (length / 2).max(1),
        _ => length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(payload: &str, context: &Context<'_>) -> Result<Stream, EventError> {
        stream(Request::from_json(payload.as_bytes()).unwrap(), false, context).0
    }

    fn collected(payload: &str, context: &Context<'_>) -> (Vec<usize>, Result<String, EventError>) {
        let mut stream = started(payload, context).unwrap();
        let (mut lengths, mut text) = (Vec::new(), String::new());
        loop {
            match stream.next_chunk() {
                Ok(Some(chunk)) => {
                    lengths.push(chunk.len());
                    text.push_str(std::str::from_utf8(&chunk).unwrap());
                }
                Ok(None) => return (lengths, Ok(text)),
                Err(error) => return (lengths, Err(error)),
            }
        }
    }

    #[test]
    fn a_stream_has_the_digits_and_nothing_else() {
        let context = Context::unlimited("s");
        let whole = pi_spigot::pi::Algorithm::default().digits("3_000".parse().unwrap());
        for algorithm in pi_spigot::pi::Algorithm::ALL {
            let (lengths, text) = collected(
                &format!(r#"{{"digits": 3000, "output": "stream", "algorithm": "{algorithm}"}}"#),
                &context,
            );
            assert!(text.unwrap() == whole, "{algorithm}");
            assert!(lengths.len() > 3 && lengths[0] == FIRST_BLOCK + 1, "{lengths:?}");
        }
        let (_, text) = collected(r#"{"digits": 9, "from": 2992, "output": "stream"}"#, &context);
        assert_eq!(text.unwrap(), whole[2992..]);
    }

    #[test]
    fn a_stream_of_kept_digits_has_the_same() {
        let context = Context::unlimited("s");
        let whole = pi_spigot::pi::Algorithm::Gosper.digits("4_000".parse().unwrap());
        let streamed = |digits: usize, from: usize| {
            let fields = r#""output": "stream", "reuse": true, "algorithm": "gosper""#;
            let payload = format!(r#"{{"digits": {digits}, "from": {from}, {fields}}}"#);
            collected(&payload, &context).1.unwrap()
        };
        assert_eq!(streamed(1, 1), "3");
        assert!(streamed(3000, 1) == whole[..3001] && streamed(2, 1) == "3.1");
        assert_eq!(streamed(1000, 2001), whole[2001..3001]);
        assert_eq!(streamed(1500, 2501), whole[2501..4001]);
    }

    #[test]
    fn a_deadline_within_a_stream_is_an_error_and_no_end() {
        let deadline = crate::Deadline::after(Duration::from_millis(300));
        let context = Context { deadline, ..Context::unlimited("s") };
        // Other tests may have measured a pace, so that the estimate may refuse the request already.
        let payload = r#"{"digits": 30000, "output": "stream", "algorithm": "gibbons"}"#;
        let error = match started(payload, &context) {
            Ok(mut stream) => loop {
                match stream.next_chunk() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("it looked complete"),
                    Err(error) => break error,
                }
            },
            Err(error) => error,
        };
        assert!(["DeadlineExceeded", "InsufficientTime"].contains(&error.error_type()), "{error}");
    }

    #[test]
    fn blocks_follow_the_time_that_they_take() {
        assert_eq!(next_length(64, Duration::ZERO), 128);
        assert_eq!(next_length(LONGEST_BLOCK, Duration::ZERO), LONGEST_BLOCK);
        assert_eq!((next_length(64, 2 * LONG), next_length(1, 2 * LONG)), (32, 1));
        assert_eq!(next_length(64, 3 * BRIEF), 64);
    }
}
