//! Ten thousand hostile headers, and a table that is empty, damaged, foreign or broken.

use jiff::Timestamp;
use pi_observatory_authorizer::grant::Item;
use pi_observatory_authorizer::{Decision, Grant, Lookup, Request, Scope, Token, answer, authorize};
use pi_observatory_store::dynamodb::types::AttributeValue;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;

#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the table is broken")
    }
}

impl std::error::Error for Broken {}

/// A table in memory that counts its reads.
#[derive(Default)]
struct Memory {
    items: HashMap<String, Item>,
    is_broken: bool,
    reads: Cell<u32>,
}

impl Lookup for Memory {
    type Error = Broken;

    async fn find(&self, id: &str) -> Result<Option<Item>, Broken> {
        self.reads.set(self.reads.get() + 1);
        if self.is_broken { Err(Broken) } else { Ok(self.items.get(id).cloned()) }
    }
}

impl Memory {
    fn with(token: &Token, scopes: &[Scope]) -> Self {
        let mut memory = Self::default();
        memory.items.insert(token.digest().id(), grant(token, scopes).to_item());
        memory
    }
}

fn grant(token: &Token, scopes: &[Scope]) -> Grant {
    Grant {
        digest: token.digest(),
        name: "ci".to_owned(),
        scopes: scopes.iter().copied().collect(),
        expires: Timestamp::from_second(2_000).unwrap(),
        created: Timestamp::from_second(1_000).unwrap(),
    }
}

fn decide(memory: &Memory, event: &Value, second: i64) -> Result<Decision, Broken> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let now = Timestamp::from_second(second).unwrap();
    runtime.block_on(authorize(&Request::read(event), memory, now))
}

fn http(method: &str, header: &str) -> Value {
    json!({ "version": "2.0", "type": "REQUEST", "identitySource": [header], "routeKey": "GET /",
        "headers": { "authorization": header }, "requestContext": { "http": { "method": method } } })
}

fn is_allowed(memory: &Memory, event: &Value) -> bool {
    matches!(decide(memory, event, 1_500), Ok(Decision::Allowed { .. }))
}

#[test]
fn a_token_is_allowed_its_scopes_until_it_expires() {
    let token = Token::random().unwrap();
    let header = format!("Bearer {}", token.reveal());
    for (scopes, get, post) in [
        (&[Scope::Read][..], true, false),
        (&[Scope::Write], false, true),
        (&[Scope::Read, Scope::Write], true, true),
    ] {
        let memory = Memory::with(&token, scopes);
        assert_eq!(is_allowed(&memory, &http("GET", &header)), get);
        assert_eq!(is_allowed(&memory, &http("POST", &header)), post);
    }
    let memory = Memory::with(&token, &[Scope::Read]);
    let decision = |second| decide(&memory, &http("GET", &header), second).unwrap();
    assert!(matches!(decision(1_999), Decision::Allowed { .. }));
    assert_eq!(decision(2_000), Decision::Denied("expired token"));
    assert!(!is_allowed(&memory, &http("", &header)), "no method");
}

#[test]
fn a_failing_table_is_no_denial() {
    let token = Token::random().unwrap();
    let memory = Memory { is_broken: true, ..Memory::with(&token, &[Scope::Read]) };
    assert!(decide(&memory, &http("GET", &format!("Bearer {}", token.reveal())), 1_500).is_err());
    // A header that is no token does not ask the table.
    assert!(decide(&memory, &http("GET", "Bearer x"), 1_500).is_ok());
}

#[test]
fn an_entry_that_is_not_the_tokens_grants_nothing() {
    let (token, other) = (Token::random().unwrap(), Token::random().unwrap());
    let header = format!("Bearer {}", token.reveal());
    let mut memory = Memory::default();
    assert!(!is_allowed(&memory, &http("GET", &header)), "revoked");
    memory.items.insert(token.digest().id(), grant(&other, &[Scope::Read]).to_item());
    assert!(!is_allowed(&memory, &http("GET", &header)), "another token's entry under this id");
    let mut item = grant(&token, &[Scope::Read]).to_item();
    item.insert("sha256".to_owned(), AttributeValue::S(format!("{}{}", token.digest().id(), "0".repeat(48))));
    memory.items.insert(token.digest().id(), item);
    assert!(!is_allowed(&memory, &http("GET", &header)), "the id is right, and the digest is not");
}

/// Headers around a real token: cut, doubled, spaced, of other schemes, with other letters.
fn hostile() -> impl Strategy<Value = String> {
    let token = Token::random().unwrap().reveal().to_owned();
    let (one, two, three, four) = (token.clone(), token.clone(), token.clone(), token);
    prop_oneof![
        any::<String>(),
        ".{0,80}".prop_map(|text| format!("Bearer {text}")),
        "pio_[A-Za-z0-9_-]{43}".prop_map(|text| format!("Bearer {text}")),
        (0..47_usize).prop_map(move |cut| format!("Bearer {}", &one[..cut])),
        (0..47_usize, any::<char>()).prop_map(move |(at, letter)| {
            let changed: String =
                two.chars().enumerate().map(|(i, old)| if i == at { letter } else { old }).collect();
            if changed == two { "Bearer".to_owned() } else { format!("Bearer {changed}") }
        }),
        "[ \\t,;]{1,3}".prop_map(move |space| format!("Bearer{space}{space}{three}")),
        "(Basic|Digest|Token|Bear|Bearerr|)".prop_map(move |scheme| format!("{scheme} {four}")),
        "[\\x00-\\x1f\\x7f-\\xff]{0,60}".prop_map(|text| format!("Bearer {text}")),
        Just("A".repeat(100_000)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(10_000) })]

    #[test]
    fn hostile_headers_are_denied(header in hostile(), method in "(GET|POST|)") {
        let memory = Memory::with(&Token::random().unwrap(), &[Scope::Read, Scope::Write]);
        let arn = "arn:aws:execute-api:eu-west-1:123456789012:abc/prod/GET/";
        let events = [
            http(&method, &header),
            json!({ "type": "TOKEN", "authorizationToken": header, "methodArn": arn }),
            json!({ "version": "1.0", "type": "REQUEST", "methodArn": arn, "httpMethod": method,
                "headers": { "Authorization": header } }),
        ];
        for event in events {
            let decision = decide(&memory, &event, 1_500).unwrap();
            prop_assert!(matches!(decision, Decision::Denied(_)), "{header:?}: {decision:?}");
            let answer = answer(&Request::read(&event), &decision);
            let denies = answer["isAuthorized"] == false
                || answer["policyDocument"]["Statement"][0]["Effect"] == "Deny";
            prop_assert!(denies, "{answer}");
        }
        prop_assert!(memory.reads.get() <= 3);
    }
}
