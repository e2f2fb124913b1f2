//! The executable that Lambda starts: [`pi_spigot_lambda::runtime`], and the allocator.
#![deny(unsafe_code)]

use std::process::ExitCode;

/// musl's malloc gives every large block back to the kernel at once, which made
/// the spigot several times slower.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    pi_spigot_lambda::runtime::main()
}
