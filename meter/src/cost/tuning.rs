//! Power tuning: more memory brings more CPU and a shorter duration, at a higher price per second.
//!
//! The idea is Alex Casalboni's aws-lambda-power-tuning. Doubling the memory of a CPU-bound
//! function halves its duration, so its cost hardly changes. Once the function has all the CPU
//! that it can use, more memory only adds cost.
//!
//! A size is named cheapest, fastest or balanced only if its interval overlaps no other size's.

use crate::statistics::Interval;
use serde::Serialize;

/// One memory size on the curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Memory in MB.
    pub memory_mb: u64,
    /// Median of init + duration, in milliseconds.
    pub time_ms: f64,
    /// 95 % confidence interval of the time.
    pub time_interval: Interval,
    /// USD for a million invocations.
    pub usd_per_million: f64,
    /// 95 % confidence interval of the cost.
    pub usd_interval: Interval,
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
    /// The cheapest memory size, if one is cheapest beyond noise.
    pub cheapest_mb: Option<u64>,
    /// The fastest memory size, if one is fastest beyond noise.
    pub fastest_mb: Option<u64>,
    /// The memory size with the least sum of time and cost, each relative to its maximum, if one
    /// is best beyond noise: the strategy "balanced" of aws-lambda-power-tuning.
    pub balanced_mb: Option<u64>,
}

impl Tuning {
    /// The names of a memory size: any of cheapest, fastest and balanced.
    #[must_use]
    pub fn names(&self, memory_mb: u64) -> Vec<&'static str> {
        let all =
            [(self.cheapest_mb, "cheapest"), (self.fastest_mb, "fastest"), (self.balanced_mb, "balanced")];
        all.into_iter().filter(|(size, _)| *size == Some(memory_mb)).map(|(_, name)| name).collect()
    }

    /// The choice of memory in words.
    #[must_use]
    pub fn choice(&self) -> String {
        if [self.cheapest_mb, self.fastest_mb, self.balanced_mb] == [None; 3] {
            return "no size cheapest, fastest or balanced beyond noise".to_owned();
        }
        let said = |size: Option<u64>, name: &str| match size {
            Some(size) => format!("{name} at {size} MB"),
            None => format!("no size {name} beyond noise"),
        };
        let (cheapest, fastest) = (said(self.cheapest_mb, "cheapest"), said(self.fastest_mb, "fastest"));
        format!("{cheapest}, {fastest}, {}", said(self.balanced_mb, "balanced"))
    }
}

/// The curve through `points`; `None` when there are fewer than two memory sizes.
#[must_use]
pub fn tune(target: &str, event: &str, mut curve: Vec<Point>) -> Option<Tuning> {
    curve.sort_by_key(|point| point.memory_mb);
    if curve.len() < 2 {
        return None;
    }
    let most = |value: fn(&Point) -> f64| curve.iter().map(value).fold(f64::MIN_POSITIVE, f64::max);
    let (slowest, dearest) = (most(|point| point.time_ms), most(|point| point.usd_per_million));
    let score = |time: f64, usd: f64| time / slowest + usd / dearest;
    let of = |value: &dyn Fn(&Point) -> Interval| -> Vec<(u64, Interval)> {
        curve.iter().map(|point| (point.memory_mb, value(point))).collect()
    };
    let balanced = of(&|point| Interval {
        low: score(point.time_interval.low, point.usd_interval.low),
        high: score(point.time_interval.high, point.usd_interval.high),
    });
    Some(Tuning {
        target: target.to_owned(),
        event: event.to_owned(),
        cheapest_mb: least(&of(&|point| point.usd_interval)),
        fastest_mb: least(&of(&|point| point.time_interval)),
        balanced_mb: least(&balanced),
        curve,
    })
}

/// The memory size whose interval lies below every other, if any.
fn least(sizes: &[(u64, Interval)]) -> Option<u64> {
    let (best, interval) = sizes.iter().min_by(|a, b| a.1.high.total_cmp(&b.1.high))?;
    let is_apart = |(size, other): &(u64, Interval)| size == best || interval.high < other.low;
    sizes.iter().all(is_apart).then_some(*best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point((memory_mb, time_ms, usd_per_million, noise): (u64, f64, f64, f64)) -> Point {
        let around = |value: f64| Interval { low: value * (1.0 - noise), high: value * (1.0 + noise) };
        Point {
            memory_mb,
            time_ms,
            time_interval: around(time_ms),
            usd_per_million,
            usd_interval: around(usd_per_million),
        }
    }

    fn tuning(points: &[(u64, f64, f64, f64)]) -> Tuning {
        tune("t", "e", points.iter().copied().map(point).collect()).unwrap()
    }

    #[test]
    fn sizes_are_found_in_any_order() {
        let tuning = tuning(&[
            (1_769, 100.0, 3.0, 0.001),
            (128, 1_400.0, 3.1, 0.001),
            (512, 350.0, 2.9, 0.001),
            (3_008, 99.0, 5.0, 0.001),
        ]);
        assert_eq!((tuning.cheapest_mb, tuning.fastest_mb), (Some(512), Some(3_008)));
        assert_eq!(tuning.balanced_mb, Some(1_769));
        assert_eq!(tuning.names(512), ["cheapest"]);
        assert!(tuning.curve.is_sorted_by_key(|point| point.memory_mb));
    }

    #[test]
    fn noise_has_no_winner() {
        // 512 MB is faster by its median, but cannot be told from 1769 MB.
        let tuning = tuning(&[(128, 20.0, 1.0, 0.05), (512, 1.66, 1.5, 0.2), (1_769, 1.90, 4.0, 0.2)]);
        assert_eq!((tuning.cheapest_mb, tuning.fastest_mb), (Some(128), None));
        assert!(tuning.choice().contains("no size fastest beyond noise"), "{}", tuning.choice());
        assert_eq!(tune("t", "e", vec![point((128, 1.0, 1.0, 0.0))]), None);
    }
}
