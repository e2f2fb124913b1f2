//! Short products with AVX2 and FMA: 51-bit digits in doubles, column by column.
//!
//! ```text
//! a, b to digits of 51 bits, as doubles, b with 8 zeros on both sides         8 digits are 51 bytes
//! for 8 columns c at a time:
//!     for i with digits of b in reach:
//!         x = fma(a_i, b_(c-i), 2^103)           rounded to units of 2^51: 2^103 + 2^51 h
//!         y = fma(a_i, b_(c-i), C - x)           exact: 1.5 2^52 + l, where a_i b_(c-i) = 2^51 h + l
//!         high[c] += bits of x,  low[c] += bits of y
//!     s_c = low[c] + high[c-1];  carry once within the vectors; digit by digit if that is not enough
//!     8 digits to 51 bytes
//! ```
//! **Exactness.** A product is below 2^102, so `x` lies in [2^103, 2^104), where a unit of the last
//! place is 2^51; `h` is the difference between the bits of `x` and those of 2^103. The rest `l` is at
//! most 2^50 in magnitude. `C = 2^103 + 1.5 2^52` is a double, and `C - x` is exact because both are
//! multiples of 2^51 of at most 53 bits; so `y` is exact too.
//!
//! **Range.** The number of terms is known in advance. The sums therefore start with a value that
//! cancels the constants' bits, and with 2^51 more for each `l` and 1 less for each `h`: the number
//! stays the same, and no column is negative. A sum has at most 523 terms below 2^52.4, thus stays
//! below 2^62.
//!
//! Sources: Gueron and Krasnov, "Software implementation of modular exponentiation, using advanced
//! vector instructions architectures" (2012), for columns of vectors; van der Hoeven, Lecerf and
//! Quintin, "Modular SIMD arithmetic in Mathemagix" (2016), section 3, for products by two FMAs.

use std::arch::x86_64::*;
use std::mem::MaybeUninit;

use super::BASECASE_MAX;
use crate::memory::{as_bytes, as_bytes_mut};

/// Zeros on both sides of `b`: as many as there are columns at a time.
const PAD: usize = 8;
/// Digits of the longest operand, rounded up to groups of eight.
const DIGITS: usize = (64 * BASECASE_MAX).div_ceil(51).next_multiple_of(8);
const MASK: i64 = (1 << 51) - 1;
/// 2^103: doubles from here on are multiples of 2^51.
const HIGH: f64 = (1u128 << 103) as f64;
/// 1.5 2^52: doubles around it are integers.
const LOW: f64 = 1.5 * (1u64 << 52) as f64;
/// Start values per term: they cancel the constants that each term adds to the sums.
const HIGH_START: u64 = HIGH.to_bits().wrapping_add(1).wrapping_neg();
const LOW_START: u64 = (1u64 << 51).wrapping_sub(LOW.to_bits());

/// Four digits.
type Vector = MaybeUninit<[f64; 4]>;

