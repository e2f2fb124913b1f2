//! Any program as a peer: its standard output is the text of the digits.

use crate::cell::{Outcome, Run};
use crate::golden;
use std::io::{ErrorKind, Read};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Placeholder for the number of digits in a command.
const DIGITS: &str = "{digits}";

/// A name for the tables and a command of the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub name: String,
    command: String,
}

impl FromStr for Program {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, command) = text.split_once('=').unwrap_or(("", text));
        if name.is_empty() || !command.contains(DIGITS) {
            return Err(format!(
                "{text:?} is not NAME=COMMAND with {DIGITS} in it: \
                 use for example 'pi=target/release/pi {DIGITS}'"
            ));
        }
        Ok(Self { name: name.to_owned(), command: command.to_owned() })
    }
}

impl Program {
    /// One run, from the start of the process to the end of its output, at most `limit` seconds.
    ///
    /// White space in the output is ignored. The program's threads are its own affair.
    ///
    /// # Errors
    /// If the program cannot start, fails, or prints other digits.
    pub fn run(&self, digits: usize, limit: f64) -> Result<Outcome, String> {
        let command = format!("exec {}", self.command.replace(DIGITS, &digits.to_string()));
        let fail = |why: String| format!("{}, {digits} digits: {why}", self.name);
        let start = Instant::now();
        let child = Command::new("sh").args(["-c", &command]).stdout(Stdio::piped()).spawn();
        let child = child.map_err(|error| fail(format!("sh cannot start: {error}")))?;
        let Some((text, seconds)) = output(child, start, limit).map_err(fail)? else {
            return Ok(Outcome::TooSlow);
        };
        let text: String = text.split_ascii_whitespace().collect();
        golden::check(digits, &text).map_err(fail)?;
        Ok(Outcome::Done(Run { seconds, bytes: None, product: None }))
    }
}

/// The output of a child and the seconds since `start`; `None` if the child was stopped at the limit.
fn output(mut child: Child, start: Instant, limit: f64) -> Result<Option<(String, f64)>, String> {
    let mut pipe = child.stdout.take().ok_or("no standard output")?;
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let read = pipe.read_to_end(&mut text).map(|_| (text, start.elapsed().as_secs_f64()));
        // The receiver is gone after the limit.
        let _ = sender.send(read);
    });
    let read = match receiver.recv_timeout(Duration::from_secs_f64(limit)) {
        Ok(read) => read,
        Err(RecvTimeoutError::Timeout) => {
            // An error means that the child has just ended by itself.
            let _ = child.kill();
            let _ = child.wait();
            return Ok(None);
        }
        Err(RecvTimeoutError::Disconnected) => Err(ErrorKind::BrokenPipe.into()),
    };
    let (text, seconds) = read.map_err(|error| error.to_string())?;
    let status = child.wait().map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(format!("the command failed ({status}); see its message above"));
    }
    Ok(Some((String::from_utf8_lossy(&text).into_owned(), seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(command: &str) -> Result<Outcome, String> {
        let program: Program = format!("x={command}").parse().unwrap();
        program.run(10, 1.0)
    }

    #[test]
    fn a_program_needs_a_name_and_a_place_for_the_digits() {
        for text in ["", "pi {digits}", "=pi {digits}", "pi=pi 1000"] {
            assert!(text.parse::<Program>().unwrap_err().contains("NAME=COMMAND"), "{text}");
        }
        assert_eq!("a=b=c {digits}".parse::<Program>().unwrap().command, "b=c {digits}");
    }

    #[test]
    fn digits_are_checked_and_failures_named() {
        assert!(matches!(
            run("printf '3.14159\\n2653\\n' # {digits}"),
            Ok(Outcome::Done(run)) if run.seconds > 0.0
        ));
        assert!(
            run("echo 3.141592654 # {digits}")
                .is_err_and(|why| why.contains("x, 10 digits: 10 wrong digits"))
        );
        assert!(run("false {digits}").is_err_and(|why| why.contains("the command failed")));
        assert!(matches!(run("sleep {digits}"), Ok(Outcome::TooSlow)));
    }
}
