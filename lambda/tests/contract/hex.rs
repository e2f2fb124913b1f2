//! Hexadecimal digits: in one invocation, and in parts.

use super::function::Function;
use super::triggers::{body, request};
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;

fn event(name: &str) -> String {
    fs::read_to_string(format!("../events/operations/{name}.json")).unwrap()
}

impl Function {
    fn ask(&mut self, request: &Value) -> Value {
        self.respond(&request.to_string())
    }

    /// The type and the message of the refusal of a request.
    fn refused(&mut self, request: &Value) -> (String, String) {
        self.refuse(request.to_string().as_bytes())
    }

    /// A plan, and the answers to all of its parts.
    fn parts(&mut self, plan: &Value) -> (Value, Vec<Value>) {
        let plan = self.ask(plan);
        let numbers = 0..plan["parts"].as_u64().unwrap();
        let part = |number| json!({"op": "hex-part", "job": plan["job"], "part": number});
        let parts = numbers.map(|number| self.ask(&part(number))).collect();
        (plan, parts)
    }
}

#[test]
fn published_digits_in_one_invocation() {
    let mut function = Function::start(&[("AWS_LAMBDA_LOG_FORMAT", "JSON")]);
    let response = function.respond(&event("hex"));
    assert_eq!(response["digits"], "26C65E52CB4593");
    assert_eq!((&response["position"], &response["count"]), (&1_000_000.into(), &14.into()));
    assert_eq!(response["formula"], "bellard");
    assert!(response["compute_ms"].as_f64().unwrap() > 0.0);
    let first = function.ask(&json!({"op": "hex", "position": 1, "formula": "bbp"}));
    assert_eq!(first["digits"], "243F6A8885A308D3", "16 digits, unless more are asked for");
    let log = function.log.text();
    let line = log.lines().find_map(|line| serde_json::from_str::<Value>(line).ok()).unwrap();
    assert_eq!((&line["op"], &line["message"]), (&"hex".into(), &"computed".into()));
}

#[test]
fn parts_make_the_sum_and_two_sums_make_a_proof() {
    let mut function = Function::start(&[]);
    let (plan, parts) = function.parts(&serde_json::from_str(&event("hex-plan")).unwrap());
    assert_eq!((&plan["job"], &plan["position"]), (&"bbp-3999964-3".into(), &999_992.into()));
    for name in ["part_seconds", "timeout_seconds", "seconds", "gb_seconds", "squarings"] {
        assert!(plan[name].as_f64().unwrap() > 0.0, "{name} in {plan}");
    }
    assert_eq!(plan["batches"], json!([{"from": 0, "to": 0}, {"from": 1, "to": 1}, {"from": 2, "to": 2}]));
    assert_eq!((&parts[0]["first"], &parts[2]["end"]), (&0.into(), &plan["terms"]));
    assert_eq!((&parts[0]["end"], &parts[1]["end"]), (&parts[1]["first"], &parts[2]["first"]));
    for name in ["cpu", "simd", "version", "sum"] {
        assert!(!parts[1][name].as_str().unwrap().is_empty(), "{name}");
    }
    let again = function.ask(&json!({"op": "hex-part", "job": plan["job"], "part": 1}));
    assert_eq!(again["sum"], parts[1]["sum"], "the same on every call");

    // In any order, twice, as text, and in steps.
    let some = json!([parts[2].to_string(), parts[1], again]);
    let some = function.ask(&json!({"op": "hex-sum", "job": plan["job"], "sums": some, "partial": true}));
    assert_eq!((&some["parts"], &some["complete"]), (&2.into(), &false.into()));
    assert_eq!(some.get("digits"), None);
    let request = json!({"op": "hex-sum", "job": plan["job"], "sums": [parts[0]], "before": some});
    let checked = function.ask(&request);
    assert_eq!((&checked["complete"], &checked["parts"]), (&true.into(), &3.into()));
    let digits = checked["digits"].as_str().unwrap();
    assert!(digits.len() >= 24 && digits[8..].starts_with("26C65E52CB4593"), "{digits}");

    let (plan, parts) = function.parts(&json!({"op": "hex-plan", "position": "1_000_000", "seconds": 1}));
    let sum = function.ask(&json!({"op": "hex-sum", "job": plan["job"], "sums": parts}));
    assert!(sum["digits"].as_str().unwrap().starts_with("26C65E52CB4593"));
    let mut proof = json!({"op": "hex-compare", "position": 1_000_000, "sums": [sum, checked]});
    proof["usd_per_billion_gb_seconds"] = 500_000.into();
    let proof = function.ask(&proof);
    assert!(proof["digits"].as_str().unwrap().starts_with("26C65E52CB4593"));
    assert!(proof["agreed"].as_u64().unwrap() >= 16, "{proof}");
    let gb_seconds = proof["gb_seconds"].as_f64().unwrap();
    assert!((proof["usd"].as_f64().unwrap() - 5e-4 * gb_seconds).abs() < 1e-9, "{proof}");
    assert_eq!(proof["sums"].as_array().unwrap().len(), 2);
}

