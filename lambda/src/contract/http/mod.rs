//! HTTP: requests as the services hand them over, routes, and replies.

mod encoding;
mod event;
mod gzip;
mod negotiate;
mod reply;
mod route;

pub(crate) use event::{Http, Service};
pub(crate) use gzip::Gzip;
pub(crate) use reply::{Answer, Content};
pub(crate) use route::{Read, Route, route};
