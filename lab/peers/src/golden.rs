//! Golden digests of the digits of pi.

use pi_spigot::pi::TextDigest;

const GOLDEN: &str = include_str!("../../../tests/golden/pi-sha256.tsv");

fn rows() -> impl Iterator<Item = (usize, &'static str)> {
    GOLDEN.lines().filter_map(|line| {
        let mut fields = line.split('\t');
        Some((fields.next()?.parse().ok()?, fields.next()?))
    })
}

/// The digest of the text of `digits` digits.
///
/// # Errors
/// If no digest is known for that size; the message names the sizes.
pub fn digest(digits: usize) -> Result<&'static str, String> {
    rows().find(|&(n, _)| n == digits).map(|(_, digest)| digest).ok_or_else(|| {
        let sizes: Vec<_> = rows().map(|(n, _)| n.to_string()).collect();
        format!("no golden digest for {digits} digits: use one of {}", sizes.join(", "))
    })
}

/// Compares `text` with its golden digest.
///
/// # Errors
/// If `text` has another digest.
pub fn check(digits: usize, text: &str) -> Result<(), String> {
    let mut found = TextDigest::default();
    found.update(text);
    let found = found.finish().sha256;
    if found == digest(digits)? {
        Ok(())
    } else {
        Err(format!("{digits} wrong digits: their SHA-256 is {found}"))
    }
}
