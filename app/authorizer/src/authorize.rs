//! The decision.

use crate::event::Request;
use crate::grant::{Grant, Item, Scope};
use crate::token::Token;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::error::Error;
use subtle::ConstantTimeEq;

/// The table of tokens, as far as a decision needs it.
pub trait Lookup {
    /// A failing table.
    type Error: Error;

    /// The item with this id.
    fn find(&self, id: &str) -> impl Future<Output = Result<Option<Item>, Self::Error>>;
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The token allows the request.
    Allowed {
        /// Id of the token.
        id: String,
        /// Its owner.
        name: String,
        /// All its rights, for a policy that other routes are judged by too.
        scopes: BTreeSet<Scope>,
    },
    /// The request is refused; the reason is for the log, not for the caller.
    Denied(&'static str),
}

/// Decides on a request. Every doubt is a denial.
///
/// # Errors
///
/// When the table fails. API Gateway answers 500 then, and caches nothing.
pub async fn authorize<L: Lookup>(
    request: &Request,
    grants: &L,
    now: Timestamp,
) -> Result<Decision, L::Error> {
    let Some(token) = request.authorization.as_deref().and_then(Token::from_header) else {
        return Ok(Decision::Denied("no bearer token"));
    };
    let digest = token.digest();
    let id = digest.id();
    let Some(item) = grants.find(&id).await? else { return Ok(Decision::Denied("unknown token")) };
    let Some(grant) = Grant::from_item(&item) else {
        return Ok(Decision::Denied("the token's entry is damaged"));
    };
    if !bool::from(grant.digest.ct_eq(&digest)) {
        return Ok(Decision::Denied("another token with the same id"));
    }
    // TTL removes an entry days after it expired.
    if grant.expires <= now {
        return Ok(Decision::Denied("expired token"));
    }
    let Some(needed) = request.scope else { return Ok(Decision::Denied("no method")) };
    if !grant.scopes.contains(&needed) {
        return Ok(Decision::Denied("the token lacks the scope"));
    }
    Ok(Decision::Allowed { id, name: grant.name, scopes: grant.scopes })
}
