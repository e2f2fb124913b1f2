//! The groups of a leaf side by side, one in each [lane](Horner).
//!
//! ```text
//! terms      a, p, q c in digits of 52 bits; shorter groups end with terms that change nothing
//! divisors   products of two digits; each group has its own
//! P, Q, T    from rows of limbs to the places of the groups; Q without its factors 2
//! ```
//! A longer group takes more steps of more digits, and saves a level of merges. Eight groups are the best
//! number for leaves of 275 and of 354 terms, 16 are the next: see `cargo bench --bench pi -- anatomy`.

use super::group::{Grouping, Lens};
use crate::bigint::limbs::normalized_len;
use crate::cpu::{DIGIT, Horner, LANES, Row, Step, Sums};
use crate::pi::series::{Series, Term};

/// Terms from which lanes are faster than one group after the other.
const LEAST_TERMS: usize = 96;

const MASK: u64 = (1 << DIGIT) - 1;

/// Lanes for `n` terms from `a` on, if there are any and if they pay. Of the numbers of a term, `a_k` is the
/// first to outgrow its digits.
pub(super) fn of(series: &Series, a: u64, n: usize) -> Option<Horner> {
    let [constant, slope, ..] = series.closed_form.a.map(i128::from);
    let last = constant + slope * i128::from(a + n as u64 - 1);
    Horner::get().filter(|_| n >= LEAST_TERMS && last <= MASK.into())
}

/// As many groups as lanes, or little less, of equal length.
pub(super) fn grouping(n: usize) -> Grouping {
    let terms = n.div_ceil(LANES).next_multiple_of(2);
    Grouping { terms, count: n.div_ceil(terms) }
}

/// P, Q and T of all groups.
pub(super) struct Groups {
    sums: Sums,
    /// Factors 2 of each Q.
    twos: [u32; LANES],
}

/// The groups of the terms from `a` on, of which each has a divisor. Digits beyond those of a lane, which
/// [`of`] excludes, are left out.
pub(super) fn sums(lanes: Horner, series: &Series, a: u64, groups: Grouping, divisors: &[u64]) -> Groups {
    let mut terms = Vec::with_capacity(divisors.len());
    (series.terms)(a, divisors.len(), &mut terms);
    #[cfg(test)]
    terms.chunks_mut(groups.terms).for_each(super::tests::damage_some);
    let mut digits = Digits::new(groups.terms);
    let all = terms.chunks(groups.terms).zip(divisors.chunks(groups.terms)).enumerate();
    for (lane, (terms, divisors)) in all {
        for (place, (term, &divisor)) in terms.iter().zip(divisors).enumerate() {
            digits.set(lane, place, term);
            digits.divide(lane, divisor);
        }
    }
    Groups { sums: lanes.sum(&digits.steps, &digits.divisors, series.alternating), twos: digits.twos }
}

impl Groups {
    /// Writes P, Q without factors 2, and T of a lane to the starts of the slices.
    pub(super) fn write(&self, lane: usize, [p, q, t]: [&mut [u64]; 3]) -> Lens {
        let [of_p, of_q, of_t] = self.sums.rows();
        let twos = self.twos[lane];
        Lens { p: write(of_p, lane, 0, p), q: write(of_q, lane, twos, q), t: write(of_t, lane, 0, t), twos }
    }
}

/// Writes the number of a lane without its lower bits; returns the length.
#[inline(never)]
fn write(rows: &[Row], lane: usize, bits: u32, out: &mut [u64]) -> usize {
    let (rows, bits) = (&rows[bits as usize / 64..], bits % 64);
    let out = &mut out[..rows.len()];
    let mut above = 0;
    for (out, row) in out.iter_mut().zip(rows).rev() {
        *out = ((u128::from(above) << 64 | u128::from(row[lane])) >> bits) as u64;
        above = row[lane];
    }
    #[cfg(test)]
    crate::bigint::testing::faults::damage(out);
    normalized_len(out)
}

/// Terms and divisors in digits.
struct Digits {
    /// The terms of all groups from the last to the first.
    steps: Vec<Step>,
    twos: [u32; LANES],
    divisors: Vec<[Row; 2]>,
    /// The index and the value of the divisor of each lane that takes more factors.
    open: [(usize, u128); LANES],
}

impl Digits {
    fn new(terms: usize) -> Self {
        Self {
            steps: vec![Step::NEUTRAL; terms],
            twos: [0; LANES],
            divisors: Vec::new(),
            open: [(0, 1); LANES],
        }
    }

