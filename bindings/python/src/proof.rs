//! The digest of a text, and the comparison of digits with a formula that needs none of them.

use crate::arguments::{self, Named, Options, count, refused, within_reach};
use crate::memory;
use crate::task::Place;
use pi_spigot::pi::verify::check_digits;
use pi_spigot::pi::{Algorithm, DigitCount, Text, TextDigest};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// SHA-256, first and last digits of a text that is not kept.
#[pyfunction]
pub(crate) fn digest(
    py: Python<'_>,
    n: &Bound<'_, PyAny>,
    algorithm: Named,
    threads: Option<&Bound<'_, PyAny>>,
) -> PyResult<(String, String, String)> {
    /// Digits in a block: a copy for each, and the first block takes the time of all.
    const BLOCK: usize = 1 << 16;
    let options = Options::new(algorithm, threads)?;
    let n = within_reach(options.algorithm, count(n, "n")?.get())?;
    let threads = memory::threads(&options, 1, n.get(), 0)?;
    let summary = Place::for_time(options.algorithm.reference_time(n)).run(py, || {
        let mut text = Text::new(options.algorithm, n).with_threads(threads);
        let mut digest = TextDigest::default();
        while let Some(block) = text.next_block_of(BLOCK) {
            digest.update(block);
        }
        digest.finish()
    })?;
    Ok((summary.sha256, summary.first, summary.last))
}

/// The fields of a verdict: agreement, the number of bits that were compared, their position, both values.
#[pyfunction]
pub(crate) fn verify(
    py: Python<'_>,
    text: &Bound<'_, PyAny>,
    threads: Option<&Bound<'_, PyAny>>,
) -> PyResult<(bool, u32, u64, u64, u64)> {
    let threads = arguments::threads(threads)?;
    let digits = digits_of(text)?;
    let n = within_reach(Algorithm::Chudnovsky, digits.len() as u64)?;
    let options = Options { algorithm: Algorithm::Chudnovsky, threads };
    let threads = memory::threads(&options, 1, n.get(), 1)?;
    // The check takes about half the time of the computation.
    let place = Place::for_time(Algorithm::Chudnovsky.reference_time(n));
    let verdict = place.run(py, || check_digits(&digits, threads))?;
    let bits = verdict.tolerance.leading_zeros();
    Ok((verdict.agrees(), bits, verdict.position, verdict.computed, verdict.expected))
}

/// The digits of `3.14...` or `314...`, text or bytes. Blanks and line ends behind them do not count.
fn digits_of(text: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let mut digits = if let Ok(text) = text.cast::<PyString>() {
        text.to_cow()?.into_owned().into_bytes()
    } else if let Ok(bytes) = text.cast::<PyBytes>() {
        bytes.as_bytes().to_vec()
    } else {
        text.extract::<Vec<u8>>()?
    };
    digits.truncate(digits.trim_ascii_end().len());
    if digits.get(1) == Some(&b'.') {
        digits.remove(1);
    }
    let allowed = "give the digits of pi from the leading 3 on, with or without a point behind it";
    match digits.iter().position(|byte| !byte.is_ascii_digit()) {
        Some(at) => Err(refused(format!("after {at} digits comes something that is no digit: {allowed}"))),
        None if digits.is_empty() => Err(refused(format!("there is no digit: {allowed}"))),
        None if digits.len() as u64 > DigitCount::MAX.get() => {
            Err(refused("more digits than can be checked"))
        }
        None => Ok(digits),
    }
}
