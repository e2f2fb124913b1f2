//! Bearer tokens for the observatory's HTTP API.
//!
//! ```text
//! token      pio_ and 32 random bytes in base64url; its digest, and an id of the digest's first half
//! grant      the entry of the table: digest, name, scopes, expiry; never the token
//! grants     the table: add, find, list, remove
//! event      the events of API Gateway, and the answer in the format of each
//! authorize  the decision: allowed, or denied on every doubt
//! ```
//!
//! A failing table is an error, not a denial, because API Gateway caches denials.

#![forbid(unsafe_code)]

pub mod authorize;
pub mod event;
pub mod grant;
pub mod grants;
pub mod token;

pub use authorize::{Decision, Lookup, authorize};
pub use event::{Request, answer};
pub use grant::{Grant, Scope};
pub use grants::{Grants, GrantsError};
pub use token::{Digest, Token};
