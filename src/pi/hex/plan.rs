//! Parts of equal cost, and the cost of parts.
//!
//! A term costs one modular power for each fraction of the formula, of about `log2(bit - step k)`
//! squarings. The integral of that over the terms gives the cost of a part:
//! `F(u) = u (log2 u - 1 / ln 2)`, `cost(a..b) = N / step (F(bit - step a) - F(bit - step b))`.

use super::formula::Formula;
use super::part::Part;

/// Bits below which the number of squarings of a term is no smaller: the 128 bits of the fraction.
const LEAST: f64 = 128.0;

/// The expected number of modular squarings for a part. The time of one is that of a processor and a
/// level: `cargo bench --bench pi -- hex` measures it.
#[must_use]
pub fn squarings(part: &Part) -> f64 {
    let terms = part.terms();
    let (formula, bit) = (part.formula(), part.bit());
    before(formula, bit, terms.end) - before(formula, bit, terms.start)
}

/// The cost of all terms before `k`.
fn before(formula: Formula, bit: u64, k: u64) -> f64 {
    let step = formula.bits_per_term() as f64;
    let integral = |u: f64| u * (u.log2() - std::f64::consts::LOG2_E);
    let all = bit as f64 + LEAST;
    // Terms with negative exponents are as cheap as the last ones before them.
    let left = (all - step * k as f64).max(LEAST);
    formula.fractions() as f64 / step * (integral(all) - integral(left))
        + (step * k as f64 + left - all) / step
}

/// The part divided into at most `count` consecutive parts of nearly equal cost, at least one.
///
/// The parts are not empty and tile the range. A later call may divide them differently on another
/// machine, whose logarithms round otherwise: keep the parts, not their number.
#[must_use]
pub fn split(part: &Part, count: u64) -> Vec<Part> {
    let terms = part.terms();
    let (formula, bit) = (part.formula(), part.bit());
    let count = count.clamp(1, terms.end - terms.start);
    let start = before(formula, bit, terms.start);
    let whole = squarings(part);
    // Bound number i is the first term with i shares of the cost before it. Each part keeps a term.
    let bound = |i: u64| {
        let wanted = start + whole * (i as f64 / count as f64);
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
    };
    let mut bounds: Vec<u64> = (0..=count).map(bound).collect();
    (bounds[0], bounds[count as usize]) = (terms.start, terms.end);
    bounds.windows(2).map(|pair| part.within(pair[0]..pair[1])).collect()
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
    fn costs_of_parts_add_up() {
        let whole = Part::whole(Formula::Bbp, 1 << 33).unwrap();
        let sum: f64 = split(&whole, 7).iter().map(squarings).sum();
        assert!((sum / squarings(&whole) - 1.0).abs() < 1e-9);
    }
}
