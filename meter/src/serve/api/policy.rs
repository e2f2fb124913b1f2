//! An IAM policy of an authorizer, evaluated for one route: a matching Deny wins, then a matching Allow,
//! and nothing else is allowed.
//!
//! Conditions are not evaluated. A statement with one counts where it denies, and not where it allows.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde_json::Value;
use wildmatch::WildMatch;

/// The action of a call to an API.
const INVOKE: &str = "execute-api:Invoke";

/// `policyDocument`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Policy {
    #[serde(deserialize_with = "one_or_more")]
    statement: Vec<Statement>,
}

/// A statement; a list that is missing is empty.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: Effect,
    #[serde(default, deserialize_with = "one_or_more")]
    action: Vec<String>,
    #[serde(default, deserialize_with = "one_or_more")]
    not_action: Vec<String>,
    #[serde(default, deserialize_with = "one_or_more")]
    resource: Vec<String>,
    #[serde(default, deserialize_with = "one_or_more")]
    not_resource: Vec<String>,
    condition: Option<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

impl Policy {
    /// True when the policy allows a call to this ARN.
    pub(super) fn allows(&self, arn: &str) -> bool {
        let matching = |effect| {
            let mut statements = self.statement.iter();
            statements.any(|statement| statement.effect == effect && statement.applies(arn))
        };
        !matching(Effect::Deny) && matching(Effect::Allow)
    }
}

impl Statement {
    fn applies(&self, arn: &str) -> bool {
        // Actions are compared without regard to case, resources are not.
        let action = INVOKE.to_lowercase();
        let actions = |list: &[String]| list.iter().any(|pattern| is_like(&pattern.to_lowercase(), &action));
        let resources = |list: &[String]| list.iter().any(|pattern| is_like(pattern, arn));
        let is_action =
            if self.not_action.is_empty() { actions(&self.action) } else { !actions(&self.not_action) };
        let is_resource = if self.not_resource.is_empty() {
            resources(&self.resource)
        } else {
            !resources(&self.not_resource)
        };
        is_action && is_resource && (self.effect == Effect::Deny || self.condition.is_none())
    }
}

/// IAM's wildcards: `*` for any characters, `?` for one.
fn is_like(pattern: &str, text: &str) -> bool {
    WildMatch::new(pattern).matches(text)
}

/// Reads a list, of which IAM writes a single entry without brackets.
fn one_or_more<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let list = if let Value::Array(list) = value { list } else { vec![value] };
    list.into_iter().map(|entry| serde_json::from_value(entry).map_err(Error::custom)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:local/$default/GET/pi/20";

    fn allows(statement: &Value) -> bool {
        serde_json::from_value::<Policy>(json!({"Version": "2012-10-17", "Statement": statement}))
            .unwrap()
            .allows(ARN)
    }

    fn statement(effect: &str, action: &str, resource: &str) -> Value {
        json!({"Effect": effect, "Action": action, "Resource": resource})
    }

    #[test]
    fn wildcards_match_as_in_iam() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "a/b", true),
            ("a*c", "abbc", true),
            ("a*c", "abbcd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*b*b", "abab", true),
            ("a**", "a", true),
            ("", "a", false),
            ("a", "", false),
            ("*ab", "aab", true),
        ] {
            assert_eq!(is_like(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_deny_wins_and_nothing_is_allowed_by_default() {
        let allow = statement("Allow", "execute-api:Invoke", "*");
        assert!(allows(&allow));
        assert!(allows(&json!([allow])));
        assert!(!allows(&json!([])));
        assert!(!allows(&json!([allow, statement("Deny", "execute-api:*", "*/GET/pi/*")])));
        assert!(allows(&json!([allow, statement("Deny", "execute-api:*", "*/POST/pi/*")])));
    }

    #[test]
    fn actions_and_resources_must_both_match() {
        assert!(allows(&statement("Allow", "EXECUTE-API:invoke", ARN)));
        assert!(allows(
            &json!({"Effect": "Allow", "Action": ["s3:*", "*"], "Resource": ["a", "arn:aws:execute-api:*"]})
        ));
        assert!(!allows(&statement("Allow", "execute-api:ManageConnections", "*")));
        assert!(!allows(&statement(
            "Allow",
            "*",
            "arn:aws:execute-api:us-east-1:123456789012:local/$default/GET/pi"
        )));
        assert!(allows(&json!({"Effect": "Allow", "NotAction": "s3:*", "NotResource": "*/POST/*"})));
        assert!(!allows(&json!({"Effect": "Allow", "Action": "*", "NotResource": "*/GET/*"})));
        assert!(!allows(&json!({"Effect": "Allow"})), "neither actions nor resources");
    }

    #[test]
    fn a_condition_never_allows_and_always_denies() {
        let conditional = |effect| {
            json!({"Effect": effect, "Action": "*", "Resource": "*",
                "Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.1"}}})
        };
        assert!(!allows(&conditional("Allow")));
        assert!(!allows(&json!([statement("Allow", "*", "*"), conditional("Deny")])));
    }
}
