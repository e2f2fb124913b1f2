//! `lambda-meter invoke`: delivers events, prints responses and REPORT lines.

use crate::error::Error;
use crate::event;
use crate::log::Log;
use crate::say::say;
use crate::shorten::shorten;
use crate::subject::{FunctionArgs, FunctionError, Invocation, LocalBinary, Target};
use clap::Args;
use indicatif::HumanCount;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

/// The options of `lambda-meter invoke`.
#[derive(Debug, Clone, Args)]
pub struct InvokeArgs {
    /// The function's executable, usually called `bootstrap`
    #[arg(long, value_name = "PATH")]
    pub binary: PathBuf,

    /// The function.
    #[command(flatten)]
    pub function: FunctionArgs,

    /// The event: a file, - for standard input, or JSON that begins with {
    ///
    /// A file's bytes are delivered unchanged, JSON or not. Several events are invoked one after
    /// the other in one sandbox: the first is a cold start, the others are warm.
    #[arg(long = "event", value_name = "FILE|JSON", required = true)]
    pub events: Vec<String>,

    /// Repeat the events N times in the same sandbox
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: u32,

    /// Write only the bytes of the response to standard output
    #[arg(long)]
    pub raw: bool,

    /// Print a streamed response as it arrives, at Lambda's pace
    ///
    /// This is `InvokeWithResponseStream`: up to 200 MB, the first 6 MB at full speed, then 2 MB/s.
    /// Without --stream the response is buffered up to 6 MB, as Invoke does.
    #[arg(long)]
    pub stream: bool,
}

/// Format of a response on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The bytes alone.
    Raw,
    /// The whole response, ended by a newline.
    Whole,
    /// Long strings cut, so that the response fits one screen.
    Shortened,
}

impl Format {
    fn choose(raw: bool, terminal: bool) -> Self {
        match (raw, terminal) {
            (true, _) => Self::Raw,
            (false, true) => Self::Shortened,
            (false, false) => Self::Whole,
        }
    }
}

/// Runs the command and returns its exit code.
///
/// # Errors
///
/// When an event cannot be read, the function cannot be started, or the response cannot be written.
pub fn run(args: &InvokeArgs) -> Result<u8, Error> {
    let events = event::read_all(&args.events)?;
    let mut target = LocalBinary::new(args.function.configuration(&args.binary)?, Log::to_stderr())?;
    let stdout = io::stdout();
    let format = Format::choose(args.raw, stdout.is_terminal());
    let series = (0..args.repeat).flat_map(|_| &events).map(|event| event.bytes.as_slice());
    let (mut stdout, mut stderr) = (stdout.lock(), io::stderr());
    let result = if args.stream {
        invoke_all(&mut Streaming(&mut target), series, format, &mut stdout, &mut stderr)
    } else {
        invoke_all(&mut target, series, format, &mut stdout, &mut stderr)
    };
    if result.is_ok() {
        say(&target.confinement().remark());
    }
    result
}

/// Writes a stream to standard output as it arrives, and prints the time to its first byte.
struct Streaming<'a>(&'a mut LocalBinary);

impl Target for Streaming<'_> {
    fn invoke(&mut self, event: &[u8]) -> Result<Invocation, Error> {
        let mut stdout = io::stdout();
        let (mut size, mut written) = (0, Ok(()));
        let invocation = self.0.invoke_streaming(event, |piece| {
            size += piece.len();
            if written.is_ok() {
                written = write_response(piece, Format::Raw, &mut stdout);
            }
        })?;
        written?;
        if let Some(first_byte) = self.0.first_byte() {
            let (size, first) = (HumanCount(size as u64), first_byte.as_secs_f64() * 1e3);
            say(&format!("streamed {size} bytes, the first after {first:.2} ms"));
        }
        Ok(invocation)
    }
}

