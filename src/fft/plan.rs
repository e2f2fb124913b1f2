//! The design of a transform: its length and digit width, as a comparable value.
//!
//! A product of `la x lb` limbs is cut into balanced digits of `bits` bits,
//! `N = 2M` of them; digits `j` and `j + M` are the two parts of point `j`.
//! `M = R 2^k` points stand in `rows` rows of `columns` points: the rows are
//! the top pass, each row then is a transform of its own.
//!
//! The width is bounded by the rounding error. For random digits the error of
//! a coefficient grows like `2^v`, `v = 2 bits + log2(4 na nb / N) / 2` with
//! `na`, `nb` the digits of the operands; products with `v <= 49.5` have been
//! seen with errors of at most 0.18 on the fused levels; see [`CAP`] (47 below
//! 150 limbs). This is a design rule, not a proof: every product is certified.

use crate::cpu::Level;

use super::twiddle::RADICES;

/// What a plan multiplies.
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
}

/// The narrowest digits.
pub(super) const MIN_BITS: u32 = 11;
/// The widest digits.
pub(super) const MAX_BITS: u32 = 21;
/// Points in the shortest transform.
const MIN_POINTS: usize = 128;
/// Points in the shortest row: a leaf of the widest level.
const MIN_COLUMNS: usize = 64;
/// Rows of this many points are the longest: two of them and their twiddles fit
/// in 2 MiB of L2. Shorter rows make the top pass dearer than they save below,
/// longer ones lose in the rows what they save there; `cargo bench --bench fft`.
const MAX_COLUMNS: usize = 1 << 15;

/// Cap on `v`. Measured by the ignored test of `fft::tests::rounding`, random
/// products that fill their transform: at 50.0 and `2^23`
/// points errors of 0.34 in the median and up to 0.38 on avx2, 0.35 and 0.41 on
/// baseline, beyond what a certificate may show; up to 49.66 (lengths `5 2^k`) never above
/// 0.30. At 49.6 these lengths are lost, which costs a fifth at 1e5 limbs.
pub(super) const CAP: f64 = 49.7;
/// The same below 150 limbs, where the rounding error is the only certificate.
const SMALL_CAP: f64 = 47.0;

/// Below this many points each row has twiddles of its own, and the top pass no buffer.
pub(super) const TWIST_FROM: usize = 1 << 16;

/// What a design is for.
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
    /// No wider digits than this.
    pub(super) max_width: u32,
}

impl Need {
    pub(super) fn product(la: usize, lb: usize, terms: usize) -> Self {
        let carry = usize::BITS - terms.max(1).leading_zeros();
        let bits = 64 * (la + lb) + 2 + carry as usize;
        Self { ring: Ring::Integers, la, lb, bits, terms, max_width: MAX_BITS }
    }

    pub(super) fn wraparound(limbs: usize) -> Self {
        Self { ring: Ring::Fermat, la: limbs, lb: limbs, bits: 64 * limbs, terms: 1, max_width: MAX_BITS }
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

    fn cap(&self) -> f64 {
        if self.la + self.lb < 300 { SMALL_CAP } else { CAP }
    }

    /// The widest digits that keep the error in bounds, if they hold the result.
    fn width(&self, points: usize) -> Option<u32> {
        let least = self.bits.div_ceil(2 * points);
        let least = u32::try_from(least).ok()?.max(MIN_BITS);
        if least > self.max_width {
            return None;
        }
        // No wider than needed: what is not used is precision. A modulus is
        // to be no longer than needed too.
        (self.error_exponent(points, least) <= self.cap() || least <= 12).then_some(least)
    }
}

impl Design {
    /// The cheapest length that does.
    pub(super) fn new(need: &Need, level: Level) -> Self {
        let mut best: Option<(f64, Self)> = None;
        for radix in RADICES {
            let mut points = radix * MIN_COLUMNS;
            while need.width(points).is_none() || points < MIN_POINTS {
                points *= 2;
            }
            // A modulus must not repeat a prime-less Fermat number: see `certify`.
            let fit = match need.ring {
                Ring::Integers => need.width(points).map(|bits| (points, bits)),
                Ring::Fermat => usable_modulus(need, points),
            };
            let Some((points, bits)) = fit else { continue };
            let cost = points as f64 * (points as f64).log2().mul_add(1.0, 8.0) * penalty(radix);
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                let (row_levels, columns) = layout(radix, points, level);
                best = Some((cost, Self { ring: need.ring, bits, radix, row_levels, columns, level }));
            }
        }
        best.unwrap_or_else(|| panic!("no checkable modulus of {} bits", need.bits)).1
    }

    /// The same length and width on another level, which may prefer other rows.
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

    /// Whether the rows are all brought to the same ring: see `twist`.
    pub(super) fn twisted(&self) -> bool {
        self.points() >= TWIST_FROM
    }

    /// Limbs that the result can have; for Fermat rings `K / 64`.
    pub(super) fn limbs(&self) -> usize {
        match self.ring {
            Ring::Integers => (2 * self.points() * self.bits as usize - 2) / 64,
            Ring::Fermat => self.points() / 32 * self.bits as usize,
        }
    }
}

/// How much dearer a point is when the top pass is odd: measured with each radix in turn, from 300
/// to 1e6 limbs; they differ by a few percent from size to size and level to level.
fn penalty(radix: usize) -> f64 {
    match radix {
        1 => 1.0,
        3 | 5 => 1.04,
        7 => 1.06,
        9 => 1.09,
        _ => 1.12,
    }
}

/// From here on the width that makes `2^K + 1` checkable, with more points if
/// need be; none within four times as many, which another radix beats anyway.
fn usable_modulus(need: &Need, points: usize) -> Option<(usize, u32)> {
    [points, 2 * points, 4 * points].into_iter().find_map(|points| {
        let least = need.width(points);
        let mut widths = least.into_iter().flat_map(|w| w..=need.max_width);
        let width = widths.find(|&w| {
            let limbs = points / 32 * w as usize;
            let fits = need.error_exponent(points, w) <= need.cap() || w <= 12;
            fits && super::modulus::fermat_prime(limbs).is_some()
        });
        width.map(|width| (points, width))
    })
}

/// Row levels and columns for `points = radix 2^k`.
pub(super) fn layout(radix: usize, points: usize, level: Level) -> (u32, usize) {
    let levels = (points / radix).trailing_zeros();
    // One pass over trees of rows, of radix 8 where there are enough registers; the rows of a
    // visit fit in L1.
    let wanted = if level.lanes() == 8 && radix <= 7 { 3 } else { 2 };
    let mut row_levels = wanted.min(levels - MIN_COLUMNS.trailing_zeros());
    while 1 << (levels - row_levels) > MAX_COLUMNS {
        row_levels += 1;
    }
    (row_levels, 1 << (levels - row_levels))
}
