//! The HTTP API of the observatory, behind an HTTP API of API Gateway (payload 2.0).
//!
//! ```text
//! POST /measurements             stores one: 201, 200 if it was there, 400, 409, 413, 415
//! GET  /measurements?function=   a page of one function's, oldest first; since, until, limit, next
//! GET  /events?function=         a page of one function's events; kind, since, until, limit, next
//! GET  /                         the report, one HTML page without a script; days, function
//! ```
//!
//! - [`Request`] and [`Reply`]: HTTP as API Gateway writes it in JSON;
//! - [`routes`]: the routes and their refusals;
//! - [`report`]: measurements as the results that lambda-meter draws;
//! - [`events`]: events as JSON, and as a table below them.

#![forbid(unsafe_code)]

pub mod events;
pub mod reply;
pub mod report;
pub mod request;
pub mod routes;

pub use reply::Reply;
pub use request::Request;
pub use routes::{Shelf, serve};
