//! Convolution floor: certified products of limb vectors.
//!
//! STAGE 0: the interface alone, on a schoolbook product. The engine replaces
//! the bodies; signatures and contracts stay.

/// The sign with which a product enters a sum, and the sign of a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Added; or: the sum is zero or positive.
    Plus,
    /// Subtracted; or: the sum is negative.
    Minus,
}

/// A transform length and digit width for products of one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    limbs: usize,
    wraps: bool,
}

impl Plan {
    /// A plan for full products of `la` x `lb` limbs.
    pub fn for_product(la: usize, lb: usize) -> Self {
        Self { limbs: la + lb, wraps: false }
    }

    /// A plan for signed sums of up to `terms` products of `la` x `lb` limbs.
    pub fn for_sum_of_products(la: usize, lb: usize, terms: usize) -> Self {
        let _ = terms;
        Self { limbs: la + lb + 1, wraps: false }
    }

    /// A plan for products modulo `2^K + 1`, `K >= 64 * min_limbs`, `K` a multiple of 64.
    pub fn for_wraparound(min_limbs: usize) -> Self {
        Self { limbs: min_limbs.max(1), wraps: true }
    }

    /// `K / 64` of a wrap-around plan; the limbs that a full plan can hold.
    pub fn modulus_limbs(&self) -> usize {
        self.limbs
    }

    /// The transform of `a`, to be used in any number of products of this plan.
    /// `a` may be shorter than the plan; in a wrap-around plan `a < 2^K`.
    pub fn transform(&self, a: &[u64]) -> Transformed {
        Transformed { plan: self.clone(), limbs: a.to_vec() }
    }
}

/// An operand in transformed form: made by [`Plan::transform`], usable in products of an equal plan.
#[derive(Clone, Debug)]
pub struct Transformed {
    plan: Plan,
    limbs: Vec<u64>,
}

impl Transformed {
    /// The plan that made it.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

fn schoolbook(out: &mut [u64], a: &[u64], b: &[u64]) {
    out.fill(0);
    for (i, &x) in a.iter().enumerate() {
        let mut carry = 0u128;
        for (j, &y) in b.iter().enumerate() {
            if i + j < out.len() {
                let t = u128::from(x) * u128::from(y) + u128::from(out[i + j]) + carry;
                out[i + j] = t as u64;
                carry = t >> 64;
            }
        }
        let mut k = i + b.len();
        while carry != 0 && k < out.len() {
            let t = u128::from(out[k]) + carry;
            out[k] = t as u64;
            carry = t >> 64;
            k += 1;
        }
    }
}

/// `out = a * b`; `out.len() == a.len() + b.len()`. Any sizes, balanced or not.
pub fn multiply(out: &mut [u64], a: &[u64], b: &[u64]) {
    assert_eq!(out.len(), a.len() + b.len(), "out must have a.len() + b.len() limbs");
    schoolbook(out, a, b);
}

/// `out = a^2`; `out.len() == 2 * a.len()`.
pub fn square(out: &mut [u64], a: &[u64]) {
    multiply(out, a, a);
}

/// `out = a * b` of two transformed operands of equal full plans. `out` must
/// hold the product; limbs above it become zero.
pub fn multiply_transformed(out: &mut [u64], a: &Transformed, b: &Transformed) {
    assert_eq!(a.plan, b.plan);
    schoolbook(out, &a.limbs, &b.limbs);
}

/// `out = a * b` with `a` transformed: two transforms instead of three.
pub fn multiply_cached(out: &mut [u64], a: &Transformed, b: &[u64]) {
    schoolbook(out, &a.limbs, b);
}

/// `out = |sum of sign * a * b|`, one inverse transform; the sum's sign is returned.
/// All plans equal, made by [`Plan::for_sum_of_products`]; `out` must hold the magnitude.
#[must_use = "the sum may be negative"]
pub fn multiply_add(out: &mut [u64], terms: &[(&Transformed, &Transformed, Sign)]) -> Sign {
    let mut sum = vec![0u64; out.len() + 1];
    let mut one = vec![0u64; out.len() + 1];
    for (a, b, sign) in terms {
        schoolbook(&mut one, &a.limbs, &b.limbs);
        let mut carry = *sign == Sign::Minus;
        for (s, &o) in sum.iter_mut().zip(&one) {
            let o = if *sign == Sign::Minus { !o } else { o };
            let (t, c1) = s.overflowing_add(o);
            let (t, c2) = t.overflowing_add(u64::from(carry));
            *s = t;
            carry = c1 | c2;
        }
    }
    let negative = sum[out.len()] >> 63 == 1;
    let mut carry = negative;
    for (o, &s) in out.iter_mut().zip(&sum) {
        let s = if negative { !s } else { s };
        let (t, c) = s.overflowing_add(u64::from(carry));
        *o = t;
        carry = c;
    }
    if negative { Sign::Minus } else { Sign::Plus }
}

/// `out = a * b mod 2^K + 1`, in `0 ..= 2^K`; `out.len() == plan.modulus_limbs() + 1`; `a, b < 2^K`.
pub fn multiply_wraparound(out: &mut [u64], plan: &Plan, a: &[u64], b: &[u64]) {
    let k = plan.modulus_limbs();
    assert!(plan.wraps && out.len() == k + 1 && a.len() <= k && b.len() <= k);
    let mut full = vec![0u64; 2 * k];
    schoolbook(&mut full, a, b);
    let mut borrow = false;
    for i in 0..k {
        let (t, c1) = full[i].overflowing_sub(full[k + i]);
        let (t, c2) = t.overflowing_sub(u64::from(borrow));
        out[i] = t;
        borrow = c1 | c2;
    }
    out[k] = 0;
    let mut carry = borrow;
    for o in out.iter_mut() {
        let (t, c) = o.overflowing_add(u64::from(carry));
        *o = t;
        carry = c;
    }
}

/// [`multiply_wraparound`] of two transformed operands of equal wrap-around plans.
pub fn multiply_wraparound_transformed(out: &mut [u64], a: &Transformed, b: &Transformed) {
    assert_eq!(a.plan, b.plan);
    multiply_wraparound(out, &a.plan, &a.limbs, &b.limbs);
}

/// [`multiply_wraparound`] with `a` transformed.
pub fn multiply_wraparound_cached(out: &mut [u64], a: &Transformed, b: &[u64]) {
    multiply_wraparound(out, &a.plan, &a.limbs, b);
}
