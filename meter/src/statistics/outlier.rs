//! Samples that lie too far from the others to be chance.

use super::{Sorted, absolute_deviation};

/// How many median absolute deviations from the median make an outlier.
///
/// As in hyperfine: 1.4826 makes a MAD comparable with a standard deviation (for a normal
/// distribution), and 10 of those are not noise but an event. Boris Iglewicz and David
/// Hoaglin (1993), who gave the modified z-score, suggest 3.5; durations have long tails, and
/// a warning that always appears is not read.
pub const OUTLIER_THRESHOLD: f64 = 1.4826 * 10.0;

/// The positions of the outliers in `samples`, in ascending order.
///
/// With a MAD of 0, more than half of the samples are equal, and every other would be an
/// outlier, however near; none is reported then.
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
