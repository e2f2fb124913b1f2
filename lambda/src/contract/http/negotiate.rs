//! Content negotiation: formats and codings by their weights, and entity tags.
//!
//! Source: RFC 9110, sections 12.4.2 (weights), 12.5.1 (`Accept`) and 12.5.3 (`Accept-Encoding`).

use mediatype::{MediaType, MediaTypeList, Name, ReadParams};

/// The parameter that holds a weight.
const WEIGHT: Name<'static> = Name::new_unchecked("q");

/// The weight of a media type in a header such as `Accept: text/plain;q=0.5, */*`, in thousandths; none if
/// nothing in the header covers the type.
fn weight(accept: &str, ty: &str, subtype: &str) -> Option<u32> {
    let accepted: Vec<MediaType<'_>> = MediaTypeList::new(accept).flatten().collect();
    // The most specific range decides.
    let ranges = [(ty, subtype), (ty, "*"), ("*", "*")];
    ranges.into_iter().find_map(|(ty, subtype)| {
        let found = accepted.iter().find(|media| media.ty == ty && media.subty == subtype)?;
        Some(found.get_param(WEIGHT).map_or(1000, |value| thousandths(value.as_str())))
    })
}

/// Parses `0.25` as 250; anything that is no weight counts as 1000. Parsing a float would link
/// 10 KB of tables.
fn thousandths(text: &str) -> u32 {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    match format!("{fraction:0<3}").parse() {
        Ok(thousandths) if whole == "0" && fraction.len() <= 3 => thousandths,
        _ => 1000,
    }
}

/// Tells if text is preferred to JSON, which is the default.
pub(crate) fn wants_text(accept: &str) -> bool {
    let text = weight(accept, "text", "plain").unwrap_or(0);
    let json = weight(accept, "application", "json").unwrap_or(0);
    text > json
}

/// Tells if gzip is accepted.
pub(crate) fn takes_gzip(accept_encoding: &str) -> bool {
    let weight = |coding: &str| {
        accept_encoding.split(',').find_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let found = parts.next()?.eq_ignore_ascii_case(coding);
            let weight = || parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
            found.then(weight).map(|weight| weight.map_or(1000, thousandths))
        })
    };
    // RFC 9110, section 8.4.1.3: `x-gzip` is equivalent to `gzip`.
    weight("gzip").or_else(|| weight("x-gzip")).or_else(|| weight("*")).is_some_and(|weight| weight > 0)
}

/// Tells if a header `If-None-Match` names this tag; weak and strong tags compare equal.
pub(crate) fn has(if_none_match: &str, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    if_none_match.split(',').any(|known| known.trim() == "*" || bare(known) == bare(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_decide_and_the_specific_name_first() {
        for (accept, text) in [
            ("", false),
            ("*/*", false),
            ("text/plain", true),
            ("TEXT/PLAIN", true),
            ("text/plain, */*", false),
            ("text/plain, */*;q=0.1", true),
            ("text/*, application/json;q=0.9", true),
            ("text/plain;q=0.5, application/json", false),
            ("text/plain;charset=utf-8;q=0.5,application/json;q=0.49", true),
            ("text/html,application/xhtml+xml,*/*;q=0.8", false),
            ("application/json, text/plain;q=0", false),
            ("text/plain;Q=0, application/json", false),
            ("application/json;Q=0.1, text/plain;q=0.2", true),
        ] {
            assert_eq!(wants_text(accept), text, "{accept}");
        }
    }

    #[test]
    fn codings_that_are_taken() {
        for (header, taken) in [
            ("", false),
            ("gzip", true),
            ("deflate, GZIP;q=0.001", true),
            ("gzip;q=0", false),
            ("gzip;Q=0", false),
            ("x-gzip", true),
            ("X-GZIP;q=0.5, br", true),
            ("x-gzip;q=0, *", false),
            ("gzip;q=0.000, *", false),
            ("*", true),
            ("br", false),
        ] {
            assert_eq!(takes_gzip(header), taken, "{header}");
        }
    }

    #[test]
    fn tags_that_the_caller_has() {
        let tag = "\"pi-1-1000-text\"";
        for (header, found) in [
            ("", false),
            ("*", true),
            (tag, true),
            ("W/\"pi-1-1000-text\"", true),
            ("\"x\", \"pi-1-1000-text\"", true),
            ("\"pi-1-1000-json\"", false),
        ] {
            assert_eq!(has(header, tag), found, "{header}");
        }
    }
}