/// `out = a b`.
///
/// # Safety
/// The processor has the features; `a` and `b` have 1 to [`BASECASE_MAX`] limbs each, and `out` has
/// `a.len() + b.len()` limbs.
#[target_feature(enable = "avx2,fma,bmi2")]
pub(super) unsafe fn multiply(out: &mut [u64], a: &[u64], b: &[u64]) {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let (na, nb) = ((64 * a.len()).div_ceil(51), (64 * b.len()).div_ceil(51));
    let mut a_digits = [const { Vector::uninit() }; DIGITS / 4];
    let mut b_digits = [const { Vector::uninit() }; (DIGITS + 2 * PAD) / 4];
    let zero = _mm256_setzero_pd();
    // SAFETY: `na, nb <= DIGITS`, so that all digits and pads have their place
    // (`to_digits` writes groups of eight); each store below is of one vector.
    unsafe {
        to_digits(a_digits.as_mut_ptr().cast(), a);
        let start = b_digits.as_mut_ptr().cast::<f64>();
        _mm256_storeu_pd(start, zero);
        _mm256_storeu_pd(start.add(4), zero);
        to_digits(start.add(PAD), b);
        _mm256_storeu_pd(start.add(PAD + nb), zero);
        _mm256_storeu_pd(start.add(PAD + nb + 4), zero);
    }
    let a_digits = a_digits.as_ptr().cast::<f64>();
    let b_digits = b_digits.as_ptr().cast::<f64>();
    let out = as_bytes_mut(out);
    let mut state = Carry::default();
    for (block, c) in (0..na + nb).step_by(8).enumerate() {
        // Digit c + 7 - i or one before it exists. The number of terms is made even by a zero from
        // the padding of `b` or `a`.
        let (mut first, mut end) = ((c + 1).saturating_sub(nb), na.min(c + 8));
        if (end - first) % 2 == 1 {
            if first > 0 { first -= 1 } else { end += 1 }
        }
        // SAFETY: `end` is at most `na`, or `na + 1` where `na` is odd and a zero follows. The
        // least c - i is -7, or -8 for i = na; the largest c - i + 7 is nb + 7: all are within `b`
        // and its padding.
        let sums = unsafe { columns(a_digits.add(first), b_digits.add(PAD + c - first), end - first) };
        // SAFETY: the features are those of this function.
        let (even, odd) = unsafe { state.digits(sums) };
        // SAFETY: as above.
        unsafe { store(out.get_mut(51 * block..).unwrap_or_default(), even, odd) };
    }
}

/// Two vectors of low and high sums of `count` terms: the digits of `a` upwards times the digits of
/// `b` downwards. `count` is even.
///
/// # Safety
/// The processor has the features; `a` points at `count` digits, `b` at 8 digits and `count - 1` before them.
#[inline]
#[target_feature(enable = "avx2,fma,bmi2")]
unsafe fn columns(a: *const f64, b: *const f64, count: usize) -> [(__m256i, __m256i); 2] {
    let (magic, offset) = (_mm256_set1_pd(HIGH), _mm256_set1_pd(HIGH + LOW));
    let mut l0 = _mm256_set1_epi64x((count as u64).wrapping_mul(LOW_START) as i64);
    let mut h0 = _mm256_set1_epi64x((count as u64).wrapping_mul(HIGH_START) as i64);
    let (mut l1, mut h1) = (l0, h0);
    // Add the bit patterns of the product's high and low part.
    let add = |l: &mut __m256i, h: &mut __m256i, x: __m256d, y: __m256d| {
        let high = _mm256_fmadd_pd(x, y, magic);
        let low = _mm256_fmadd_pd(x, y, _mm256_sub_pd(offset, high));
        *h = _mm256_add_epi64(*h, _mm256_castpd_si256(high));
        *l = _mm256_add_epi64(*l, _mm256_castpd_si256(low));
    };
    let mut i = 0;
    while i < count {
        // SAFETY: i + 1 < count.
        unsafe {
            let (x, b) = (_mm256_broadcast_sd(&*a.add(i)), b.sub(i));
            add(&mut l0, &mut h0, x, _mm256_loadu_pd(b));
            add(&mut l1, &mut h1, x, _mm256_loadu_pd(b.add(4)));
            let (x, b) = (_mm256_broadcast_sd(&*a.add(i + 1)), b.sub(1));
            add(&mut l0, &mut h0, x, _mm256_loadu_pd(b));
            add(&mut l1, &mut h1, x, _mm256_loadu_pd(b.add(4)));
        }
        i += 2;
    }
    [(l0, h0), (l1, h1)]
}

/// The carry from eight columns to the next eight.
struct Carry {
    /// Upper halves of the last products; the highest one still has to be added.
    high: __m256i,
    /// Carries between the last columns; the highest one still has to be added.
    over: __m256i,
    ripple: u64,
}

impl Default for Carry {
    #[inline(always)]
    fn default() -> Self {
        // SAFETY: all zeros are a vector of integers.
        let zero = unsafe { std::mem::zeroed() };
        Self { high: zero, over: zero, ripple: 0 }
    }
}

