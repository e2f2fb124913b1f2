//! A hundred thousand payloads that are nearly events: no crash, no hang, and the next answer is right.
//!
//! A seeded generator damages events of all triggers and services, and requests. `lab/fuzz/` has more
//! payloads, and compares the parser with `serde_json`.

use super::function::{Function, samples, service, trigger};
use pi_spigot_lambda::{Capacity, Context, Reply, Settings, answer};

const SMALL: [&str; 6] = [
    r#"{"digits": 10, "from": 7, "reuse": true, "output": "digest"}"#,
    r#"{"digits": "1_0", "algorithm": "gibbons", "metrics": false}"#,
    r#"{"digits": 1e2, "output": "stream"}"#,
    r#"{"op": "version"}"#,
    r#"{"digits": 123456789012345678901234567890}"#,
    "[[[[[[[[[[[[",
];
const PIECES: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "\\",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "-1",
    "1e9",
    "1e400",
    "0",
    "\u{3c0}",
    "\"digits\":",
    "\"Records\":[",
    "\"requestContext\":{\"http\":",
    "%",
    "&digits=",
    "\0",
    "/pi/",
];

/// Vigna's generator splitmix64, for the same payloads everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ bits >> 31) % limit as u64) as usize
    }

    /// An event with some damage.
    fn payload(&mut self, events: &[String]) -> Vec<u8> {
        let mut payload = events[self.below(events.len())].clone().into_bytes();
        for _ in 0..self.below(5) {
            let at = self.below(payload.len() + 1);
            match self.below(5) {
                0 => payload.truncate(at),
                1 => payload.insert(at, self.below(256) as u8),
                2 if at < payload.len() => payload[at] = self.below(256) as u8,
                3 => {
                    let end = (at + self.below(40)).min(payload.len());
                    payload.drain(at..end);
                }
                _ => {
                    let piece = PIECES[self.below(PIECES.len())];
                    payload.splice(at..at, piece.bytes());
                }
            }
        }
        payload
    }
}

fn events() -> Vec<String> {
    let triggers = samples("triggers").into_iter().map(|name| trigger(&name));
    let services = samples("services").into_iter().map(|name| service(&name));
    triggers.chain(services).chain(SMALL.map(str::to_owned)).collect()
}

/// Reads an answer to its end and returns its length; other tests check its content.
fn read(reply: Reply) -> usize {
    match reply {
        Reply::Whole(json) => json.get().len(),
        Reply::Error(error) => error.to_json().len(),
        Reply::Stream(mut stream) => {
            let mut size = 0;
            while let Ok(Some(chunk)) = stream.next_chunk() {
                size += chunk.len();
            }
            size
        }
    }
}

#[test]
fn a_hundred_thousand_payloads_are_answered() {
    let (events, mut random) = (events(), Random(20_261_122));
    let mut count = 0;
    while count < 100_000 {
        let payload = random.payload(&events);
        let settings = Settings { stream: count % 3 == 0, ..Settings::default() };
        let capacity = Capacity { threads: 1, memory_mb: Some(128) };
        let context = Context { settings, capacity, ..Context::unlimited("fuzzed") };
        // Skip payloads that ask for many digits: their computation would only take time.
        if asks_for_much(&payload) {
            continue;
        }
        count += 1;
        assert!(read(answer(&payload, &context).reply) > 0, "payload {count}: {payload:?}");
    }
    let answered = answer(br#"{"digits": 5}"#, &Context::unlimited("good"));
    assert!(matches!(answered.reply, Reply::Whole(json) if json.get().contains("\"pi\":\"3.1415\"")));
}

/// Tells if a payload asks for a number of five figures or more.
fn asks_for_much(payload: &[u8]) -> bool {
    let text = String::from_utf8_lossy(payload);
    text.contains("1e9")
        || text.contains("digits")
            && text.split("digits").any(|rest| {
                let figures = rest.trim_start_matches(|c: char| !c.is_ascii_digit()).chars();
                let count = figures.take_while(|c| c.is_ascii_digit() || *c == '_').count();
                (5..13).contains(&count)
            })
}

#[test]
fn the_real_process_outlives_five_thousand_of_them() {
    let mut function = Function::configured(|configuration| {
        configuration.timeout = std::time::Duration::from_secs(30);
        configuration.variables = vec![("AWS_LAMBDA_LOG_LEVEL".to_owned(), "FATAL".to_owned())];
    });
    function.respond(r#"{"digits": 10}"#);
    let process = function.target.process_id();
    let (events, mut random) = (events(), Random(7));
    let payloads = std::iter::repeat_with(|| random.payload(&events));
    for payload in payloads.filter(|payload| !asks_for_much(payload)).take(5000) {
        function.invoke(&payload);
    }
    assert_eq!(function.respond(r#"{"digits": 10}"#)["pi"], "3.141592653");
    assert_eq!(function.target.process_id(), process, "one process answered them all");
}
