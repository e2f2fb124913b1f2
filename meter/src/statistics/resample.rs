//! How sure a median is: the percentile bootstrap.
//!
//! ```text
//! repeat RESAMPLES times:
//!     draw as many samples as there are, with replacement
//!     keep the median of the draw
//! the interval is from the 2.5 % to the 97.5 % quantile of what was kept
//! ```
//!
//! Efron, "Bootstrap Methods: Another Look at the Jackknife" (1979). No distribution is
//! assumed. What it cannot do: see beyond the samples. The interval of five samples lies
//! between the smallest and the largest of the five, and holds the truth less often than its
//! 95 % promise; 20 samples or more keep it.
//!
//! The generator is seeded with a constant, so that the same samples always give the same
//! interval, in every report drawn from them.

use super::Sorted;
use serde::Serialize;

/// How many draws an interval is made of.
pub const RESAMPLES: usize = 5_000;
/// The share of the draws inside.
pub const CONFIDENCE: f64 = 0.95;
/// Digits of pi in hexadecimal: a number with nothing up its sleeve.
const SEED: u64 = 0x243f_6a88_85a3_08d3;

/// From where to where, both included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether `value` lies inside.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// `SplitMix64` (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The generator that every interval starts with.
    #[must_use]
    pub fn seeded() -> Self {
        Self(SEED)
    }

    /// The next 64 bits.
    pub fn next_bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A position below `bound`, by Lemire's multiplication; its bias is below 2^-40 here.
    #[expect(clippy::cast_possible_truncation, reason = "the high half is below `bound`")]
    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next_bits()) * bound as u128) >> 64) as usize
    }
}

/// Where the median of the series lies.
#[must_use]
pub fn median_interval(sorted: &Sorted, random: &mut Random) -> Interval {
    let mut draw = Draw::new(sorted);
    percentiles((0..RESAMPLES).map(|_| draw.median(random)).collect())
}

/// Where the ratio of two medians lies; both series are drawn anew each time.
#[must_use]
pub fn ratio_interval(samples: &Sorted, baseline: &Sorted, random: &mut Random) -> Interval {
    let (mut above, mut below) = (Draw::new(samples), Draw::new(baseline));
    percentiles((0..RESAMPLES).map(|_| above.median(random) / below.median(random)).collect())
}

fn percentiles(kept: Vec<f64>) -> Interval {
    let kept: Vec<f64> = kept.into_iter().filter(|value| value.is_finite()).collect();
    let outside = (1.0 - CONFIDENCE) / 2.0;
    Sorted::new(&kept).map_or(Interval { low: f64::NAN, high: f64::NAN }, |kept| Interval {
        low: kept.quantile(outside),
        high: kept.quantile(1.0 - outside),
    })
}

/// A draw with replacement, in a buffer that is used again.
struct Draw<'a> {
    values: &'a [f64],
    positions: Vec<usize>,
}

impl<'a> Draw<'a> {
    fn new(sorted: &'a Sorted) -> Self {
        Self { values: sorted.values(), positions: vec![0; sorted.values().len()] }
    }

    /// Positions are selected instead of values: the series is sorted, so their order is the same.
    fn median(&mut self, random: &mut Random) -> f64 {
        let count = self.positions.len();
        self.positions.fill_with(|| random.below(count));
        let (lower, middle, _) = self.positions.select_nth_unstable(count / 2);
        let middle = self.values[*middle];
        match lower.iter().max() {
            Some(below) if count.is_multiple_of(2) => f64::midpoint(self.values[*below], middle),
            _ => middle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(samples: &[f64]) -> Sorted {
        Sorted::new(samples).unwrap()
    }

    #[test]
    fn the_generator_is_the_published_one() {
        // The first three numbers of the reference implementation for the seed 1234567.
        let mut random = Random(1_234_567);
        let first = [(); 3].map(|()| random.next_bits());
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn positions_are_spread_evenly() {
        let mut random = Random::seeded();
        let mut hits = [0_u32; 5];
        (0..50_000).for_each(|_| hits[random.below(5)] += 1);
        assert!(hits.iter().all(|hits| (9_700..10_300).contains(hits)), "{hits:?}");
    }

    #[test]
    fn three_samples_reach_from_the_first_to_the_last() {
        // All three draws hit the same end with a chance of 1/27 + 6/27 > 2.5 %.
        let interval = median_interval(&sorted(&[1.0, 2.0, 3.0]), &mut Random::seeded());
        assert_eq!(interval, Interval { low: 1.0, high: 3.0 });
    }

    #[test]
    fn a_hundred_samples_agree_with_the_binomial_interval() {
        // Without any drawing: the order statistics 40 and 61 of 100 hold the median with 95 %.
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        let interval = median_interval(&sorted(&hundred), &mut Random::seeded());
        assert!((interval.low - 40.5).abs() <= 1.5 && (interval.high - 60.5).abs() <= 1.5, "{interval:?}");
        assert_eq!(interval, median_interval(&sorted(&hundred), &mut Random::seeded()), "always the same");
    }

    #[test]
    fn the_ratio_of_a_series_to_itself_contains_1() {
        let series: Vec<f64> = (100..=140).map(f64::from).collect();
        let interval = ratio_interval(&sorted(&series), &sorted(&series), &mut Random::seeded());
        assert!(interval.contains(1.0) && interval.low > 0.85 && interval.high < 1.15, "{interval:?}");
        let double: Vec<f64> = series.iter().map(|value| 2.0 * value).collect();
        let interval = ratio_interval(&sorted(&double), &sorted(&series), &mut Random::seeded());
        assert!(interval.contains(2.0) && !interval.contains(1.0), "{interval:?}");
    }

    #[test]
    fn an_even_draw_takes_the_mean_of_the_two_in_the_middle() {
        let interval = median_interval(&sorted(&[1.0, 2.0]), &mut Random::seeded());
        assert_eq!(interval, Interval { low: 1.0, high: 2.0 });
        let two = sorted(&[1.0, 2.0]);
        let mut draw = Draw::new(&two);
        let mut random = Random::seeded();
        let medians: Vec<f64> = (0..20).map(|_| draw.median(&mut random)).collect();
        assert!([1.0, 1.5, 2.0].iter().all(|median| medians.contains(median)), "{medians:?}");
    }
}
