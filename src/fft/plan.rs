//! The design of a transform: its length, digit width and layout, as a comparable value.
//!
//! A product of `la x lb` limbs is cut into balanced digits of `bits` bits,
//! `N = 2M` of them; digits `j` and `j + M` are the two parts of point `j`.
//! `M = R 2^k` points stand in `rows` rows of `columns` points: the rows are
//! the top pass, each row then is a transform of its own.
//!
//! The rounding error bounds the width. For random digits the error of a coefficient grows like
//! `2^v` with `v = 2 bits + log2(4 na nb / N) / 2`, where `na` and `nb` are the digits of the operands.
//! Products with `v <= 49.5` have shown errors of at most 0.18 on the fused levels; [`CAP`] is the
//! limit. This is a design rule, not a proof: every product is certified.

use crate::cpu::{DigitSpec, Level};

use super::modulus::Moduli;
use super::twiddle::RADICES;

/// The ring in which a plan multiplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Ring {
    /// Integers: two bits to spare at the top.
    Integers,
    /// Integers modulo `2^K + 1`, `K = N bits`.
    Fermat,
}

/// Length, width and layout of a transform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Design {
    pub(super) ring: Ring,
    pub(super) bits: u32,
    /// Odd part of the length: one of [`RADICES`].
    pub(super) radix: usize,
    /// Rows of the top pass: `radix << row_levels`.
    pub(super) row_levels: u32,
    /// Points in a row, a power of two.
    pub(super) columns: usize,
    pub(super) level: Level,
    /// Products in a sum, at most.
    pub(super) terms: usize,
    /// The moduli of certificates.
    pub(super) moduli: Moduli,
}

/// The narrowest digits.
pub(super) const MIN_BITS: u32 = 11;
/// The widest digits.
pub(super) const MAX_BITS: u32 = 21;
/// Points in the shortest transform.
const MIN_POINTS: usize = 128;
/// Points in the shortest row: a leaf of the widest level.
const MIN_COLUMNS: usize = 64;
/// Points in the longest row: two of these rows and their twiddles fit in 2 MiB of L2. Shorter rows
/// cost more in the top pass than they save below, longer ones the reverse. Re-derive by
/// `cargo bench --bench fft`.
const MAX_COLUMNS: usize = 1 << 15;

const _: () = {
    assert!(
        MIN_BITS >= DigitSpec::MIN_BITS && MAX_BITS <= DigitSpec::MAX_BITS,
        "digits8 must reach all widths"
    );
    assert!(MIN_COLUMNS >= 8 * 8, "a row has at least one leaf of eight lanes");
    assert!(MIN_COLUMNS <= MIN_POINTS && MIN_COLUMNS <= MAX_COLUMNS);
};

/// The largest `v`. The ignored test of `fft::tests::rounding` measures random products that fill
/// their transform. At 50.0 and `2^23` points, errors were 0.34 in the median and up to 0.38 on avx2,
/// 0.35 and 0.41 on baseline: more than a certificate accepts. Up to 49.66 (lengths `5 2^k`) none was
/// above 0.30. A cap of 49.6 would exclude these lengths and cost a fifth at 1e5 limbs.
pub(super) const CAP: f64 = 49.7;
/// [`CAP`] for operands of less than 300 limbs together: sums of few terms are the least random.
const SMALL_CAP: f64 = 47.0;

/// Points from which on rows share twiddles (see `twist`) and the top pass has a buffer. Shorter
/// transforms fit in the caches as they are.
pub(super) const TWIST_FROM: usize = 1 << 16;

/// Bits of a result of `limbs` limbs.
///
/// # Panics
/// If its transform could not be addressed.
fn checked_bits(limbs: usize) -> usize {
    const MOST: usize = usize::MAX / 256;
    assert!(limbs <= MOST, "a product of {limbs} limbs is too long: at most {MOST} limbs");
    64 * limbs
}

/// Bits by which a sum of so many products can exceed each of them.
fn carry_bits(terms: usize) -> u32 {
    terms.max(1).next_power_of_two().trailing_zeros()
}

/// The requirements on a design.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need {
    pub(super) ring: Ring,
    /// Limbs of the operands.
    pub(super) la: usize,
    pub(super) lb: usize,
    /// Bits of the result (integers), or the least `K` (Fermat).
    pub(super) bits: usize,
    /// Products in a sum.
    pub(super) terms: usize,
    /// The widest digits to consider.
    pub(super) max_width: u32,
    /// The caller proves what it makes of products modulo `2^K + 1`: they get no residue, and any
    /// length will do.
    pub(super) proven: bool,
}

impl Need {
    pub(super) fn product(la: usize, lb: usize, terms: usize) -> Self {
        let limbs = la.saturating_add(lb);
        let bits = checked_bits(limbs) + 3 + carry_bits(terms) as usize;
        Self { ring: Ring::Integers, la, lb, bits, terms: terms.max(1), max_width: MAX_BITS, proven: false }
    }

    pub(super) fn wraparound(limbs: usize, proven: bool) -> Self {
        let bits = checked_bits(limbs);
        Self { ring: Ring::Fermat, la: limbs, lb: limbs, bits, terms: 1, max_width: MAX_BITS, proven }
    }

    /// `v` of a transform of `points` points with this width.
    fn error_exponent(&self, points: usize, width: u32) -> f64 {
        let digits = |limbs: usize| {
            let digits = (64 * limbs).div_ceil(width as usize) + 1;
            digits.min(2 * points) as f64
        };
        let spread = 2.0 * digits(self.la) * digits(self.lb) / points as f64 * self.terms as f64;
        f64::from(2 * width) + spread.max(1.0).log2() / 2.0
    }

