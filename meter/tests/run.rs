//! `lambda-meter run` on the command line: files, exit codes, interrupts, real processes.

mod common;

use common::{event, fixture};
use lambda_meter::results::{Results, load};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A folder with events.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::write(place.path("pi.json"), r#"{"pi":"3.14"}"#).unwrap();
        fs::write(place.path("other.json"), r#"{"pi":"3.15"}"#).unwrap();
        for mode in ["error", "exit", "hang"] {
            fs::write(place.path(&format!("{mode}.json")), event(mode)).unwrap();
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lambda-meter"));
        command.current_dir(self.0.path()).args(args);
        command
    }

    /// `lambda-meter run --binary fixture --output r.json` with further arguments.
    fn run(&self, args: &[&str]) -> Output {
        let mut command = self.command(&["run", "--output", "r.json", "--binary"]);
        command.arg(format!("fixture={}", fixture().display())).args(args).output().unwrap()
    }

    fn results(&self) -> Results {
        load(&self.path("r.json")).unwrap()
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("{output:?}"))
}

#[test]
fn a_matrix_is_measured_saved_and_drawn_again() {
    let place = Place::new();
    let output = place.run(&[
        "--event", "pi.json", "--memory", "128,512", "--runs", "3", "--cold", "2", "--html", "r.html",
    ]);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let results = place.results();
    assert_eq!((results.header.cells.len(), results.samples.len()), (4, 2 * (3 + 2)));
    assert!(results.header.overhead.is_some_and(|own| own.duration_ms > 0.0 && own.init_ms > 0.0));
    let digest = |sample: &lambda_meter::results::Sample| sample.digest.clone().unwrap();
    assert!(results.samples.iter().all(|sample| digest(sample) == digest(&results.samples[0])));
    let is_cold = |sample: &lambda_meter::results::Sample| sample.init_duration_ms.is_some();
    assert_eq!(results.samples.iter().filter(|sample| is_cold(sample)).count(), 4);
    assert!(text(&output.stdout).contains("fixture  512 MB  cold"), "{}", text(&output.stdout));
    assert!(fs::read_to_string(place.path("r.html")).unwrap().contains("</html>"));
    let again = place.command(&["report", "r.json"]).output().unwrap();
    assert_eq!((code(&again), again.stdout), (0, output.stdout));
    let compared = place.command(&["compare", "r.json", "r.json", "--json"]).output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&compared.stdout).unwrap();
    assert_eq!(document["changes"].as_array().unwrap().len(), 4);
}

