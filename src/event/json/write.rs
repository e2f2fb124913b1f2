//! JSON as it is written.

use std::fmt::{Display, Write};

/// A text as it stands between the quotes of a JSON string.
#[must_use]
pub fn escaped(text: &str) -> String {
    if !text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..'\u{20}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out
}

/// An object that grows member by member, in the order in which they are given.
#[derive(Debug)]
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Self {
        let mut text = String::with_capacity(256);
        text.push('{');
        Self(text)
    }

    /// The name of the next member; its value is up to the caller.
    pub(crate) fn name(&mut self, name: &str) -> &mut String {
        let comma = if self.0.ends_with('{') { "" } else { "," };
        let _ = write!(self.0, "{comma}\"{name}\":");
        &mut self.0
    }

    /// A member whose value is JSON already.
    pub(crate) fn raw(&mut self, name: &str, value: impl Display) -> &mut Self {
        let _ = write!(self.name(name), "{value}");
        self
    }

    /// A member whose value is a string.
    pub(crate) fn text(&mut self, name: &str, value: &str) -> &mut Self {
        let text = self.name(name);
        text.push('"');
        text.push_str(&escaped(value));
        text.push('"');
        self
    }

    /// The text so far: what is taken out of it comes before the rest.
    pub(crate) fn text_mut(&mut self) -> &mut String {
        &mut self.0
    }

    pub(crate) fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_written_is_json() {
        let mut object = Object::new();
        object.raw("n", 1).text("s", "say \"ten\"\n\u{1}\\\t π");
        let text = object.finish();
        assert_eq!(text, r#"{"n":1,"s":"say \"ten\"\n\u0001\\\t π"}"#);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["s"], "say \"ten\"\n\u{1}\\\t π");
        assert_eq!(Object::new().finish(), "{}");
    }
}
