//! The entry of a token: what it allows, and until when.

use crate::token::Digest;
use jiff::Timestamp;
use pi_observatory_store::dynamodb::types::AttributeValue;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;

/// A right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// To read measurements and the report.
    Read,
    /// To store measurements, and to call what costs money.
    Write,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Read => "read",
            Self::Write => "write",
        })
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            other => Err(format!("{other:?} is no scope; expected read or write")),
        }
    }
}

/// The entry of a token.
#[derive(Debug, Clone)]
pub struct Grant {
    /// SHA-256 of the token.
    pub digest: Digest,
    /// The owner, for people and logs.
    pub name: String,
    /// The rights.
    pub scopes: BTreeSet<Scope>,
    /// The time from which on the token is refused.
    pub expires: Timestamp,
    /// The time at which the token was made.
    pub created: Timestamp,
}

/// An item of the table of tokens.
pub type Item = HashMap<String, AttributeValue>;

impl Grant {
    /// The item: `id` is the key, and `expires`, in seconds, is for TTL.
    #[must_use]
    pub fn to_item(&self) -> Item {
        let text = |text: String| AttributeValue::S(text);
        let seconds = |time: Timestamp| AttributeValue::N(time.as_second().to_string());
        let scopes = self.scopes.iter().map(Scope::to_string).collect();
        [
            ("id", text(self.digest.id())),
            ("sha256", text(self.digest.to_hex())),
            ("name", text(self.name.clone())),
            ("scopes", AttributeValue::Ss(scopes)),
            ("expires", seconds(self.expires)),
            ("created", seconds(self.created)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// The grant of an item; `None` when any part is missing or wrong.
    #[must_use]
    pub fn from_item(item: &Item) -> Option<Self> {
        let text = |name: &str| item.get(name)?.as_s().ok();
        let time = |name: &str| {
            let seconds = item.get(name)?.as_n().ok()?.parse().ok()?;
            Timestamp::from_second(seconds).ok()
        };
        let scopes = item.get("scopes")?.as_ss().ok()?;
        let digest = Digest::from_hex(text("sha256")?)?;
        Some(Self {
            name: text("name")?.clone(),
            scopes: scopes.iter().map(|scope| scope.parse()).collect::<Result<_, _>>().ok()?,
            expires: time("expires")?,
            created: time("created")?,
            digest,
        })
        .filter(|grant| text("id").is_some_and(|id| *id == grant.digest.id()))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Token;

    pub(crate) fn grant(token: &Token, scopes: &[Scope]) -> Grant {
        Grant {
            digest: token.digest(),
            name: "ci".to_owned(),
            scopes: scopes.iter().copied().collect(),
            expires: Timestamp::from_second(2_000).unwrap(),
            created: Timestamp::from_second(1_000).unwrap(),
        }
    }

    #[test]
    fn an_item_comes_back_without_the_token() {
        let token = Token::random().unwrap();
        let item = grant(&token, &[Scope::Read, Scope::Write]).to_item();
        assert!(!format!("{item:?}").contains(&token.reveal()[4..]));
        let read = Grant::from_item(&item).unwrap();
        assert_eq!((read.digest.to_hex(), read.name.as_str()), (token.digest().to_hex(), "ci"));
        assert_eq!((read.scopes.len(), read.expires.as_second()), (2, 2_000));
    }

    #[test]
    fn a_damaged_item_grants_nothing() {
        let item = grant(&Token::random().unwrap(), &[Scope::Read]).to_item();
        for name in ["id", "sha256", "name", "scopes", "expires", "created"] {
            let mut damaged = item.clone();
            damaged.remove(name);
            assert!(Grant::from_item(&damaged).is_none(), "without {name}");
            damaged.insert(name.to_owned(), AttributeValue::Bool(true));
            assert!(Grant::from_item(&damaged).is_none(), "{name} of another type");
        }
        let mut foreign = item;
        foreign.insert("scopes".to_owned(), AttributeValue::Ss(vec!["read".to_owned(), "root".to_owned()]));
        assert!(Grant::from_item(&foreign).is_none());
    }
}
