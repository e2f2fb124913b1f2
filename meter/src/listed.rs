//! Joins names to a list for messages.

/// The names with commas between them; with semicolons if a name contains a comma, as the names of targets
/// may.
#[must_use]
pub fn listed<N: AsRef<str>>(names: &[N]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.join(if names.iter().any(|name| name.contains(',')) { "; " } else { ", " })
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn names_with_commas_are_separated_by_semicolons() {
        assert_eq!(listed(&["a", "b"]), "a, b");
        assert_eq!(listed(&["ours", "rust, short form", "python"]), "ours; rust, short form; python");
    }
}