#[test]
fn gaps_doubles_and_wrong_sums_are_refused() {
    let mut function = Function::start(&[]);
    let (plan, parts) = function.parts(&json!({"op": "hex-plan", "position": 5000, "parts": 4}));
    let job = plan["job"].as_str().unwrap();
    let sum = |sums: Value| json!({"op": "hex-sum", "job": job, "sums": sums});
    for left_out in 0..4 {
        let mut some = parts.clone();
        let lost = some.remove(left_out);
        let (error_type, message) = function.refused(&sum(some.into()));
        let words = format!("the terms {}..{} are missing", lost["first"], lost["end"]);
        assert!(error_type == "InvalidParts" && message.contains(&words), "{message}");
    }
    let mut changed = parts[2].clone();
    changed["sum"] = "0".repeat(32).into();
    let mut doubled = parts.clone();
    doubled.insert(2, changed);
    let (error_type, message) = function.refused(&sum(doubled.into()));
    assert!(error_type == "SumsDisagree" && message.contains("compute both again"), "{message}");
    let mut overlapping = parts.clone();
    overlapping[1]["first"] = (parts[1]["first"].as_u64().unwrap() - 1).into();
    let (error_type, message) = function.refused(&sum(overlapping.into()));
    assert!(error_type == "InvalidParts" && message.contains("are there twice"), "{message}");
    let mut mixed = parts.clone();
    mixed[3]["job"] = "bellard-19996-5".into();
    let (error_type, message) = function.refused(&sum(mixed.into()));
    assert!(error_type == "InvalidField" && message.contains("of the job bellard-19996-5"), "{message}");
    let (error_type, message) = function.refused(&sum(json!([])));
    assert!(error_type == "InvalidParts" && message.contains("no part to merge"), "{message}");

    let whole = function.ask(&sum(parts.clone().into()));
    let compare =
        |a: &Value, b: &Value, at: u64| json!({"op": "hex-compare", "position": at, "sums": [a, b]});
    let (error_type, message) = function.refused(&compare(&whole, &whole, 5000));
    assert!(error_type == "InvalidParts" && message.contains("proves nothing"), "{message}");
    let (plan, other) =
        function.parts(&json!({"op": "hex-plan", "position": 5000, "parts": 1, "formula": "bbp"}));
    let other = function.ask(&json!({"op": "hex-sum", "job": plan["job"], "sums": other}));
    let (_, message) = function.refused(&compare(&whole, &other, 4000));
    assert!(message.contains("no certain digit at position 4000"), "{message}");
    let mut wrong = other.clone();
    wrong["sum"] = "8".repeat(32).into();
    let (error_type, message) = function.refused(&compare(&whole, &wrong, 5000));
    assert!(error_type == "SumsDisagree" && message.contains("88888888"), "{message}");
    let (error_type, _) = function.refused(&compare(&whole, &parts[0], 5000));
    assert_eq!(error_type, "InvalidParts", "a part is no sum");
    assert!(function.ask(&compare(&whole, &other, 5003))["agreed"].as_u64().unwrap() >= 16);
}

