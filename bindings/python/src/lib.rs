//! The extension module `pi_spigot._native`: what the Python files of the package call.
//!
//! ```text
//! arguments   Python's values as the library's types, and words for those that are not
//! task        a computation without the interpreter's lock, which signals stop
//! memory      MemoryError before a computation that has no room
//! text        digits, digits_from, Blocks        stream   Digits
//! proof       digest, verify                     hex      hexadecimal digits and their parts
//! number      pi as a binary integer
//! ```

#![allow(clippy::doc_markdown, reason = "documentation of functions is the text of Python's `help`")]

mod arguments;
mod hex;
mod memory;
mod number;
mod proof;
mod stream;
mod task;
mod text;

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Functions and classes behind the package `pi_spigot`. Every class has a lock of its own, so that a
/// free-threaded Python needs no other.
#[pyo3::pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use super::{
        hex::{hex_cost, hex_digits, hex_part, hex_plan, hex_sum},
        memory::release_memory,
        number::{binary, decimal},
        proof::{digest, verify},
        stream::Digits,
        text::{Blocks, digits, digits_bytes, digits_from, digits_from_bytes},
    };

    /// The version of the package, which is that of the library.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