#[test]
fn a_matrix_file_has_paths_of_its_own() {
    let place = Place::new();
    fs::create_dir(place.path("deep")).unwrap();
    std::os::unix::fs::symlink(fixture(), place.path("deep/function")).unwrap();
    let matrix = "runs = 1\n[[target]]\nbinary = \"function\"\n[[event]]\nfile = \"../pi.json\"\n";
    fs::write(place.path("deep/matrix.toml"), matrix).unwrap();
    let output = place
        .command(&["run", "deep/matrix.toml", "--runs", "2", "-o", "r.json", "--csv", "-"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    assert!(lines.len() == 3 && lines[1].starts_with("function,pi,128,warm,0,"), "{lines:?}");
}

#[test]
fn a_dry_run_starts_nothing_and_writes_nothing() {
    let place = Place::new();
    let output = place.run(&["--event", "pi.json", "--dry-run", "--cold", "4", "--html", "r.html"]);
    assert_eq!(code(&output), 0);
    assert!(text(&output.stdout).contains("15 invocations"), "{}", text(&output.stdout));
    assert!(!place.path("r.json").exists() && !place.path("r.html").exists());
}

#[test]
fn a_bad_output_path_fails_before_the_first_sample() {
    let place = Place::new();
    for args in [["--html", "no/folder/r.html"], ["--csv", "/"]] {
        let output = place.run(&[&["--event", "hang.json"], &args[..]].concat());
        assert_eq!(code(&output), 3);
        assert!(text(&output.stderr).contains("check that the folder exists"), "{}", text(&output.stderr));
        assert!(!place.path("r.json").exists());
    }
    fs::write(place.path("r.json"), "mine").unwrap();
    let output = place.run(&["--event", "hang.json"]);
    assert!(code(&output) == 3 && text(&output.stderr).contains("--overwrite"));
    assert_eq!(fs::read_to_string(place.path("r.json")).unwrap(), "mine");
}

#[test]
fn usage_errors_are_2() {
    let place = Place::new();
    for args in [
        &["--event", "pi.json", "--memory", "127"][..],
        &[],
        &["--event", "pi.json", "--baseline", "x"],
        &["--runs", "x"],
    ] {
        let output = place.run(args);
        assert_eq!(code(&output), 2, "{args:?} {}", text(&output.stderr));
    }
    assert!(!place.path("r.json").exists());
    let missing = place.command(&["run", "--binary", "no-such", "--event", "pi.json"]).output().unwrap();
    assert_eq!(code(&missing), 3);
    assert!(text(&missing.stderr).contains("build it first"));
}

#[test]
fn failing_functions_are_1_and_do_not_end_the_series() {
    let place = Place::new();
    let output = place.run(&["--event", "error.json", "--event", "pi.json", "--runs", "2"]);
    assert_eq!(code(&output), 1, "{}", text(&output.stderr));
    let failures: Vec<_> = place.results().samples.into_iter().filter_map(|sample| sample.failure).collect();
    assert_eq!((failures.len(), failures[0].kind.as_str()), (2, "function_error"));
    assert!(text(&output.stdout).contains("0 + 2 failed") && text(&output.stdout).contains("as you wish"));
}

#[test]
fn crashes_and_timeouts_are_samples_too() {
    let place = Place::new();
    let output = place.run(&[
        "--event",
        "exit.json",
        "--event",
        "hang.json",
        "--runs",
        "0",
        "--cold",
        "1",
        "--timeout",
        "1",
    ]);
    assert_eq!(code(&output), 1, "{}", text(&output.stderr));
    let kinds: Vec<String> =
        place.results().samples.into_iter().filter_map(|it| it.failure).map(|it| it.kind).collect();
    assert_eq!(kinds, ["crash", "timeout"]);
}

#[test]
fn wrong_digits_are_found() {
    let place = Place::new();
    let digest = lambda_meter::results::sha256(b"3.14");
    let right = place.run(&["--event", "pi.json", "--expect-sha256", &digest, "--runs", "1"]);
    assert_eq!(code(&right), 0, "{}", text(&right.stderr));
    let wrong =
        place.run(&["--event", "other.json", "--expect-sha256", &digest, "--runs", "1", "--overwrite"]);
    assert_eq!(code(&wrong), 1);
    assert!(text(&wrong.stdout).contains("wrong_answer"), "{}", text(&wrong.stdout));
}

#[test]
fn a_function_that_cannot_start_ends_the_run_with_its_last_words() {
    let place = Place::new();
    let matrix = format!(
        "[[target]]\nbinary = {:?}\nenv = {{ FIXTURE_INIT = \"exit\" }}\n[[event]]\njson = \"1\"\n",
        fixture()
    );
    fs::write(place.path("matrix.toml"), matrix).unwrap();
    let output = place.command(&["run", "matrix.toml", "-o", "r.json"]).output().unwrap();
    assert_eq!(code(&output), 3);
    let stderr = text(&output.stderr);
    assert!(stderr.contains("fixture: starting") && stderr.contains("exit status 42"), "{stderr}");
    assert!(place.results().samples.is_empty());
}

/// Waits until the file has a sample, then interrupts.
fn interrupt(place: &Place, mut child: std::process::Child) -> Output {
    let has_sample = |path: &Path| load(path).is_ok_and(|results| !results.samples.is_empty());
    for _ in 0..2_000 {
        if has_sample(&place.path("r.json")) || child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Signal::INT).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn an_interrupt_keeps_the_samples_and_resume_takes_the_others() {
    let place = Place::new();
    // The fixture never answers the second event, so the interrupt arrives during that invocation.
    let args = ["--runs", "0", "--cold", "2", "--event", "pi.json", "--event", "hang.json", "--timeout", "2"];
    let mut command = place.command(&["run", "--output", "r.json", "--binary"]);
    command.arg(format!("fixture={}", fixture().display())).args(args);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let output = interrupt(&place, child);
    assert_eq!(code(&output), 130, "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("--resume r.json"), "{}", text(&output.stderr));
    let before = place.results().samples;
    assert!((1..4).contains(&before.len()), "{before:?}");

    let mut command = place.command(&["run", "--resume", "r.json", "--binary"]);
    let output = command.arg(format!("fixture={}", fixture().display())).args(args).output().unwrap();
    assert_eq!(code(&output), 1, "the hanging event times out: {}", text(&output.stderr));
    let after = place.results().samples;
    assert_eq!((after.len(), &after[..before.len()]), (4, &before[..]), "nothing is measured twice");

    let mut other = place.command(&["run", "--resume", "r.json", "--event", "pi.json", "--binary"]);
    let output = other.arg(format!("fixture={}", fixture().display())).output().unwrap();
    assert!(code(&output) == 3 && text(&output.stderr).contains("cannot be continued"));
}

#[test]
fn completions_and_manual_pages_are_printed() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        let output = place.command(&["completions", shell]).output().unwrap();
        assert!(code(&output) == 0 && text(&output.stdout).contains("compare"), "{shell}");
    }
    let page = place.command(&["man", "run"]).output().unwrap();
    assert!(text(&page.stdout).contains(".TH lambda") && text(&page.stdout).contains("\\-\\-resume"));
    let unknown = place.command(&["man", "rum"]).output().unwrap();
    assert!(code(&unknown) == 2 && text(&unknown.stderr).contains("the commands are invoke, run"));
}

#[test]
fn two_binaries_are_compared_in_one_run() {
    let place = Place::new();
    let path = fixture();
    let fixture = path.to_str().unwrap();
    let ab = |runs: &str, file: &str| {
        let options = ["--runs", runs, "--cold", "0", "--limits", "off", "--output", file, "--json"];
        let arguments = [&["ab", fixture, fixture, "--event", r#"{"a": 1}"#], &options[..]].concat();
        place.command(&arguments).output().unwrap()
    };
    let output = ab("6", "ab.json");
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let change = &document["changes"][0];
    assert_eq!(change["target"], "new", "{document}");
    assert!(change["p_value"].as_f64().is_some_and(|p| (0.0..=1.0).contains(&p)), "{document}");
    assert_eq!(load(&place.path("ab.json")).unwrap().samples.len(), 12);
    let few = ab("5", "few.json");
    assert!(text(&few.stdout).contains("too_few"), "{}", text(&few.stdout));
}

#[test]
fn a_slower_binary_fails_the_comparison_and_is_named() {
    let place = Place::new();
    let path = format!("fixture={}", fixture().display());
    let options = ["--runs", "5", "--cold", "0", "--limits", "off", "--output", "run.json"];
    let run = place.command(&["run", "--event", "{}", "--binary", &path]).args(options).output().unwrap();
    assert_eq!(code(&run), 0, "{}", text(&run.stderr));
    let mut document: serde_json::Value =
        serde_json::from_slice(&fs::read(place.path("run.json")).unwrap()).unwrap();
    for (file, ms) in [("old-1", 10.0), ("old-2", 10.1), ("new-1", 12.0), ("new-2", 12.1)] {
        for sample in document["samples"].as_array_mut().unwrap() {
            sample["duration_ms"] = ms.into();
        }
        fs::write(place.path(file), document.to_string()).unwrap();
    }
    let compare = |old: [&str; 2], new: [&str; 2], percent: &str| {
        let files = [&["compare", "--before"], &old[..], &["--after"], &new[..]].concat();
        place.command(&files).args(["--fail-if-slower", percent]).output().unwrap()
    };
    let (old, new) = (["old-1", "old-2"], ["new-1", "new-2"]);
    let slower = compare(old, new, "5");
    let said = text(&slower.stderr);
    assert_eq!(code(&slower), 1, "{said}");
    assert!(
        said.contains("--fail-if-slower 5: fixture") && said.contains("19.9 % slower (one-sided p"),
        "{said}"
    );
    assert_eq!(code(&compare(old, new, "30")), 0, "slower by less than asked");
    assert_eq!(code(&compare(new, old, "5")), 0, "faster");
}
