//! The arithmetic of digits in lanes.
//!
//! ```text
//! product by a factor of D digits, from the lowest digit x_i on:
//!     sum_i = low(f_0 x_i) + high(f_0 x_(i-1)) + low(f_1 x_(i-1)) + high(f_1 x_(i-2)) + ... + carry
//!     digit = sum_i mod 2^52,  carry = sum_i / 2^52
//! exact division by d, with 1/d modulo 2^52:
//!     digit = low((x_i - carry) / d);  carry = high(d_0 digit) + low(d_1 digit) + high(d_1 digit before)
//! ```
//! Factors of IFMA are the lower 52 bits of their lanes, so digits need no mask before a product: those of Q
//! and P keep their carries above. Digits of T are terms of a sum: complements where T is subtracted.
//!
//! **Range.** A sum has at most six parts below `2^52`, a complement of the same size, and a carry below
//! `2^4`: its magnitude is below `2^55`.
//!
//! Source: Gueron and Krasnov, "Accelerating big integer arithmetic using Intel IFMA extensions" (2016);
//! Jebelean, "An algorithm for exact division" (1993).

use super::{LANES, Row, Step};
use std::arch::x86_64::*;

const MASK: u64 = (1 << super::DIGIT) - 1;

/// P, Q and T of the steps, see [`super::Horner::sum`]. A step adds three digits to Q and T at most, and two
/// to P; each place has a row for 1, for all of these, and two more. Returns the lengths in limbs.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
pub(super) fn sum(
    steps: &[Step],
    divisors: &[[Row; 2]],
    subtract: bool,
    [p, q, t]: [&mut [Row]; 3],
) -> [usize; 3] {
    let zero = _mm512_setzero_si512();
    let mask = splat(MASK);
    // A subtrahend is complemented, and 1 is added to each digit.
    let filled = [if subtract { u64::MAX } else { 0 }; LANES];
    let (flip, one) = (load(&filled), splat(subtract.into()));
    let (mut n, mut n_p) = (1, 1);
    (p[0], q[0]) = ([1; LANES], [1; LANES]);
    t[0] = filled;
    for step in steps {
        let by = [load(&step.p[0]), load(&step.p[1])];
        clear(p, n_p, 2);
        n_p += 2;
        multiply(p.iter_mut().take(n_p), by);
        while is_zero(load(&p[n_p - 1])) {
            n_p -= 1;
        }
        clear(q, n, 3);
        t.iter_mut().skip(n).take(3).for_each(|row| *row = filled);
        n += 3;
        let a = [load(&step.a)];
        let m = [load(&step.q[0]), load(&step.q[1]), load(&step.q[2])];
        let (mut of_a, mut of_p, mut of_m) = ([one], [zero; 2], [zero; 3]);
        let (mut over_a, mut over_p, mut over_m) = (zero, zero, zero);
        for (x, y) in q.iter_mut().zip(&mut *t).take(n) {
            let digit = load(x);
            let rest = _mm512_add_epi64(load(y), over_a);
            let sum = _mm512_add_epi64(column(&mut of_a, &a, digit, one), rest);
            over_a = _mm512_srai_epi64::<52>(sum);
            let product = _mm512_add_epi64(column(&mut of_p, &by, sum, zero), over_p);
            over_p = _mm512_srli_epi64::<52>(product);
            store(y, _mm512_xor_si512(_mm512_and_si512(product, mask), flip));
            let product = _mm512_add_epi64(column(&mut of_m, &m, digit, zero), over_m);
            over_m = _mm512_srli_epi64::<52>(product);
            store(x, product);
        }
        while is_zero(_mm512_or_si512(load(&q[n - 1]), _mm512_xor_si512(load(&t[n - 1]), flip))) {
            n -= 1;
        }
    }
    for row in t.iter_mut().take(n) {
        let digit = _mm512_xor_si512(load(row), flip);
        store(row, digit);
    }
    for divisor in divisors {
        divide(&mut p[..n_p], &mut q[..n], &mut t[..n], [load(&divisor[0]), load(&divisor[1])]);
    }
    [pack(p, n_p), pack(q, n), pack(t, n)]
}

/// `numbers = numbers factor`, of which the upper digits are zero before.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
fn multiply<'a>(numbers: impl Iterator<Item = &'a mut Row>, factor: [__m512i; 2]) {
    let zero = _mm512_setzero_si512();
    let (mut above, mut over) = ([zero; 2], zero);
    for x in numbers {
        let sum = _mm512_add_epi64(column(&mut above, &factor, load(x), zero), over);
        over = _mm512_srli_epi64::<52>(sum);
        store(x, sum);
    }
}

