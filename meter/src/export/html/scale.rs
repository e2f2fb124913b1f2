//! Scales from values to positions, in percent of a chart's width or height.
//!
//! With percent instead of pixels the page fits a wide screen and a phone without a script, and
//! text keeps its size.

/// A linear or logarithmic axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    is_log: bool,
}

/// Ratio of largest to smallest value from which on the axis is logarithmic.
const LOG_FROM: f64 = 20.0;

impl Scale {
    /// An axis for all values, from 0 unless it is logarithmic.
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.into_iter().filter(|value| *value > 0.0).collect();
        let high = values.iter().copied().fold(0.0, f64::max);
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        if high <= 0.0 {
            return Self { low: 0.0, high: 1.0, is_log: false };
        }
        if high / low > LOG_FROM { Self::log(low / 1.3, high * 1.3) } else { Self::linear(high * 1.05) }
    }

    pub(super) fn linear(high: f64) -> Self {
        Self { low: 0.0, high, is_log: false }
    }

    pub(super) fn log(low: f64, high: f64) -> Self {
        Self { low, high, is_log: true }
    }

    pub(super) fn is_log(&self) -> bool {
        self.is_log
    }

    /// Position of a value, from 0 to 100.
    pub(super) fn percent(&self, value: f64) -> f64 {
        let share = if self.is_log {
            (value.max(self.low) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        100.0 * share.clamp(0.0, 1.0)
    }

    /// Round values to label, about four.
    pub(super) fn ticks(&self) -> Vec<f64> {
        if self.is_log { self.log_ticks() } else { self.linear_ticks() }
    }

    fn linear_ticks(&self) -> Vec<f64> {
        let rough = self.high / 4.0;
        let power = 10_f64.powf(rough.log10().floor());
        let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
        let step = steps.iter().map(|step| step * power).find(|step| *step >= rough).unwrap_or(rough);
        (0..=4).map(|index| f64::from(index) * step).filter(|tick| *tick <= self.high).collect()
    }

    /// Powers of ten, with values in between over few decades.
    fn log_ticks(&self) -> Vec<f64> {
        #[expect(clippy::cast_possible_truncation, reason = "exponents of times and prices")]
        let (first, last) = (self.low.log10().floor() as i32, self.high.log10().ceil() as i32);
        let every = ((last - first) / 5).max(1);
        let factors: &[f64] = match last - first {
            ..=2 => &[1.0, 2.0, 5.0],
            3 | 4 => &[1.0, 3.0],
            _ => &[1.0],
        };
        let decades = (first..=last).filter(|exponent| (exponent - first) % every == 0);
        let ticks =
            decades.flat_map(|exponent| factors.iter().map(move |factor| factor * 10_f64.powi(exponent)));
        ticks.filter(|tick| (self.low..=self.high).contains(tick)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_values_share_an_axis_from_0() {
        let scale = Scale::of([50.0, 100.0]);
        assert!(!scale.is_log() && (scale.percent(105.0) - 100.0).abs() < 1e-9);
        assert_eq!((scale.percent(0.0), scale.percent(1e9)), (0.0, 100.0));
        assert_eq!(scale.ticks(), [0.0, 50.0, 100.0]);
    }

    #[test]
    fn far_values_get_a_logarithmic_one() {
        let scale = Scale::of([0.1, 1_000.0]);
        assert!(scale.is_log() && scale.percent(0.1) > 0.0 && scale.percent(1_000.0) < 100.0);
        assert!((scale.percent(10.0) - 50.0).abs() < 1e-9);
        let ticks = scale.ticks();
        assert_eq!(ticks.len(), 5, "{ticks:?}");
        assert!((ticks[0] - 0.1).abs() < 1e-9 && (ticks[4] - 1_000.0).abs() < 1e-9, "{ticks:?}");
        assert_eq!(Scale::log(40.0, 700.0).ticks(), [50.0, 100.0, 200.0, 500.0]);
    }

    #[test]
    fn nothing_to_show_is_no_reason_to_panic() {
        let scale = Scale::of([0.0]);
        assert_eq!((scale.percent(0.0), scale.ticks().len()), (0.0, 5));
    }
}
