//! The answer of an authorizer: `{"isAuthorized": true}`, or an IAM policy.

use super::policy::Policy;
use serde::Deserialize;
use serde_json::Value;

/// An answer that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Decision {
    verdict: Verdict,
    /// Passed on to the function, in `requestContext.authorizer.lambda`.
    pub(super) context: Value,
}

#[derive(Debug, Clone, PartialEq)]
enum Verdict {
    Simple(bool),
    Policy(Policy),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    is_authorized: Option<bool>,
    policy_document: Option<Policy>,
    #[serde(default)]
    context: Value,
}

impl Decision {
    /// Reads an answer; without `simple` only a policy is one.
    ///
    /// # Errors
    ///
    /// The problem, for which API Gateway answers 500.
    pub(super) fn read(payload: &[u8], simple: bool) -> Result<Self, String> {
        let answer: Answer = serde_json::from_slice(payload).map_err(|error| error.to_string())?;
        if !matches!(answer.context, Value::Null | Value::Object(_)) {
            return Err("context is no object".to_owned());
        }
        let verdict = match (answer.is_authorized, answer.policy_document) {
            (Some(allowed), None) if simple => Verdict::Simple(allowed),
            (None, Some(policy)) => Verdict::Policy(policy),
            (Some(_), None) => {
                return Err("isAuthorized needs simple_responses = true in [[authorizer]]; without it, a \
                            policyDocument is expected"
                    .to_owned());
            }
            (Some(_), Some(_)) => return Err("isAuthorized and policyDocument exclude each other".to_owned()),
            (None, None) if simple => return Err("isAuthorized is missing".to_owned()),
            (None, None) => return Err("policyDocument is missing".to_owned()),
        };
        Ok(Self { verdict, context: answer.context })
    }

    /// True when a request to this ARN may pass.
    pub(super) fn allows(&self, arn: &str) -> bool {
        match &self.verdict {
            Verdict::Simple(allowed) => *allowed,
            Verdict::Policy(policy) => policy.allows(arn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_simple_answer_allows_every_route_or_none() {
        let read = |text: &str| Decision::read(text.as_bytes(), true).unwrap();
        assert!(read(r#"{"isAuthorized": true}"#).allows("arn:any"));
        let refusal = read(r#"{"isAuthorized": false, "context": {"why": "expired"}}"#);
        assert!(!refusal.allows("arn:any"));
        assert_eq!(refusal.context, json!({"why": "expired"}));
    }

    #[test]
    fn a_policy_is_an_answer_in_both_modes() {
        let policy = r#"{"principalId": "me", "policyDocument": {"Version": "2012-10-17", "Statement":
            {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:a"}}}"#;
        for simple in [true, false] {
            let decision = Decision::read(policy.as_bytes(), simple).unwrap();
            assert!(decision.allows("arn:a") && !decision.allows("arn:b"));
        }
    }

    #[test]
    fn any_other_answer_is_an_error() {
        for (text, simple, words) in [
            (r#"{"isAuthorized": true}"#, false, "simple_responses = true"),
            (r#"{"isAuthorized": "yes"}"#, true, "expected a boolean"),
            ("{}", true, "isAuthorized is missing"),
            ("{}", false, "policyDocument is missing"),
            ("null", true, "invalid type: null"),
            (r#"{"isAuthorized": true, "context": 1}"#, true, "context is no object"),
            (r#"{"policyDocument": {"Statement": [{"Effect": "Maybe"}]}}"#, true, "unknown variant `Maybe`"),
            (r#"{"isAuthorized": true, "policyDocument": {"Statement": []}}"#, true, "exclude each other"),
        ] {
            let problem = Decision::read(text.as_bytes(), simple).unwrap_err();
            assert!(problem.contains(words), "{text}: {problem}");
        }
    }
}
