//! One structured line per invocation, in the format and at the level that the
//! function's logging configuration asks for.
//!
//! Lambda says them in `AWS_LAMBDA_LOG_FORMAT` (`Text` or `JSON`) and
//! `AWS_LAMBDA_LOG_LEVEL` (`TRACE` to `FATAL`). The lines themselves are written
//! by [`super::lines`].

use super::lines::Lines;
use pi_spigot::event::{Answer, EventError};
use std::env;
use std::sync::Once;
use tracing::level_filters::LevelFilter;
use tracing::{error, info, warn};

/// Logs what became of an invocation; the first call sets logging up.
pub(crate) fn invocation(request_id: &str, answer: &Result<Answer, EventError>) {
    static SETUP: Once = Once::new();
    SETUP.call_once(set_up);
    match answer {
        Ok(answer) => success(request_id, answer),
        Err(problem) => failure(request_id, problem),
    }
}

fn success(request_id: &str, Answer { request, response }: &Answer) {
    info!(
        requestId = request_id,
        digits = response.digits,
        algorithm = response.algorithm,
        output = request.output.name(),
        compute_ms = response.compute_ms,
        "computed"
    );
}

/// What the caller can mend is a warning; what only we can mend is an error.
fn failure(request_id: &str, problem: &EventError) {
    let error_type = problem.error_type();
    match problem {
        EventError::InternalError { .. } => {
            error!(requestId = request_id, errorType = error_type, errorMessage = %problem, "failed");
        }
        _ => warn!(requestId = request_id, errorType = error_type, errorMessage = %problem, "refused"),
    }
}

fn set_up() {
    let level = level(&env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default());
    let json = env::var("AWS_LAMBDA_LOG_FORMAT").is_ok_and(|format| format.eq_ignore_ascii_case("JSON"));
    let set = tracing::subscriber::set_global_default(Lines::new(level, json));
    set.expect("nothing else sets a subscriber, and this runs once");
}

/// Lambda's name of a level; unset or unknown is INFO, as on Lambda itself.
fn level(name: &str) -> LevelFilter {
    match name.to_ascii_uppercase().as_str() {
        "TRACE" => LevelFilter::TRACE,
        "DEBUG" => LevelFilter::DEBUG,
        "WARN" => LevelFilter::WARN,
        // tracing has no FATAL; its ERROR is what remains.
        "ERROR" | "FATAL" => LevelFilter::ERROR,
        _ => LevelFilter::INFO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_by_lambdas_names() {
        assert_eq!(level(""), LevelFilter::INFO);
        assert_eq!(level("warn"), LevelFilter::WARN);
        assert_eq!(level("FATAL"), LevelFilter::ERROR);
        assert_eq!(level("loud"), LevelFilter::INFO);
    }
}
