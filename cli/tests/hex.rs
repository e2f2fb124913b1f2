//! `pi --hex` as a user runs it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn pi(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pi")).args(arguments).output().expect("pi starts")
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn prints(arguments: &[&str], expected: &str) {
    let output = pi(arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stdout(&output), expected);
}

#[test]
fn digits_come_from_any_position() {
    prints(&["--hex", "1"], "243F6A8885A308D3\n");
    prints(&["--hex", "1e6", "--count", "14"], "26C65E52CB4593\n");
    prints(&["--hex", "1", "--count", "48"], "243F6A8885A308D313198A2E03707344A4093822299F31D0\n");
}

#[test]
fn a_second_formula_verifies() {
    let output = pi(&["--hex", "10_000", "--count", "40", "--verify", "--threads", "2"]);
    assert!(output.status.success());
    assert_eq!(stderr(&output), "pi: verified by the formula of Bailey, Borwein and Plouffe\n");
    assert_eq!(stdout(&output).len(), 41);
}

#[test]
fn a_state_file_is_complete_and_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pi.state");
    let name = file.to_str().unwrap();
    prints(&["--hex", "100_000", "--state", name], "535EA16C406363A3\n");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("pi hex state 1\nbellard 399996 0..") && text.ends_with('\n'), "{text}");
    // A second run has nothing left to compute: it believes the file, even a wrong sum.
    let sum = text.trim_end().rsplit(' ').next().unwrap();
    fs::write(&file, text.replace(sum, &"4".repeat(32))).unwrap();
    prints(&["--hex", "100_000", "--state", name], "4444444444444444\n");
    // A verification does not believe it.
    let output = pi(&["--hex", "100_000", "--state", name, "--verify"]);
    assert!(!output.status.success());
    assert!(stderr(&output).contains("the formulas disagree"), "{}", stderr(&output));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "temporaries are gone");
}

#[test]
fn a_part_that_is_lost_is_computed_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pi.state");
    let name = file.to_str().unwrap();
    let part = "bellard 39996 100..200 ";
    let sum =
        pi_spigot::pi::hex::Part::new("bellard".parse().unwrap(), 39_996, 100..200).unwrap().sum(1).sum();
    fs::write(&file, format!("pi hex state 1\n{part}{sum:032x}\n")).unwrap();
    prints(&["--hex", "10_000", "--state", name], stdout(&pi(&["--hex", "10_000"])));
    let ranges = fs::read_to_string(&file).unwrap();
    assert!(ranges.contains(" 0..100 ") && ranges.contains(part) && ranges.contains(" 200.."), "{ranges}");
}

fn refused(arguments: &[&str], words: &str) {
    let output = pi(arguments);
    assert!(!output.status.success() && stdout(&output).is_empty());
    assert!(stderr(&output).contains(words), "{}", stderr(&output));
}

#[test]
fn refusals_say_what_is_allowed() {
    refused(&["--hex", "0"], "use 1, the digit behind the point, to 288230376151711744");
    refused(&["--hex", "1e18"], "no hexadecimal position 1000000000000000000");
    refused(&["--hex", "-5"], "only the digits 0 to 9");
    refused(&["--hex", "5", "--count", "0"], "1..=10000");
    refused(&["--hex", "5", "10"], "cannot be used with");
    refused(&["--hex", "5", "--digest"], "cannot be used with");
    refused(&["10", "--count", "5"], "--count goes with --hex <POSITION> only");
    refused(&["10", "--state", "x"], "--state goes with --hex <POSITION> only");
    refused(&[], "<DIGITS>");
    refused(&["--hex", "5", "--state", "/no/such/folder/x"], "cannot write the state file /no/such/folder/x");
    refused(&["--hex", "5", "--state", env!("CARGO_MANIFEST_DIR")], "cannot read the state file");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    refused(
        &["--hex", "5", "--state", manifest.to_str().unwrap()],
        "is not a usable state file: its first line",
    );
}
