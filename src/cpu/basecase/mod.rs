//! Products of short numbers in vectors, by the best method of the level in use.
//!
//! | method | digits | needs |
//! |---|---|---|
//! | [`ifma`] | 52 bits, eight at a time | AVX-512 with IFMA |
//! | [`fma`] | 51 bits, four at a time | AVX2 and FMA |

#[cfg(target_arch = "x86_64")]
mod fma;
#[cfg(target_arch = "x86_64")]
mod ifma;

use super::level::Level;
use std::sync::OnceLock;

/// The longest operand of [`multiply_basecase`].
pub(crate) const BASECASE_MAX: usize = 416;

/// The method for short products in vectors. Thresholds of the multiplication depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basecase {
    /// No vectors: the caller multiplies limb by limb.
    None,
    /// Fused multiply-adds of doubles.
    Fma,
    /// AVX-512 IFMA.
    Ifma,
}

impl Basecase {
    /// The method in use: the best one of [`Level::get`], chosen once per process.
    #[must_use]
    #[inline]
    pub(crate) fn get() -> Self {
        static BASECASE: OnceLock<Basecase> = OnceLock::new();
        *BASECASE.get_or_init(|| Self::available().last().copied().unwrap_or(Self::None))
    }

    /// All methods of the level in use, the slowest first.
    fn available() -> Vec<Self> {
        let level = Level::get();
        let methods = [(Self::Fma, level.has_fma()), (Self::Ifma, level.has_ifma())];
        methods.into_iter().filter_map(|(method, has)| has.then_some(method)).collect()
    }

    /// `out = a b`.
    ///
    /// # Safety
    /// The method is one of [`Basecase::available`]; `a` and `b` have 1 to [`BASECASE_MAX`] limbs
    /// each, and `out` has `a.len() + b.len()` limbs.
    #[cfg_attr(not(target_arch = "x86_64"), expect(unused_variables))]
    unsafe fn multiply(self, out: &mut [u64], a: &[u64], b: &[u64]) -> bool {
        #[cfg(target_arch = "x86_64")]
        match self {
            Self::None => return false,
            // SAFETY: by contract.
            Self::Fma => unsafe { fma::multiply(out, a, b) },
            // SAFETY: by contract.
            Self::Ifma => unsafe { ifma::multiply(out, a, b) },
        }
        self != Self::None
    }
}

/// `out = a b` by the method in use; `out` may hold anything before.
///
/// Returns false and leaves `out` alone if there is no method, or if an operand is empty or longer
/// than [`BASECASE_MAX`].
///
/// # Panics
/// If `out` has not `a.len() + b.len()` limbs.
#[must_use = "if false, nothing has been multiplied"]
#[inline]
pub(crate) fn multiply_basecase(out: &mut [u64], a: &[u64], b: &[u64]) -> bool {
    assert_eq!(out.len(), a.len() + b.len(), "out must have a.len() + b.len() limbs");
    let sizes = 1..=BASECASE_MAX;
    if !sizes.contains(&a.len()) || !sizes.contains(&b.len()) {
        return false;
    }
    // SAFETY: `get` has found the method available; the lengths are as asserted.
    unsafe { Basecase::get().multiply(out, a, b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schoolbook(a: &[u64], b: &[u64]) -> Vec<u64> {
        let mut out = vec![0u64; a.len() + b.len()];
        for (i, &x) in a.iter().enumerate() {
            let mut carry = 0;
            for (j, &y) in b.iter().enumerate() {
                (out[i + j], carry) = x.carrying_mul_add(y, out[i + j], carry);
            }
            out[i + b.len()] = carry;
        }
        out
    }

    fn check(a: &[u64], b: &[u64]) {
        let expected = schoolbook(a, b);
        // The limbs around `out` must stay as they are.
        let n = a.len() + b.len();
        let mut out = vec![0xDEAD_BEEF_DEAD_BEEF; n + 2];
        for method in Basecase::available() {
            out[1..=n].fill(0x5555_5555_5555_5555);
            // SAFETY: the method is available; the lengths fit.
            assert!(unsafe { method.multiply(&mut out[1..=n], a, b) });
            assert_eq!(out[1..=n], expected, "{} x {} by {method:?}", a.len(), b.len());
            assert_eq!([out[0], out[n + 1]], [0xDEAD_BEEF_DEAD_BEEF; 2]);
        }
    }

    #[test]
    fn products_of_all_small_sizes_are_exact() {
        for method in [Basecase::Fma, Basecase::Ifma] {
            if !Basecase::available().contains(&method) {
                eprintln!("not run here: {method:?}");
            }
        }
        let mut seed = 1u64;
        let mut random = |n: usize| -> Vec<u64> {
            let mut next = || {
                seed = seed.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
                (seed ^ seed >> 29).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            };
            (0..n).map(|_| next()).collect()
        };
        for n in (1..=160).chain([161, 190, 256, 300, BASECASE_MAX - 1, BASECASE_MAX]) {
            for m in [1, 2, 3, 7, 13, 14, n / 3, n / 2 + 1, n - 1, n] {
                let m = m.clamp(1, n);
                let (a, b) = (random(n), random(m));
                check(&a, &b);
                check(&b, &a);
                // Carries that ripple through all digits; powers of two; zeros.
                check(&vec![u64::MAX; n], &vec![u64::MAX; m]);
                let mut one = vec![0; m];
                one[m - 1] = 1;
                check(&vec![u64::MAX; n], &one);
                check(&a, &one);
                check(&a, &vec![0; m]);
            }
        }
    }

    #[test]
    fn other_sizes_are_declined() {
        let mut out = vec![7; BASECASE_MAX + 2];
        assert!(!multiply_basecase(&mut out, &[1; BASECASE_MAX + 1], &[1]));
        assert!(!multiply_basecase(&mut out[..1], &[1], &[]));
        assert!(out.iter().all(|&x| x == 7));
    }
}
