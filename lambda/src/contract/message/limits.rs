//! The words of the guard rails: response size, memory, time; and of failures.

use super::Reader;
use crate::contract::error::{Channel, EventError, Room};
use crate::quotas::{LONGEST_S, MOST_MEMORY_MB, WHOLE_CPU_MB};
use pi_spigot::pi::Algorithm;
use std::fmt::{self, Display, Formatter};

/// Writes an error of the limits or of the computation.
pub(super) fn write(error: &EventError, f: &mut Formatter<'_>, reader: Reader) -> fmt::Result {
    let visitor = reader == Reader::Visitor;
    match *error {
        EventError::ResponseTooLarge { most, channel } if visitor => {
            write!(f, "{}; ", Full(most, channel))?;
            match channel {
                Channel::Stream => {
                    let from = most + 1;
                    write!(
                        f,
                        "ask for them in parts, for example GET /pi?digits={most}&from={from}&output=stream"
                    )
                }
                _ => f.write_str(
                    "ask for fewer, or for the digest, for example GET /pi?digits=10_000_000&output=digest",
                ),
            }
        }
        EventError::ResponseTooLarge { most, channel } => too_large(f, most, channel),
        EventError::InsufficientMemory { required_mb, memory_mb, room } => {
            write!(
                f,
                "the computation needs {required_mb} MB and the function has {memory_mb} MB; {}",
                Less(room)
            )?;
            if visitor { smaller(f, room) } else { more_memory(f, required_mb, room) }
        }
        EventError::InsufficientTime { estimated_ms, left_ms, room, algorithm, memory_mb } => {
            let (needed, left) = (Seconds(estimated_ms), Seconds(left_ms));
            write!(
                f,
                "the computation would take about {needed} s and the invocation has {left} s left; {}",
                Less(room)
            )?;
            let fastest = Algorithm::default();
            if algorithm != fastest {
                write!(f, ", or for the algorithm {fastest}, which is the fastest")?;
            }
            if visitor {
                return smaller(f, room);
            }
            more_time(f, estimated_ms, room, algorithm)?;
            faster(f, estimated_ms, memory_mb)
        }
        EventError::DeadlineExceeded { after_ms } => {
            let after = Seconds(after_ms);
            write!(
                f,
                "the computation was stopped after {after} s, shortly before the deadline; \
                 the output is incomplete; ask for fewer digits"
            )?;
            if visitor {
                return f.write_str(", for example GET /pi/1000");
            }
            write!(
                f,
                ", or give the function more time ({LONGEST_S} s at most) or more memory, for example \
                 aws lambda update-function-configuration --timeout {LONGEST_S}"
            )
        }
        EventError::InternalError { ref message } => {
            f.write_str("the computation failed, which is a bug of this function and not of the request")?;
            if visitor {
                return f.write_str(
                    "; try another `algorithm`, for example GET /pi?digits=1000&algorithm=gosper, \
                     and please report it",
                );
            }
            write!(
                f,
                ": {message}; try another `algorithm`, for example \
                 {{\"digits\": 1000, \"algorithm\": \"gosper\"}}, and please report it"
            )
        }
        // The other rooms of the words have all other errors.
        _ => Ok(()),
    }
}

