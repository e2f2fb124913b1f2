//! Digits cached between invocations.

use super::function::{Function, SHA256_OF_10_000};

const ASKED: &str = r#"{"digits": "10_000", "reuse": true}"#;

#[test]
fn fewer_digits_come_from_memory_and_more_extend_them() {
    let mut function = Function::start(&[]);
    let plain = function.respond(r#"{"digits": 30000}"#);
    assert_eq!(plain.get("reused"), None, "only who asks for it");
    for algorithm in ["chudnovsky", "gosper", "gibbons"] {
        let mut ask = |digits: u32, from: u32| {
            let event = format!(
                r#"{{"digits": {digits}, "from": {from}, "reuse": true, "algorithm": "{algorithm}"}}"#
            );
            function.respond(&event)
        };
        let first = ask(2000, 1);
        assert_eq!((&first["reused"], first["pi"].as_str().unwrap().len()), (&false.into(), 2001));
        let fewer = ask(10, 1);
        assert_eq!((&fewer["reused"], &fewer["pi"]), (&true.into(), &"3.141592653".into()));
        let more = ask(10_000, 1);
        assert_eq!((&more["reused"], &more["sha256"]), (&true.into(), &SHA256_OF_10_000.into()));
        let range = ask(20, 9_000);
        assert_eq!(
            (&range["reused"], &range["pi"]),
            (&true.into(), &plain["pi"].as_str().unwrap()[9_000..9_020].into())
        );
        assert_eq!(ask(1, 1)["pi"], "3");
    }
}

#[test]
fn a_variable_turns_it_on_for_all() {
    let mut function = Function::start(&[("PI_REUSE", "1")]);
    assert_eq!(function.respond(r#"{"digits": 10}"#)["reused"], false);
    assert_eq!(function.respond(r#"{"digits": 10}"#)["reused"], true);
}

#[test]
fn what_does_not_fit_is_not_kept_and_what_is_kept_makes_room() {
    let mut function = Function::start(&[]);
    function.respond(ASKED);
    assert_eq!(function.respond(ASKED)["reused"], true);
    // 128 MB is enough to compute three million digits, but not to cache them.
    let large = r#"{"digits": 2, "from": 3_000_000, "reuse": true}"#.replace('_', "");
    assert_eq!(function.respond(&large)["reused"], false);
    assert_eq!(function.respond(&large)["reused"], false);
    assert_eq!(function.respond(ASKED)["sha256"], SHA256_OF_10_000);
}
