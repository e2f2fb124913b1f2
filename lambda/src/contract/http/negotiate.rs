//! What the caller takes: formats and codings by their weights, and what it has already.

/// The weight of a name in a header such as `Accept: text/plain;q=0.5, */*`, in thousandths; the
/// most specific of the `names` that occurs decides, so they are given in that order.
pub(crate) fn weight(header: &str, names: &[&str]) -> Option<u32> {
    names.iter().find_map(|name| {
        header.split(',').find_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let found = parts.next()?.eq_ignore_ascii_case(name);
            found.then(|| parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, thousandths))
        })
    })
}

/// `0.25` as 250; anything else counts as the whole.
fn thousandths(text: &str) -> u32 {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = fraction.bytes().chain(*b"000").take(3);
    let fraction = digits.fold(0, |sum, digit| 10 * sum + u32::from(digit.wrapping_sub(b'0') % 10));
    match whole {
        "0" => fraction,
        _ => 1000,
    }
}

/// Whether text is wanted rather than JSON, which is what who says nothing gets.
pub(crate) fn wants_text(accept: &str) -> bool {
    let text = weight(accept, &["text/plain", "text/*", "*/*"]).unwrap_or(0);
    let json = weight(accept, &["application/json", "application/*", "*/*"]).unwrap_or(0);
    text > json
}

/// Whether gzip is taken.
pub(crate) fn takes_gzip(accept_encoding: &str) -> bool {
    weight(accept_encoding, &["gzip", "*"]).is_some_and(|weight| weight > 0)
}

/// Whether a header `If-None-Match` names this tag; weak and strong ones are alike here.
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
