//! Checks the answers, so that a fast wrong answer does not count.

use crate::matrix::Check;
use crate::results::sha256;
use serde::Deserialize;

/// The fields of a response with digits.
#[derive(Deserialize)]
struct Response {
    pi: Option<String>,
    sha256: Option<String>,
}

/// The expected digest of the responses to each event.
#[derive(Debug, Clone)]
pub struct Verifier {
    check: Check,
    expected: Vec<Expected>,
}

/// The expected digest of the responses to one event, and its source.
#[derive(Debug, Clone, Default)]
struct Expected(Option<(String, String)>);

impl Verifier {
    /// A verifier for events with these expected digests, where known.
    #[must_use]
    pub fn new<'a>(check: Check, known: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let expected =
            |digest: Option<&str>| Expected(digest.map(|it| (it.to_owned(), "the plan".to_owned())));
        Self { check, expected: known.into_iter().map(expected).collect() }
    }

    /// The digest of a response to the event with this index.
    ///
    /// Without an expected digest, the first response sets the digest for all that follow.
    ///
    /// # Errors
    ///
    /// A sentence with the difference.
    pub fn verify(&mut self, event: usize, target: &str, payload: &[u8]) -> Result<Option<String>, String> {
        let digest = digest(self.check, payload)?;
        match (&self.expected[event].0, &digest) {
            (Some((expected, by)), Some(digest)) if expected != digest => {
                return Err(format!("the answer hashes to {digest}; by {by} the digest is {expected}"));
            }
            (Some((_, by)), None) if by == "the plan" => {
                return Err("the answer has neither `pi` nor `sha256`, but the plan expects a digest; \
                            check = \"payload\" compares whole answers"
                    .to_owned());
            }
            (None, Some(_)) => self.learn(event, target, digest.as_deref()),
            _ => {}
        }
        Ok(digest)
    }

    /// Takes the digest of an earlier sample as expected.
    pub fn learn(&mut self, event: usize, target: &str, digest: Option<&str>) {
        let Expected(expected) = &mut self.expected[event];
        if let (None, Some(digest)) = (&expected, digest) {
            *expected = Some((digest.to_owned(), format!("the first answer of {target}")));
        }
    }
}

fn digest(check: Check, payload: &[u8]) -> Result<Option<String>, String> {
    match check {
        Check::None => Ok(None),
        Check::Payload => Ok(Some(sha256(payload))),
        Check::Digits => digits(payload),
    }
}

/// The digest of `pi`, which must equal the response's own `sha256`.
fn digits(payload: &[u8]) -> Result<Option<String>, String> {
    let Ok(Response { pi, sha256: said }) = serde_json::from_slice(payload) else { return Ok(None) };
    let computed = pi.map(|pi| sha256(pi.as_bytes()));
    match (computed, said) {
        (Some(computed), Some(said)) if !computed.eq_ignore_ascii_case(&said) => {
            Err(format!("the digits hash to {computed}, the answer's own sha256 says {said}"))
        }
        (computed, said) => Ok(computed.or(said.map(|said| said.to_ascii_lowercase()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verifier(known: Option<&str>) -> Verifier {
        Verifier::new(Check::Digits, [known])
    }

    fn response(pi: &str, said: &str) -> Vec<u8> {
        format!(r#"{{"digits":3,"pi":"{pi}","sha256":"{said}","compute_ms":1.5}}"#).into_bytes()
    }

    #[test]
    fn the_first_answer_decides() {
        let (right, wrong) = (sha256(b"3.14"), sha256(b"3.15"));
        let mut verifier = verifier(None);
        assert_eq!(verifier.verify(0, "a", &response("3.14", &right)).unwrap(), Some(right.clone()));
        assert_eq!(verifier.verify(0, "b", br#"{"pi":"3.14"}"#).unwrap(), Some(right.clone()));
        let digest_only = format!(r#"{{"sha256":"{}"}}"#, right.to_uppercase());
        assert_eq!(verifier.verify(0, "c", digest_only.as_bytes()).unwrap(), Some(right));
        let problem = verifier.verify(0, "d", &response("3.15", &wrong)).unwrap_err();
        assert!(problem.contains("by the first answer of a the digest is"), "{problem}");
    }

    #[test]
    fn a_response_must_agree_with_itself() {
        let problem = verifier(None).verify(0, "a", &response("3.15", &sha256(b"3.14"))).unwrap_err();
        assert!(problem.contains("the answer's own sha256 says"), "{problem}");
    }

    #[test]
    fn the_plan_can_say_what_is_right() {
        let right = sha256(b"3.14");
        let mut verifier = verifier(Some(&right));
        assert!(
            verifier.verify(0, "a", &response("3.15", &sha256(b"3.15"))).unwrap_err().contains("by the plan")
        );
        assert!(verifier.verify(0, "a", b"{}").unwrap_err().contains("neither `pi` nor `sha256`"));
        assert_eq!(verifier.verify(0, "a", br#"{"pi":"3.14"}"#).unwrap(), Some(right));
    }

    #[test]
    fn functions_without_digits_are_not_checked_unless_asked_for() {
        for payload in [&b"null"[..], b"", b"[1]", b"{\"pi\":3.14}", b"\xff"] {
            assert_eq!(verifier(None).verify(0, "a", payload).unwrap(), None);
        }
        let mut whole = Verifier::new(Check::Payload, [None]);
        assert!(whole.verify(0, "a", b"null").is_ok() && whole.verify(0, "b", b"true").is_err());
        let mut nothing = Verifier::new(Check::None, [None]);
        assert!(nothing.verify(0, "a", b"1").is_ok() && nothing.verify(0, "a", b"2").is_ok());
    }
}
