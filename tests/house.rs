//! The plan of the house: imports point down, trees of dependencies stay small, the package holds
//! the library only, comments follow the rule of English.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The floors of the library from the ground up. A floor may name lower floors only.
const FLOORS: [&str; 7] = ["anatomy", "cancel", "memory", "cpu", "fft", "bigint", "pi"];

/// The floors of the function from the ground up.
const LAMBDA: [&str; 11] = [
    "quotas",
    "contract",
    "cache",
    "limits",
    "context",
    "compute",
    "answer",
    "metrics",
    "log",
    "handler",
    "stream_response",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files of a folder, or none where there is no such floor yet.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => sources(&path),
            Some(extension) if extension == "rs" => vec![path],
            _ => Vec::new(),
        })
        .collect()
}

/// Floors above `floor` that a source names in a path.
fn upward_imports(floors: &[&str], floor: usize, source: &str) -> Vec<String> {
    let above = &floors[floor + 1..];
    let paths = above.iter().flat_map(|name| [format!("crate::{name}"), format!("super::{name}")]);
    let code: String = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    // A longer name, `crate::pieces`, is another module.
    let names = |path: &String| {
        code.match_indices(path.as_str()).any(|(at, _)| {
            let next = code[at + path.len()..].chars().next();
            next.is_none_or(|c| !c.is_alphanumeric() && c != '_')
        })
    };
    paths.filter(names).collect()
}

#[test]
fn no_import_points_upward() {
    for (folder, floors) in [("src", &FLOORS[..]), ("lambda/src", &LAMBDA)] {
        let mut files = 0;
        for (index, floor) in floors.iter().enumerate() {
            let room = root().join(folder).join(floor);
            let file = room.with_extension("rs");
            for path in sources(&room).into_iter().chain(file.exists().then_some(file)) {
                files += 1;
                let upward = upward_imports(floors, index, &fs::read_to_string(&path).unwrap());
                assert!(upward.is_empty(), "{} imports {upward:?} from a floor above", path.display());
            }
        }
        assert!(files > 5, "the floors of {folder} were looked at: {files} files");
    }
}

#[test]
fn the_check_for_upward_imports_can_fail() {
    let bigint = FLOORS.iter().position(|&floor| floor == "bigint").unwrap();
    let upward = |source| upward_imports(&FLOORS, bigint, source);
    assert_eq!(upward("use crate::pi::Text;"), ["crate::pi"]);
    assert_eq!(upward("use super::super::pi;"), ["super::pi"]);
    assert!(upward("// crate::pi\nuse crate::pieces;\nuse crate::fft::Plan;").is_empty());
}

/// Names in the tree of normal dependencies. On a new machine cargo downloads what only the function's
/// targets need.
fn tree(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(["--package", package])
        .args(["--target", "x86_64-unknown-linux-musl", "--target", "aarch64-unknown-linux-musl"])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_plain_library_depends_on_num_bigint_and_num_traits_only() {
    let expected = ["num-bigint", "num-integer", "num-traits", "pi-spigot"].map(str::to_owned);
    assert_eq!(tree("pi-spigot"), BTreeSet::from(expected));
}

/// The function must be built on named packages, without any that slow its start or need another
/// compiler.
#[test]
fn the_function_stands_on_well_kept_packages_without_tls_or_c() {
    let tree = tree("pi-spigot-lambda");
    for name in ["lambda_runtime", "tokio", "num-bigint", "num-traits", "serde", "serde_json", "tracing"] {
        assert!(tree.contains(name), "the function does without {name}");
    }
    for name in ["rustls", "ring", "aws-lc-rs", "openssl", "native-tls", "cc", "regex", "clap"] {
        assert!(!tree.contains(name), "the function depends on {name}");
    }
    // crc32fast, mediatype and tracing-subscriber took the place of code of our own.
    assert!(tree.len() <= 84, "the function's tree has grown to {} packages; is each needed?", tree.len());
}

/// Sources of all entries of a package in a lock file; a package of this tree has none.
fn sources_in_lock(lock: &str, package: &str) -> Vec<Option<String>> {
    let name = format!("name = \"{package}\"");
    let entries = lock.split("[[package]]").filter(|entry| entry.lines().any(|line| line == name));
    let source =
        |entry: &str| entry.lines().find_map(|line| Some(line.strip_prefix("source = ")?.to_owned()));
    entries.map(source).collect()
}

/// The function talks to the runtime API by the published client, not by a copy of it.
#[test]
fn the_client_of_the_runtime_api_comes_from_the_registry() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let sources = sources_in_lock(&lock, "lambda_runtime_api_client");
    assert!(matches!(&sources[..], [Some(source)] if source.starts_with("\"registry+")), "{sources:?}");
}

