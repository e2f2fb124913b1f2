//! HTTP: requests inside events, routes, and replies.

mod encoding;
mod event;
mod gzip;
mod negotiate;
mod reply;
mod route;
mod usage;

pub(crate) use event::Http;
pub(crate) use gzip::Gzip;
pub(crate) use reply::{Answer, Content};
pub(crate) use route::{Route, route};
