//! Division by a method of the caller's choice, for benches: where methods change hands.

use super::divide;
use super::newton::{inverse_by_step, inverse_schoolbook};
use crate::memory::Limbs;

/// A way to divide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A limb of the quotient at a time.
    Schoolbook,
    /// Newton's at the top, the best method below.
    Newton,
}

/// Quotient and remainder by a given method.
///
/// # Panics
/// If `d` is empty, has a leading zero or is longer than `a`.
#[must_use]
pub fn div_rem_by(method: Method, a: &[u64], d: &[u64]) -> (Limbs, Limbs) {
    divide(a, d, method == Method::Newton)
}

/// The inverse of `d`, whose top bit is set, by a given method.
///
/// # Panics
/// If `d` has fewer than three limbs.
#[must_use]
pub fn inverse_by(method: Method, d: &[u64]) -> Limbs {
    match method {
        Method::Schoolbook => inverse_schoolbook(d, d.len()).0,
        Method::Newton => inverse_by_step(d, d.len()).0,
    }
}