/// Invokes `target` with each event; returns the highest exit code.
///
/// # Errors
///
/// The first error of the tool, which ends the series.
pub fn invoke_all<'a>(
    target: &mut impl Target,
    events: impl Iterator<Item = &'a [u8]>,
    format: Format,
    stdout: &mut impl Write,
    stderr: &mut impl Write,
) -> Result<u8, Error> {
    let mut gravest = 0;
    for event in events {
        let invocation = target.invoke(event)?;
        write_response(&invocation.payload, format, stdout)?;
        for line in remarks(&invocation) {
            // A closed standard error must not hide the exit code.
            let _ = writeln!(stderr, "lambda-meter: {line}");
        }
        gravest = gravest.max(exit_code(&invocation));
    }
    Ok(gravest)
}

fn write_response(payload: &[u8], format: Format, stdout: &mut impl Write) -> Result<(), Error> {
    let written = match format {
        Format::Raw => stdout.write_all(payload),
        Format::Whole => stdout.write_all(payload).and_then(|()| end_line(payload, stdout)),
        Format::Shortened => writeln!(stdout, "{}", shorten(payload).trim_end_matches('\n')),
    };
    match written.and_then(|()| stdout.flush()) {
        // The reader closed the pipe on purpose, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(Error::Output),
    }
}

fn end_line(payload: &[u8], stdout: &mut impl Write) -> io::Result<()> {
    if payload.ends_with(b"\n") { Ok(()) } else { stdout.write_all(b"\n") }
}

/// Remarks on an invocation beside its REPORT line.
fn remarks(invocation: &Invocation) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(FunctionError { error_type, error_message, .. }) = &invocation.function_error {
        let message = shorten(error_message.as_bytes());
        remarks.push(format!("the function failed\n  errorType: {error_type}\n  errorMessage: {message}"));
    }
    if invocation.max_memory_used > invocation.memory_size {
        remarks.push(format!(
            "the function used {} MB of {} MB: Lambda would have killed it; --memory sets the size",
            invocation.max_memory_used, invocation.memory_size
        ));
    }
    remarks
}

fn exit_code(invocation: &Invocation) -> u8 {
    match &invocation.function_error {
        None => 0,
        Some(error) if error.cause.is_fatal() => 3,
        Some(_) => 1,
    }
}

/// Examples, printed below the options.
pub const EXAMPLES: &str = "\
Examples:
  lambda-meter invoke --binary ./bootstrap --event events/digits-1000.json
  echo '{\"digits\": 50}' | lambda-meter invoke --binary ./bootstrap --event - --raw
  lambda-meter invoke --binary ./bootstrap --event a.json --event b.json --repeat 3

Exit codes: 0 success, 1 function error, 2 usage,
            3 tool error, crash or timeout (see --help)";

/// The long help, printed below the options.
pub const HELP: &str = "\
Output:
  Responses go to standard output, one after the other; on a terminal long
  strings are cut in the middle. The log goes to standard error in Lambda's
  order: START, the function's output, END, and a REPORT line in CloudWatch's
  format. All figures are measured:
    Init Duration    from the start of the process to its first request
    Duration         from the event's delivery to the complete response
    Billed Duration  the sum, rounded up to a millisecond; INIT has been billed
                     since August 2025
    Max Memory Used  peak resident memory (VmHWM of the process), in MB,
                     rounded up

Limits (--limits auto):
  With --memory 128 the function gets 7.2 % of a vCPU, in periods of 20 ms as on
  Lambda. The initialisation is not throttled, no thread runs between two
  invocations, and a function that uses more memory is killed. The limits need a
  cgroup, version 1 or 2, and so root or a delegated group:
  systemd-run --user --scope -p Delegate=yes lambda-meter ...
  The last line of the log names the limits. A local run excludes microVM start
  and code download, and your CPU is not Lambda's.

Exit codes:
    0  every invocation succeeded
    1  the function answered with an error, or with more than 6 MB
    2  wrong usage
    3  an error of the tool; or the function could not be started, crashed or
       timed out
  130  interrupted; the function's processes are killed in any case
  The highest code of several invocations counts. After a crash or a timeout the
  series continues: the next event finds a new sandbox, as on Lambda.

