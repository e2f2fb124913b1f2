//! Integers as a person reads them.

use std::fmt::{self, Write};

/// An integer in groups of three digits: `1_000_000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grouped(pub u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                f.write_char('_')?;
            }
            f.write_char(digit)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_groups_of_three_digits() {
        let grouped = [7, 999, 1000, 1_234_567].map(|n| Grouped(n).to_string());
        assert_eq!(grouped, ["7", "999", "1_000", "1_234_567"]);
    }
}
