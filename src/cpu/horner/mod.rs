//! Eight short sums `P, Q, T` by Horner's rule side by side, one in each lane of AVX-512 IFMA.
//!
//! ```text
//! row i                  digit i, of 52 bits, of eight numbers
//! T = p (a Q -+ T)       a: 1 digit, p: 2 digits
//! Q = q Q, P = p P       q: 3 digits
//! T, Q, P by d           exact divisions at the end; d: 2 digits, different ones in the lanes
//! rows of digits to rows of limbs
//! ```
//! All lanes take the same steps, so the numbers have as many rows as the longest of the eight. A sum with
//! fewer terms than the others begins with terms that change nothing: `a = 0`, `p = q = 1`.

#[cfg(target_arch = "x86_64")]
mod ifma;

use crate::memory::Limbs;

/// Sums side by side.
pub(crate) const LANES: usize = 8;
/// Bits of a digit.
pub(crate) const DIGIT: u32 = 52;

/// A digit or limb of each lane.
pub(crate) type Row = [u64; LANES];

/// A term of each sum, in digits from the lowest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) a: Row,
    pub(crate) p: [Row; 2],
    pub(crate) q: [Row; 3],
}

impl Step {
    /// The term that changes nothing.
    pub(crate) const NEUTRAL: Self =
        Self { a: [0; LANES], p: [[1; LANES], [0; LANES]], q: [[1; LANES], [0; LANES], [0; LANES]] };
}

/// The proof that the processor has AVX-512 IFMA.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Horner(#[cfg(not(target_arch = "x86_64"))] std::convert::Infallible);

/// P, Q and T in rows of limbs.
#[derive(Debug)]
pub(crate) struct Sums {
    rows: [Limbs; 3],
    lens: [usize; 3],
}

impl Sums {
    /// Rows of P, Q and T.
    pub(crate) fn rows(&self) -> [&[Row]; 3] {
        [0, 1, 2].map(|k| &self.rows[k].as_chunks().0[..self.lens[k]])
    }
}

impl Horner {
    /// The proof, if the level in use has these lanes.
    pub(crate) fn get() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        return super::level::Level::get().has_ifma().then_some(Self());
        #[cfg(not(target_arch = "x86_64"))]
        None
    }

    /// P, Q and T of the steps from the first to the last, each divided by all divisors, which are odd.
    ///
    /// # Panics
    /// If a division leaves a remainder.
    #[cfg_attr(not(target_arch = "x86_64"), expect(unused_variables))]
    pub(crate) fn sum(self, steps: &[Step], divisors: &[[Row; 2]], subtract: bool) -> Sums {
        #[cfg(not(target_arch = "x86_64"))]
        match self.0 {}
        #[cfg(target_arch = "x86_64")]
        {
            // A row for 1, three for each step, and two of zeros for the limbs at the end.
            let rows = 3 + 3 * steps.len();
            let mut numbers = [0; 3].map(|_| Limbs::dirty(LANES * rows));
            let places = numbers.each_mut().map(|number| number.as_chunks_mut().0);
            // SAFETY: the token proves the features.
            let lens = unsafe { ifma::sum(steps, divisors, subtract, places) };
            Sums { rows: numbers, lens }
        }
    }
}

#[cfg(test)]
mod tests;
