//! Responses as they come: digits leave while later ones are computed.
//!
//! The computation has a thread of its own and gives blocks to whoever writes them, so that a slow
//! caller holds it back and the deadline ends both. Blocks begin with 64 digits, so that the first
//! byte is early, and become as long as some milliseconds of work, 64 KB at most.

use super::capacity::Granted;
use super::deadline::Work;
use super::gzip::Gzip;
use super::http::Answer;
use super::{Answered, Channel, Context, EventError, Record, Reply, Request, configured};
use pi_spigot::pi::Text;
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

    /// An HTTP answer that is all there.
    pub(super) fn of_answer(answer: Answer) -> Self {
        let mut first = answer.prelude();
        first.extend(answer.into_stream_body());
        Self { content_type: HTTP, first: Some(first), work: None }
    }

    /// The digits behind the prelude of an HTTP answer.
    pub(super) fn behind(answer: &Answer, mut digits: Self) -> Self {
        let mut first = answer.prelude();
        first.extend(digits.first.take().unwrap_or_default());
        Self { content_type: HTTP, first: Some(first), ..digits }
    }

    /// Starts to compute and waits for the first digits.
    pub(super) fn start(
        record: &mut Record,
        request: Request,
        gzip: bool,
        context: &Context<'_>,
    ) -> Result<Self, EventError> {
        let request = configured(record, request, context.settings);
        let granted = context.capacity.admit(&request, Channel::Stream, context.deadline)?;
        let threads = context.capacity.threads;
        let mut work =
            Work::start(context.deadline, move |send| produce(request, threads, gzip, granted, send))?;
        let first = work.next()?;
        Ok(Self { content_type: "text/plain; charset=utf-8", first, work: Some(work) })
    }
}

/// What Lambda takes for a status, headers and a body.
const HTTP: &str = "application/vnd.awslambda.http-integration-response";

/// The answer to a direct invocation that asks for a stream.
pub(super) fn direct(mut record: Record, request: Request, context: &Context<'_>) -> Answered {
    match Stream::start(&mut record, request, false, context) {
        Ok(stream) => Answered::of(Reply::Stream(Box::new(stream)), record),
        Err(error) => {
            record.error = Some(error.clone());
            Answered::of(Reply::Error(error), record)
        }
    }
}

/// Sends the digits of a request in blocks, as long as somebody takes them.
fn produce(
    request: Request,
    threads: usize,
    gzip: bool,
    _granted: Granted,
    send: &mut dyn FnMut(Vec<u8>) -> bool,
) {
    let Request { algorithm, from, digits, .. } = request;
    let mut text = Text::range_early(algorithm, from, digits).with_threads(threads);
    let mut gzip = gzip.then(Gzip::new);
    let mut length = FIRST_BLOCK;
    loop {
        let start = Instant::now();
        let Some(block) = text.next_block_of(length) else { break };
        let bytes = match &mut gzip {
            Some(gzip) => gzip.push(block.as_bytes()),
            None => block.as_bytes().to_vec(),
        };
        if !bytes.is_empty() && !send(bytes) {
            return;
        }
        length = next_length(length, start.elapsed());
    }
    if let Some(gzip) = gzip {
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
        let answered = super::super::answer(payload.as_bytes(), context);
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
    fn a_deadline_within_a_stream_is_an_error_and_no_end() {
        let deadline = super::super::Deadline::after(Duration::from_millis(300));
        let context = Context { deadline, ..Context::unlimited("s") };
        // A pace that was measured elsewhere does not matter: the estimate is of the first block.
        let payload = r#"{"digits": 30000, "output": "stream", "algorithm": "gibbons"}"#;
        let answered = super::super::answer(payload.as_bytes(), &context);
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
