//! The confidence interval of a median, by the percentile bootstrap.
//!
//! ```text
//! repeat RESAMPLES times:
//!     draw as many samples as there are, with replacement
//!     keep the median of the draw
//! the interval is from the 2.5 % to the 97.5 % quantile of what was kept
//! ```
//!
//! Efron, "Bootstrap Methods: Another Look at the Jackknife" (1979). The method assumes no
//! distribution, but cannot see beyond the samples: the interval of five samples lies between the
//! smallest and the largest of the five, and holds the median less often than 95 %. 20 samples or
//! more reach 95 %.
//!
//! The generator has a constant seed, so that the same samples always give the same interval.

use super::Sorted;
use fastrand::Rng;
use serde::Serialize;

/// Number of draws for an interval.
pub const RESAMPLES: usize = 5_000;
/// Share of the draws inside the interval.
pub const CONFIDENCE: f64 = 0.95;
/// Digits of pi in hexadecimal.
const SEED: u64 = 0x243f_6a88_85a3_08d3;

/// A closed interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// True when `value` lies inside.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// A generator with the constant seed.
#[must_use]
pub fn seeded() -> Rng {
    Rng::with_seed(SEED)
}

/// The interval of a series' median.
#[must_use]
pub fn median_interval(sorted: &Sorted, random: &mut Rng) -> Interval {
    let mut draw = Draw::new(sorted);
    percentiles((0..RESAMPLES).map(|_| draw.median(random)).collect())
}

/// The interval of the ratio of two medians; each draw resamples both series.
#[must_use]
pub fn ratio_interval(samples: &Sorted, baseline: &Sorted, random: &mut Rng) -> Interval {
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

/// Draws with replacement, in a reused buffer.
struct Draw<'a> {
    values: &'a [f64],
    positions: Vec<usize>,
}

impl<'a> Draw<'a> {
    fn new(sorted: &'a Sorted) -> Self {
        Self { values: sorted.values(), positions: vec![0; sorted.values().len()] }
    }

    /// The median of a draw. Positions stand for values, since the series is sorted.
    fn median(&mut self, random: &mut Rng) -> f64 {
        let count = self.positions.len();
        self.positions.fill_with(|| random.usize(..count));
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
    fn three_samples_reach_from_the_first_to_the_last() {
        // All three draws hit the same end with a chance of 1/27 + 6/27 > 2.5 %.
        let interval = median_interval(&sorted(&[1.0, 2.0, 3.0]), &mut seeded());
        assert_eq!(interval, Interval { low: 1.0, high: 3.0 });
    }

    #[test]
    fn a_hundred_samples_agree_with_the_binomial_interval() {
        // Without any drawing: the order statistics 40 and 61 of 100 hold the median with 95 %.
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        let interval = median_interval(&sorted(&hundred), &mut seeded());
        assert!((interval.low - 40.5).abs() <= 1.5 && (interval.high - 60.5).abs() <= 1.5, "{interval:?}");
        assert_eq!(interval, median_interval(&sorted(&hundred), &mut seeded()), "always the same");
    }

    #[test]
    fn the_ratio_of_a_series_to_itself_contains_1() {
        let series: Vec<f64> = (100..=140).map(f64::from).collect();
        let interval = ratio_interval(&sorted(&series), &sorted(&series), &mut seeded());
        assert!(interval.contains(1.0) && interval.low > 0.85 && interval.high < 1.15, "{interval:?}");
        let double: Vec<f64> = series.iter().map(|value| 2.0 * value).collect();
        let interval = ratio_interval(&sorted(&double), &sorted(&series), &mut seeded());
        assert!(interval.contains(2.0) && !interval.contains(1.0), "{interval:?}");
    }

    #[test]
    fn an_even_draw_takes_the_mean_of_the_two_in_the_middle() {
        let interval = median_interval(&sorted(&[1.0, 2.0]), &mut seeded());
        assert_eq!(interval, Interval { low: 1.0, high: 2.0 });
        let two = sorted(&[1.0, 2.0]);
        let mut draw = Draw::new(&two);
        let mut random = seeded();
        let medians: Vec<f64> = (0..20).map(|_| draw.median(&mut random)).collect();
        assert!([1.0, 1.5, 2.0].iter().all(|median| medians.contains(median)), "{medians:?}");
    }
}
