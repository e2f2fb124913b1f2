//! Lambda's rule: CPU time in proportion to memory.

use std::time::Duration;

/// Memory of a function with one full vCPU, in MB.
const MEMORY_OF_ONE_CPU: u64 = 1_769;
/// vCPUs of the largest functions.
const MOST_CPUS: u64 = 6;

/// A function's CPU time in every period of 20 ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CpuShare {
    quota: Duration,
}

impl CpuShare {
    /// Lambda's throttle period: a function of 128 MB runs for 1.4 ms and pauses for 18.6 ms.
    pub const PERIOD: Duration = Duration::from_millis(20);

    /// The share of a function with `memory_size` MB.
    #[must_use]
    pub fn of_memory(memory_size: u64) -> Self {
        let period = Self::PERIOD.as_nanos();
        let nanos = period * u128::from(memory_size) / u128::from(MEMORY_OF_ONE_CPU);
        let most = period * u128::from(MOST_CPUS);
        Self { quota: Duration::from_nanos(u64::try_from(nanos.min(most)).unwrap_or(u64::MAX)) }
    }

    /// CPU time in each period, summed over all vCPUs.
    #[must_use]
    pub fn quota(self) -> Duration {
        self.quota
    }

    /// The share as a number of vCPUs: 0.072 at 128 MB, 1 at 1769 MB.
    #[must_use]
    pub fn cpus(self) -> f64 {
        self.quota.as_secs_f64() / Self::PERIOD.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cpu_at_1769_mb_and_six_at_most() {
        let quota = |memory| CpuShare::of_memory(memory).quota().as_micros();
        assert_eq!([128, 1_769, 3_538, 10_240].map(quota), [1_447, 20_000, 40_000, 115_771]);
        assert_eq!(quota(20_000), 120_000);
        assert!((CpuShare::of_memory(128).cpus() - 128.0 / 1_769.0).abs() < 1e-6);
    }
}
