//! The environment variable that forces cold starts and records the original memory size.
//!
//! Its value is `512 MB, 7`: the memory size before the measurement, and a number that changes
//! with every cold start.

use std::collections::HashMap;

/// Name of the variable, which is in the function's environment only during a measurement.
pub(super) const NAME: &str = "LAMBDA_METER";

pub(super) type Variables = HashMap<String, String>;

/// Adds the marker to `variables`.
pub(super) fn with(variables: &Variables, memory_mb: u64, count: u64) -> Variables {
    let mut variables = variables.clone();
    variables.insert(NAME.to_owned(), format!("{memory_mb} MB, {count}"));
    variables
}

/// Removes the marker of an interrupted measurement from `variables`; returns the original memory.
pub(super) fn take(variables: &mut Variables) -> Option<u64> {
    let value = variables.remove(NAME)?;
    value.split_once(" MB, ")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_can_be_read_again() {
        let before = Variables::from([("A".to_owned(), "1".to_owned())]);
        let mut marked = with(&before, 512, 7);
        assert_eq!(marked[NAME], "512 MB, 7");
        assert_ne!(marked, with(&before, 512, 8), "each is another");
        assert_eq!((take(&mut marked), take(&mut marked.clone())), (Some(512), None));
        assert_eq!(marked, before);
    }

    #[test]
    fn a_strangers_variable_says_nothing() {
        let mut variables = Variables::from([(NAME.to_owned(), "yes".to_owned())]);
        assert_eq!(take(&mut variables), None);
    }
}
