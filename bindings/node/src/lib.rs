//! The addon behind the npm package `pi-spigot`, by napi-rs.
//!
//! ```text
//! lib/*.cjs   the face of the package: options, words of errors, iterators, streams   JavaScript
//! engine      one object for each JavaScript environment: starts computations
//! stream      an open stream of digits, read block by block
//! facts       names, limits, memory, counters
//! jobs        threads of our own for computations, a queue, cancellation
//! ```
//!
//! A computation never runs on libuv's pool: four computations of minutes would stop every file and
//! every name look-up of the process.

// napi-rs exports what is `pub` to JavaScript, and hands over owned arguments, one by one: an object
// would cost more than a short text.
#![allow(unreachable_pub, clippy::needless_pass_by_value, clippy::too_many_arguments)]

mod engine;
mod facts;
mod jobs;
mod stream;

/// musl's malloc returns every large block to the kernel, which makes the spigot several times slower.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;
