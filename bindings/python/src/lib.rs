//! The extension module `pi_spigot._native`.

use pi_spigot::pi::{Algorithm, DigitCount};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// The text of the first `n` digits of pi: "3." and `n - 1` decimals.
#[pyfunction]
fn digits(py: Python<'_>, n: u64) -> PyResult<String> {
    let count = DigitCount::new(n).map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(py.detach(|| Algorithm::default().digits(count)))
}

/// Digits of pi, computed by Rust.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use super::digits;
}
