//! How a process ended, in words.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// Exit status or signal, as Lambda (written in Go) names them: `exit status 1`, `signal: killed`.
pub(super) fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("signal: {}", signal_name(signal)),
        (None, None) => status.to_string(),
    }
}

/// The sentence in `errorMessage`.
pub(super) fn lambda_wording(status: ExitStatus) -> String {
    if status.success() {
        "Runtime exited without providing a reason".to_owned()
    } else {
        format!("Runtime exited with error: {}", describe(status))
    }
}

/// The names that Go gives to signals, with the number where it has none.
fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        5 => "trace/breakpoint trap",
        6 => "aborted",
        7 => "bus error",
        8 => "floating point exception",
        9 => "killed",
        11 => "segmentation fault",
        13 => "broken pipe",
        14 => "alarm clock",
        15 => "terminated",
        24 => "CPU time limit exceeded",
        31 => "bad system call",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

/// What to do about a process that ended in its initialisation.
pub(super) fn hint(status: ExitStatus) -> &'static str {
    match (status.code(), status.signal()) {
        (Some(0), _) => "a Lambda function never ends on its own; is this a command-line program?",
        (Some(126 | 127), _) => {
            "126 and 127 usually mean that a shared library or a command is missing; its output above says which"
        }
        (_, Some(4)) => "an illegal instruction: was it built for a newer CPU (-C target-cpu)?",
        (_, Some(9)) => "killed from outside; is this machine out of memory?",
        _ => "what it wrote is above; variables that it needs are passed with --env NAME=VALUE",
    }
}
