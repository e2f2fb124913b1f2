//! Measures what an AWS Lambda function costs and how long it takes.
//!
//! The parts of the command `lambda-meter`, as a library so that tests and
//! benches use the same ones. From the bottom up:
//!
//! - [`runtime_api`] is the Lambda Runtime API that a function polls for events;
//! - [`sandbox`] is the share of a CPU and the memory that a process gets;
//! - [`target`] is something that can be invoked: a local binary, or a mock;
//! - [`report`] writes and reads the `REPORT` line of an invocation;
//! - [`render`] shortens a response to one screen;
//! - [`cli`] is the command line; [`invoke`] and [`serve`] are its commands.

#![forbid(unsafe_code)]

pub mod cli;
pub mod clock;
pub mod error;
pub mod event;
pub mod interrupt;
pub mod invoke;
pub mod log;
pub mod render;
pub mod report;
pub mod runtime_api;
pub mod sandbox;
pub mod serve;
pub mod target;
