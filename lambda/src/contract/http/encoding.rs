//! The encodings of HTTP events, as the services write them.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// The names and values of a query such as `digits=1_000&from=7`.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    form_urlencoded::parse(query.as_bytes())
}

/// A name or value of a query by itself.
pub(crate) fn value(text: &str) -> String {
    let plain = text.replace('+', " ");
    percent_decode_str(&plain).decode_utf8_lossy().into_owned()
}

/// A path without percent encoding; where that is broken it stays as it is.
pub(crate) fn path(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
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
        assert_eq!((path("/pi/1+0"), path("/%70i/%ff%+1")), ("/pi/1+0".into(), "/pi/\u{fffd}%+1".into()));
    }
}
