//! Power tuning: more memory brings more CPU and a shorter duration, at a higher price per second.
//!
//! The idea is Alex Casalboni's aws-lambda-power-tuning. Doubling the memory of a CPU-bound
//! function halves its duration, so its cost hardly changes. Once the function has all the CPU
//! that it can use, more memory only adds cost.

use serde::Serialize;

/// One memory size on the curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Memory in MB.
    pub memory_mb: u64,
    /// Median time until the answer, in milliseconds.
    pub time_ms: f64,
    /// USD for a million invocations.
    pub usd_per_million: f64,
}

/// The curve of one function and event, with the memory sizes to choose.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tuning {
    /// The function.
    pub target: String,
    /// The event.
    pub event: String,
    /// The points by ascending memory.
    pub curve: Vec<Point>,
    /// The memory size that costs least.
    pub cheapest_mb: u64,
    /// The memory size that takes least time.
    pub fastest_mb: u64,
}

/// The curve through `points`; `None` when there are fewer than two memory sizes.
///
/// Of equal sizes the smaller wins.
#[must_use]
pub fn tune(target: &str, event: &str, mut curve: Vec<Point>) -> Option<Tuning> {
    curve.sort_by_key(|point| point.memory_mb);
    if curve.len() < 2 {
        return None;
    }
    let least = |value: fn(&Point) -> f64| {
        curve.iter().min_by(|a, b| value(a).total_cmp(&value(b))).map(|point| point.memory_mb)
    };
    let (cheapest_mb, fastest_mb) = (least(|point| point.usd_per_million)?, least(|point| point.time_ms)?);
    Some(Tuning { target: target.to_owned(), event: event.to_owned(), curve, cheapest_mb, fastest_mb })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point((memory_mb, time_ms, usd_per_million): (u64, f64, f64)) -> Point {
        Point { memory_mb, time_ms, usd_per_million }
    }

    #[test]
    fn cheapest_and_fastest_are_found_in_any_order() {
        let points = [(1_769, 100.0, 3.0), (128, 1_400.0, 3.1), (512, 350.0, 2.9), (3_008, 99.0, 5.0)];
        let tuning = tune("t", "e", points.map(point).to_vec()).unwrap();
        assert_eq!((tuning.cheapest_mb, tuning.fastest_mb), (512, 3_008));
        assert!(tuning.curve.is_sorted_by_key(|point| point.memory_mb));
    }

    #[test]
    fn the_smaller_of_equals_and_no_curve_of_one() {
        let equal = [(512, 10.0, 1.0), (256, 10.0, 1.0)].map(point).to_vec();
        let tuning = tune("t", "e", equal).unwrap();
        assert_eq!((tuning.cheapest_mb, tuning.fastest_mb), (256, 256));
        assert_eq!(tune("t", "e", vec![point((128, 1.0, 1.0))]), None);
    }
}
