//! The summary of a text of digits: its SHA-256 and its two ends (feature `digest`).

use sha2::{Digest, Sha256};

/// Digests a [`Text`](super::Text) as its blocks pass by, in constant memory.
///
/// ```
/// use pi_spigot::pi::{Algorithm, DigitCount, Text, TextDigest};
///
/// let mut text = Text::new(Algorithm::Gibbons, DigitCount::new(1000).unwrap());
/// let mut digest = TextDigest::default();
/// while let Some(block) = text.next_block() {
///     digest.update(block);
/// }
/// let summary = digest.finish();
/// assert!(summary.sha256.starts_with("75f1e998"));
/// assert!(summary.last.ends_with("0198"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct TextDigest {
    sha256: Sha256,
    first: String,
    last: String,
}

/// The result of a [`TextDigest`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// SHA-256 of the whole text, in lower-case hexadecimal.
    pub sha256: String,
    /// The first 50 digits, or all if there are fewer, with the point if the text has one.
    pub first: String,
    /// The last 50 digits, or all if there are fewer, without a point.
    pub last: String,
}

impl TextDigest {
    /// Digits that the summary repeats from each end.
    pub const ENDS: usize = 50;

    /// Characters that hold so many digits, one of them a point.
    const KEPT: usize = Self::ENDS + 1;

    /// Takes in the next block.
    pub fn update(&mut self, block: &str) {
        self.sha256.update(block);
        let missing = Self::KEPT.saturating_sub(self.first.len()).min(block.len());
        self.first.push_str(&block[..missing]);
        let end = &block[block.len().saturating_sub(Self::KEPT)..];
        self.last.push_str(end);
        let surplus = self.last.len().saturating_sub(Self::KEPT);
        self.last.drain(..surplus);
    }

    /// The summary of all blocks.
    #[must_use]
    pub fn finish(self) -> Summary {
        let mut first = self.first;
        if !first.contains('.') {
            first.truncate(Self::ENDS);
        }
        let mut last = self.last.replace('.', "");
        last.drain(..last.len().saturating_sub(Self::ENDS));
        let sha256 = hexadecimal(&self.sha256.finalize());
        Summary { sha256, first, last }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value & 15)]);
    bytes.iter().flat_map(|&byte| [digit(byte >> 4), digit(byte)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pi::{Algorithm, DigitCount};

    #[test]
    fn the_ends_of_short_and_long_texts() {
        for n in [1, 2, 49, 50, 51, 52, 100, 101, 1000, 1001] {
            let text = Algorithm::Gibbons.digits(DigitCount::new(n).unwrap());
            let digits = text.replace('.', "");
            for block in [1, 7, 50, 2000] {
                let mut digest = TextDigest::default();
                for part in text.as_bytes().chunks(block) {
                    digest.update(std::str::from_utf8(part).unwrap());
                }
                let summary = digest.finish();
                assert_eq!(summary.first, text[..text.len().min(51)], "{n} digits");
                assert_eq!(summary.last, digits[digits.len().saturating_sub(50)..], "{n} digits");
            }
        }
    }

    #[test]
    fn the_ends_of_a_range_without_a_point_are_no_longer() {
        let decimals = Algorithm::Gibbons.digits(DigitCount::new(200).unwrap())[2..].to_owned();
        for n in [1, 49, 50, 51, 52, 120] {
            let mut digest = TextDigest::default();
            digest.update(&decimals[..n]);
            let summary = digest.finish();
            assert_eq!(summary.first, decimals[..n.min(50)], "{n} digits");
            assert_eq!(summary.last, decimals[n.saturating_sub(50)..n], "{n} digits");
        }
    }
}
