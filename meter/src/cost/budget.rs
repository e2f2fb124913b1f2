//! How much a measurement on AWS may cost.

use super::Prices;
use crate::error::Error;

/// What may be spent, and what was.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// The prices that it is computed with.
    pub prices: Prices,
    limit_usd: f64,
    spent_usd: f64,
    invocations: u64,
}

impl Budget {
    /// Nothing is spent yet.
    #[must_use]
    pub fn new(prices: Prices, limit_usd: f64) -> Self {
        Self { prices, limit_usd, spent_usd: 0.0, invocations: 0 }
    }

    /// Whether something that is expected to cost `usd` may be done.
    ///
    /// # Errors
    ///
    /// When it would be more than the limit.
    pub fn allow(&self, usd: f64) -> Result<(), Error> {
        if self.spent_usd + usd <= self.limit_usd {
            return Ok(());
        }
        Err(Error::BudgetSpent { limit_usd: self.limit_usd, spent_usd: self.spent_usd, next_usd: usd })
    }

    /// Something was done.
    pub fn spend(&mut self, usd: f64) {
        self.spent_usd += usd;
        self.invocations += 1;
    }

    /// USD so far.
    #[must_use]
    pub fn spent_usd(&self) -> f64 {
        self.spent_usd
    }

    /// Invocations so far.
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