impl Carry {
    /// The digits of eight columns, each below 2^51.
    ///
    /// # Safety
    /// The processor has the features.
    #[inline]
    #[target_feature(enable = "avx2,fma,bmi2")]
    unsafe fn digits(&mut self, [(l0, h0), (l1, h1)]: [(__m256i, __m256i); 2]) -> (__m256i, __m256i) {
        let mask = _mm256_set1_epi64x(MASK);
        let s0 = _mm256_add_epi64(l0, moved_up(h0, self.high));
        let s1 = _mm256_add_epi64(l1, moved_up(h1, h0));
        let (o0, o1) = (_mm256_srli_epi64::<51>(s0), _mm256_srli_epi64::<51>(s1));
        let d0 = _mm256_add_epi64(_mm256_and_si256(s0, mask), moved_up(o0, self.over));
        let d1 = _mm256_add_epi64(_mm256_and_si256(s1, mask), moved_up(o1, o0));
        (self.high, self.over) = (h1, o1);
        // Digits are now below 2^51 + 2^11. Only constructed operands can still exceed 2^51 and need
        // `ripple_on`.
        let above = _mm256_set1_epi64x(MASK + 1);
        if self.ripple == 0 && _mm256_testz_si256(_mm256_or_si256(d0, d1), above) == 1 {
            return (d0, d1);
        }
        // SAFETY: the features are those of this function.
        unsafe { self.ripple_on(d0, d1) }
    }

    /// Carries from digit to digit.
    ///
    /// # Safety
    /// The processor has the features.
    #[cold]
    #[inline(never)]
    #[target_feature(enable = "avx2,fma,bmi2")]
    unsafe fn ripple_on(&mut self, d0: __m256i, d1: __m256i) -> (__m256i, __m256i) {
        let mut digits = [0u64; 8];
        let (first, second) = digits.split_at_mut(4);
        // SAFETY: four words each.
        unsafe {
            _mm256_storeu_si256(first.as_mut_ptr().cast(), d0);
            _mm256_storeu_si256(second.as_mut_ptr().cast(), d1);
        }
        for digit in &mut digits {
            let sum = *digit + self.ripple;
            (*digit, self.ripple) = (sum & MASK as u64, sum >> 51);
        }
        let (first, second) = digits.split_at(4);
        // SAFETY: four words each.
        unsafe { (_mm256_loadu_si256(first.as_ptr().cast()), _mm256_loadu_si256(second.as_ptr().cast())) }
    }
}

/// `x` moved up one lane; the last lane of `before` enters below.
#[inline]
#[target_feature(enable = "avx2,fma,bmi2")]
fn moved_up(x: __m256i, before: __m256i) -> __m256i {
    _mm256_permute4x64_epi64::<0b10_01_00_11>(_mm256_blend_epi32::<0b1100_0000>(x, before))
}

/// Writes eight digits as 51 bytes to the front of `out`; a shorter `out` gets the first bytes.
///
/// # Safety
/// The processor has the features.
#[inline]
#[target_feature(enable = "avx2,fma,bmi2")]
unsafe fn store(out: &mut [u8], even: __m256i, odd: __m256i) {
    // The first four digits take 25.5 bytes; the others begin in the middle of a byte. Shifts by 64
    // give 0.
    let next = _mm256_permute4x64_epi64::<0b11_11_10_01>(even);
    let low = _mm256_srlv_epi64(even, _mm256_setr_epi64x(0, 13, 26, 39));
    let low = _mm256_or_si256(low, _mm256_sllv_epi64(next, _mm256_setr_epi64x(51, 38, 25, 64)));
    let half = _mm256_permute4x64_epi64::<0b11_11_11_11>(even);
    let half = _mm256_srlv_epi64(half, _mm256_setr_epi64x(47, 64, 64, 64));
    let next = _mm256_permute4x64_epi64::<0b11_11_10_01>(odd);
    let high = _mm256_srlv_epi64(odd, _mm256_setr_epi64x(64, 9, 22, 35));
    let high = _mm256_or_si256(high, _mm256_sllv_epi64(next, _mm256_setr_epi64x(55, 42, 29, 64)));
    let first = _mm256_sllv_epi64(odd, _mm256_setr_epi64x(4, 64, 64, 64));
    let high = _mm256_or_si256(_mm256_or_si256(high, first), half);
    let both = |to: *mut u8| {
        // SAFETY: the caller has room for 57 bytes.
        unsafe {
            _mm256_storeu_si256(to.cast(), low);
            _mm256_storeu_si256(to.add(25).cast(), high);
        }
    };
    if out.len() >= 57 {
        both(out.as_mut_ptr());
    } else {
        let mut bytes = [0; 57];
        both(bytes.as_mut_ptr());
        out.copy_from_slice(&bytes[..out.len()]);
    }
}

