//! Short products with AVX-512 IFMA: 52-bit digits, column by column.
//!
//! ```text
//! a, b to digits of 52 bits, b with 16 zeros on both sides       8 digits are 52 bytes
//! for 16 columns c at a time:
//!     for i with digits of b in reach:                            two sets of sums, for the latency
//!         low[c]  += low 52 bits of  a_i b_(c-i)
//!         high[c] += high 52 bits of a_i b_(c-i)
//!     s_c = low[c] + high[c-1];  carry once within the vectors; digit by digit if that is not enough
//!     8 digits to 52 bytes
//! ```
//! **Range.** A sum has at most 2 * 512 terms below 2^52, thus stays below 2^62. After one carry
//! between neighbours a digit is below 2^52 + 2^10; digits that still exceed 2^52 are rare and are
//! handled one by one.
//!
//! Source: Gueron and Krasnov, "Accelerating big integer arithmetic using Intel IFMA extensions"
//! (2016).

use std::arch::x86_64::*;
use std::mem::MaybeUninit;

use super::BASECASE_MAX;
use crate::memory::{as_bytes, as_bytes_mut};

/// Zeros on both sides of `b`: as many as there are columns at a time.
const PAD: usize = 16;
/// Digits of the longest operand.
const DIGITS: usize = (64 * BASECASE_MAX).div_ceil(52);
const MASK: i64 = (1 << 52) - 1;

/// Eight 52-bit digits.
type Vector = MaybeUninit<[u64; 8]>;

/// `out = a b`.
///
/// # Safety
/// The processor has the features; `a` and `b` have 1 to [`BASECASE_MAX`] limbs each, and `out` has
/// `a.len() + b.len()` limbs.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
pub(super) unsafe fn multiply(out: &mut [u64], a: &[u64], b: &[u64]) {
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

/// The carry from eight columns to the next eight.
struct Carry {
    /// Upper halves of the products; the last one still has to be added.
    high: __m512i,
    /// Carries between the columns; the last one still has to be added.
    over: __m512i,
    ripple: u64,
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
        (self.high, self.over) = (high, over);
        // Digits are now below 2^52 + 2^10. Only constructed operands can still exceed 2^52 and need
        // `ripple_on`.
        if self.ripple == 0 && _mm512_test_epi64_mask(sum, _mm512_set1_epi64(MASK + 1)) == 0 {
            return sum;
        }
        // SAFETY: the features are those of this function.
        unsafe { self.ripple_on(sum) }
    }

    /// Carries from digit to digit.
    ///
    /// # Safety
    /// The processor has the features.
    #[cold]
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
    unsafe fn ripple_on(&mut self, digits: __m512i) -> __m512i {
        let mut words = [0u64; 8];
        // SAFETY: eight words.
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), digits) };
        for digit in &mut words {
            let sum = *digit + self.ripple;
            (*digit, self.ripple) = (sum & MASK as u64, sum >> 52);
        }
        // SAFETY: eight words.
        unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
    }
}

/// Eight digits as 52 bytes, followed by zeros.
///
/// # Safety
/// The processor has the features.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
unsafe fn pack(digits: __m512i) -> __m512i {
    // Limb k begins in digit 64 k / 52; shifts by 64 or more give 0.
    let part = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 1, 2, 3, 4, 6, 7, 7), digits);
    let part = _mm512_srlv_epi64(part, _mm512_setr_epi64(0, 12, 24, 36, 48, 8, 20, 64));
    let next = _mm512_permutexvar_epi64(_mm512_setr_epi64(1, 2, 3, 4, 5, 7, 7, 7), digits);
    let next = _mm512_sllv_epi64(next, _mm512_setr_epi64(52, 40, 28, 16, 4, 44, 64, 64));
    // Limb 4 needs 8 bits of a third digit.
    let third = _mm512_maskz_permutexvar_epi64(1 << 4, _mm512_set1_epi64(6), digits);
    let third = _mm512_slli_epi64::<56>(third);
    _mm512_ternarylogic_epi64::<0xFE>(part, next, third)
}

/// Writes the digits of `limbs`, rounded up to whole vectors with zeros.
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
        // SAFETY: the mask keeps the load within `bytes`; there is room for 8 digits per 52 bytes.
        unsafe {
            let x = _mm512_maskz_loadu_epi8(mask, bytes.as_ptr().add(at).cast());
            let low = _mm512_srlv_epi64(_mm512_permutexvar_epi64(first, x), down);
            let high = _mm512_sllv_epi64(_mm512_permutexvar_epi64(second, x), up);
            let digits = _mm512_and_si512(_mm512_or_si512(low, high), _mm512_set1_epi64(MASK));
            _mm512_storeu_si512(to.add(8 * k).cast(), digits);
        }
    }
}
