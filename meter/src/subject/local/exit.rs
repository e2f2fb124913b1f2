//! The end of a process, in words.

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

/// Lambda's sentence in `errorMessage`.
pub(super) fn lambda_wording(status: ExitStatus) -> String {
    if status.success() {
        "Runtime exited without providing a reason".to_owned()
    } else {
        format!("Runtime exited with error: {}", describe(status))
    }
}

/// Go's name of a signal, or its number.
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

/// The remedy for a process that exited during its initialisation.
pub(super) fn hint(status: ExitStatus) -> &'static str {
    match (status.code(), status.signal()) {
        (Some(0), _) => "a Lambda function never exits on its own; this may be a command-line program",
        (Some(126 | 127), _) => {
            "126 and 127 usually mean a missing shared library or command; the output above names it"
        }
        (_, Some(4)) => "an illegal instruction: it may be built for a newer CPU (-C target-cpu)",
        (_, Some(9)) => "killed from outside; this machine may be out of memory",
        _ => "its output is above; pass environment variables with --env NAME=VALUE",
    }
}
