//! Correction of p-values for the number of tests.

/// Adjusts p-values by Holm's step-down method; the order stays.
///
/// As [`holm_weighted`], with equal weights.
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    holm_weighted(&p_values.iter().map(|p_value| (*p_value, 1.0)).collect::<Vec<_>>())
}

/// Adjusts p-values, each with a positive weight, by Holm's step-down method; the order stays.
///
/// The chance of at least one adjusted value below 5 % is at most 5 % when no test has an effect,
/// whatever the dependence between the tests. A test gets a share of the 5 % in proportion to its
/// weight, and what a test with an effect had goes to the others. Holm, "A Simple Sequentially
/// Rejective Multiple Test Procedure" (1979), section 4:
///
/// ```text
/// sort by p / weight; multiply each p / weight by the sum of its own and all later weights
/// an adjusted value is at least as large as every earlier one, and at most 1
/// ```
#[must_use]
pub fn holm_weighted(tests: &[(f64, f64)]) -> Vec<f64> {
    let ratio = |index: usize| tests[index].0 / tests[index].1;
    let mut order: Vec<usize> = (0..tests.len()).collect();
    order.sort_by(|a, b| ratio(*a).total_cmp(&ratio(*b)));
    let mut adjusted = vec![1.0; tests.len()];
    let mut largest: f64 = 0.0;
    for (rank, &index) in order.iter().enumerate() {
        let weights: f64 = order[rank..].iter().map(|later| tests[*later].1).sum();
        largest = largest.max(ratio(index) * weights);
        adjusted[index] = largest.min(1.0);
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_by_hand() {
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.5]);
        let expected = [0.04, 0.09, 0.09, 0.5];
        assert!(adjusted.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{adjusted:?}");
        assert_eq!(holm(&[]), Vec::<f64>::new());
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
    }

    #[test]
    fn a_heavy_test_needs_less_and_leaves_its_share_to_the_others() {
        // Weights 2, 1, 1: the first is compared with half of the 5 %, the rest then with all.
        let adjusted = holm_weighted(&[(0.02, 2.0), (0.02, 1.0), (0.5, 1.0)]);
        let expected = [0.04, 0.04, 0.5];
        assert!(adjusted.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{adjusted:?}");
        // Without an effect in the first, the second must pass with a quarter.
        let adjusted = holm_weighted(&[(0.9, 2.0), (0.02, 1.0), (0.5, 1.0)]);
        assert!((adjusted[1] - 0.08).abs() < 1e-12, "{adjusted:?}");
    }
}
