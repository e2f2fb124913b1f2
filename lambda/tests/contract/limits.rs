//! Guard rails at their edges: under a memory limit that kills, and before a deadline.

use super::function::{Function, SLOW_DIGITS};
use super::triggers::{body, get};
use std::time::Duration;

fn digest(digits: u64) -> String {
    format!(r#"{{"digits": {digits}, "output": "digest"}}"#)
}

impl Function {
    /// The type and the message of the error, if the event fails.
    fn error_of(&mut self, event: &str) -> Option<(String, String)> {
        let error = self.invoke(event.as_bytes()).function_error?;
        Some((error.error_type, error.error_message))
    }
}

/// The number behind some words of a message.
fn number_after(message: &str, words: &str) -> u64 {
    let rest = message.split_once(words).unwrap_or_else(|| panic!("{words:?} in {message}")).1;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

#[test]
fn the_most_that_memory_has_room_for_is_computed_and_one_more_is_refused() {
    let Some(mut function) = Function::limited(|configuration| configuration.memory_size = 128) else {
        return;
    };
    let (error_type, message) = function.error_of(&digest(100_000_000)).expect("it does not fit");
    assert_eq!(error_type, "InsufficientMemory");
    let most = number_after(&message, "about ");
    assert!(most > 1_000_000, "{message}");
    let (error_type, _) = function.error_of(&digest(most + 1)).expect("one more");
    assert_eq!(error_type, "InsufficientMemory");
    let process = function.target.process_id();
    assert_eq!(function.respond(&digest(most))["digits"], most, "the sandbox is not killed");
    assert_eq!(function.target.process_id(), process);
}

/// Sends the requests of the documentation whose refusals do not depend on the processor.
#[test]
fn the_documented_refusals_are_word_for_word() {
    let mut function = Function::configured(|configuration| configuration.memory_size = 512);
    let documentation = std::fs::read_to_string("../docs/errors.md").unwrap();
    let mut compared = 0;
    for row in documentation.lines() {
        let cells: Vec<&str> = row.trim_matches(['|', ' ']).split(" | ").collect();
        let [error_type @ ("`ResponseTooLarge`" | "`InsufficientMemory`"), asked, message] = cells[..] else {
            continue;
        };
        if let Some(event) = asked.strip_prefix("`{").and_then(|rest| rest.strip_suffix("}`")) {
            let event = format!("{{{event}}}");
            let (found, words) = function.refuse(event.as_bytes());
            assert_eq!((format!("`{found}`").as_str(), words.as_str()), (error_type, message), "{event}");
            compared += 1;
        }
        if let Some(target) = asked.strip_prefix("`GET ").and_then(|rest| rest.strip_suffix('`')) {
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let error = body(&function.answer(&get(path, query)));
            let found = format!("`{}`", error["errorType"].as_str().unwrap());
            assert_eq!(
                (found.as_str(), error["errorMessage"].as_str()),
                (error_type, Some(message)),
                "{target}"
            );
            compared += 1;
        }
    }
    assert_eq!(compared, 7, "rows of docs/errors.md");
}

#[test]
fn what_time_is_not_left_for_is_refused_at_once() {
    let mut function = Function::configured(|configuration| {
        configuration.timeout = Duration::from_secs(3);
        configuration.memory_size = 10_240;
    });
    let (error_type, message) = function.error_of(&digest(500_000_000)).expect("no time");
    assert_eq!(error_type, "InsufficientTime", "{message}");
    for words in ["s left", "--timeout", "fewer digits (about "] {
        assert!(message.contains(words), "{words:?} in {message}");
    }
    assert!(number_after(&message, "(about ") > 10_000);
    let slow = r#"{"digits": 2000000, "output": "digest", "algorithm": "gibbons"}"#;
    let (_, message) = function.error_of(slow).expect("no function has so much time");
    assert!(
        message.contains("for the algorithm chudnovsky") && message.contains("no invocation may"),
        "{message}"
    );
    assert!(!message.contains("--timeout") && !message.contains("--memory-size"), "{message}");
    assert_eq!(function.respond(r#"{"digits": 10}"#)["pi"], "3.141592653");
}

#[test]
fn what_takes_longer_than_estimated_is_stopped_before_the_deadline() {
    let mut function = Function::slow();
    let error = function.stalled(|function| function.error_of(&digest(SLOW_DIGITS)));
    let (error_type, message) = error.expect("it takes longer");
    assert_eq!(error_type, "DeadlineExceeded", "{message}");
    assert!(message.contains("stopped after 1.") && message.contains("--timeout"), "{message}");
    let process = function.target.process_id();
    assert_eq!(function.respond(r#"{"digits": 10}"#)["pi"], "3.141592653");
    assert_eq!(function.target.process_id(), process, "the sandbox was not killed");
    assert!(function.log.text().contains("WARN stopped requestId="));
}

#[test]
fn every_algorithm_stops_when_it_is_told() {
    use pi_spigot::pi::cancel::{Cancelled, Token};
    use pi_spigot::pi::{Algorithm, DigitCount, Text};
    use std::panic::{AssertUnwindSafe, catch_unwind};
    for (&algorithm, threads) in Algorithm::ALL.iter().zip([2, 1, 1]) {
        let token = Token::default();
        let canceller = token.clone();
        let cancel = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            canceller.cancel();
        });
        let compute = || {
            let mut text = Text::new(algorithm, DigitCount::new(20_000_000).unwrap()).with_threads(threads);
            while text.next_block().is_some() {}
        };
        let caught = catch_unwind(AssertUnwindSafe(|| token.run(compute)));
        assert!(caught.expect_err("it takes longer than that").is::<Cancelled>(), "{algorithm}");
        cancel.join().unwrap();
        assert_eq!(algorithm.digits(DigitCount::new(5).unwrap()), "3.1415", "and the next is right");
    }
}
