//! Responses as they come: digits leave while later ones are computed.
//!
//! Digits that are kept between invocations leave first, if that is asked for.
//!
//! The computation has a thread of its own and gives blocks to whoever writes them, so that a slow
//! caller holds it back and the deadline ends both. Blocks begin with 64 digits, so that the first
//! byte is early, and become as long as some milliseconds of work, 64 KB at most.

use super::configured;
use crate::answer::{Answered, Record, Reply};
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
/// Between these a block has the right length.
const BRIEF: Duration = Duration::from_millis(2);
const LONG: Duration = Duration::from_millis(20);

/// A response as it comes.
#[derive(Debug)]
pub struct Stream {
    content_type: &'static str,
    /// What there is already: the prelude of an HTTP answer, the first digits.
    first: Option<Vec<u8>>,
    work: Option<Work<Vec<u8>>>,
    computed: Computed,
}

/// The time that the computation has taken so far, without that of whoever takes its blocks.
#[derive(Clone, Debug, Default)]
struct Computed(Arc<AtomicU64>);

impl Computed {
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

    /// The next bytes, never none of them; `None` after the last.
    ///
    /// # Errors
    /// When the computation fails, or the deadline comes before its end.
    pub fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, EventError> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        self.work.as_mut().map_or(Ok(None), Work::next)
    }

    /// For how long digits have been computed, if this stream computes them.
    #[must_use]
    pub fn compute(&self) -> Option<Duration> {
        self.work.as_ref().map(|_| Duration::from_nanos(self.computed.0.load(Ordering::Relaxed)))
    }

    /// An HTTP answer that is all there.
    pub(crate) fn of_answer(answer: Answer) -> Self {
        let mut first = answer.prelude();
        first.extend(answer.into_stream_body());
        Self { content_type: HTTP, first: Some(first), work: None, computed: Computed::default() }
    }

    /// The digits behind the prelude of an HTTP answer.
    pub(crate) fn behind(answer: &Answer, mut digits: Self) -> Self {
        let mut first = answer.prelude();
        first.extend(digits.first.take().unwrap_or_default());
        Self { content_type: HTTP, first: Some(first), ..digits }
    }

    /// Starts to compute and waits for the first digits.
    pub(crate) fn start(
        record: &mut Record,
        request: Request,
        gzip: bool,
        context: &Context<'_>,
    ) -> Result<Self, EventError> {
        // Whatever output was asked for, here it is not held in memory.
        let request = configured(record, Request { output: Output::Stream, ..request }, context.settings);
        let Context { capacity, deadline, .. } = *context;
        let mut granted = capacity.admit(&request, Channel::Stream, deadline)?;
        let source = if request.reuse && capacity.can_keep(&request, &mut granted) {
            Source::Kept(KeptText::of(&request, capacity.threads))
        } else {
            let text = Text::range(request.algorithm, request.from, request.digits).early();
            Source::Once(text.with_threads(capacity.threads))
        };
        record.reused = request.reuse.then(|| source.is_from_memory());
        let computed = Computed::default();
        let clock = computed.clone();
        let mut work = Work::start(deadline, move |send| {
            // Given back when the work has ended.
            let _granted = granted;
            produce(source, gzip.then(Gzip::new), &clock, send);
        })?;
        let first = work.next()?;
        Ok(Self { content_type: "text/plain; charset=utf-8", first, work: Some(work), computed })
    }
}

/// Where the digits come from.
enum Source {
    Once(Text),
    Kept(KeptText),
}

impl Source {
    fn is_from_memory(&self) -> bool {
        matches!(self, Self::Kept(text) if text.kept.len() > text.next)
    }

    /// The next characters, at most `most` digits of them.
    fn next_block_of(&mut self, most: usize) -> Option<Vec<u8>> {
        match self {
            Self::Once(text) => text.next_block_of(most).map(|block| block.as_bytes().to_vec()),
            Self::Kept(text) => text.next_block_of(most),
        }
    }
}

/// The text of a range of the digits that are kept.
struct KeptText {
    kept: Kept,
    /// Digits before the next one and up to the last.
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

/// What Lambda takes for a status, headers and a body.
const HTTP: &str = "application/vnd.awslambda.http-integration-response";

/// The answer to a direct invocation that asks for a stream.
pub(crate) fn direct(mut record: Record, request: Request, context: &Context<'_>) -> Answered {
    match Stream::start(&mut record, request, false, context) {
        Ok(stream) => Answered::of(Reply::Stream(Box::new(stream)), record),
        Err(error) => {
            record.error = Some(error.clone());
            Answered::of(Reply::Error(error), record)
        }
    }
}

/// Sends digits in blocks, as long as somebody takes them, and leaves what is to be kept.
fn produce(
    mut source: Source,
    mut gzip: Option<Gzip>,
    computed: &Computed,
    send: &mut dyn FnMut(Vec<u8>) -> bool,
) {
    let mut length = FIRST_BLOCK;
    let mut taken = true;
    while taken {
        let start = Instant::now();
        let Some(block) = source.next_block_of(length) else { break };
        let time = start.elapsed();
        computed.add(time);
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

/// The length of the block after one that took `time`.
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

    fn collected(payload: &str, context: &Context<'_>) -> (Vec<usize>, Result<String, EventError>) {
        let answered = crate::answer(payload.as_bytes(), context);
        let Reply::Stream(mut stream) = answered.reply else { panic!("{answered:?}") };
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
            let payload = format!(
                r#"{{"digits": {digits}, "from": {from}, "output": "stream", "reuse": true, "algorithm": "gosper"}}"#
            );
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
        // A pace that was measured elsewhere does not matter: the estimate is of the first block.
        let payload = r#"{"digits": 30000, "output": "stream", "algorithm": "gibbons"}"#;
        let answered = crate::answer(payload.as_bytes(), &context);
        let error = match answered.reply {
            Reply::Stream(mut stream) => loop {
                match stream.next_chunk() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("it looked complete"),
                    Err(error) => break error,
                }
            },
            Reply::Error(error) => error,
            Reply::Whole(_) => panic!("not a stream"),
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