    #[inline]
    fn set(&mut self, lane: usize, place: usize, term: &Term) {
        assert!(lane < LANES);
        self.twos[lane] += term.q.trailing_zeros() + term.c.trailing_zeros();
        let last = self.steps.len() - 1;
        let step = &mut self.steps[last - place];
        let [low, high] = [term.q as u64, (term.q >> 64) as u64].map(|q| u128::from(q) * u128::from(term.c));
        let upper = (low >> DIGIT).wrapping_add(high << (64 - DIGIT));
        step.a[lane] = term.a;
        [step.p[0][lane], step.p[1][lane]] = digits(term.p);
        step.q[0][lane] = low as u64 & MASK;
        [step.q[1][lane], step.q[2][lane]] = digits(upper);
    }

    /// Divides the group by a divisor of its term, at most 64 bits long.
    #[inline]
    fn divide(&mut self, lane: usize, divisor: u64) {
        assert!(lane < LANES);
        if divisor == 1 {
            return;
        }
        let (index, value) = &mut self.open[lane];
        let divisor = u128::from(divisor);
        if value.leading_zeros() + divisor.leading_zeros() >= 256 - 2 * DIGIT {
            *value *= divisor;
        } else {
            (*index, *value) = (*index + 1, divisor);
        }
        if *index == self.divisors.len() {
            self.divisors.push([[1; LANES], [0; LANES]]);
        }
        let [low, high] = &mut self.divisors[*index];
        [low[lane], high[lane]] = digits(*value);
    }
}

/// The lowest two digits.
#[inline]
fn digits(x: u128) -> [u64; 2] {
    [x as u64 & MASK, (x >> DIGIT) as u64 & MASK]
}

#[cfg(test)]
mod tests {
    use super::super::pairs::Events;
    use super::super::{Groups, LEAF_TERMS};
    use super::*;
    use crate::pi::series::chudnovsky::CHUDNOVSKY;
    use crate::pi::series::gosper::GOSPER;

    /// Compares lanes with groups one after the other.
    fn check(lanes: Horner, series: &Series, a: u64, n: usize, reduce: bool) {
        let groups = grouping(n);
        let events = if reduce { Events::of(series.powers(), a, n, groups) } else { Events::none(n, groups) };
        let found = Groups::new(series, a, groups, &events, Some(lanes));
        let expected = Groups::new(series, a, groups, &events, None);
        for k in 0..groups.count {
            let numbers = |groups: &Groups| {
                let (mut scratch, part) = (vec![0; 1000], k..k + 1);
                let p = groups.factors.p(part.clone(), &mut []).0.to_vec();
                let q = groups.factors.q(part.clone(), &mut scratch).0.to_vec();
                (p, q, groups.factors.zeros(part), groups.t.number(k).to_vec())
            };
            assert_eq!(numbers(&found), numbers(&expected), "group {k} of {n} terms from {a}");
        }
    }

    #[test]
    fn lanes_are_groups_one_after_the_other() {
        let Some(lanes) = Horner::get() else {
            eprintln!("not run here: lanes of AVX-512 IFMA");
            return;
        };
        // Terms fit up to 8,261,361.
        for start in [1, 2, 1000, 120_000, 126_000, 700_000, 2_640_000, 8_260_800] {
            for n in (1..40).chain([96, 98, 129, 275, 354, LEAF_TERMS as usize]) {
                check(lanes, &CHUDNOVSKY, start, n, true);
            }
            check(lanes, &CHUDNOVSKY, start, 300, false);
        }
        for start in [1, 1000, 1 << 31, (1 << 32) - 50, 1 << 40, (MASK - 15_000) / 50] {
            for n in [1, 2, 7, 96, 101, LEAF_TERMS as usize / 2] {
                check(lanes, &GOSPER, start, n, true);
                check(lanes, &GOSPER, start, n, false);
            }
        }
    }

    /// The first number that does not fit is `a`, so `of` looks at nothing else.
    #[test]
    fn long_terms_are_left_to_single_groups() {
        if Horner::get().is_none() {
            eprintln!("not run here: lanes of AVX-512 IFMA");
            return;
        }
        for (series, most) in [(&CHUDNOVSKY, 8_261_361), (&GOSPER, (MASK + 6) / 50)] {
            let (last, next) = (series.term(most), series.term(most + 1));
            assert!(last.a <= MASK && next.a > MASK);
            assert!(last.p >> (2 * DIGIT) == 0);
            let bits = |x: u128| 128 - x.leading_zeros();
            assert!(bits(last.q) + bits(last.c.into()) <= 3 * DIGIT);
            let fits = |a: u64| of(series, a, 100).is_some();
            assert!(fits(most - 99) && !fits(most - 98) && !fits(most + 1));
        }
        assert!(of(&CHUDNOVSKY, 1, LEAST_TERMS - 1).is_none());
    }

    #[test]
    fn there_are_as_many_groups_as_lanes_or_little_less() {
        for n in LEAST_TERMS..=LEAF_TERMS as usize {
            let Grouping { terms, count } = grouping(n);
            assert!(terms % 2 == 0 && (count - 1) * terms < n && n <= count * terms);
            assert!(count == LANES || count == LANES - 1, "{n}");
        }
    }
}
