//! Parts of a text that [`check`](super::check) has accepted. On any other text the answers are
//! of no use, but there is no panic.

use std::borrow::Cow;

/// The members of an object in their order, values as they stand; none of anything else.
pub(crate) fn members(object: &str) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
    let mut reader = Reader::within(object, '{');
    std::iter::from_fn(move || {
        let name = reader.next_value()?;
        let value = reader.next_value()?;
        Some((string(name).unwrap_or(Cow::Borrowed(name)), value))
    })
}

/// The elements of an array; none of anything else.
pub(crate) fn elements(array: &str) -> impl Iterator<Item = &str> {
    let mut reader = Reader::within(array, '[');
    std::iter::from_fn(move || reader.next_value())
}

/// A member of an object, unless it is null; the first of several.
pub(crate) fn field<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    let value = members(object).find_map(|(found, value)| (found == name).then_some(value));
    value.filter(|&value| value != "null")
}

/// The characters of a string; none of any other value, or if they are no characters.
pub(crate) fn string(value: &str) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (character, behind) = unescaped(&rest[at + 1..])?;
        text.push(character);
        rest = behind;
    }
    text.push_str(rest);
    Some(Cow::Owned(text))
}

/// The character behind a backslash, and what follows it.
fn unescaped(text: &str) -> Option<(char, &str)> {
    let kind = text.chars().next()?;
    let rest = &text[kind.len_utf8()..];
    let character = match kind {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return code_point(rest),
        other => other,
    };
    Some((character, rest))
}

/// Four hexadecimal digits, or eight in two escapes for what lies beyond them.
fn code_point(text: &str) -> Option<(char, &str)> {
    let unit = |text: &str| u32::from_str_radix(text.get(..4)?, 16).ok();
    let (high, rest) = (unit(text)?, text.get(4..)?);
    if !(0xd800..0xdc00).contains(&high) {
        return Some((char::from_u32(high)?, rest));
    }
    let low = rest.strip_prefix("\\u")?;
    let code = unit(low)?.checked_sub(0xdc00).filter(|&low| low < 0x400)?;
    Some((char::from_u32(0x10000 + ((high - 0xd800) << 10) + code)?, low.get(4..)?))
}

/// Goes from value to value within one pair of brackets.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn within(text: &'a str, open: char) -> Self {
        Self { rest: text.strip_prefix(open).unwrap_or_default() }
    }

    /// The next value, or the name of the next member: what separates them is passed over.
    fn next_value(&mut self) -> Option<&'a str> {
        let separator = |c| matches!(c, ' ' | '\t' | '\n' | '\r' | ',' | ':');
        let text = self.rest.trim_start_matches(separator);
        let length = value_len(text.as_bytes());
        let (value, rest) = text.split_at_checked(length).filter(|_| length > 0)?;
        self.rest = rest;
        Some(value)
    }
}

/// The length of the value that a text begins with; 0 at a closing bracket.
fn value_len(text: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => at += string_len(&text[at..]) - 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 1 => depth -= 1,
            b'}' | b']' => return at + depth,
            b',' | b' ' | b'\t' | b'\n' | b'\r' | b':' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
        if depth == 0 && byte == b'"' {
            return at;
        }
    }
    at
}

/// The length of the string that a text begins with, its quotes included.
fn string_len(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => break,
            b'\\' => at += 1,
            _ => {}
        }
    }
    at.min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_elements_as_they_stand() {
        let text = r#"{ "a" : 1.5e3 ,"b\n":"x,}\"]", "c":{"d":[1,{}]},"e":[ ] , "":null}"#;
        let found: Vec<_> = members(text).map(|(name, value)| (name.into_owned(), value)).collect();
        let expected =
            [("a", "1.5e3"), ("b\n", r#""x,}\"]""#), ("c", r#"{"d":[1,{}]}"#), ("e", "[ ]"), ("", "null")];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value)));
        assert_eq!(elements(r#"[1, [2,3] ,"4",{}]"#).collect::<Vec<_>>(), ["1", "[2,3]", "\"4\"", "{}"]);
        assert_eq!((members("[1]").count(), elements("{}").count(), members("{}").count()), (0, 0, 0));
        assert_eq!((field(text, "a"), field(text, ""), field(text, "z")), (Some("1.5e3"), None, None));
    }

    #[test]
    fn strings_are_unescaped() {
        assert_eq!(string(r#""1_0""#).unwrap(), "1_0");
        assert_eq!(
            string(r#""\u0031\"\\\/\b\f\n\r\t\u03c0\ud83e\udd67""#).unwrap(),
            "1\"\\/\u{8}\u{c}\n\r\tπ🥧"
        );
        for broken in [r#""\ud800""#, r#""\ud800x""#, r#""\udc00""#, r#""\ud800\u0031""#, "10", "null"] {
            assert_eq!(string(broken), None, "{broken}");
        }
    }
}