#[test]
fn the_check_of_the_lock_file_can_fail() {
    let lock =
        "[[package]]\nname = \"a\"\nversion = \"1\"\n\n[[package]]\nname = \"b\"\nsource = \"registry+x\"\n";
    assert_eq!(sources_in_lock(lock, "a"), [None]);
    assert_eq!(sources_in_lock(lock, "b"), [Some("\"registry+x\"".to_owned())]);
    assert!(sources_in_lock(lock, "c").is_empty());
}

#[test]
fn benches_are_criterions() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.lines().any(|line| line.starts_with("criterion = ")));
    let common = root().join("benches/common");
    for bench in sources(&root().join("benches")).iter().filter(|path| !path.starts_with(&common)) {
        assert!(fs::read_to_string(bench).unwrap().contains("criterion"), "{}", bench.display());
    }
}

/// The tool knows functions by the wire only.
#[test]
fn the_measuring_tool_does_not_link_the_library() {
    assert!(!tree("lambda-meter").contains("pi-spigot"));
}

/// Standard output of a command that must succeed.
fn output_of(command: &mut Command) -> String {
    let output = command.current_dir(root()).output().expect("the command can be started");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Names of a package's files that do not belong to the library.
fn foreign_files(list: &str) -> Vec<&str> {
    let known = ["CHANGELOG.md", "LICENSE", "LICENSE-APACHE", "LICENSE-MIT"];
    let by_cargo = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml", "Cargo.toml.orig"];
    let belongs = |file: &&str| {
        let source = file.starts_with("src/") && file.ends_with(".rs") && !file.starts_with("src/bin/");
        source || *file == "src/README.md" || known.contains(file) || by_cargo.contains(file)
    };
    list.lines().filter(|file| !belongs(file)).collect()
}

#[test]
fn the_package_holds_the_library_only() {
    let list = output_of(Command::new(env!("CARGO")).args([
        "package",
        "--list",
        "--allow-dirty",
        "--offline",
        "--package",
        "pi-spigot",
    ]));
    assert_eq!(foreign_files(&list), [""; 0], "files in the package that are not the library's");
    for file in ["src/lib.rs", "src/README.md", "src/pi/mod.rs", "LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(list.lines().any(|line| line == file), "the package has no {file}");
    }
}

#[test]
fn the_check_of_the_package_can_fail() {
    assert_eq!(foreign_files("src/lib.rs\nevents/digits.json\nLICENSE"), ["events/digits.json"]);
    assert_eq!(foreign_files("src/bin/pi/main.rs\ntests/house.rs").len(), 2);
}

/// Most doc comments that may begin with What, Whether or Whoever: lower it with each one that goes.
const RIDDLES: usize = 5;

/// Numbers of lines that break a rule.
fn lines_where(source: &str, breaks: impl Fn(&str) -> bool) -> Vec<usize> {
    source.lines().enumerate().filter(|(_, line)| breaks(line)).map(|(at, _)| at + 1).collect()
}

/// Tells whether a line of a doc comment begins with a pronoun that withholds the noun.
fn is_riddle(line: &str) -> bool {
    let line = line.trim_start();
    let Some(text) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else { return false };
    let first = text.trim_start().split(|c: char| !c.is_alphanumeric()).next();
    ["What", "Whether", "Whoever"].map(Some).contains(&first)
}

fn is_long(line: &str) -> bool {
    line.chars().count() > 110
}

/// `file:line` of all lines of tracked Rust files that break a rule.
fn breaches(breaks: impl Fn(&str) -> bool) -> Vec<String> {
    let files = output_of(Command::new("git").args(["ls-files", "*.rs"]));
    assert!(files.lines().count() > 100, "the tree was looked at: {} files", files.lines().count());
    let mut found = Vec::new();
    for file in files.lines() {
        // A file that is deleted and not yet committed is still tracked.
        let Ok(source) = fs::read_to_string(root().join(file)) else { continue };
        found.extend(lines_where(&source, &breaks).iter().map(|line| format!("{file}:{line}")));
    }
    found
}

#[test]
fn doc_comments_begin_with_a_noun_or_a_verb() {
    let found = breaches(is_riddle);
    assert!(
        found.len() <= RIDDLES,
        "{} doc comments begin with What, Whether or Whoever, {RIDDLES} may: name the thing instead\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn lines_have_110_columns_at_most() {
    let found = breaches(is_long);
    assert!(
        found.is_empty(),
        "{} lines have more than 110 columns: wrap them\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn the_checks_of_lines_can_fail() {
    let source = "/// What the lanes add up to.\n    //! Whether it fits.\n//! Whoever calls: panics.\n\
        /// The sum.\n// What now?\n/// Whatever fits.\nlet text = \"/// What\";\n";
    assert_eq!(lines_where(source, is_riddle), [1, 2, 3]);
    assert!(is_long(&"x".repeat(111)) && !is_long(&"\u{e9}".repeat(110)));
}
