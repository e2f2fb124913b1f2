//! Correction of p-values for the number of tests.

/// Adjusts p-values by Holm's step-down method; the order stays.
///
/// The chance of at least one adjusted value below 5 % is at most 5 % when no test has an effect,
/// whatever the dependence between the tests. Holm, "A Simple Sequentially Rejective Multiple Test
/// Procedure" (1979):
///
/// ```text
/// sort the p-values; multiply the i-th smallest of m (from 0) by m - i
/// an adjusted value is at least as large as every smaller one, and at most 1
/// ```
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "few tests")]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, index) in order.into_iter().enumerate() {
        largest = largest.max(p_values[index] * (p_values.len() - rank) as f64);
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
}
