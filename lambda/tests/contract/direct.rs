//! Every case of a direct invocation.

use super::function::{Function, SHA256_OF_10, SHA256_OF_10_000};
use serde_json::Value;
use std::fs;
use std::path::Path;

#[test]
fn ten_thousand_digits_in_the_stated_order_of_fields() {
    let mut function = Function::start(&[]);
    let event = fs::read("../events/digits-10000.json").unwrap();
    let payload = function.invoke(&event).payload;
    let text = String::from_utf8(payload).unwrap();
    let positions = ["digits", "pi", "algorithm", "sha256", "compute_ms", "request_id"]
        .map(|field| text.find(&format!("\"{field}\":")).unwrap_or_else(|| panic!("{field} in {text}")));
    assert!(positions.is_sorted(), "{positions:?}");
    let response: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&response["digits"], &response["sha256"]), (&10_000.into(), &SHA256_OF_10_000.into()));
    assert_eq!(response["pi"].as_str().unwrap().len(), 10_001);
    assert!(response["compute_ms"].as_f64().unwrap() > 0.0);
    assert_eq!(response.as_object().unwrap().len(), 6);
}

#[test]
fn every_way_to_say_how_many() {
    let mut function = Function::start(&[]);
    for digits in ["10", "10.0", "1e1", "1E+1", "100e-1", r#""10""#, r#""1_0""#, r#""\u0031_0""#] {
        let response = function.respond(&format!(r#" {{"digits" : {digits} }} "#));
        assert_eq!(response["pi"], "3.141592653", "{digits}");
        assert_eq!((&response["digits"], &response["sha256"]), (&10.into(), &SHA256_OF_10.into()));
    }
    assert_eq!(function.respond(r#"{"digits":1}"#)["pi"], "3");
}

#[test]
fn a_digest_has_the_ends_instead_of_the_digits() {
    let mut function = Function::start(&[]);
    let response = function.respond(r#"{"digits": "10_000", "output": "digest", "algorithm": "gibbons"}"#);
    assert_eq!(response.get("pi"), None);
    assert_eq!((&response["sha256"], &response["algorithm"]), (&SHA256_OF_10_000.into(), &"gibbons".into()));
    assert_eq!(response["first"], "3.1415926535897932384626433832795028841971693993751");
    let last = response["last"].as_str().unwrap();
    assert!(last.len() == 50 && last.ends_with("20560010165525637567"), "{last}");
    let response = function.respond(r#"{"digits": 3, "output": "digest"}"#);
    assert_eq!((&response["first"], &response["last"]), (&"3.14".into(), &"314".into()));
}

/// A payload, its `errorType`, and words of its message.
type Refused<'a> = (Vec<u8>, &'a str, &'a [&'a str]);

fn refused<'a>() -> Vec<Refused<'a>> {
    let digits = |value: &str| format!(r#"{{"digits": {value}}}"#).into_bytes();
    let nested = |open: &str| open.repeat(10_000).into_bytes();
    let closed = [nested("["), nested("]")].concat();
    let deep_digits = [br#"{"digits": "#.to_vec(), closed.clone(), b"}".to_vec()].concat();
    let deep_field = [br#"{"depth": "#.to_vec(), closed.clone(), b"}".to_vec()].concat();
    let long_name = format!(r#"{{"digits": 1, "{}": 2}}"#, "x".repeat(100_000)).into_bytes();
    let allowed: &[&str] = &["from 1 to", "for example"];
    vec![
        (b"{}".to_vec(), "MissingDigits", &["`digits`", "for example"]),
        (br#"{"algorithm": "gibbons"}"#.to_vec(), "MissingDigits", &["`digits`"]),
        (digits("0"), "InvalidDigits", allowed),
        (digits("-1"), "InvalidDigits", &["negative", "from 1 to"]),
        (digits("1.5"), "InvalidDigits", &["1.5", "not an integer"]),
        (digits(r#""""#), "InvalidDigits", &["empty", "from 1 to"]),
        (digits(r#""ten""#), "InvalidDigits", &[r#""ten""#, "only the digits 0 to 9"]),
        (digits(r#""1__0""#), "InvalidDigits", &["between two digits"]),
        (digits(r#""_1""#), "InvalidDigits", &["between two digits"]),
        (digits(r#""1_""#), "InvalidDigits", &["between two digits"]),
        (digits("null"), "InvalidDigits", &["null", "number or a string"]),
        (digits("true"), "InvalidDigits", &["true", "number or a string"]),
        (digits("[]"), "InvalidDigits", &["an array", "number or a string"]),
        (digits("{}"), "InvalidDigits", &["an object", "number or a string"]),
        (digits("1e400"), "InvalidDigits", &["1e400", "larger than"]),
        (digits("123456789012345678901234567890"), "InvalidDigits", &["larger than"]),
        (digits(r#""123456789012345678901234567890""#), "InvalidDigits", &["larger than"]),
        (br#"{"digit": 10}"#.to_vec(), "UnknownField", &["`digit`", "did you mean `digits`?"]),
        (br#"{"digits": 1, "Algoritm": 1}"#.to_vec(), "UnknownField", &["did you mean `algorithm`?"]),
        (br#"{"digits": 1, "colour": "red"}"#.to_vec(), "UnknownField", &["`colour`; the fields are"]),
        (long_name, "UnknownField", &["xxx...`"]),
        (br#"{"digits": 1, "algorithm": "leibniz"}"#.to_vec(), "UnknownAlgorithm", &["leibniz", "gibbons"]),
        (br#"{"digits": 1, "algorithm": 7}"#.to_vec(), "UnknownAlgorithm", &["the number 7"]),
        (br#"{"digits": 1, "algorithm": null}"#.to_vec(), "UnknownAlgorithm", &["null"]),
        (br#"{"digits": 1, "output": "words"}"#.to_vec(), "UnknownOutput", &["words", "`digest`"]),
        (br#"{"digits": 1, "output": ["digits"]}"#.to_vec(), "UnknownOutput", &["an array"]),
        (Vec::new(), "EmptyPayload", &["empty", "for example"]),
        (b" \r\n\t".to_vec(), "EmptyPayload", &["empty"]),
        (b"digits=10".to_vec(), "InvalidJson", &["not JSON", "line 1 column 1", "for example"]),
        (br#"{"digits": 10"#.to_vec(), "InvalidJson", &["not JSON"]),
        (br#"{"digits": 10} 20"#.to_vec(), "InvalidJson", &["trailing characters"]),
        (b"{\"digits\": \"1\xff\"}".to_vec(), "InvalidUtf8", &["byte 13", "for example"]),
        (b"10".to_vec(), "InvalidPayload", &["the number 10", "JSON object"]),
        (b"null".to_vec(), "InvalidPayload", &["null"]),
        (br#""10_000""#.to_vec(), "InvalidPayload", &[r#"the string "10_000""#]),
        (closed, "InvalidPayload", &["an array"]),
        (nested("["), "InvalidJson", &["not JSON"]),
        (nested(r#"{"digits":"#), "InvalidJson", &["not JSON"]),
        (deep_digits, "InvalidDigits", &["an array"]),
        (deep_field, "UnknownField", &["`depth`"]),
        (digits("6500000"), "ResponseTooLarge", &["digest"]),
        (
            br#"{"digits": 1e8, "output": "digest"}"#.to_vec(),
            "InsufficientMemory",
            &["128 MB", "--memory-size"],
        ),
        (
            br#"{"digits": 1e11, "output": "digest"}"#.to_vec(),
            "InsufficientMemory",
            &["128 MB", "no function may have more than 10240 MB", "fit); "],
        ),
        (digits(r#"10, "from": 0"#), "InvalidFrom", &["`from` is the number 0", "from 1 to"]),
        (digits(r#"10, "from": "999_999_999_999""#), "InvalidFrom", &["the last digit would be behind"]),
        (digits(r#"10, "reuse": "yes""#), "InvalidFlag", &["`reuse` is the string", "true and false"]),
        (digits(r#"10, "metrics": 1"#), "InvalidFlag", &["`metrics` is the number 1"]),
        (digits(r#"1e9, "output": "stream""#), "ResponseTooLarge", &["200 MB", "in parts", "\"from\""]),
        (br#"{"op": "reboot"}"#.to_vec(), "UnknownOperation", &["reboot", "`version`, `self-test`"]),
        (br#"{"op": null}"#.to_vec(), "UnknownOperation", &["null"]),
        (br#"{"op": "version", "digits": 10}"#.to_vec(), "FieldBesideOperation", &["`digits` has no effect"]),
        (
            br#"{"metrics": true, "op": "reboot"}"#.to_vec(),
            "FieldBesideOperation",
            &["`metrics`", "for example"],
        ),
        (br#"{"op": "version", "digit": 10}"#.to_vec(), "UnknownField", &["`digit`"]),
        (br#"{"op": "version", "op": "version"}"#.to_vec(), "DuplicateField", &["`op` occurs twice"]),
        (br#"{"digits": 10, "digits": 20}"#.to_vec(), "DuplicateField", &["`digits` occurs twice"]),
    ]
}

#[test]
fn every_refusal_is_typed_helpful_and_leaves_the_function_ready() {
    let mut function = Function::start(&[("AWS_LAMBDA_LOG_LEVEL", "TRACE")]);
    let first_process = {
        function.respond(r#"{"digits": 10}"#);
        function.target.process_id()
    };
    for (event, error_type, words) in refused() {
        let (found, message) = function.refuse(&event);
        assert_eq!(found, error_type, "{message}");
        for word in words {
            assert!(message.contains(word), "{word:?} in {message:?}");
        }
        assert!(message.len() < 600, "{message}");
        assert_eq!(function.respond(r#"{"digits": 10}"#)["pi"], "3.141592653", "after {message}");
    }
    assert_eq!(function.target.process_id(), first_process, "one process served them all");
}

#[test]
fn the_sample_events_do_what_their_names_say() {
    let mut function = Function::start(&[]);
    let events = |folder: &str| {
        let entries = fs::read_dir(Path::new(folder)).unwrap().map(|entry| entry.unwrap().path());
        entries
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .collect::<Vec<_>>()
    };
    let (good, bad) = (events("../events"), events("../events/invalid"));
    assert!(good.len() >= 5 && bad.len() >= 10);
    for path in good {
        let response = function.respond(&fs::read_to_string(&path).unwrap());
        let name = path.file_stem().unwrap().to_str().unwrap();
        let (kind, digits) = name.rsplit_once('-').unwrap();
        assert_eq!(response["digits"].to_string(), digits, "{name}");
        assert!(["digits", "digest", response["algorithm"].as_str().unwrap()].contains(&kind), "{name}");
        assert_eq!(response.get("pi").is_none(), kind == "digest", "{name}");
    }
    for path in bad {
        function.refuse(&fs::read(path).unwrap());
    }
}

#[test]
fn one_line_of_text_per_invocation() {
    let mut function = Function::start(&[]);
    function.respond(r#"{"digits": 10}"#);
    function.refuse(b"{}");
    let log = function.log.text();
    let own: Vec<&str> = log.lines().filter(|line| line.contains("requestId=")).collect();
    assert_eq!(own.len(), 2, "{log}");
    for word in ["INFO computed requestId=", " digits=10 ", " algorithm=chudnovsky ", " compute_ms="] {
        assert!(own[0].contains(word), "{word} in {}", own[0]);
    }
    assert!(own[1].starts_with("WARN refused requestId=") && own[1].contains("errorType=MissingDigits"));
}

#[test]
fn one_json_object_per_invocation_when_lambda_asks_for_json() {
    let mut function = Function::start(&[("AWS_LAMBDA_LOG_FORMAT", "JSON")]);
    let request_id = function.respond(r#"{"digits": 10}"#)["request_id"].clone();
    let log = function.log.text();
    let own: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert_eq!(own.len(), 1, "{log}");
    let line = &own[0];
    assert_eq!((&line["level"], &line["message"]), (&"INFO".into(), &"computed".into()));
    assert_eq!((&line["requestId"], &line["digits"]), (&request_id, &10.into()));
    assert_eq!(line["algorithm"], "chudnovsky");
    assert!(line["compute_ms"].is_f64() && line["timestamp"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn a_level_above_the_line_silences_it() {
    let mut function = Function::start(&[("AWS_LAMBDA_LOG_LEVEL", "WARN")]);
    function.respond(r#"{"digits": 10}"#);
    assert!(!function.log.text().contains("computed"));
    function.refuse(b"{}");
    assert!(function.log.text().contains("refused"));
}

#[test]
fn started_by_hand_it_says_what_it_is() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_bootstrap")).env_clear().output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("AWS_LAMBDA_RUNTIME_API is not set") && message.contains("make invoke"));
}