/// Writes the digits of `limbs`, rounded up to groups of eight with zeros.
///
/// # Safety
/// The processor has the features; `to` has room for the digits rounded up to groups of eight.
#[inline]
#[target_feature(enable = "avx2,fma,bmi2")]
unsafe fn to_digits(to: *mut f64, limbs: &[u64]) {
    let bytes = as_bytes(limbs);
    for (k, at) in (0..bytes.len()).step_by(51).enumerate() {
        let rest = &bytes[at..];
        // SAFETY: 54 bytes are there, if need be in a copy; there is room for 8 digits per 51 bytes.
        unsafe {
            if rest.len() >= 54 {
                eight_digits(to.add(8 * k), rest.as_ptr());
            } else {
                let mut copy = [0; 54];
                copy[..rest.len()].copy_from_slice(rest);
                eight_digits(to.add(8 * k), copy.as_ptr());
            }
        }
    }
}

/// Eight digits of the 51 bytes at `from`.
///
/// # Safety
/// The processor has the features; `to` has room for 8 digits, `from` points at 54 bytes.
#[inline]
#[target_feature(enable = "avx2,fma,bmi2")]
unsafe fn eight_digits(to: *mut f64, from: *const u8) {
    // Digit k begins in byte 51 k / 8: two digits lie in 15 bytes.
    let load = |low: usize, high: usize| {
        // SAFETY: at most 54 bytes.
        let (low, high) =
            unsafe { (_mm_loadu_si128(from.add(low).cast()), _mm_loadu_si128(from.add(high).cast())) };
        _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(low), high)
    };
    // An integer below 2^52 as the fraction of a double above 2^52.
    let one = (1u64 << 52) as f64;
    let double = |x: __m256i| {
        let x = _mm256_and_si256(x, _mm256_set1_epi64x(MASK));
        let x = _mm256_or_si256(x, _mm256_set1_epi64x(one.to_bits() as i64));
        _mm256_sub_pd(_mm256_castsi256_pd(x), _mm256_set1_pd(one))
    };
    #[rustfmt::skip]
    let bytes = _mm256_setr_epi8(
        0, 1, 2, 3, 4, 5, 6, 7, 6, 7, 8, 9, 10, 11, 12, 13,
        0, 1, 2, 3, 4, 5, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14,
    );
    let low = _mm256_srlv_epi64(_mm256_shuffle_epi8(load(0, 12), bytes), _mm256_setr_epi64x(0, 3, 6, 1));
    #[rustfmt::skip]
    let bytes = _mm256_setr_epi8(
        0, 1, 2, 3, 4, 5, 6, 7, 6, 7, 8, 9, 10, 11, 12, 13,
        0, 1, 2, 3, 4, 5, 6, 7, 6, 7, 8, 9, 10, 11, 12, 13,
    );
    let high = _mm256_srlv_epi64(_mm256_shuffle_epi8(load(25, 38), bytes), _mm256_setr_epi64x(4, 7, 2, 5));
    // SAFETY: room for two vectors.
    unsafe {
        _mm256_storeu_pd(to, double(low));
        _mm256_storeu_pd(to.add(4), double(high));
    }
}