    /// Tells whether the error of digits of this width stays in bounds.
    ///
    /// 12 bits always do: one product has `v <= 25 + log2(N) / 2`, which reaches the smaller cap at
    /// `N = 2^44` digits. Only sums of many products could exceed the cap; narrower digits would not
    /// help them enough, so the certificate decides.
    fn bears(&self, points: usize, width: u32) -> bool {
        let cap = if self.la + self.lb < 300 { SMALL_CAP } else { CAP };
        width <= 12 || self.error_exponent(points, width) <= cap
    }

    /// The narrowest width that holds the result, if its error stays in bounds. Unused bits are
    /// rounding margin, and a narrower modulus is shorter.
    fn width(&self, points: usize) -> Option<u32> {
        let least = self.bits.div_ceil(2 * points);
        let least = u32::try_from(least).ok()?.max(MIN_BITS);
        (least <= self.max_width && self.bears(points, least)).then_some(least)
    }
}

impl Design {
    /// The design of the least cost.
    ///
    /// # Panics
    /// If no certificate is known for any modulus of that size, which is beyond 10^10 digits.
    pub(super) fn new(need: &Need, level: Level) -> Self {
        let mut best: Option<(f64, Self)> = None;
        for radix in RADICES {
            let mut points = radix * MIN_COLUMNS;
            while need.width(points).is_none() || points < MIN_POINTS {
                points *= 2;
            }
            let is_cheapest = |points, best: &Option<(f64, Self)>| {
                best.as_ref().is_none_or(|(c, _)| cost(radix, points) < *c)
            };
            if !is_cheapest(points, &best) {
                continue;
            }
            let Some((points, bits, moduli)) = usable_length(need, radix, points) else { continue };
            if is_cheapest(points, &best) {
                let (row_levels, columns) = layout(radix, points, level);
                let (ring, terms) = (need.ring, need.terms);
                let design = Self { ring, bits, radix, row_levels, columns, level, terms, moduli };
                best = Some((cost(radix, points), design));
            }
        }
        best.unwrap_or_else(|| panic!("no certificate is known for a modulus of {} bits", need.bits)).1
    }

    /// The same length and width with the rows that another level prefers.
    pub(super) fn on(&self, level: Level) -> Self {
        let (row_levels, columns) = layout(self.radix, self.points(), level);
        Self { row_levels, columns, level, ..self.clone() }
    }

    /// Rows of the top pass.
    pub(super) fn rows(&self) -> usize {
        self.radix << self.row_levels
    }

    /// Complex points, `M`.
    pub(super) fn points(&self) -> usize {
        self.rows() * self.columns
    }

    /// Tells whether all rows are brought to the same ring: see `twist`.
    pub(super) fn twisted(&self) -> bool {
        self.points() >= TWIST_FROM
    }

    /// Limbs that the result can have; for Fermat rings `K / 64`.
    pub(super) fn limbs(&self) -> usize {
        match self.ring {
            Ring::Integers => self.limbs_of_sum(1),
            Ring::Fermat => self.points() / 32 * self.bits as usize,
        }
    }

    /// Limbs that each of the products in a sum can have, for rings of integers.
    pub(super) fn limbs_of_sum(&self, terms: usize) -> usize {
        (2 * self.points() * self.bits as usize - 2 - carry_bits(terms) as usize) / 64
    }
}

/// The relative cost of a transform.
fn cost(radix: usize, points: usize) -> f64 {
    points as f64 * ((points as f64).log2() + 8.0) * penalty(radix)
}

/// The cost of a point with an odd top pass, relative to one without.
///
/// Measured with each radix in turn, from 300 to 1e6 limbs; the factors differ by a few percent from
/// size to size and level to level.
fn penalty(radix: usize) -> f64 {
    match radix {
        1 => 1.0,
        3 | 5 => 1.04,
        7 => 1.06,
        9 => 1.09,
        _ => 1.12,
    }
}

/// Points, width and moduli from this length on.
///
/// Products of integers, and products that their caller proves, take the length as it is. Else, modulo
/// `2^K + 1`, the width, and if need be the length, is increased until moduli are known for the
/// certificate; none beyond four times the length, where another radix is better.
fn usable_length(need: &Need, radix: usize, points: usize) -> Option<(usize, u32, Moduli)> {
    if need.ring == Ring::Integers || need.proven {
        let moduli = if need.proven { Moduli::NONE } else { Moduli::MERSENNE };
        return need.width(points).map(|bits| (points, bits, moduli));
    }
    [points, 2 * points, 4 * points].into_iter().find_map(|points| {
        let widths = need.width(points)?..=need.max_width;
        widths.filter(|&width| need.bears(points, width)).find_map(|width| {
            let moduli = Moduli::of_fermat_ring(points / 32 * width as usize, radix, width)?;
            Some((points, width, moduli))
        })
    })
}

/// Row levels and columns for `points = radix 2^k`.
pub(super) fn layout(radix: usize, points: usize, level: Level) -> (u32, usize) {
    let levels = (points / radix).trailing_zeros();
    // One pass over the rows of each tree, of radix 8 where there are enough registers. The rows of
    // a visit fit in L1.
    let wanted = if level.lanes() == 8 && radix <= 7 { 3 } else { 2 };
    let mut row_levels = wanted.min(levels - MIN_COLUMNS.trailing_zeros());
    while 1 << (levels - row_levels) > MAX_COLUMNS {
        row_levels += 1;
    }
    (row_levels, 1 << (levels - row_levels))
}
