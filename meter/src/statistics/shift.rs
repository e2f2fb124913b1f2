//! The shift between two series, its 95 % interval and its p-value: paired, or between runs.

use super::{CONFIDENCE, Interval, Sorted};
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// Pairs up to which the distribution of the signed-rank statistic is computed exactly.
const EXACT: usize = 100;

/// An estimated shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// The estimate.
    pub value: f64,
    /// The 95 % confidence interval.
    pub interval: Interval,
    /// Two-sided p-value of the hypothesis that the shift is 0.
    pub p_value: f64,
}

impl Shift {
    /// One-sided p-value of the hypothesis that the shift is not above 0.
    #[must_use]
    pub fn p_above(&self) -> f64 {
        if self.value > 0.0 { self.p_value / 2.0 } else { 1.0 - self.p_value / 2.0 }
    }
}

/// The shift of paired differences, by Wilcoxon's signed-rank test and the Hodges-Lehmann estimate.
///
/// The test assumes only that a difference is as likely positive as negative when there is no
/// shift, which holds for two samples of one round. `None` for an empty series.
///
/// ```text
/// rank the differences by size; W = the sum of the ranks of positive differences
/// p = 2 P(W as small, or as large, as found), over all 2^n choices of signs
/// estimate = the median of the means of all pairs of differences; interval by their order
/// ```
///
/// Hollander, Wolfe, Chicken, "Nonparametric Statistical Methods", 3.1 to 3.3.
#[must_use]
pub fn paired_shift(differences: &[f64]) -> Option<Shift> {
    let mut means = Vec::with_capacity(differences.len() * (differences.len() + 1) / 2);
    for (index, one) in differences.iter().enumerate() {
        means.extend(differences[index..].iter().map(|other| f64::midpoint(*one, *other)));
    }
    let means = Sorted::new(&means)?;
    let (values, low) = (means.values(), lower_end(differences.len()));
    let interval = Interval { low: values[low], high: values[values.len() - 1 - low] };
    Some(Shift { value: means.median(), interval, p_value: signed_rank(differences) })
}

/// Index of the pair mean at the lower end of the interval.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position in a series that fits in memory"
)]
fn lower_end(count: usize) -> usize {
    let tail = (1.0 - CONFIDENCE) / 2.0;
    if count > EXACT {
        let n = count as f64;
        let deviation = (n * (n + 1.0) * (2.0 * n + 1.0) / 24.0).sqrt();
        let position = n * (n + 1.0) / 4.0 + Normal::standard().inverse_cdf(tail) * deviation;
        return position.max(0.0) as usize;
    }
    let ranks: Vec<usize> = (1..=count).collect();
    let mut cumulated = 0.0;
    let rejected = chances(&ranks).into_iter().take_while(|chance| {
        cumulated += chance;
        cumulated <= tail
    });
    rejected.count().saturating_sub(1)
}

/// Two-sided p-value of the signed-rank test; differences of 0 are left out.
fn signed_rank(differences: &[f64]) -> f64 {
    let mut found: Vec<f64> = differences.iter().copied().filter(|it| *it != 0.0).collect();
    found.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let ranks = doubled_ranks(&found);
    let positive: usize = found.iter().zip(&ranks).filter(|(it, _)| **it > 0.0).map(|(_, rank)| rank).sum();
    let smaller = positive.min(ranks.iter().sum::<usize>() - positive);
    (2.0 * at_most(smaller, &ranks)).min(1.0)
}

/// Twice the rank of each value, by size; equal sizes share the mean of their ranks.
fn doubled_ranks(sorted: &[f64]) -> Vec<usize> {
    let size = |index: usize| sorted[index].abs();
    let mut ranks = Vec::with_capacity(sorted.len());
    while ranks.len() < sorted.len() {
        let first = ranks.len();
        let mut end = first + 1;
        while end < sorted.len() && size(end).total_cmp(&size(first)).is_eq() {
            end += 1;
        }
        ranks.resize(end, first + 1 + end);
    }
    ranks
}

/// Probability that the sum of a random subset of the ranks is at most `limit`.
#[expect(clippy::cast_precision_loss, reason = "sums of ranks are far below 2^53")]
fn at_most(limit: usize, ranks: &[usize]) -> f64 {
    if ranks.len() <= EXACT {
        return chances(ranks).into_iter().take(limit + 1).sum();
    }
    let mean = ranks.iter().sum::<usize>() as f64 / 2.0;
    let squares: f64 = ranks.iter().map(|rank| (*rank as f64).powi(2)).sum();
    Normal::standard().cdf((limit as f64 + 1.0 - mean) / (squares.sqrt() / 2.0))
}

