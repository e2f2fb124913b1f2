//! The command line `pi`, as a person or a pipe uses it.

use std::fs;
use std::io::Read;
use std::process::{Command, Output, Stdio};

fn pi(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pi")).args(arguments).output().expect("pi starts")
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn digits_go_to_standard_output_and_nothing_else_does() {
    for (count, text) in [("1", "3\n"), ("2", "3.1\n"), ("1_0", "3.141592653\n"), ("1e1", "3.141592653\n")] {
        let output = pi(&[count]);
        assert!(output.status.success());
        assert_eq!((stdout(&output), stderr(&output)), (text, ""));
    }
}

#[test]
fn an_unusable_simd_level_is_an_error_that_lists_the_levels() {
    for name in ["foo", if cfg!(target_arch = "aarch64") { "avx2" } else { "neon" }] {
        let output = Command::new(env!("CARGO_BIN_EXE_pi")).arg("10").env("PI_SIMD", name).output().unwrap();
        assert!(!output.status.success() && output.stdout.is_empty());
        let said = stderr(&output);
        assert!(said.starts_with("pi: PI_SIMD: ") && said.contains("use one of"), "{said}");
    }
}

#[test]
fn an_output_file_holds_the_same_bytes() {
    let file = std::env::temp_dir().join(format!("pi-cli-{}.txt", std::process::id()));
    let path = file.to_str().unwrap();
    let output = pi(&["2_000", "--algorithm", "gibbons", "--output", path]);
    assert!(output.status.success() && output.stdout.is_empty());
    assert_eq!(fs::read(&file).unwrap(), pi(&["2000"]).stdout);
    fs::remove_file(file).unwrap();
}

#[test]
fn a_digest_names_the_hash_and_the_ends() {
    let output = pi(&["10_000", "--digest"]);
    let text = stdout(&output);
    for expected in [
        "digits     10000\n",
        "sha256     1f08958df70c30bbf3f7205ad5f9b2b9430e3378b4e4e6300063bd9fbd83d6e3\n",
        "first      3.1415926535897932384626433832795028841971693993751\n",
        "20560010165525637567\n",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}

#[test]
fn verified_digits_are_said_to_be_on_standard_error() {
    for algorithm in ["chudnovsky", "gosper", "gibbons"] {
        let output = pi(&["3_000", "--verify", "--algorithm", algorithm]);
        assert!(output.status.success());
        assert_eq!(stdout(&output).len(), 3002, "the text is as without it");
        let said = stderr(&output);
        // 3,000 digits determine 9,962 bits; the last two digits are 6.6 of them.
        assert!(said.starts_with("pi: verified: 60 bits of pi from bit 9898 on"), "{algorithm}: {said}");
    }
    let output = pi(&["1", "--verify", "--digest"]);
    assert!(output.status.success() && stderr(&output).contains("needs two digits"), "{}", stderr(&output));
}

#[test]
fn a_closed_pipe_is_success() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pi"))
        .arg("1_000_000_000")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut beginning = [0; 100];
    // Dropping the reader closes the pipe long before the digits end.
    child.stdout.take().unwrap().read_exact(&mut beginning).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(beginning.starts_with(b"3.14159"));
    assert!(output.status.success() && output.stderr.is_empty(), "{}", stderr(&output));
}

#[test]
fn what_cannot_be_written_is_said_with_the_reason() {
    let output = pi(&["10", "--output", "no/such/folder/pi.txt"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("cannot create no/such/folder/pi.txt"), "{}", stderr(&output));
    let output = pi(&["10", "--output", "/dev/full"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("cannot write to /dev/full"), "{}", stderr(&output));
}

#[test]
fn wrong_arguments_are_told_what_is_allowed() {
    for (arguments, expected) in [
        (&["0"][..], "it is zero"),
        (&["1__0"], "each `_` must stand between two digits"),
        (&["ten"], "from 1 to 1_000_000_000_000"),
        (&["-5"], "only the digits 0 to 9"),
        (&["1.5"], "it is not an integer"),
        (&["10", "--from", "0"], "the leading 3 is at position 1"),
        (&["10", "--from", "1e12"], "end beyond position 1_000_000_000_000"),
        (&["10", "--threads", "0"], "from 1 to 1024"),
        (&["10", "--algorithm", "leibniz"], "possible values: chudnovsky, gosper, gibbons"),
        (&[], "Usage: pi"),
    ] {
        let output = pi(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(expected), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn the_help_has_examples() {
    let output = pi(&["--help"]);
    assert!(output.status.success());
    assert!(stdout(&output).contains("Examples:") && stdout(&output).contains("--digest"));
}

#[test]
fn the_version_and_the_usage_name_the_program() {
    assert_eq!(stdout(&pi(&["--version"])), concat!("pi ", env!("CARGO_PKG_VERSION"), "\n"));
    assert!(stdout(&pi(&["--help"])).contains("Usage: pi [OPTIONS] <DIGITS>"));
}

#[test]
fn every_example_of_the_help_runs() {
    let folder = tempfile::tempdir().unwrap();
    let help = pi(&["--help"]);
    let examples: Vec<&str> = stdout(&help).lines().filter_map(|line| line.strip_prefix("  pi ")).collect();
    assert!(examples.len() >= 5, "{examples:?}");
    for example in examples {
        let (command, _) = example.split_once("   ").unwrap();
        let script = format!("set -o pipefail; \"$PI\" {command}");
        let mut shell = Command::new("bash");
        shell.args(["-c", &script]).env("PI", env!("CARGO_BIN_EXE_pi")).current_dir(folder.path());
        let output = shell.output().unwrap();
        assert!(output.status.success(), "pi {command}: {}", stderr(&output));
    }
    assert_eq!(fs::read(folder.path().join("pi.txt")).unwrap().len(), 1_000_002);
}

#[test]
fn digits_from_a_position_are_those_of_the_whole_text() {
    let whole = pi(&["3_000"]);
    let digits = stdout(&whole).trim_end().replace('.', "");
    for algorithm in ["chudnovsky", "gosper", "gibbons"] {
        for (from, count) in [(1, 1), (1, 7), (2, 1), (3, 5), (999, 1100), (2001, 1000)] {
            let asked = [&count.to_string(), "--from", &from.to_string(), "--algorithm", algorithm];
            let output = pi(&asked);
            let text = stdout(&output).trim_end().to_owned();
            assert_eq!(text.replace('.', ""), digits[from - 1..from - 1 + count], "{asked:?}");
            assert_eq!(text.contains('.'), from == 1 && count > 1, "{asked:?}");
            let verified = pi(&[&asked[..], &["--verify"]].concat());
            assert_eq!(stdout(&verified).trim_end(), text, "{asked:?}");
            assert!(verified.status.success(), "{}", stderr(&verified));
        }
    }
    let output = pi(&["20", "--from", "5", "--digest", "--verify"]);
    let text = stdout(&output);
    assert!(text.contains("from       5\n") && text.contains("first      59265358979323846264\n"), "{text}");
}

#[test]
#[cfg(target_os = "linux")]
fn the_examples_of_the_documentation_are_true() {
    let page = include_str!("../../docs/pi.md");
    let blocks = page.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let mut examples = 0;
    for block in blocks {
        let (commands, expected): (Vec<&str>, Vec<&str>) =
            block.lines().partition(|line| line.starts_with("$ "));
        let commands: Vec<&str> = commands.iter().map(|line| &line[2..]).collect();
        let script = format!("exec 2>&1; pi() {{ \"$PI\" \"$@\"; }}\n{}", commands.join("\n"));
        let output =
            Command::new("bash").args(["-c", &script]).env("PI", env!("CARGO_BIN_EXE_pi")).output().unwrap();
        assert_eq!(stdout(&output).lines().collect::<Vec<_>>(), expected, "{commands:?}");
        examples += commands.len();
    }
    assert!(examples >= 4, "{examples} examples");
}
