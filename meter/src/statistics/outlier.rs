//! Outliers of a series.

use super::{Sorted, absolute_deviation};

/// Distance of an outlier from the median, in median absolute deviations.
///
/// The threshold is hyperfine's: ten times 1.4826, which scales a MAD to the standard deviation of
/// a normal distribution. Iglewicz and Hoaglin (1993), the authors of the modified z-score, suggest
/// 3.5; durations have long tails, and nobody reads a warning that always appears.
pub const OUTLIER_THRESHOLD: f64 = 1.4826 * 10.0;

/// The positions of the outliers in `samples`, in ascending order.
///
/// A MAD of 0 means that more than half of the samples are equal. No outlier is reported in this
/// case, since every other sample would be one.
#[must_use]
pub fn outliers(samples: &[f64]) -> Vec<usize> {
    let Some(sorted) = Sorted::new(samples) else { return Vec::new() };
    let (median, mad) = (sorted.median(), absolute_deviation(&sorted));
    let far = |sample: f64| mad > 0.0 && (sample - median).abs() / mad > OUTLIER_THRESHOLD;
    samples.iter().enumerate().filter(|(_, sample)| far(**sample)).map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_the_threshold() {
        // Median 0, MAD 1: the threshold is 14.826 itself.
        let around = |last: f64| outliers(&[-1.0, 1.0, -1.0, 1.0, 0.0, 0.0, -0.5, 0.5, -1.0, 1.0, 0.0, last]);
        let mad = absolute_deviation(
            &Sorted::new(&[-1.0, 1.0, -1.0, 1.0, 0.0, 0.0, -0.5, 0.5, -1.0, 1.0, 0.0, 15.0]).unwrap(),
        );
        assert_eq!(mad, 1.0);
        assert_eq!(around(14.8), Vec::<usize>::new());
        assert_eq!(around(14.9), [11]);
        assert_eq!(around(-14.9), [11]);
    }

    #[test]
    fn no_spread_no_outliers() {
        assert_eq!(outliers(&[1.0, 1.0, 1.0, 1.001]), Vec::<usize>::new());
        assert_eq!(outliers(&[]), Vec::<usize>::new());
    }
}
