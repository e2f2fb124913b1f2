//! Parts of equal cost, and the cost of parts.
//!
//! A term costs one modular power for each fraction of the formula, of about `log2(bit - step k)`
//! squarings. The integral of that over the terms gives the cost of a part:
//!
//! ```text
//! L(u) = j + v / 2^j                              log2 of u = 2^j + v, straight between powers of two
//! H(u) = (2j - 3) 2^j + 3 + 2 j v + v^2 / 2^j     twice its integral from 1 to u, an integer
//! cost(a..b) = N / step (H(bit - step a) - H(bit - step b)) / 2
//! ```
//! `L` differs from the logarithm by 0.09 at most, and integers are equal on every machine.

use super::formula::Formula;
use super::part::Part;

/// Bits below which the number of squarings of a term is no smaller: the 128 bits of the fraction.
const LEAST: u64 = 128;

/// The expected number of modular squarings for a part. The time of one is that of a processor and a
/// level: `cargo bench --bench hex` measures it.
#[must_use]
pub fn squarings(part: &Part) -> f64 {
    let terms = part.terms();
    let (formula, bit) = (part.formula(), part.bit());
    let weight = before(formula, bit, terms.end) - before(formula, bit, terms.start);
    weight as f64 * formula.fractions() as f64 / (2 * formula.bits_per_term()) as f64
}

/// Twice the integral of the logarithm from 1 to `u >= 1`, rounded down.
const fn doubled_integral(u: u64) -> u128 {
    let j = u.ilog2();
    let v = (u - (1 << j)) as u128;
    let (two, j_wide) = (1u128 << j, j as u128);
    2 * j_wide * two + 3 - 3 * two + 2 * j_wide * v + ((v * v) >> j)
}

/// The weight of all terms before `k`: proportional to their cost.
fn before(formula: Formula, bit: u64, k: u64) -> u128 {
    let all = bit + LEAST;
    let passed = formula.bits_per_term() * k;
    // Terms with negative exponents take a division or nothing: two units for each of their bits.
    let left = all.saturating_sub(passed).max(LEAST);
    let negative = 2 * u128::from(passed + left - all);
    doubled_integral(all) - doubled_integral(left) + negative
}

/// The part divided into at most `count` consecutive parts of nearly equal cost, at least one.
///
/// The parts are not empty and tile the range. They are equal on every machine.
#[must_use]
pub fn split(part: &Part, count: u64) -> Vec<Part> {
    let count = clamped(part, count);
    let bounds: Vec<u64> = (0..=count).map(|i| bound(part, count, i)).collect();
    bounds.windows(2).map(|pair| part.within(pair[0]..pair[1])).collect()
}

/// Part number `index` of [`split`], without the others; none if there are not so many.
///
/// A worker needs no list of parts: the whole, their count and a number are enough.
#[must_use]
pub fn share(part: &Part, count: u64, index: u64) -> Option<Part> {
    let count = clamped(part, count);
    (index < count).then(|| part.within(bound(part, count, index)..bound(part, count, index + 1)))
}

/// No part is empty.
fn clamped(part: &Part, count: u64) -> u64 {
    let terms = part.terms();
    count.clamp(1, terms.end - terms.start)
}