#[test]
fn faults_of_fields_are_named_with_what_is_allowed() {
    let mut function = Function::start(&[]);
    let part = json!({"job": "bellard-3999996-10", "first": 0, "end": 5, "sum": "0".repeat(31)});
    for (request, error_type, words) in [
        (json!({"op": "hex"}), "MissingField", "`position` is missing, for example {\"op\": \"hex\", "),
        (json!({"op": "hex", "position": 0}), "InvalidField", "use 1, the digit behind the point"),
        (json!({"op": "hex", "position": "1e18"}), "InvalidField", "to 288230376151711744"),
        (json!({"op": "hex", "position": true}), "InvalidField", "the boolean true"),
        (json!({"op": "hex", "position": 1, "count": 10_001}), "InvalidField", "from 1 to 10000"),
        (json!({"op": "hex", "position": 1, "formula": "gosper"}), "InvalidField", "`bellard`, `bbp`"),
        (
            json!({"op": "hex", "positon": 1}),
            "UnknownField",
            "did you mean `position`?; the fields are `position`, `count`",
        ),
        (json!({"op": "hex", "digits": 1}), "UnknownField", "`digits`"),
        (json!({"op": "hex-plan", "position": 1, "shift": 17}), "InvalidField", "from 0 to 16"),
        (json!({"op": "hex-plan", "position": 1, "seconds": 0}), "InvalidField", "1 to 600"),
        (json!({"op": "hex-plan", "position": 1, "seconds": 9, "parts": 9}), "InvalidField", "not both"),
        (json!({"op": "hex-plan", "position": 1, "parts": 100_001}), "InvalidField", "1 to 100000"),
        (
            json!({"op": "hex-plan", "position": "1e17", "seconds": 1}),
            "InvalidParts",
            "more than 100000 parts",
        ),
        (json!({"op": "hex-part", "job": "bellard-3999996-10", "part": 10}), "InvalidField", "from 0 to 9"),
        (json!({"op": "hex-part", "job": "bellard-3999996-10"}), "MissingField", "`part`"),
        (json!({"op": "hex-part", "job": "bellard-03-1", "part": 0}), "InvalidField", "the job of a plan"),
        (
            json!({"op": "hex-part", "job": "bellard-3999996-0", "part": 0}),
            "InvalidField",
            "the job of a plan",
        ),
        (
            json!({"op": "hex-sum", "job": "bellard-3999996-10", "sums": {}}),
            "InvalidField",
            "a list of at most",
        ),
        (
            json!({"op": "hex-sum", "job": "bellard-3999996-10", "sums": [part]}),
            "InvalidField",
            "32 hexadecimal",
        ),
        (
            json!({"op": "hex-sum", "job": "bbp-40-2", "sums": [], "partial": 1}),
            "InvalidField",
            "true and false",
        ),
        (json!({"op": "hex-compare", "position": 1, "sums": []}), "InvalidField", "two complete sums"),
        (
            json!({"op": "hex-compare", "position": 1, "sums": [], "usd_per_billion_gb_seconds": 0.5}),
            "InvalidField",
            "0 to 1000000",
        ),
    ] {
        let (found, message) = function.refused(&request);
        assert!(found == error_type && message.contains(words), "{request}: {found}: {message}");
        assert!(message.contains("for example {\"op\": \"hex"), "{message}");
    }
    let twice = function.refuse(br#"{"op": "hex", "position": 1, "position": 2}"#);
    assert!(twice.0 == "DuplicateField" && twice.1.contains("for example {\"op\""), "{twice:?}");
}

#[test]
fn what_time_is_not_left_for_is_refused_with_what_fits() {
    let mut function = Function::configured(|configuration| {
        configuration.timeout = Duration::from_secs(3);
        configuration.memory_size = 1769;
    });
    let (error_type, message) = function.refused(&json!({"op": "hex", "position": "1e15"}));
    assert_eq!(error_type, "InsufficientTime", "{message}");
    for words in ["ask for an earlier position (about ", "`hex-plan`", r#"{"op": "hex", "position": "#] {
        assert!(message.contains(words), "{words:?} in {message}");
    }
    let part = json!({"op": "hex-part", "job": "bellard-3999999999999996-2", "part": 1});
    let (error_type, message) = function.refused(&part);
    assert!(error_type == "InsufficientTime" && message.contains("into more parts (about "), "{message}");
    let plan = function.ask(&json!({"op": "hex-plan", "position": "1e10", "seconds": 300}));
    assert!(plan["part_seconds"].as_f64().unwrap() < 1.5, "half of the timeout at most: {plan}");
    let plan = function.ask(&json!({"op": "hex-plan", "position": "1e9", "parts": 100_000}));
    let batches = plan["batches"].as_array().unwrap();
    assert_eq!((batches.len(), &batches[7692]), (7693, &json!({"from": 99_996, "to": 99_999})));
    assert!(plan.to_string().len() < 250_000, "a payload of Step Functions has 262,144 bytes");
}

#[test]
fn a_part_that_takes_longer_than_estimated_stops_before_the_deadline() {
    let mut function = Function::slow();
    // On a busy machine the time is measured first, and the part refused.
    let part = json!({"op": "hex-part", "job": "bellard-20000000-1", "part": 0}).to_string();
    let (error_type, message) = function.stalled(|function| function.refuse(part.as_bytes()));
    assert!(["DeadlineExceeded", "InsufficientTime"].contains(&error_type.as_str()), "{message}");
    assert_eq!(function.respond(r#"{"op": "hex", "position": 1}"#)["digits"], "243F6A8885A308D3");
}

#[test]
fn http_callers_may_ask_too() {
    let post = |body| request("POST", "/pi", "", &[], body);
    let mut function = Function::start(&[]);
    let answer = function.answer(&post(r#"{"op": "hex", "position": 1, "count": 8}"#));
    assert_eq!((answer["statusCode"].as_u64(), &body(&answer)["digits"]), (Some(200), &"243F6A88".into()));
    let answer = function.answer(&post(r#"{"op": "hex", "position": 0}"#));
    assert_eq!(
        (answer["statusCode"].as_u64(), &body(&answer)["errorType"]),
        (Some(400), &"InvalidField".into())
    );
}
