//! Order statistics of a sorted series.

/// A series in ascending order, of at least one finite number.
#[derive(Debug, Clone, PartialEq)]
pub struct Sorted(Vec<f64>);

impl Sorted {
    /// Sorts a series; `None` when it is empty, or holds a number that is not finite.
    #[must_use]
    pub fn new(samples: &[f64]) -> Option<Self> {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        (!sorted.is_empty() && sorted.iter().all(|sample| sample.is_finite())).then_some(Self(sorted))
    }

    /// The numbers in ascending order.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// The smallest.
    #[must_use]
    pub fn min(&self) -> f64 {
        self.0[0]
    }

    /// The largest.
    #[must_use]
    pub fn max(&self) -> f64 {
        self.0[self.0.len() - 1]
    }

    /// The arithmetic mean.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "nobody takes 2^53 samples")]
    pub fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }

    /// The middle number, or the mean of the two in the middle.
    #[must_use]
    pub fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        if self.0.len() % 2 == 1 { self.0[middle] } else { f64::midpoint(self.0[middle - 1], self.0[middle]) }
    }

    /// The quantile `p`, interpolated between neighbours.
    ///
    /// Definition 7 of Hyndman and Fan (1996), the default of R and `NumPy`: the first of n numbers
    /// is at 0, the last at 1, and the others at equal steps of 1/(n - 1).
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a position in a series that fits in memory"
    )]
    pub fn quantile(&self, p: f64) -> f64 {
        let position = p.clamp(0.0, 1.0) * (self.0.len() - 1) as f64;
        let below = position.floor() as usize;
        let above = (below + 1).min(self.0.len() - 1);
        let fraction = position - position.floor();
        // A weighted sum of both could leave the range when they are equal.
        self.0[below] + fraction * (self.0[above] - self.0[below])
    }
}

/// The median absolute deviation (MAD) from the median.
#[must_use]
pub fn absolute_deviation(sorted: &Sorted) -> f64 {
    let median = sorted.median();
    let distances: Vec<f64> = sorted.values().iter().map(|sample| (sample - median).abs()).collect();
    Sorted::new(&distances).map_or(0.0, |distances| distances.median())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(samples: &[f64]) -> Sorted {
        Sorted::new(samples).unwrap()
    }

    #[test]
    fn medians_of_odd_and_even_series() {
        assert_eq!(sorted(&[5.0]).median(), 5.0);
        assert_eq!(sorted(&[3.0, 1.0]).median(), 2.0);
        assert_eq!(sorted(&[9.0, 1.0, 5.0]).median(), 5.0);
        assert_eq!(sorted(&[1.0, 2.0, 3.0, 10.0]).median(), 2.5);
    }

    #[test]
    fn quantiles_as_numpy_gives_them() {
        // numpy.quantile(range(1, 11), [0, .25, .5, .95, .99, 1])
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        let expected = [(0.0, 1.0), (0.25, 3.25), (0.5, 5.5), (0.95, 9.55), (0.99, 9.91), (1.0, 10.0)];
        for (p, value) in expected {
            assert!((sorted(&ten).quantile(p) - value).abs() < 1e-12, "{p}");
        }
        assert_eq!(sorted(&[4.0]).quantile(0.99), 4.0);
    }

    #[test]
    fn quantiles_never_leave_the_range() {
        let odd = sorted(&[0.1, 0.1, 0.1, 0.1 + f64::EPSILON]);
        for step in 0..=1_000 {
            let value = odd.quantile(f64::from(step) / 1_000.0);
            assert!(value >= odd.min() && value <= odd.max());
        }
    }

    #[test]
    fn deviations_ignore_one_wild_number() {
        assert_eq!(absolute_deviation(&sorted(&[1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0])), 1.0);
        assert_eq!(absolute_deviation(&sorted(&[1.0, 1.0, 1.0, 1e9])), 0.0);
    }

    #[test]
    fn only_finite_numbers_are_samples() {
        assert_eq!(Sorted::new(&[]), None);
        assert_eq!(Sorted::new(&[1.0, f64::NAN]), None);
        assert_eq!(Sorted::new(&[f64::INFINITY]), None);
    }
}
