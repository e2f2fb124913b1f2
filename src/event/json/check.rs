//! Whether a text is JSON, in one pass without recursion.

use std::fmt;

/// What is wrong with a text that should be JSON, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonError {
    what: &'static str,
    line: usize,
    column: usize,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {} column {}", self.what, self.line, self.column)
    }
}

impl std::error::Error for JsonError {}

/// The one JSON value of a text, without the white space around it.
///
/// # Errors
/// The first thing that JSON does not have, with its place. Memory stays below the text's own.
pub fn check(text: &str) -> Result<&str, JsonError> {
    let mut checker = Checker { text: text.as_bytes(), at: 0, open: Vec::new() };
    checker.space();
    let start = checker.at;
    checker.value().map_err(|what| checker.error(what))?;
    let end = checker.at;
    checker.space();
    if checker.at < text.len() {
        return Err(checker.error("trailing characters"));
    }
    Ok(&text[start..end])
}

type Step<T = ()> = Result<T, &'static str>;

struct Checker<'a> {
    text: &'a [u8],
    at: usize,
    /// The brackets that are open.
    open: Vec<u8>,
}

impl Checker<'_> {
    fn error(&self, what: &'static str) -> JsonError {
        let before = &self.text[..self.at.min(self.text.len())];
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        JsonError { what, line, column: before.len() - line_start + 1 }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// A value with all that it contains; a loop over opened brackets in the place of recursion.
    fn value(&mut self) -> Step {
        loop {
            self.space();
            match self.peek() {
                Some(bracket @ (b'{' | b'[')) => {
                    self.at += 1;
                    self.open.push(bracket);
                    if !self.opened(bracket)? {
                        continue;
                    }
                }
                _ => self.scalar()?,
            }
            if !self.closed()? {
                return Ok(());
            }
        }
    }

    /// Behind an opening bracket: whether it was closed at once. The name of a member is read.
    fn opened(&mut self, bracket: u8) -> Step<bool> {
        self.space();
        if self.take(if bracket == b'{' { b'}' } else { b']' }) {
            self.open.pop();
            return Ok(true);
        }
        if bracket == b'{' {
            self.name()?;
        }
        Ok(false)
    }

    /// Behind a value: closes brackets; whether another value must follow.
    fn closed(&mut self) -> Step<bool> {
        while let Some(&bracket) = self.open.last() {
            self.space();
            let close = if bracket == b'{' { b'}' } else { b']' };
            if self.take(close) {
                self.open.pop();
                continue;
            }
            if !self.take(b',') {
                return Err(self.or_end(if bracket == b'{' {
                    "expected `,` or `}`"
                } else {
                    "expected `,` or `]`"
                }));
            }
            if bracket == b'{' {
                self.space();
                self.name()?;
            }
            return Ok(true);
        }
        Ok(false)
    }

    fn name(&mut self) -> Step {
        if self.peek() != Some(b'"') {
            return Err(self.or_end("expected a name in quotes"));
        }
        self.string()?;
        self.space();
        if self.take(b':') { Ok(()) } else { Err(self.or_end("expected `:`")) }
    }

    fn scalar(&mut self) -> Step {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            _ => Err(self.or_end("expected a value")),
        }
    }

    fn word(&mut self, word: &str) -> Step {
        if !self.text[self.at..].starts_with(word.as_bytes()) {
            return Err("expected a value");
        }
        self.at += word.len();
        Ok(())
    }

    fn string(&mut self) -> Step {
        self.at += 1;
        loop {
            match self.peek().ok_or("the text ends within a string")? {
                b'"' => break,
                b'\\' => self.escape()?,
                0..0x20 => return Err("a control character within a string"),
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Ok(())
    }

    fn escape(&mut self) -> Step {
        self.at += 1;
        let kind = self.peek().ok_or("the text ends within a string")?;
        let length = match kind {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 1,
            b'u' => 5,
            _ => return Err("unknown escape"),
        };
        let hex = self.text.get(self.at + 1..self.at + length).ok_or("the text ends within a string")?;
        if !hex.iter().all(u8::is_ascii_hexdigit) {
            return Err("unknown escape");
        }
        self.at += length;
        Ok(())
    }

    fn number(&mut self) -> Step {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Step {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(self.or_end("expected a digit")) }
    }

    fn or_end(&self, what: &'static str) -> &'static str {
        if self.at < self.text.len() { what } else { "the text ends too early" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_json() {
        for text in [
            "0",
            "-0.0e-0",
            "1E+400",
            r#""""#,
            r#""\u00e9\"\\\/\b\f\n\r\t\ud800""#,
            "true",
            "null",
            "[]",
            "{}",
            "[[],{}]",
            r#"{"a":[1,{"b":null}],"":false}"#,
            "\u{a0}".trim(),
            "\"\u{3c0}\"",
        ] {
            if !text.is_empty() {
                assert_eq!(check(&format!(" \r\n\t{text} ")), Ok(text));
            }
        }
        let deep = format!("{}7{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(check(&deep), Ok(deep.as_str()));
    }

    #[test]
    fn what_is_not_json_and_where() {
        for (text, words) in [
            ("", "ends too early at line 1 column 1"),
            ("digits", "expected a value at line 1 column 1"),
            ("{\n \"a\": x}", "expected a value at line 2 column 7"),
            ("{} 20", "trailing characters at line 1 column 4"),
            ("[1 2]", "expected `,` or `]`"),
            ("{1:2}", "expected a name in quotes"),
            (r#"{"a" 1}"#, "expected `:`"),
            (r#"{"a":1,}"#, "expected a name"),
            ("[1,]", "expected a value"),
            ("{]", "expected a name"),
            ("[}", "expected a value"),
            ("01", "trailing characters"),
            ("1.", "ends too early"),
            ("1.e5", "expected a digit"),
            ("-", "ends too early"),
            ("+1", "expected a value"),
            ("\"a", "within a string"),
            ("\"\n\"", "control character"),
            (r#""\x""#, "unknown escape"),
            (r#""\u12g4""#, "unknown escape"),
            (r#""\u12"#, "within a string"),
            ("tru", "expected a value"),
            ("\u{feff}{}", "expected a value"),
        ] {
            let error = check(text).expect_err(text).to_string();
            assert!(error.contains(words), "{text:?}: {error}");
        }
        assert!(check(&"[".repeat(100_000)).is_err());
        assert!(check(&r#"{"digits":"#.repeat(100_000)).is_err());
    }
}