Examples:
  Ten thousand digits of pi:
    lambda-meter invoke --binary ./bootstrap --event events/digits-10000.json

  An event from standard input, the response to another program:
    echo '{\"digits\": 50}' \\
      | lambda-meter invoke --binary ./bootstrap --event - --raw | jq .pi

  Cold, then warm, with a log level for the function:
    lambda-meter invoke --binary ./bootstrap --event event.json --repeat 3 \\
      --env AWS_LAMBDA_LOG_LEVEL=DEBUG

  The speed of this machine, for comparison:
    lambda-meter invoke --binary ./bootstrap --event event.json --limits off

  As a new function on Lambda is configured:
    lambda-meter invoke --binary ./bootstrap --event event.json --timeout 3";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::{Cause, Mock};
    use std::time::Duration;

    fn invocation(payload: &str, cause: Option<Cause>) -> Invocation {
        let error =
            |cause| FunctionError { cause, error_type: "Type".into(), error_message: "Message".into() };
        Invocation {
            request_id: "id".to_owned(),
            payload: payload.into(),
            function_error: cause.map(error),
            init_duration: None,
            duration: Duration::from_millis(2),
            extension_overhead: None,
            billed_duration: Duration::from_millis(2),
            memory_size: 128,
            max_memory_used: 12,
            log_tail: Vec::new(),
        }
    }

    fn run(
        invocations: Vec<Result<Invocation, Error>>,
        format: Format,
    ) -> (Result<u8, Error>, String, String) {
        let events = vec![&b"event"[..]; invocations.len()];
        let mut target = Mock::new(invocations);
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let code = invoke_all(&mut target, events.into_iter(), format, &mut stdout, &mut stderr);
        (code, String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
    }

    #[test]
    fn the_gravest_code_counts_and_the_series_goes_on() {
        let causes = [None, Some(Cause::Exited), Some(Cause::Reported), None];
        let series = causes.into_iter().map(|cause| Ok(invocation("{}", cause))).collect();
        let (code, stdout, stderr) = run(series, Format::Whole);
        assert_eq!((code.unwrap(), stdout.as_str()), (3, "{}\n{}\n{}\n{}\n"));
        assert_eq!(stderr.matches("errorType: Type\n  errorMessage: Message").count(), 2);
    }

    #[test]
    fn codes_by_cause() {
        let causes = [
            None,
            Some(Cause::Reported),
            Some(Cause::ResponseTooLarge),
            Some(Cause::Exited),
            Some(Cause::TimedOut),
        ];
        assert_eq!(causes.map(|cause| exit_code(&invocation("", cause))), [0, 1, 1, 3, 3]);
    }

    #[test]
    fn raw_adds_nothing_and_whole_ends_the_line_once() {
        let series =
            || vec![Ok(invocation("a", None)), Ok(invocation("b\n", None)), Ok(invocation("", None))];
        assert_eq!(run(series(), Format::Raw).1, "ab\n");
        assert_eq!(run(series(), Format::Whole).1, "a\nb\n\n");
        let long = vec![Ok(invocation(&format!("\"{}\"", "3".repeat(10_000)), None))];
        assert!(run(long, Format::Shortened).1.contains(" ... 9,900 more ... "));
    }

    #[test]
    fn an_error_of_the_tool_ends_the_series() {
        let (result, stdout, _) =
            run(vec![Ok(invocation("1", None)), Err(Error::Interrupted)], Format::Whole);
        assert!(matches!(result, Err(Error::Interrupted)));
        assert_eq!(stdout, "1\n");
    }

    #[test]
    fn too_much_memory_is_said() {
        let greedy = Invocation { max_memory_used: 129, ..invocation("{}", None) };
        assert!(run(vec![Ok(greedy)], Format::Whole).2.contains("129 MB of 128 MB"));
    }

    #[test]
    fn a_terminal_shortens_unless_raw() {
        let formats = [(true, true), (true, false), (false, true), (false, false)];
        let chosen = formats.map(|(raw, terminal)| Format::choose(raw, terminal));
        assert_eq!(chosen, [Format::Raw, Format::Raw, Format::Shortened, Format::Whole]);
    }
}
