//! Measures the duration and the cost of an AWS Lambda function.
//!
//! The command `lambda-meter` as a library, so that tests and benches share its parts. From the
//! bottom up:
//!
//! - [`runtime_api`]: the Lambda Runtime API that a function polls for events, and the Extensions API;
//! - [`telemetry`]: the Telemetry API, which sends a sandbox's events to its extensions;
//! - [`sandbox`]: the share of a vCPU and the memory limit of a process, by cgroups;
//! - [`report_line`]: the `REPORT` line of an invocation, written and parsed;
//! - [`matrix`]: the plan of a measurement; [`cost`]: the price of an invocation on Lambda;
//! - [`results`]: the file that saves every sample as soon as it is taken;
//! - [`subject`]: a function under test, on this machine, behind an HTTP endpoint, or on AWS;
//! - [`statistics`]: medians and their confidence; [`analysis`]: the figures of a measurement;
//! - [`export`]: the figures as tables, charts and files;
//! - [`shorten`]: a response cut to one screen; [`say`]: messages of the program;
//! - [`nothing`]: the built-in function that does nothing, for measuring the tool itself;
//! - [`invoke`], [`run`], [`report`], [`compare`], [`ab`], [`serve`] and [`completions`]: the
//!   subcommands, each with its options; [`cli`] collects them.

#![forbid(unsafe_code)]
// It panics where standard error has no reader: `say` does not.
#![warn(clippy::print_stderr)]

pub mod ab;
pub mod analysis;
pub mod cli;
pub mod clock;
pub mod compare;
pub mod completions;
pub mod cost;
pub mod error;
pub mod event;
pub mod export;
pub mod hex;
pub mod interrupt;
pub mod invoke;
pub mod listed;
pub mod log;
pub mod matrix;
pub mod nothing;
pub mod report;
pub mod report_line;
pub mod results;
pub mod run;
pub mod runtime_api;
pub mod sandbox;
pub mod say;
pub mod serve;
pub mod shorten;
pub mod statistics;
pub mod subject;
pub mod telemetry;
