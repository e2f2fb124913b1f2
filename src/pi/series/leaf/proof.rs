//! The residues of P, Q and T from the closed forms of the terms: what the long numbers are proved by.
//!
//! ```text
//! P = p_k P,  T = q_k T + a_k P,  Q = q_k Q      from the first term to the last; p_k with its sign
//! P = P1 P2,  T = T1 Q2 + P1 T2,  Q = Q1 Q2      of one run of terms and the next
//! ```
//! The closed forms are polynomials in k: a wrong [`Series::terms`] is noticed, too. Each lane takes a run of
//! consecutive terms, in which the polynomials go from term to term by their differences. The factors that
//! a leaf removes are divided out at the end.
//!
//! Vectors and closures do not go together: a closure does not inherit the level's instructions.

use crate::bigint::residue::{Field, PRIME, Wide, inverse, minus, plus, power_of_two, times};
use crate::cpu::{Lanes, Level, Simd, Task};
use crate::pi::series::Series;

/// Residues modulo [`PRIME`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Residues {
    pub(super) p: u64,
    pub(super) q: u64,
    pub(super) t: u64,
}

impl Residues {
    /// No terms.
    const NONE: Self = Self { p: 1, q: 1, t: 0 };

    /// The residues of `count` terms from `first` on.
    pub(super) fn of(series: &Series, first: u64, count: usize) -> Self {
        Self::at_level(Level::get(), series, first, count)
    }

    pub(super) fn at_level(level: Level, series: &Series, first: u64, count: usize) -> Self {
        let Self { p, q, t } = level.run(Runs { series, first, count });
        // The first term is subtracted in a sum with signs, and T has the sign of its first term.
        let negated = |negative: bool, x| if negative { minus(0, x) } else { x };
        Self { p: negated(series.alternating && count % 2 == 1, p), q, t: negated(series.alternating, t) }
    }

    /// This run of terms and the next.
    fn followed_by(self, o: Self) -> Self {
        let t = plus(times(self.t, o.q), times(self.p, o.t));
        Self { p: times(self.p, o.p), q: times(self.q, o.q), t }
    }

    /// The residues of P, Q and T without the factor `removed`, and of Q without `zeros` limbs of zeros.
    pub(super) fn finish(self, removed: u64, zeros: usize) -> Self {
        let left = inverse(removed);
        let without_zeros = power_of_two(61 - 64 * zeros % 61);
        Self { p: times(self.p, left), q: times(times(self.q, left), without_zeros), t: times(self.t, left) }
    }
}

/// A run of terms in each lane.
struct Runs<'a> {
    series: &'a Series,
    first: u64,
    count: usize,
}

impl Task for Runs<'_> {
    type Output = Residues;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Residues {
        let Self { series: Series { closed_form, alternating, .. }, first, count } = self;
        // The first lanes have a term more, if the lanes do not share the terms evenly.
        let (steps, longer) = (count / S::LANES, count % S::LANES);
        let (mut starts, mut has_more) = ([0; 8], [0; 8]);
        for lane in 0..S::LANES {
            starts[lane] = first + (lane * steps + lane.min(longer)) as u64;
            has_more[lane] = if lane < longer { u64::MAX } else { 0 };
        }
        let (field, k) = (Field::new(simd), simd.load_bits(&starts));
        let sign = if *alternating { -1 } else { 1 };
        let mut terms = [
            Differences::new(field, closed_form.p.map(|coefficient| sign * coefficient), k),
            Differences::new(field, closed_form.q, k),
            Differences::new(field, closed_form.a, k),
        ];
        let mut sum = Sum { p: field.splat(1), q: field.splat(1), t: field.splat(0) };
        for _ in 0..steps {
            sum.append(field, &mut terms);
        }
        if longer > 0 {
            let mut more = sum;
            more.append(field, &mut terms);
            sum = more.where_set(sum, simd.load_bits(&has_more), simd.splat_bits(u64::MAX));
        }
        let mut lanes = [[0; 8]; 3];
        for (lanes, vector) in lanes.iter_mut().zip([sum.p, sum.q, sum.t]) {
            vector.store_bits(lanes);
        }
        let [p, q, t] = lanes;
        let runs = (0..S::LANES).map(|lane| Residues { p: p[lane], q: q[lane], t: t[lane] });
        runs.fold(Residues::NONE, Residues::followed_by)
    }
}

/// P, Q and T in lanes.
#[derive(Clone, Copy)]
struct Sum<F> {
    p: F,
    q: F,
    t: F,
}

impl<F: Lanes> Sum<F> {
    #[inline(always)]
    fn append<S: Simd<F = F>>(&mut self, field: Field<S>, terms: &mut [Differences<F>; 3]) {
        let [p_k, q_k, a_k] = terms;
        let (p_k, q_k) = (field.halves(p_k.next(field)), field.halves(q_k.next(field)));
        let a_k = field.halves(a_k.next(field));
        self.p = field.reduced(Wide::product(field.halves(self.p), p_k));
        let of_t = Wide::product(field.halves(self.t), q_k);
        self.t = field.reduced(of_t.plus(Wide::product(field.halves(self.p), a_k)));
        self.q = field.reduced(Wide::product(field.halves(self.q), q_k));
    }

    /// This in lanes whose mask is set, the other in those whose mask is not.
    #[inline(always)]
    fn where_set(self, o: Self, mask: F, all: F) -> Self {
        let other = all.sub_bits(mask);
        Self {
            p: self.p.and_bits(mask).or_bits(o.p.and_bits(other)),
            q: self.q.and_bits(mask).or_bits(o.q.and_bits(other)),
            t: self.t.and_bits(mask).or_bits(o.t.and_bits(other)),
        }
    }
}

/// A polynomial of degree 3: its value at k, and its differences there.
struct Differences<F>([F; 4]);

impl<F: Lanes> Differences<F> {
    /// The polynomial with these coefficients, from the constant one on, at `k`.
    #[inline(always)]
    fn new<S: Simd<F = F>>(field: Field<S>, mut coefficients: [i64; 4], k: F) -> Self {
        let mut values = [k; 4];
        for (value, degree) in values.iter_mut().zip([3, 2, 1, 0]) {
            *value = field.splat(residue(coefficients[degree]));
            for &coefficient in coefficients[..degree].iter().rev() {
                *value = field.plus(field.times(*value, k), field.splat(residue(coefficient)));
            }
            // (k + 1)^2 - k^2 = 2k + 1,  (k + 1)^3 - k^3 = 3k^2 + 3k + 1
            let [_, b, c, d] = coefficients;
            coefficients = [b + c + d, 2 * c + 3 * d, 3 * d, 0];
        }
        Self(values)
    }

    /// The value; goes on to `k + 1`.
    #[inline(always)]
    fn next<S: Simd<F = F>>(&mut self, field: Field<S>) -> F {
        let Self([value, first, second, third]) = self;
        let at_k = *value;
        *value = field.plus(*value, *first);
        *first = field.plus(*first, *second);
        *second = field.plus(*second, *third);
        at_k
    }
}

/// The residue of a coefficient.
#[inline(always)]
fn residue(coefficient: i64) -> u64 {
    if coefficient < 0 { PRIME.wrapping_add_signed(coefficient) } else { coefficient as u64 }
}
