//! Small products with AVX-512 IFMA: 52-bit digits, one column sum after the other.
//!
//! ```text
//! a, b to digits of 52 bits, b with 16 zeros on both sides       8 digits are 52 bytes
//! for 16 columns c at a time:
//!     for i with digits of b in reach:                            two sets of sums, for the latency
//!         low[c]  += low 52 bits of  a_i b_(c-i)
//!         high[c] += high 52 bits of a_i b_(c-i)
//!     s_c = low[c] + high[c-1];  carry once within the vectors; then exactly, by masks
//!     8 digits to 52 bytes
//! ```
//! A sum has at most 2 * 512 terms below 2^52, thus stays below 2^62. After
//! one carry between neighbours a digit is below 2^52 + 2^9; whether the rest
//! ripples on is then a sum of two 8-bit masks, as in a carry-lookahead adder.

use std::arch::x86_64::*;
use std::mem::MaybeUninit;

use super::buffer::{as_bytes, as_bytes_mut};
use super::level::Level;

/// The longest operand of [`multiply_basecase`]: 512 digits.
pub const BASECASE_MAX: usize = 416;

/// Zeros on both sides of `b`: as many as columns go at once.
const PAD: usize = 16;
const DIGITS: usize = 512;
const MASK: i64 = (1 << 52) - 1;

/// Eight 52-bit digits.
type Vector = MaybeUninit<[u64; 8]>;

/// Whether [`multiply_basecase`] multiplies anything here.
#[must_use]
pub fn has_basecase() -> bool {
    Level::get().has_ifma()
}

/// `out = a b` by the fastest schoolbook method that the processor's vectors
/// have; false, and `out` untouched, if it has none or an operand is empty or
/// longer than [`BASECASE_MAX`]. `out` may hold anything before.
///
/// # Panics
/// If `out` has not `a.len() + b.len()` limbs.
#[must_use = "if false, nothing has been multiplied"]
pub fn multiply_basecase(out: &mut [u64], a: &[u64], b: &[u64]) -> bool {
    assert_eq!(out.len(), a.len() + b.len(), "out must have a.len() + b.len() limbs");
    let sizes = 1..=BASECASE_MAX;
    if !Level::get().has_ifma() || !sizes.contains(&a.len()) || !sizes.contains(&b.len()) {
        return false;
    }
    // SAFETY: the level has the features; the lengths are as asserted.
    unsafe { multiply(out, a, b) };
    true
}

