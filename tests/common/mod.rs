//! The table of checked digests, `tests/golden/pi-sha256.tsv`.

use sha2::{Digest, Sha256};

/// A line of the table: a number of digits, the SHA-256 of their text, and its end.
pub(crate) struct Golden {
    pub(crate) digits: u64,
    pub(crate) sha256: &'static str,
    pub(crate) end: &'static str,
}

/// The lines up to `most` digits.
pub(crate) fn golden(most: u64) -> impl Iterator<Item = Golden> {
    let lines = include_str!("../golden/pi-sha256.tsv").lines().filter(|line| !line.starts_with('#'));
    let entries = lines.map(|line| {
        let columns: Vec<_> = line.split('\t').collect();
        let [digits, sha256, end] = columns[..] else { panic!("three columns: {line}") };
        Golden { digits: digits.parse().expect("a number"), sha256, end }
    });
    entries.filter(move |entry| entry.digits <= most)
}

pub(crate) fn hexadecimal(sha256: &Sha256) -> String {
    sha256.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