fn too_large(f: &mut Formatter<'_>, most: u64, channel: Channel) -> fmt::Result {
    write!(f, "{}; ", Full(most, channel))?;
    match channel {
        Channel::Stream => {
            let from = most + 1;
            return write!(
                f,
                "ask for them in parts, for example \
                 {{\"digits\": {most}, \"from\": {from}, \"output\": \"stream\"}}"
            );
        }
        Channel::LoadBalancer => f.write_str("ask for fewer, ")?,
        Channel::Whole => f.write_str(
            "stream them (200 MB) by InvokeWithResponseStream or a Function URL, for example \
             {\"digits\": \"10_000_000\", \"output\": \"stream\"}, ask for fewer, ",
        )?,
    }
    f.write_str(r#"or ask for the digest, for example {"digits": "10_000_000", "output": "digest"}"#)
}

/// The remedies against too little memory, for the owner.
fn more_memory(f: &mut Formatter<'_>, required_mb: u64, room: Room) -> fmt::Result {
    if required_mb > MOST_MEMORY_MB {
        return write!(f, "; no function may have more than {MOST_MEMORY_MB} MB, {}", Smaller(room, None));
    }
    write!(
        f,
        ", or give the function more memory ({MOST_MEMORY_MB} MB at most), for example \
         aws lambda update-function-configuration --memory-size {}",
        required_mb.max(128)
    )
}

/// The remedies against too little time, for the owner, as far as they help.
fn more_time(f: &mut Formatter<'_>, estimated_ms: u64, room: Room, algorithm: Algorithm) -> fmt::Result {
    let timeout = timeout(estimated_ms);
    if timeout <= LONGEST_S {
        return write!(
            f,
            ", or give the function more time ({LONGEST_S} s at most), for example \
             aws lambda update-function-configuration --timeout {timeout}"
        );
    }
    write!(f, "; no invocation may take longer than {LONGEST_S} s, {}", Smaller(room, Some(algorithm)))
}

/// A timeout that is enough: half more than the estimate, and a second for the rest of the invocation.
const fn timeout(estimated_ms: u64) -> u64 {
    estimated_ms.saturating_mul(3) / 2000 + 1
}

/// The remedy of a full vCPU, which Lambda gives in proportion to memory; only where it helps.
fn faster(f: &mut Formatter<'_>, estimated_ms: u64, memory_mb: Option<u64>) -> fmt::Result {
    let Some(mb) = memory_mb.filter(|&mb| mb < WHOLE_CPU_MB) else { return Ok(()) };
    if timeout(estimated_ms / WHOLE_CPU_MB * mb) > LONGEST_S {
        return Ok(());
    }
    let percent = mb * 100 / WHOLE_CPU_MB;
    write!(
        f,
        "; {mb} MB gets {percent}% of a vCPU; {WHOLE_CPU_MB} MB gets a full one, \
         by --memory-size {WHOLE_CPU_MB}"
    )
}

/// The example of a smaller request, for a visitor.
fn smaller(f: &mut Formatter<'_>, room: Room) -> fmt::Result {
    match room {
        Room::Digits(most) | Room::FromTheFirst(most) => {
            write!(f, ", for example GET /pi?digits={}&output=digest", most.max(1))
        }
        _ => write!(f, ", {}, sent by POST", Smaller(room, None)),
    }
}

/// The example of a smaller request in JSON.
struct Smaller(Room, Option<Algorithm>);

impl Display for Smaller {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Room::Position(last) => write!(f, r#"for example {{"op": "hex", "position": {}}}"#, last.max(1)),
            Room::Parts(least) => {
                write!(f, r#"for example {{"op": "hex-plan", "position": "1e9", "parts": {least}}}"#)
            }
            Room::Digits(most) | Room::FromTheFirst(most) => {
                write!(f, r#"for example {{"digits": {}"#, most.max(1))?;
                if let Some(algorithm) = self.1 {
                    write!(f, r#", "algorithm": "{algorithm}""#)?;
                }
                f.write_str(r#", "output": "digest"}"#)
            }
        }
    }
}

/// "a response has room for N digits (6 MB)"
struct Full(u64, Channel);

impl Display for Full {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(most, channel) = self;
        match channel {
            Channel::Whole => write!(f, "a response has room for {most} digits (6 MB)"),
            Channel::LoadBalancer => {
                write!(f, "a response through a load balancer has room for {most} digits (1 MB)")
            }
            Channel::Stream => write!(f, "a stream has room for {most} digits (200 MB)"),
        }
    }
}

/// "ask for fewer digits (about N fit)"
struct Less(Room);

impl Display for Less {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Room::Digits(0) => f.write_str("ask for fewer digits"),
            Room::Digits(most) => write!(f, "ask for fewer digits (about {most} fit)"),
            Room::Position(last) => write!(
                f,
                "ask for an earlier position (about {last} fits), or divide the sum among invocations \
                 by `hex-plan`"
            ),
            Room::Parts(least) => write!(f, "divide the sum into more parts (about {least} fit)"),
            Room::FromTheFirst(most) => {
                write!(f, "ask for digits from an earlier position (about {most} from the leading 3 fit)")
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
