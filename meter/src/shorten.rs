//! Shortens a response to one screen.
//!
//! The text is cut, not parsed JSON: the rest stays exactly as the function wrote it, numbers and
//! order included, and a response that is not JSON is shortened as well.

use indicatif::HumanCount;
use std::fmt::Write;

/// Characters of the longest JSON string that is not cut.
const LONGEST_STRING: usize = 160;
/// Characters kept at either end of a long string.
const STRING_END: usize = 50;
/// Characters of the longest response that is not cut, after its strings were cut.
const LONGEST_RESPONSE: usize = 4_000;
/// Characters kept at either end of a long response.
const RESPONSE_END: usize = 1_500;

/// Cuts long strings in the middle, then the whole response if it is still long.
#[must_use]
pub fn shorten(response: &[u8]) -> String {
    let text = String::from_utf8_lossy(response);
    let strings_cut = shorten_strings(&text);
    let units: Vec<&str> = units(&strings_cut).collect();
    if units.len() <= LONGEST_RESPONSE { strings_cut } else { cut(&units, RESPONSE_END) }
}

/// Cuts every string of a JSON text that is longer than [`LONGEST_STRING`].
fn shorten_strings(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LONGEST_RESPONSE));
    let mut rest = text;
    while let Some(open) = rest.find('"') {
        let (before, from_quote) = rest.split_at(open + 1);
        out.push_str(before);
        let length = string_length(from_quote);
        let (string, after) = from_quote.split_at(length);
        let units: Vec<&str> = units(string).collect();
        if units.len() <= LONGEST_STRING {
            out.push_str(string);
        } else {
            out.push_str(&cut(&units, STRING_END));
        }
        // The closing quote, which is missing when the text is not JSON.
        let (quote, after) = after.split_at(after.len().min(1));
        out.push_str(quote);
        rest = after;
    }
    out + rest
}

/// Bytes up to the closing quote, or up to the end without one.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index,
            _ => {}
        }
    }
    text.len()
}

/// The characters of a JSON string. An escape sequence counts as one, so no cut splits it.
fn units(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let length = match (first, rest[first.len_utf8()..].chars().next()) {
            ('\\', Some('u')) if rest.is_char_boundary(6) => 6,
            ('\\', Some(escaped)) => 1 + escaped.len_utf8(),
            _ => first.len_utf8(),
        };
        let (unit, after) = rest.split_at(length);
        rest = after;
        Some(unit)
    })
}

/// Both ends, with the number of characters left out in between.
fn cut(units: &[&str], end: usize) -> String {
    let (head, tail) = (&units[..end], &units[units.len() - end..]);
    let mut out = head.concat();
    let _ = write!(out, " ... {} more ... ", HumanCount((units.len() - 2 * end) as u64));
    out + &tail.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_response_stays_as_it_is() {
        for text in ["", "null", "{}", r#"{"b":1.50,"a":"x\"y"}"#, "not json \" at all", "\"", "\\"] {
            assert_eq!(shorten(text.as_bytes()), text);
        }
    }

    #[test]
    fn a_long_string_keeps_both_ends_and_says_how_much_is_missing() {
        let digits = "3".repeat(50) + &"1".repeat(9_900) + &"7".repeat(50);
        let text = format!(r#"{{"digits":10000,"pi":"{digits}","ok":true}}"#);
        let expected = format!(
            r#"{{"digits":10000,"pi":"{} ... 9,900 more ... {}","ok":true}}"#,
            "3".repeat(50),
            "7".repeat(50)
        );
        assert_eq!(shorten(text.as_bytes()), expected);
    }

    #[test]
    fn the_longest_string_that_stays_and_the_first_that_does_not() {
        let text = |length| format!("[\"{}\"]", "x".repeat(length));
        assert_eq!(shorten(text(LONGEST_STRING).as_bytes()), text(LONGEST_STRING));
        assert!(shorten(text(LONGEST_STRING + 1).as_bytes()).contains(" ... 61 more ... "));
    }

    #[test]
    fn an_escape_sequence_is_never_cut_in_two() {
        let text = format!("[\"{}\"]", r"\u00e9\n".repeat(200));
        let half = r"\u00e9\n".repeat(25);
        assert_eq!(shorten(text.as_bytes()), format!("[\"{half} ... 300 more ... {half}\"]"));
    }

    #[test]
    fn broken_text_does_not_panic() {
        let all = [r"\u12", r"\", "\u{e9}", "\"", "\\u\u{e9}\u{e9}\u{e9}", "\u{1f600}"];
        for one in all {
            for other in all {
                let text = format!("{}{other}", one.repeat(400));
                assert!(!shorten(text.as_bytes()).is_empty());
                assert!(!shorten(format!("\"{text}").as_bytes()).is_empty());
            }
        }
        assert_eq!(shorten(b"\xff"), "\u{fffd}");
    }

    #[test]
    fn a_long_response_without_long_strings_is_cut_as_a_whole() {
        let text = format!("[{}0]", "1,".repeat(10_000));
        let short = shorten(text.as_bytes());
        assert!(
            short.len() < 3_100 && short.contains(" ... 17,003 more ... ") && short.ends_with("1,0]"),
            "{short}"
        );
    }
}
