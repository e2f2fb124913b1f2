//! Measures what an AWS Lambda function costs and how long it takes.
//!
//! The parts of the command `lambda-meter`, as a library so that tests and
//! benches use the same ones. From the bottom up:
//!
//! - [`runtime_api`] is the Lambda Runtime API that a function polls for events;
//! - [`sandbox`] is the share of a CPU and the memory that a process gets;
//! - [`target`] is something that can be invoked: a local binary, or a mock;
//! - [`report`] writes and reads the `REPORT` line of an invocation;
//! - [`matrix`] is the plan of a measurement, [`cost`] what its invocations cost on Lambda;
//! - [`results`] is the file in which every sample is saved as it comes;
//! - [`statistics`] knows medians and how sure they are, [`analysis`] makes figures of samples;
//! - [`export`] and [`html`] show them;
//! - [`render`] shortens a response to one screen;
//! - [`compare`] says what changed between two measurements;
//! - [`cli`] is the command line; [`invoke`], [`serve`], [`run`], [`redraw`] and [`shell`] are its commands.

#![forbid(unsafe_code)]

pub mod analysis;
pub mod cli;
pub mod clock;
pub mod compare;
pub mod cost;
pub mod empty;
pub mod error;
pub mod event;
pub mod export;
pub mod html;
pub mod interrupt;
pub mod invoke;
pub mod log;
pub mod matrix;
pub mod redraw;
pub mod render;
pub mod report;
pub mod results;
pub mod run;
pub mod runtime_api;
pub mod sandbox;
pub mod serve;
pub mod shell;
pub mod statistics;
pub mod target;
