//! Products by a method of the caller's choice, for benches: where methods change hands.

use super::{in_vectors, karatsuba, schoolbook, via_fft};

/// A way to multiply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Every limb by every limb.
    Schoolbook,
    /// Every limb by every limb in vectors; schoolbook where the processor has no vectors or operands
    /// are too long.
    InVectors,
    /// Karatsuba's at the top, the best method below.
    Karatsuba,
    /// A convolution.
    Fft,
}

/// [`mul`](super::mul) of operands of one length by a given method; `scratch` has
/// `8 a.len() + 256` limbs.
///
/// # Panics
/// If the lengths do not fit.
pub fn mul_by(method: Method, out: &mut [u64], a: &[u64], b: &[u64], scratch: &mut [u64]) {
    match method {
        Method::InVectors if in_vectors::mul(out, a, b) => {}
        Method::Schoolbook | Method::InVectors => schoolbook::mul(out, a, b),
        Method::Karatsuba => karatsuba::mul_same_len(out, a, b, scratch),
        Method::Fft => via_fft::mul(out, a, b),
    }
}

/// [`square`](super::square) by a given method; `scratch` as in [`mul_by`].
///
/// # Panics
/// If the lengths do not fit.
pub fn square_by(method: Method, out: &mut [u64], a: &[u64], scratch: &mut [u64]) {
    match method {
        Method::InVectors if in_vectors::mul(out, a, a) => {}
        Method::Schoolbook | Method::InVectors => schoolbook::square(out, a),
        Method::Karatsuba => karatsuba::square(out, a, scratch),
        Method::Fft => via_fft::square(out, a),
    }
}
