//! The cost of invocations on Lambda.
//!
//! ```text
//! USD = billed ms / 1000 x memory MB / 1024 x price per GB-second + price per request
//! ```
//!
//! Billed ms are the duration, plus INIT in a cold start, rounded up to a millisecond. INIT has
//! been billed for every kind of function since August 2025.

mod budget;
mod prices;
mod tuning;

pub use budget::Budget;
pub use prices::{Architecture, PRICE_DATE, PriceChange, Prices};
pub use tuning::{Point, Tuning, tune};

/// Number of invocations that prices are quoted for.
pub const MILLION: f64 = 1e6;

/// The cost of one invocation in USD.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "memory sizes are small")]
pub fn invocation(prices: &Prices, architecture: Architecture, memory_mb: u64, billed_ms: f64) -> f64 {
    let gb_seconds = billed_ms / 1_000.0 * memory_mb as f64 / 1_024.0;
    gb_seconds * prices.gb_second(architecture) + prices.request
}

#[cfg(test)]
mod tests {
    use super::*;

    fn million(architecture: Architecture, memory_mb: u64, billed_ms: f64) -> f64 {
        MILLION * invocation(&Prices::default(), architecture, memory_mb, billed_ms)
    }

    #[test]
    fn a_second_of_a_gigabyte_is_the_price_itself() {
        assert!((million(Architecture::X86_64, 1_024, 1_000.0) - (16.6667 + 0.2)).abs() < 1e-9);
        assert!((million(Architecture::Arm64, 1_024, 1_000.0) - (13.3334 + 0.2)).abs() < 1e-9);
    }

    #[test]
    fn aws_own_example() {
        // "AWS Lambda Pricing", example 1 without the free tier: 3 million invocations of
        // 120 ms with 1536 MB on x86_64 are 540,000 GB-seconds, 9.00 USD, and 0.60 USD for requests.
        let cost = 3.0 * million(Architecture::X86_64, 1_536, 120.0);
        assert!((cost - (540_000.0 * 0.000_016_666_7 + 0.6)).abs() < 1e-9, "{cost}");
    }

    #[test]
    fn nothing_but_the_request() {
        assert!((million(Architecture::Arm64, 10_240, 0.0) - 0.2).abs() < 1e-12);
    }
}
