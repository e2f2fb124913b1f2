//! The words of an error: what was wrong, what is allowed, what to do, with an example.

use super::error::{Channel, DigitsProblem, EventError, Room};
use super::operation::Operation;
use super::{Output, Request};
use crate::quotas::{LONGEST_S, MOST_MEMORY_MB, WHOLE_CPU_MB};
use pi_spigot::pi::{Algorithm, DigitCount, ParseDigitCountError, UnknownAlgorithm};
use std::fmt::{self, Display, Formatter};

/// What every message about a payload ends with.
const EXAMPLE: &str = r#"for example {"digits": 1000} or {"digits": "10_000", "output": "digest"}"#;

impl Display for EventError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyPayload => write!(f, "the payload is empty; send a JSON object, {EXAMPLE}"),
            Self::InvalidUtf8 { offset } => {
                write!(f, "the payload is not UTF-8 (byte {offset}); send a JSON object, {EXAMPLE}")
            }
            Self::InvalidJson { reason } => {
                write!(f, "the payload is not JSON ({reason}); send a JSON object, {EXAMPLE}")
            }
            Self::InvalidPayload { found } => {
                write!(f, "the payload is {found}; send a JSON object, {EXAMPLE}")
            }
            Self::MissingDigits => {
                write!(f, "the field `digits` is missing; say how many digits of pi are wanted, {EXAMPLE}")
            }
            Self::InvalidDigits { found, reason } => count(f, "digits", found, *reason),
            Self::InvalidFrom { found, reason } => count(f, "from", found, *reason),
            Self::InvalidFlag { name, found } => {
                write!(f, "`{name}` is {found}; allowed are true and false, for example ")?;
                write!(f, r#"{{"digits": 1000, "{name}": true}}"#)
            }
            Self::UnknownAlgorithm { found } => {
                write!(f, "`algorithm` is {found}: {UnknownAlgorithm}, ")?;
                let name = Algorithm::default();
                write!(f, r#"for example {{"digits": 1000, "algorithm": "{name}"}}"#)
            }
            Self::UnknownOutput { found } => {
                write!(f, "`output` is {found}; allowed are {}, ", Quoted(Output::NAMES))?;
                f.write_str(r#"for example {"digits": "10_000", "output": "digest"}"#)
            }
            Self::UnknownField { name, nearest } => {
                write!(f, "unknown field {name}")?;
                if let Some(nearest) = nearest {
                    write!(f, ", did you mean `{nearest}`?")?;
                }
                write!(f, "; the fields are {}, {EXAMPLE}", Quoted(Request::FIELDS))
            }
            Self::DuplicateField { name } => {
                write!(f, "the field `{name}` occurs twice; give it once, {EXAMPLE}")
            }
            Self::FieldBesideOperation { name } => {
                write!(f, "the field `{name}` has no effect beside `op`; ask for one of them, ")?;
                f.write_str(r#"for example {"op": "version"}, or {"digits": 1000}"#)
            }
            Self::UnknownOperation { found } => {
                write!(f, "`op` is {found}; allowed are {}, ", Quoted(Operation::NAMES))?;
                f.write_str(r#"for example {"op": "version"}, or {"digits": 1000} without any"#)
            }
            Self::UnsupportedEvent { source } => write!(
                f,
                "this is an event of {source}, which the function does not serve; it serves direct invocations, \
                 Function URLs, API Gateway, load balancers, EventBridge and SQS, {EXAMPLE}"
            ),
            _ => self.of_http_or_limits(f),
        }
    }
}

impl EventError {
    fn of_http_or_limits(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { path } => {
                write!(
                    f,
                    "there is no {path}; try GET /pi?digits=1000, GET /pi/1000, or POST / with JSON, {EXAMPLE}"
                )
            }
            Self::MethodNotAllowed { method, allowed } => {
                write!(f, "the method {method} is not allowed here; use {allowed}, for example GET /pi/1000")
            }
            Self::StreamNotEnabled => f.write_str(
                "this function answers HTTP requests whole; a stream needs the Function URL's invoke mode \
                 RESPONSE_STREAM and the environment variable PI_STREAM=1; without them ask for \
                 `digits`, for example GET /pi/1000",
            ),
            Self::ResponseTooLarge { most, channel } => too_large(f, *most, *channel),
            Self::InsufficientMemory { required_mb, memory_mb, room } => {
                memory(f, *required_mb, *memory_mb, *room)
            }
            Self::InsufficientTime { estimated_ms, left_ms, room, algorithm, memory_mb } => {
                let (needed, left) = (Seconds(*estimated_ms), Seconds(*left_ms));
                write!(
                    f,
                    "the computation would take about {needed} s and the invocation has {left} s left; {}",
                    Less(*room)
                )?;
                more_time(f, *estimated_ms, *room, *algorithm)?;
                faster(f, *estimated_ms, *memory_mb)
            }
            Self::DeadlineExceeded { after_ms } => write!(
                f,
                "the computation was stopped after {} s, shortly before the invocation's deadline, and digits that may \
                 have come before are not all; ask for fewer digits, or give the function more time (900 s at most) or \
                 more memory, for example aws lambda update-function-configuration --timeout 900",
                Seconds(*after_ms)
            ),
            Self::InternalError { message } => write!(
                f,
                "the computation failed, which is a bug of this function and not of the request: {message}; \
                 try another `algorithm`, and please report it"
            ),
            _ => Ok(()),
        }
    }
}

fn count(f: &mut Formatter<'_>, name: &str, found: &str, reason: DigitsProblem) -> fmt::Result {
    write!(f, "`{name}` is {found}: ")?;
    match reason {
        DigitsProblem::Count(ParseDigitCountError::Zero) if name == "from" => {
            f.write_str("it is zero, and the leading 3 is at position 1")?;
        }
        _ => write!(f, "{reason}")?,
    }
    write!(
        f,
        "; allowed are integers from 1 to {} and strings of digits with `_` between them, ",
        DigitCount::MAX
    )?;
    if name == "from" {
        return f.write_str(r#"for example {"digits": 50, "from": "1_000_000"}"#);
    }
    f.write_str(EXAMPLE)
}

fn too_large(f: &mut Formatter<'_>, most: u64, channel: Channel) -> fmt::Result {
    match channel {
        Channel::Stream => {
            write!(f, "a stream has room for {most} digits (200 MB); ask for them in parts, for example ")?;
            return write!(f, r#"{{"digits": {most}, "from": {}, "output": "stream"}}"#, most + 1);
        }
        Channel::LoadBalancer => {
            write!(
                f,
                "a response through a load balancer has room for {most} digits (1 MB); ask for no more, "
            )?;
        }
        Channel::Whole => write!(
            f,
            "a response has room for {most} digits (6 MB); stream them (200 MB) by InvokeWithResponseStream or a \
             Function URL, for example {{\"digits\": \"10_000_000\", \"output\": \"stream\"}}, ask for no more, "
        )?,
    }
    f.write_str(r#"or ask for the digest, for example {"digits": "10_000_000", "output": "digest"}"#)
}

fn memory(f: &mut Formatter<'_>, required_mb: u64, memory_mb: u64, room: Room) -> fmt::Result {
    write!(f, "the computation needs {required_mb} MB and the function has {memory_mb} MB; {}", Less(room))?;
    if required_mb > MOST_MEMORY_MB {
        let (Room::Digits(most) | Room::FromTheFirst(most)) = room;
        write!(f, "; no function may have more than {MOST_MEMORY_MB} MB, ")?;
        return write!(f, r#"for example {{"digits": {}, "output": "digest"}}"#, most.max(1));
    }
    write!(
        f,
        ", or give the function more memory ({MOST_MEMORY_MB} MB at most), for example \
         aws lambda update-function-configuration --memory-size {}",
        required_mb.max(128)
    )
}

/// What helps against too little time beside asking for less, as far as it does help.
fn more_time(f: &mut Formatter<'_>, estimated_ms: u64, room: Room, algorithm: Algorithm) -> fmt::Result {
    let fastest = Algorithm::default();
    if algorithm != fastest {
        write!(f, ", or for the algorithm {fastest}, which is the fastest")?;
    }
    let timeout = timeout(estimated_ms);
    if timeout <= LONGEST_S {
        return write!(
            f,
            ", or give the function more time ({LONGEST_S} s at most), for example \
             aws lambda update-function-configuration --timeout {timeout}"
        );
    }
    let (Room::Digits(most) | Room::FromTheFirst(most)) = room;
    write!(f, "; no invocation may take longer than {LONGEST_S} s, ")?;
    write!(f, r#"for example {{"digits": {}, "algorithm": "{algorithm}", "output": "digest"}}"#, most.max(1))
}

/// Seconds that are enough: half more than the estimate, and one for what is around the computation.
const fn timeout(estimated_ms: u64) -> u64 {
    estimated_ms.saturating_mul(3) / 2000 + 1
}

/// Memory brings processor time, up to a whole processor for one thread: said where it helps.
fn faster(f: &mut Formatter<'_>, estimated_ms: u64, memory_mb: Option<u64>) -> fmt::Result {
    let Some(mb) = memory_mb.filter(|&mb| mb < WHOLE_CPU_MB) else { return Ok(()) };
    if timeout(estimated_ms / WHOLE_CPU_MB * mb) > LONGEST_S {
        return Ok(());
    }
    let percent = mb * 100 / WHOLE_CPU_MB;
    write!(f, "; {mb} MB bring {percent}% of a processor, --memory-size {WHOLE_CPU_MB} a whole one")
}

/// "ask for fewer digits (about N fit)"
struct Less(Room);

impl Display for Less {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Room::Digits(0) => f.write_str("ask for fewer digits"),
            Room::Digits(most) => write!(f, "ask for fewer digits (about {most} fit)"),
            Room::FromTheFirst(most) => {
                write!(f, "ask for digits from an earlier position (about {most} from the leading 3 on fit)")
            }
        }
    }
}

/// Milliseconds as seconds with one decimal.
struct Seconds(u64);

impl Display for Seconds {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 1000, self.0 % 1000 / 100)
    }
}

impl Display for DigitsProblem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongType => f.write_str("it must be a number or a string"),
            Self::Negative => f.write_str("it is negative"),
            Self::Fraction => f.write_str("it is not an integer"),
            Self::EndsBeyond => write!(f, "the last digit would be behind position {}", DigitCount::MAX),
            Self::Count(problem) => problem.fmt(f),
        }
    }
}

/// Names as a list: `a`, `b`.
struct Quoted(&'static [&'static str]);

impl Display for Quoted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}`{name}`")?;
        }
        Ok(())
    }
}
