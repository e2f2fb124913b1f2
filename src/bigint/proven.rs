//! Results that prove themselves: computed once more where the proof fails.

/// The result of `attempt`, or of a second attempt where the first one has found itself wrong.
///
/// # Panics
/// If both attempts are wrong, which a sound machine never shows; `subject` names the result.
pub(crate) fn proven<T>(subject: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let first = attempt();
    let result = first.or_else(attempt);
    result.unwrap_or_else(|| panic!("{subject} was wrong twice: do not trust this machine"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_is_repaired() {
        let mut attempts = [None, Some(7)].into_iter();
        assert_eq!(proven("a number", || attempts.next().unwrap()), 7);
    }

    #[test]
    #[should_panic(expected = "a number was wrong twice: do not trust this machine")]
    fn two_failures_are_reported() {
        proven("a number", || None::<u8>);
    }
}
