//! The percent encoding of paths and queries.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// The names and values of a query such as `digits=1_000&from=7`.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    form_urlencoded::parse(query.as_bytes())
}

/// Decodes a single name or value of a query.
pub(crate) fn value(text: &str) -> String {
    let plain = text.replace('+', " ");
    percent_decode_str(&plain).decode_utf8_lossy().into_owned()
}

/// Splits a path at its slashes and decodes each segment, so that an encoded slash separates nothing.
/// Empty segments do not count; broken encoding stays as it is.
pub(crate) fn segments(path: &str) -> Vec<Cow<'_, str>> {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    segments.map(|segment| percent_decode_str(segment).decode_utf8_lossy()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded() {
        let found: Vec<_> = pairs("a=1%5F0&&b&%63=x+y&d==%2").collect();
        let expected = [("a", "1_0"), ("b", ""), ("c", "x y"), ("d", "=%2")];
        assert_eq!(found, expected.map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value))));
        assert_eq!((value("x+%2B&y=1").as_str(), value("%f0%9f%a5%a7").as_str()), ("x +&y=1", "🥧"));
    }

    #[test]
    fn a_plus_in_a_path_is_one() {
        assert_eq!(segments("/pi/1+0"), ["pi", "1+0"]);
        assert_eq!(segments("/%70i/%ff%+1"), ["pi", "\u{fffd}%+1"]);
    }

    #[test]
    fn empty_segments_do_not_count_and_encoded_slashes_do_not_separate() {
        assert_eq!(segments("//pi///10/"), ["pi", "10"]);
        assert_eq!(segments("/pi/1%2F0"), ["pi", "1/0"]);
        assert!(segments("").is_empty() && segments("//").is_empty());
    }
}
