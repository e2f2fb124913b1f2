//! The state file of `--hex`: parts that are done, one in a line.
//!
//! ```text
//! pi hex state 1
//! bellard 3999996 0..32768 0f3c...        formula, bit, terms, sum in 32 hexadecimal digits
//! ```
//!
//! A file may hold parts of any number of positions. It is replaced as a whole after each part, by
//! a rename, so that it is complete at any time.

use pi_spigot::pi::hex::{Part, PartialSum};
use std::fmt::Write as _;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

const HEADER: &str = "pi hex state 1";

/// Parts that are done, and the file that keeps them, if any.
pub(super) struct State {
    file: Option<PathBuf>,
    sums: Vec<PartialSum>,
}

impl State {
    /// Reads the state from `file`; a missing file is an empty state.
    pub(super) fn open(file: Option<&Path>) -> Result<Self, String> {
        let Some(path) = file else { return Ok(Self { file: None, sums: Vec::new() }) };
        let sums = match fs::read_to_string(path) {
            Ok(text) => parse(&text).map_err(|reason| {
                format!(
                    "{} is not a usable state file: {reason}; remove it, or give another name",
                    path.display()
                )
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(format!("cannot read the state file {}: {error}", path.display())),
        };
        let state = Self { file: Some(path.to_owned()), sums };
        // Find out that the folder cannot be written before the first part, not after it.
        state.save()?;
        Ok(state)
    }

    /// Parts that are done of a whole sum.
    pub(super) fn sums(&self, whole: &Part) -> Vec<PartialSum> {
        let same = |part: &Part| (part.formula(), part.bit()) == (whole.formula(), whole.bit());
        self.sums.iter().filter(|sum| same(sum.part())).cloned().collect()
    }

    /// Keeps a part.
    pub(super) fn add(&mut self, sum: &PartialSum) -> Result<(), String> {
        self.sums.push(sum.clone());
        self.save()
    }

    /// The message for parts that do not belong together.
    pub(super) fn unusable(&self, reason: &str) -> String {
        match &self.file {
            Some(file) => {
                format!("the state file {} is damaged: {reason}; remove it and start again", file.display())
            }
            None => reason.to_owned(),
        }
    }

    fn save(&self) -> Result<(), String> {
        let Some(path) = &self.file else { return Ok(()) };
        replace(path, &text(&self.sums))
            .map_err(|error| format!("cannot write the state file {}: {error}", path.display()))
    }
}

fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = NamedTempFile::new_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn text(sums: &[PartialSum]) -> String {
    let mut text = format!("{HEADER}\n");
    for sum in sums {
        let part = sum.part();
        let (formula, bit, terms) = (part.formula(), part.bit(), part.terms());
        let _ = writeln!(text, "{formula} {bit} {}..{} {:032x}", terms.start, terms.end, sum.sum());
    }
    text
}

fn parse(text: &str) -> Result<Vec<PartialSum>, String> {
    let mut lines = text.lines();
    if lines.next() != Some(HEADER) {
        return Err(format!("its first line is not {HEADER:?}"));
    }
    let line = |(index, line)| parse_line(line).map_err(|reason| format!("line {}: {reason}", index + 2));
    lines.enumerate().map(line).collect()
}

fn parse_line(line: &str) -> Result<PartialSum, String> {
    let fields: Vec<_> = line.split(' ').collect();
    let [formula, bit, terms, sum] = fields[..] else { return Err("it has not four fields".to_owned()) };
    let formula = formula.parse().map_err(|error| format!("{error}"))?;
    let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{text:?} is not an integer"));
    let (start, end) = terms.split_once("..").ok_or("the terms are not a range a..b")?;
    let part = Part::new(formula, number(bit)?, number(start)?..number(end)?);
    let part = part.map_err(|error| error.to_string())?;
    if sum.len() != 32 {
        return Err(format!("the sum {sum:?} has not 32 digits"));
    }
    let sum = u128::from_str_radix(sum, 16).map_err(|_| format!("the sum {sum:?} is not hexadecimal"))?;
    Ok(PartialSum::new(part, sum))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pi_spigot::pi::hex::{Formula, split};

    #[test]
    fn a_state_is_read_as_it_was_written() {
        let whole = Part::whole(Formula::Bbp, 1234).unwrap();
        let sums: Vec<_> = split(&whole, 3).iter().map(|part| part.sum(1)).collect();
        assert_eq!(parse(&text(&sums)), Ok(sums));
        assert_eq!(parse(&text(&[])), Ok(vec![]));
    }

    #[test]
    fn damage_is_named_with_its_line() {
        let sum = "0".repeat(32);
        for (line, reason) in [
            ("bellard 0 0..3", "line 2: it has not four fields"),
            (&format!("gosper 0 0..3 {sum}"), r#"line 2: unknown formula "gosper": use bellard or bbp"#),
            (&format!("bbp x 0..3 {sum}"), r#"line 2: "x" is not an integer"#),
            (&format!("bbp 0 3 {sum}"), "line 2: the terms are not a range a..b"),
            (&format!("bbp 0 0..999 {sum}"), "line 2: the terms 0..999 are not a range of the sum"),
            ("bbp 0 0..3 12", r#"line 2: the sum "12" has not 32 digits"#),
            (&format!("bbp 0 0..3 {}", "x".repeat(32)), "is not hexadecimal"),
        ] {
            let error = parse(&format!("{HEADER}\n{line}\n")).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
        assert!(parse("").unwrap_err().contains("first line"));
    }
}