/// The sum of a column without carries; `above` has the parts of the next columns.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
fn column<const D: usize>(
    above: &mut [__m512i; D],
    factor: &[__m512i; D],
    digit: __m512i,
    start: __m512i,
) -> __m512i {
    let sum = _mm512_madd52lo_epu64(above[0], factor[0], digit);
    for k in 1..D {
        let part = _mm512_madd52hi_epu64(above[k], factor[k - 1], digit);
        above[k - 1] = _mm512_madd52lo_epu64(part, factor[k], digit);
    }
    above[D - 1] = _mm512_madd52hi_epu64(start, factor[D - 1], digit);
    sum
}

/// Divides numbers in each lane by the divisor of the lane; P is not longer than the others.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
fn divide(p: &mut [Row], q: &mut [Row], t: &mut [Row], divisor: [__m512i; 2]) {
    let zero = _mm512_setzero_si512();
    let inverse = inverse(divisor[0]);
    let mut states = [[zero; 2]; 3];
    let mut p = p.iter_mut();
    for (q, t) in q.iter_mut().zip(t) {
        states[0] = divide_digit(q, divisor, inverse, states[0]);
        states[1] = divide_digit(t, divisor, inverse, states[1]);
        if let Some(p) = p.next() {
            states[2] = divide_digit(p, divisor, inverse, states[2]);
        }
    }
    let rest = states.into_iter().flatten().fold(zero, |rest, state| _mm512_or_si512(rest, state));
    let exact = _mm512_test_epi64_mask(rest, rest) == 0;
    assert!(exact, "an exact division in lanes leaves a remainder: do not trust this machine");
}

/// Replaces a digit by that of the quotient; returns the parts of the next two digits of its product.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
fn divide_digit(
    x: &mut Row,
    divisor: [__m512i; 2],
    inverse: __m512i,
    [carry, above]: [__m512i; 2],
) -> [__m512i; 2] {
    let zero = _mm512_setzero_si512();
    let difference = _mm512_sub_epi64(_mm512_and_si512(load(x), splat(MASK)), carry);
    let above = _mm512_sub_epi64(above, _mm512_srai_epi64::<52>(difference));
    let quotient = _mm512_madd52lo_epu64(zero, difference, inverse);
    store(x, quotient);
    let high = _mm512_madd52hi_epu64(above, divisor[0], quotient);
    let low = _mm512_madd52lo_epu64(zero, divisor[1], quotient);
    [_mm512_add_epi64(high, low), _mm512_madd52hi_epu64(zero, divisor[1], quotient)]
}

/// `1 / d` modulo `2^52` for odd `d`: each step doubles the right bits.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
fn inverse(d: __m512i) -> __m512i {
    let zero = _mm512_setzero_si512();
    let mut x = _mm512_xor_si512(_mm512_add_epi64(d, _mm512_add_epi64(d, d)), splat(2));
    for _ in 0..4 {
        let error = _mm512_sub_epi64(splat(2), _mm512_madd52lo_epu64(zero, d, x));
        x = _mm512_madd52lo_epu64(zero, x, error);
    }
    x
}

/// Replaces `n` digits by limbs, of which there are fewer; returns their number.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
fn pack(rows: &mut [Row], n: usize) -> usize {
    clear(rows, n, 2);
    let limbs = (52 * n).div_ceil(64);
    for limb in 0..limbs {
        let (digit, bits) = (64 * limb / 52, (64 * limb % 52) as i64);
        let digits = rows[digit..].first_chunk::<3>().expect("two rows of zeros");
        let [low, high, higher] = [0, 1, 2].map(|k: usize| _mm512_and_si512(load(&digits[k]), splat(MASK)));
        let low = _mm512_srl_epi64(low, _mm_cvtsi64_si128(bits));
        let high = _mm512_sll_epi64(high, _mm_cvtsi64_si128(52 - bits));
        // Shifts by 64 bits or more give 0.
        let higher = _mm512_sll_epi64(higher, _mm_cvtsi64_si128(104 - bits));
        let sum = _mm512_or_si512(_mm512_or_si512(low, high), higher);
        store(&mut rows[limb], sum);
    }
    limbs
}

/// Clears `count` rows from `first` on.
#[inline]
fn clear(rows: &mut [Row], first: usize, count: usize) {
    rows.iter_mut().skip(first).take(count).for_each(|row| *row = [0; LANES]);
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
fn is_zero(digits: __m512i) -> bool {
    _mm512_test_epi64_mask(digits, splat(MASK)) == 0
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
fn splat(x: u64) -> __m512i {
    _mm512_set1_epi64(x as i64)
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
fn load(row: &Row) -> __m512i {
    // SAFETY: a row is a vector.
    unsafe { _mm512_loadu_si512(row.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512ifma,bmi2")]
fn store(row: &mut Row, digits: __m512i) {
    // SAFETY: a row is a vector.
    unsafe { _mm512_storeu_si512(row.as_mut_ptr().cast(), digits) }
}
