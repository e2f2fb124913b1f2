//! Checks of values, and of the whole matrix.

use crate::matrix::{Matrix, MatrixError};
use crate::sandbox::Limits;
use clap::ValueEnum;

pub(super) fn limits(text: &str) -> Result<Limits, MatrixError> {
    Limits::from_str(text, true).map_err(|_| MatrixError::OutOfRange {
        what: "limits".to_owned(),
        value: format!("{text:?}"),
        allowed: "auto, require or off".to_owned(),
    })
}

pub(crate) fn within(
    what: &str,
    value: u64,
    (low, high): (u64, u64),
    unit: &str,
) -> Result<u64, MatrixError> {
    if (low..=high).contains(&value) {
        return Ok(value);
    }
    Err(MatrixError::OutOfRange {
        what: what.to_owned(),
        value: format!("{value} {unit}"),
        allowed: format!("{low} to {high} {unit}"),
    })
}

/// Checks across the whole matrix.
pub(super) fn check(matrix: &Matrix) -> Result<(), MatrixError> {
    let targets: Vec<&str> = matrix.targets.iter().map(|target| target.name.as_str()).collect();
    let events: Vec<&str> = matrix.events.iter().map(|event| event.name.as_str()).collect();
    unique("target", &targets, "--binary NAME=PATH, or name = \"...\" in the matrix file")?;
    unique("event", &events, "name = \"...\" in the matrix file")?;
    known("baseline", &matrix.baseline, &targets)?;
    for name in matrix.published.iter().filter_map(|row| row.target.as_deref()) {
        known("a [[published]] row", name, &targets)?;
    }
    if !matrix.takes_samples() {
        return Err(MatrixError::missing(
            "no sample would be taken",
            "--runs 10 for warm samples, --cold 10 for cold ones (not of an endpoint)",
        ));
    }
    Ok(())
}

fn unique(kind: &'static str, names: &[&str], hint: &'static str) -> Result<(), MatrixError> {
    let twice = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name));
    twice.map_or(Ok(()), |(_, name)| Err(MatrixError::Twice { kind, name: (*name).to_owned(), hint }))
}

fn known(what: &'static str, name: &str, targets: &[&str]) -> Result<(), MatrixError> {
    if targets.contains(&name) {
        return Ok(());
    }
    Err(MatrixError::unknown_target(what, name, targets))
}
