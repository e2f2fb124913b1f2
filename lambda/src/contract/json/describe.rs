//! Descriptions of JSON values for messages.

/// The most characters that a message quotes from a caller's value.
const EXCERPT: usize = 40;

/// Describes a JSON value by its kind and its beginning: "the string \"ten\"".
pub(crate) fn describe(json: &str) -> String {
    let kind = match json.as_bytes().first() {
        Some(b'"') => "the string",
        Some(b'[') => return "an array".to_owned(),
        Some(b'{') => return "an object".to_owned(),
        Some(b't' | b'f') => "the boolean",
        Some(b'n') => return "null".to_owned(),
        _ => "the number",
    };
    format!("{kind} {}", excerpt(json))
}

/// Shortens a long text.
pub(crate) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_named_by_kind_and_long_ones_shortened() {
        assert_eq!(describe("null"), "null");
        assert_eq!(describe("true"), "the boolean true");
        assert_eq!(describe("1e400"), "the number 1e400");
        assert_eq!(describe("\"ten\""), "the string \"ten\"");
        assert_eq!(describe("[1]"), "an array");
        assert_eq!(describe("{}"), "an object");
        assert_eq!(excerpt(&"\u{3c0}".repeat(50)), format!("{}...", "\u{3c0}".repeat(40)));
    }
}