/// # Safety
/// The processor has the features; `a` and `b` have 1 to [`BASECASE_MAX`] limbs, `out` as many as both.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
unsafe fn multiply(out: &mut [u64], a: &[u64], b: &[u64]) {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let (na, nb) = ((64 * a.len()).div_ceil(52), (64 * b.len()).div_ceil(52));
    let mut a_digits = [const { Vector::uninit() }; DIGITS / 8];
    let mut b_digits = [const { Vector::uninit() }; (DIGITS + 2 * PAD) / 8];
    let zero = _mm512_setzero_si512();
    // SAFETY: `na, nb <= DIGITS`, so that all digits and pads have their place
    // (`to_digits` writes whole vectors); each store below is of one vector.
    unsafe {
        to_digits(a_digits.as_mut_ptr().cast(), a);
        let start = b_digits.as_mut_ptr().cast::<u64>();
        _mm512_storeu_si512(start.cast(), zero);
        _mm512_storeu_si512(start.add(8).cast(), zero);
        to_digits(start.add(PAD), b);
        _mm512_storeu_si512(start.add(PAD + nb).cast(), zero);
        _mm512_storeu_si512(start.add(PAD + nb + 8).cast(), zero);
    }
    let a_digits = a_digits.as_ptr().cast::<u64>();
    let b_digits = b_digits.as_ptr().cast::<u64>();
    let out = as_bytes_mut(out);
    let mut state = Carry { high: zero, over: zero, ripple: 0 };
    let mut at = 0;
    for c in (0..na + nb).step_by(16) {
        // Digit c + 15 - i or one before it exists.
        let (first, end) = ((c + 1).saturating_sub(nb), na.min(c + 16));
        let (mut l0, mut h0, mut l1, mut h1) = (zero, zero, zero, zero);
        let (mut m0, mut k0, mut m1, mut k1) = (zero, zero, zero, zero);
        let mut i = first;
        while i + 2 <= end {
            // SAFETY: i + 1 < na; -15 <= c - i - 1 and c - i + 16 <= nb + 15: within b and its pads.
            unsafe {
                let x = _mm512_set1_epi64(*a_digits.add(i) as i64);
                let y = _mm512_set1_epi64(*a_digits.add(i + 1) as i64);
                let b = b_digits.add(PAD + c - i);
                let (b0, b1) = (_mm512_loadu_si512(b.cast()), _mm512_loadu_si512(b.add(8).cast()));
                let (d0, d1) = (_mm512_loadu_si512(b.sub(1).cast()), _mm512_loadu_si512(b.add(7).cast()));
                l0 = _mm512_madd52lo_epu64(l0, x, b0);
                h0 = _mm512_madd52hi_epu64(h0, x, b0);
                l1 = _mm512_madd52lo_epu64(l1, x, b1);
                h1 = _mm512_madd52hi_epu64(h1, x, b1);
                m0 = _mm512_madd52lo_epu64(m0, y, d0);
                k0 = _mm512_madd52hi_epu64(k0, y, d0);
                m1 = _mm512_madd52lo_epu64(m1, y, d1);
                k1 = _mm512_madd52hi_epu64(k1, y, d1);
            }
            i += 2;
        }
        if i < end {
            // SAFETY: as above, for i alone.
            unsafe {
                let x = _mm512_set1_epi64(*a_digits.add(i) as i64);
                let b = b_digits.add(PAD + c - i);
                let (b0, b1) = (_mm512_loadu_si512(b.cast()), _mm512_loadu_si512(b.add(8).cast()));
                l0 = _mm512_madd52lo_epu64(l0, x, b0);
                h0 = _mm512_madd52hi_epu64(h0, x, b0);
                l1 = _mm512_madd52lo_epu64(l1, x, b1);
                h1 = _mm512_madd52hi_epu64(h1, x, b1);
            }
        }
        let low = [_mm512_add_epi64(l0, m0), _mm512_add_epi64(l1, m1)];
        let high = [_mm512_add_epi64(h0, k0), _mm512_add_epi64(h1, k1)];
        for (low, high) in low.into_iter().zip(high) {
            // The last columns may lie beyond the product: they are zero.
            if at < out.len() {
                // SAFETY: the features are those of this function.
                let packed = unsafe { pack(state.digits(low, high)) };
                let left = out.len() - at;
                let mask = if left >= 64 { u64::MAX } else { (1 << left) - 1 };
                // SAFETY: the mask keeps the store within `out`.
                unsafe { _mm512_mask_storeu_epi8(out.as_mut_ptr().add(at).cast(), mask, packed) };
            }
            at += 52;
        }
    }
}

/// What eight columns leave for the next eight.
struct Carry {
    /// The upper halves of their products, of which the last has not been added yet.
    high: __m512i,
    /// What they carry to their neighbours, of which the last has not been added yet.
    over: __m512i,
    ripple: u32,
}

