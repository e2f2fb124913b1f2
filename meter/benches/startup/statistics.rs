//! Medians and their median absolute deviations.

use std::fmt;
use std::time::Duration;

/// Median and spread of some samples.
pub(crate) struct Summary {
    pub(crate) median: Duration,
    deviation: Duration,
}

impl Summary {
    pub(crate) fn of(samples: &[Duration]) -> Self {
        let median = median(samples).unwrap_or_default();
        let distances: Vec<Duration> = samples.iter().map(|sample| sample.abs_diff(median)).collect();
        Self { median, deviation: self::median(&distances).unwrap_or_default() }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ± {}", duration(self.median), duration(self.deviation))
    }
}

/// The upper of the two middle values when their count is even.
pub(crate) fn median<T: Ord + Copy>(samples: &[T]) -> Option<T> {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

/// Three digits and a unit.
pub(crate) fn duration(duration: Duration) -> String {
    let micros = duration.as_secs_f64() * 1e6;
    match micros {
        ..10.0 => format!("{micros:.2} us"),
        ..100.0 => format!("{micros:.1} us"),
        ..1000.0 => format!("{micros:.0} us"),
        _ => format!("{:.2} ms", micros / 1000.0),
    }
}
