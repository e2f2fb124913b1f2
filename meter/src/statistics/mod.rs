//! Statistics of a series: median, spread, percentiles, and confidence intervals.
//!
//! Medians and absolute deviations are used instead of means, so that one sample on a busy machine
//! does not move the result. A sample is a plain number, without a unit.

mod holm;
mod outlier;
mod resample;
mod sample;
mod shift;

pub use holm::{holm, holm_weighted};
pub use outlier::{OUTLIER_THRESHOLD, outliers};
pub use resample::{CONFIDENCE, Interval, RESAMPLES, median_interval, ratio_interval, seeded};
pub use sample::{Sorted, absolute_deviation};
pub use shift::{Shift, paired_shift, shift_between_runs};

use serde::Serialize;

/// The figures of one series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Number of samples.
    pub count: usize,
    /// The smallest.
    pub min: f64,
    /// Median.
    pub median: f64,
    /// Median absolute deviation from the median, not scaled.
    pub mad: f64,
    /// Arithmetic mean.
    pub mean: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// The largest.
    pub max: f64,
    /// 95 % confidence interval of the median.
    pub interval: Interval,
    /// Positions of the outliers in the series.
    pub outliers: Vec<usize>,
}

impl Summary {
    /// The figures of `samples`; `None` when there are none.
    #[must_use]
    pub fn of(samples: &[f64]) -> Option<Self> {
        let sorted = Sorted::new(samples)?;
        Some(Self {
            count: samples.len(),
            min: sorted.min(),
            median: sorted.median(),
            mad: absolute_deviation(&sorted),
            mean: sorted.mean(),
            p95: sorted.quantile(0.95),
            p99: sorted.quantile(0.99),
            max: sorted.max(),
            interval: median_interval(&sorted, &mut seeded()),
            outliers: outliers(samples),
        })
    }
}

/// The ratio of a series' median to that of a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ratio {
    /// Median over the baseline's median.
    pub value: f64,
    /// 95 % confidence interval of the ratio.
    pub interval: Interval,
}

impl Ratio {
    /// The ratio of `samples` to `baseline`.
    ///
    /// `None` when a series is empty, or when the baseline's median is 0.
    #[must_use]
    pub fn of(samples: &[f64], baseline: &[f64]) -> Option<Self> {
        let (samples, baseline) = (Sorted::new(samples)?, Sorted::new(baseline)?);
        let value = samples.median() / baseline.median();
        let interval = ratio_interval(&samples, &baseline, &mut seeded());
        value.is_finite().then_some(Self { value, interval })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_that_can_be_checked_by_hand() {
        let summary = Summary::of(&[4.0, 1.0, 100.0, 2.0, 3.0]).unwrap();
        assert_eq!((summary.count, summary.min, summary.max), (5, 1.0, 100.0));
        // Deviations from 3 are 1, 2, 97, 1, 0.
        assert_eq!((summary.median, summary.mad, summary.mean), (3.0, 1.0, 22.0));
        // 0.95 of the way from the first to the fifth: 0.8 of the way from 4 to 100.
        assert!((summary.p95 - 80.8).abs() < 1e-9 && (summary.p99 - 96.16).abs() < 1e-9);
        assert_eq!(summary.outliers, [2]);
    }

    #[test]
    fn equal_samples_have_no_spread_and_no_doubt() {
        let summary = Summary::of(&[7.0; 5]).unwrap();
        assert_eq!((summary.mad, summary.p99, summary.outliers.len()), (0.0, 7.0, 0));
        assert_eq!(summary.interval, Interval { low: 7.0, high: 7.0 });
    }

    #[test]
    fn nothing_says_nothing() {
        assert_eq!(Summary::of(&[]), None);
        assert_eq!(Ratio::of(&[], &[1.0]), None);
        assert_eq!(Ratio::of(&[1.0], &[0.0]), None);
    }

    #[test]
    fn a_ratio_of_medians() {
        let ratio = Ratio::of(&[2.0, 4.0, 6.0], &[2.0, 2.0, 2.0]).unwrap();
        assert_eq!((ratio.value, ratio.interval), (2.0, Interval { low: 1.0, high: 3.0 }));
    }
}