/// The first term with `i` of `count` shares of the cost before it. Each part keeps a term.
fn bound(part: &Part, count: u64, i: u64) -> u64 {
    let (terms, formula, bit) = (part.terms(), part.formula(), part.bit());
    let (first, last) = (before(formula, bit, terms.start), before(formula, bit, terms.end));
    let wanted = match i {
        0 => return terms.start,
        i if i == count => return terms.end,
        i => first + (last - first) * u128::from(i) / u128::from(count),
    };
    let (mut low, mut high) = (terms.start + i, terms.end - (count - i));
    while low < high {
        let middle = low + (high - low) / 2;
        if before(formula, bit, middle) < wanted {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_tile_the_range_and_cost_the_same() {
        for formula in Formula::ALL {
            for bit in [0, 1, 500, 4_000_000, 1 << 43, Part::MAX_BIT] {
                let whole = Part::whole(formula, bit).unwrap();
                for count in [1, 2, 3, 10, 97] {
                    let parts = split(&whole, count);
                    let all = whole.terms();
                    assert_eq!(parts.len() as u64, count.min(all.end));
                    assert_eq!((parts[0].terms().start, parts[parts.len() - 1].terms().end), (0, all.end));
                    assert!(parts.windows(2).all(|pair| pair[0].terms().end == pair[1].terms().start));
                    if bit > 1_000_000 {
                        let share = squarings(&whole) / count as f64;
                        let even = |part: &Part| (squarings(part) / share - 1.0).abs() < 0.01;
                        assert!(parts.iter().all(even), "{formula} {bit} {count}");
                    }
                }
            }
        }
    }

    #[test]
    fn later_terms_cost_less_so_later_parts_are_longer() {
        let parts = split(&Part::whole(Formula::Bellard, 1 << 40).unwrap(), 4);
        let lengths: Vec<u64> = parts.iter().map(|part| part.terms().end - part.terms().start).collect();
        assert!(lengths.is_sorted() && lengths[3] > lengths[0], "{lengths:?}");
    }

    #[test]
    fn a_share_is_the_part_of_its_number() {
        for formula in Formula::ALL {
            for bit in [0, 77, 4_000_000, Part::MAX_BIT] {
                let whole = Part::whole(formula, bit).unwrap();
                for count in [1, 5, 40, 1000] {
                    let parts = split(&whole, count);
                    let shares = (0..).map_while(|index| share(&whole, count, index));
                    assert_eq!(shares.collect::<Vec<_>>(), parts, "{formula} {bit} {count}");
                }
            }
        }
    }

    #[test]
    fn pieces_tile_the_part_and_end_where_moduli_outgrow_a_kernel() {
        let pieces = |formula, bit| Part::whole(formula, bit).unwrap().pieces();
        for formula in Formula::ALL {
            for (bit, count) in [(1, 1), (4_000_000, 1), (1 << 43, 1), (1 << 50, 2), (Part::MAX_BIT, 4)] {
                let (pieces, end) = (pieces(formula, bit), formula.terms(bit));
                assert_eq!(pieces.len(), count, "{formula} {bit}");
                assert_eq!((pieces[0].terms().start, pieces[count - 1].terms().end), (0, end));
                assert!(pieces.windows(2).all(|pair| pair[0].terms().end == pair[1].terms().start));
            }
        }
        // The widest kernel ends at moduli of 7.8e15.
        let [.., vectors, words] = &pieces(Formula::Bbp, Part::MAX_BIT)[..] else { panic!("four") };
        assert_eq!((vectors.terms().end, words.terms().start), (974_999_999_999_999, 974_999_999_999_999));
    }

    /// Bounds by the formula in Python's integers. Sums are stored for them: do not change the formula.
    #[test]
    fn bounds_never_change() {
        let bounds = |formula, bit, count| -> Vec<u64> {
            split(&Part::whole(formula, bit).unwrap(), count).iter().map(|part| part.terms().start).collect()
        };
        assert_eq!(bounds(Formula::Bellard, 3_999_996, 4), [0, 94_222, 190_460, 290_002]);
        assert_eq!(bounds(Formula::Bbp, 4 << 50, 3), [0, 366_771_682_614_933, 738_799_058_940_301]);
    }

    #[test]
    fn the_integral_is_that_of_the_logarithm() {
        assert_eq!([1, 2, 3, 4, 5].map(doubled_integral), [0, 1, 3, 7, 11]);
        for u in [100u64, 1 << 20, (1 << 20) + 12_345, 3 << 40, (1 << 60) + 130] {
            let exact = u as f64 * ((u as f64).log2() - std::f64::consts::LOG2_E);
            let found = doubled_integral(u) as f64 / 2.0;
            assert!((found / exact - 1.0).abs() < 0.01, "{u}: {found} {exact}");
        }
    }

    #[test]
    fn costs_of_parts_add_up() {
        let whole = Part::whole(Formula::Bbp, 1 << 33).unwrap();
        let sum: f64 = split(&whole, 7).iter().map(squarings).sum();
        assert!((sum / squarings(&whole) - 1.0).abs() < 1e-9);
    }
}