/// The probability of each sum of a random subset of the ranks.
fn chances(ranks: &[usize]) -> Vec<f64> {
    let total: usize = ranks.iter().sum();
    let mut chances = vec![0.0; total + 1];
    chances[0] = 1.0;
    for &rank in ranks {
        for sum in (0..=total).rev() {
            let with = if sum >= rank { chances[sum - rank] } else { 0.0 };
            chances[sum] = f64::midpoint(chances[sum], with);
        }
    }
    chances
}

/// The shift from one group of runs to another, by Student's t-test with the pooled variance.
///
/// A number stands for a whole run, so the variance is that between runs. `None` unless each group
/// has at least two numbers.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "few runs")]
pub fn shift_between_runs(before: &[f64], after: &[f64]) -> Option<Shift> {
    if before.len() < 2 || after.len() < 2 {
        return None;
    }
    let mean = |group: &[f64]| group.iter().sum::<f64>() / group.len() as f64;
    let squares = |group: &[f64]| group.iter().map(|it| (it - mean(group)).powi(2)).sum::<f64>();
    let freedom = (before.len() + after.len() - 2) as f64;
    let variance = (squares(before) + squares(after)) / freedom;
    let error = (variance * (1.0 / before.len() as f64 + 1.0 / after.len() as f64)).sqrt();
    let value = mean(after) - mean(before);
    let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
    let margin = error * student.inverse_cdf(f64::midpoint(1.0, CONFIDENCE));
    let p_value = match error {
        ..=0.0 => f64::from(u8::from(value == 0.0)),
        _ => 2.0 * student.cdf(-(value / error).abs()),
    };
    Some(Shift { value, interval: Interval { low: value - margin, high: value + margin }, p_value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_rank_test_as_r_computes_it() {
        // wilcox.test(c(1.1, -0.4, 2.3, 0.7, 1.9, -0.2, 1.4, 0.9), conf.int = TRUE): V = 33.
        let shift = paired_shift(&[1.1, -0.4, 2.3, 0.7, 1.9, -0.2, 1.4, 0.9]).unwrap();
        // W- = 1 + 2 = 3, and 5 of the 2^8 subsets of 1..8 have a sum of at most 3.
        assert!((shift.p_value - 2.0 * 5.0 / 256.0).abs() < 1e-12, "{shift:?}");
        // The fourth of the 36 pair means from either end: P(W <= 3) = 1.95 %, P(W <= 4) > 2.5 %.
        assert!((shift.interval.low - 0.15).abs() < 1e-12 && (shift.interval.high - 1.85).abs() < 1e-12);
    }

    #[test]
    fn equal_pairs_have_no_shift() {
        let shift = paired_shift(&[0.0; 20]).unwrap();
        assert_eq!((shift.value, shift.p_value), (0.0, 1.0));
        assert_eq!(paired_shift(&[]), None);
    }

    #[test]
    fn exact_and_approximate_distributions_meet() {
        let ranks: Vec<usize> = (1..=EXACT).map(|rank| 2 * rank).collect();
        let more: Vec<usize> = ranks.iter().copied().chain([0]).collect();
        for limit in [3_900, 4_500, 5_050] {
            let (exact, normal) = (at_most(limit, &ranks), at_most(limit, &more));
            assert!((exact - normal).abs() < 2e-3, "{limit}: {exact} {normal}");
        }
        let (few, many) = (lower_end(EXACT), lower_end(EXACT + 1));
        assert!(many > few && many < few + 60, "{few} {many}");
    }

    #[test]
    fn the_t_test_as_a_table_has_it() {
        // Means 1 and 4, variance 1, 3 and 3 numbers: t = 3 / sqrt(2/3) = 3.674, 4 degrees of freedom.
        let shift = shift_between_runs(&[0.0, 1.0, 2.0], &[3.0, 4.0, 5.0]).unwrap();
        assert!((shift.p_value - 0.021_3).abs() < 1e-4, "{shift:?}");
        assert!((shift.interval.low - (3.0 - 2.776_4 * 0.816_5)).abs() < 1e-3, "{shift:?}");
        assert!((shift.p_above() - 0.010_6).abs() < 1e-4, "{shift:?}");
        let back = shift_between_runs(&[3.0, 4.0, 5.0], &[0.0, 1.0, 2.0]).unwrap();
        assert!((back.p_above() - 0.989_4).abs() < 1e-4, "{back:?}");
        assert_eq!(shift_between_runs(&[1.0], &[2.0, 3.0]), None);
        assert_eq!(shift_between_runs(&[1.0, 1.0], &[1.0, 1.0]).unwrap().p_value, 1.0);
        assert_eq!(shift_between_runs(&[1.0, 1.0], &[2.0, 2.0]).unwrap().p_value, 0.0);
    }
}