impl Carry {
    /// The digits of eight columns, each below 2^52.
    ///
    /// # Safety
    /// The processor has the features.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
    unsafe fn digits(&mut self, low: __m512i, high: __m512i) -> __m512i {
        let mask = _mm512_set1_epi64(MASK);
        let sum = _mm512_add_epi64(low, _mm512_alignr_epi64::<7>(high, self.high));
        let over = _mm512_srli_epi64::<52>(sum);
        let near = _mm512_alignr_epi64::<7>(over, self.over);
        let sum = _mm512_add_epi64(_mm512_and_si512(sum, mask), near);
        let made = u32::from(_mm512_cmpgt_epu64_mask(sum, mask));
        let full = u32::from(_mm512_cmpeq_epu64_mask(sum, mask));
        let rippled = full + (made << 1 | self.ripple);
        let plus = (rippled ^ full) as u8;
        // A lane that makes a carry is not full: bit 8 tells of either.
        (self.high, self.over, self.ripple) = (high, over, rippled >> 8);
        let sum = _mm512_mask_add_epi64(sum, plus, sum, _mm512_set1_epi64(1));
        _mm512_and_si512(sum, mask)
    }
}

/// Eight digits to 52 bytes, and zeros.
///
/// # Safety
/// The processor has the features.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
unsafe fn pack(digits: __m512i) -> __m512i {
    // Limb k begins in digit 64 k / 52, at bit s; shifts by 64 or more give 0.
    let part = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 1, 2, 3, 4, 6, 7, 7), digits);
    let part = _mm512_srlv_epi64(part, _mm512_setr_epi64(0, 12, 24, 36, 48, 8, 20, 64));
    let next = _mm512_permutexvar_epi64(_mm512_setr_epi64(1, 2, 3, 4, 5, 7, 7, 7), digits);
    let next = _mm512_sllv_epi64(next, _mm512_setr_epi64(52, 40, 28, 16, 4, 44, 64, 64));
    // Limb 4 has 8 bits of a third digit.
    let third = _mm512_maskz_permutexvar_epi64(1 << 4, _mm512_set1_epi64(6), digits);
    let third = _mm512_slli_epi64::<56>(third);
    _mm512_ternarylogic_epi64::<0xFE>(part, next, third)
}

/// The digits of `limbs`, in whole vectors, zeros above.
///
/// # Safety
/// The processor has the features; `to` has room for the digits rounded up to whole vectors.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
unsafe fn to_digits(to: *mut u64, limbs: &[u64]) {
    let bytes = as_bytes(limbs);
    // Digit k begins in limb 52 k / 64.
    let first = _mm512_setr_epi64(0, 0, 1, 2, 3, 4, 4, 5);
    let second = _mm512_setr_epi64(1, 1, 2, 3, 4, 5, 5, 6);
    let down = _mm512_setr_epi64(0, 52, 40, 28, 16, 4, 56, 44);
    let up = _mm512_setr_epi64(64, 12, 24, 36, 48, 60, 8, 20);
    for (k, at) in (0..bytes.len()).step_by(52).enumerate() {
        let left = bytes.len() - at;
        let mask = if left >= 56 { (1 << 56) - 1 } else { (1 << left) - 1 };
        // SAFETY: the mask keeps the load within `bytes`; 8 digits for every 52 bytes begun.
        unsafe {
            let x = _mm512_maskz_loadu_epi8(mask, bytes.as_ptr().add(at).cast());
            let low = _mm512_srlv_epi64(_mm512_permutexvar_epi64(first, x), down);
            let high = _mm512_sllv_epi64(_mm512_permutexvar_epi64(second, x), up);
            let digits = _mm512_and_si512(_mm512_or_si512(low, high), _mm512_set1_epi64(MASK));
            _mm512_storeu_si512(to.add(8 * k).cast(), digits);
        }
    }
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
        // The limbs around `out` must stay as they are.
        let n = a.len() + b.len();
        let mut out = vec![0xDEAD_BEEF_DEAD_BEEF; n + 2];
        assert!(multiply_basecase(&mut out[1..=n], a, b));
        assert_eq!(out[1..=n], schoolbook(a, b), "{} x {}", a.len(), b.len());
        assert_eq!([out[0], out[n + 1]], [0xDEAD_BEEF_DEAD_BEEF; 2]);
    }

    #[test]
    fn products_of_all_small_sizes_are_exact() {
        if !Level::get().has_ifma() {
            eprintln!("not run here: AVX-512 IFMA");
            return;
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
