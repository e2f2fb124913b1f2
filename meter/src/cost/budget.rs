//! The limit on the cost of a measurement on AWS.

use super::Prices;
use crate::error::Error;

/// A limit in USD, and the USD spent so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// The prices of invocations.
    pub prices: Prices,
    limit_usd: f64,
    spent_usd: f64,
    invocations: u64,
}

impl Budget {
    /// A budget of which nothing is spent.
    #[must_use]
    pub fn new(prices: Prices, limit_usd: f64) -> Self {
        Self { prices, limit_usd, spent_usd: 0.0, invocations: 0 }
    }

    /// Checks that an invocation expected to cost `usd` stays within the limit.
    ///
    /// # Errors
    ///
    /// When the invocation would exceed the limit.
    pub fn allow(&self, usd: f64) -> Result<(), Error> {
        if self.spent_usd + usd <= self.limit_usd {
            return Ok(());
        }
        Err(Error::BudgetSpent { limit_usd: self.limit_usd, spent_usd: self.spent_usd, next_usd: usd })
    }

    /// Records an invocation that cost `usd`.
    pub fn spend(&mut self, usd: f64) {
        self.spent_usd += usd;
        self.invocations += 1;
    }

    /// USD spent so far.
    #[must_use]
    pub fn spent_usd(&self) -> f64 {
        self.spent_usd
    }

    /// Number of invocations so far.
    #[must_use]
    pub fn invocations(&self) -> u64 {
        self.invocations
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_reached_and_not_passed() {
        let mut budget = Budget::new(Prices::default(), 1.0);
        budget.allow(1.0).unwrap();
        budget.spend(0.75);
        budget.allow(0.25).unwrap();
        let problem = budget.allow(0.5).unwrap_err().to_string();
        assert!(problem.contains("0.7500 USD are spent") && problem.contains("--max-usd 1"), "{problem}");
        assert_eq!((budget.spent_usd(), budget.invocations()), (0.75, 1));
    }
}
