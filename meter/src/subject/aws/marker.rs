//! The variable that forces cold starts, and says what the memory was.
//!
//! Its value is `512 MB, 7`: the memory size before the measurement, and a number that is
//! another for every cold start.

use std::collections::HashMap;

/// Its name. It is in the function's environment during a measurement only.
pub(super) const NAME: &str = "LAMBDA_METER";

pub(super) type Variables = HashMap<String, String>;

/// `variables` with the marker.
pub(super) fn with(variables: &Variables, memory_mb: u64, count: u64) -> Variables {
    let mut variables = variables.clone();
    variables.insert(NAME.to_owned(), format!("{memory_mb} MB, {count}"));
    variables
}

/// Takes the marker of a measurement that was cut off out of `variables`: the memory before it.
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
