//! `pi-telemetry` as Lambda runs it: the executable, a stand-in of the Extensions and Telemetry APIs, and a
//! stand-in of SQS that fails by plan.

mod client;
mod endpoint;
mod faults;
mod lambda;
mod life;
mod queue;
