//! `--output` and standard output: nothing is lost, and nothing is silently not written.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const TEN: &str = "3.141592653\n";

fn pi(folder: &TempDir, arguments: &[&str]) -> Output {
    let mut pi = Command::new(env!("CARGO_BIN_EXE_pi"));
    pi.args(arguments).current_dir(folder.path()).output().unwrap()
}

/// A shell that ends by signals, even if the parent of the tests ignores some, as `nohup` does.
fn bash() -> Command {
    let mut bash = Command::new("env");
    bash.args(["--default-signal=INT,TERM,HUP", "bash"]);
    bash
}

/// Runs a script in which `$PI` is the program.
fn shell(folder: &TempDir, script: &str) -> Output {
    let mut shell = bash();
    shell.args(["-c", script]).env("PI", env!("CARGO_BIN_EXE_pi"));
    shell.current_dir(folder.path()).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn wait_for(what: &str, mut happens: impl FnMut() -> bool) {
    let start = Instant::now();
    while !happens() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what} does not happen");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Starts a computation of some minutes to `file`, and returns when its temporary is there.
fn start_long(folder: &TempDir, file: &str, before: &str) -> Child {
    let script = format!("{before} exec \"$PI\" 1_000_000 --algorithm gibbons --output {file}");
    let mut shell = bash();
    shell.args(["-c", &script]).env("PI", env!("CARGO_BIN_EXE_pi")).current_dir(folder.path());
    let mut child = shell.stderr(Stdio::piped()).spawn().unwrap();
    wait_for("the temporary", || {
        assert!(child.try_wait().unwrap().is_none(), "pi has ended");
        names(folder.path())
            .iter()
            .any(|name| name.starts_with(&format!(".{file}.")) && name.ends_with(".tmp"))
    });
    // The handler is installed right after the temporary, in the same thread.
    let status = format!("/proc/{}/status", child.id());
    wait_for("the handler", || fs::read_to_string(&status).unwrap().contains("Threads:\t2"));
    child
}

fn send(child: &Child, signal: &str) {
    assert!(Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn an_interrupt_leaves_the_old_file_and_no_temporary() {
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        for old in [Some("old"), None] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("f");
            if let Some(old) = old {
                fs::write(&file, old).unwrap();
            }
            let child = start_long(&folder, "f", "");
            send(&child, signal);
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.signal(), Some(number), "a shell reports {}", 128 + number);
            assert_eq!(fs::read_to_string(&file).ok().as_deref(), old);
            assert_eq!(names(folder.path()).len(), usize::from(old.is_some()), "{:?}", names(folder.path()));
            let state = if old.is_some() { "f is as it was" } else { "f was not created" };
            let expected =
                format!("pi: stopped by SIG{signal}; {state}, and the temporary file is removed\n");
            assert_eq!(stderr(&output), expected);
        }
    }
}

#[test]
fn a_shell_sees_130_and_143() {
    let folder = tempfile::tempdir().unwrap();
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let script = format!(
            "\"$PI\" 1e6 -a gibbons -o f & until compgen -G '.f.*' && grep -q 'Threads:.2' /proc/$!/status; \
             do sleep 0.01; done; kill -s {signal} $!; wait $!; echo $?"
        );
        // Background jobs of a script ignore SIGINT; with `-m` each gets its own process group.
        let output = shell(&folder, &format!("set -m; {script}"));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.ends_with(&format!("\n{code}\n")), "{text} {}", stderr(&output));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_signal_that_the_parent_ignores_stays_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let child = start_long(&folder, "f", "trap '' HUP;");
    send(&child, "HUP");
    std::thread::sleep(Duration::from_millis(50));
    send(&child, "TERM");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.signal(), Some(15), "{}", stderr(&output));
}

#[test]
fn an_error_leaves_the_old_file_and_no_temporary() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f"), "old").unwrap();
    // Blocks of 1,024 bytes; the signal of the limit is ignored, so that the write fails.
    let output = shell(&folder, "trap '' XFSZ; ulimit -f 10; exec \"$PI\" 100_000 -o f");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("cannot write to f: File too large"), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(folder.path().join("f")).unwrap(), "old");
    assert_eq!(names(folder.path()), ["f"]);
}

#[test]
fn a_new_file_has_the_mode_of_the_umask_and_an_old_one_keeps_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert!(shell(&folder, "umask 027; exec \"$PI\" 10 -o new").status.success());
    assert_eq!(mode("new"), 0o640);
    fs::set_permissions(folder.path().join("new"), PermissionsExt::from_mode(0o604)).unwrap();
    assert!(pi(&folder, &["10", "-o", "new"]).status.success());
    assert_eq!(mode("new"), 0o604);
}

#[test]
fn links_stay_and_the_file_behind_them_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("sub")).unwrap();
    fs::write(at("sub/file"), "old").unwrap();
    symlink("sub/file", at("link")).unwrap();
    symlink("link", at("link_to_link")).unwrap();
    symlink("sub/new", at("dangling")).unwrap();
    for (link, file) in [("link", "sub/file"), ("link_to_link", "sub/file"), ("dangling", "sub/new")] {
        let output = pi(&folder, &["10", "--output", link]);
        assert!(output.status.success(), "{link}: {}", stderr(&output));
        assert!(fs::symlink_metadata(at(link)).unwrap().is_symlink(), "{link}");
        assert_eq!(fs::read_to_string(at(file)).unwrap(), TEN, "{link}");
        fs::write(at(file), "old").unwrap();
    }
    symlink("circle", at("circle")).unwrap();
    let output = pi(&folder, &["10", "--output", "circle"]);
    assert!(!output.status.success() && stderr(&output).contains("symbolic links"), "{}", stderr(&output));
}

#[test]
fn hard_links_stay_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a"), "a longer text than ten digits").unwrap();
    fs::hard_link(at("a"), at("b")).unwrap();
    assert!(pi(&folder, &["10", "-o", "a"]).status.success());
    assert_eq!(fs::read_to_string(at("b")).unwrap(), TEN);
    assert_eq!(fs::metadata(at("a")).unwrap().ino(), fs::metadata(at("b")).unwrap().ino());
    assert_eq!(names(folder.path()), ["a", "b"]);
}

#[test]
fn special_files_are_written_directly() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let reader = {
        let fifo = fifo.clone();
        std::thread::spawn(move || fs::read_to_string(fifo).unwrap())
    };
    assert!(pi(&folder, &["10", "--output", "fifo"]).status.success());
    assert_eq!(reader.join().unwrap(), TEN);
    assert!(fs::symlink_metadata(&fifo).unwrap().file_type().is_fifo());
    assert!(pi(&folder, &["10", "--output", "/dev/null"]).status.success());
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    assert_eq!(names(folder.path()), ["fifo"]);
}

#[test]
fn descriptors_are_appended_to() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        shell(&folder, "echo old > f; \"$PI\" 10 -o /dev/stdout >> f; \"$PI\" 10 -o /dev/fd/3 3>> f");
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(folder.path().join("f")).unwrap(), format!("old\n{TEN}{TEN}"));
}

#[test]
fn a_dash_is_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let output = pi(&folder, &["10", "-o", "-"]);
    assert_eq!(output.stdout, TEN.as_bytes());
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_standard_output_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for (script, reason) in [
        ("\"$PI\" 10 >&-", "it is closed"),
        ("\"$PI\" 10 --digest >&-", "it is closed"),
        ("\"$PI\" 10 1</dev/null", "Bad file descriptor"),
        ("\"$PI\" 10 >/dev/full", "No space left"),
    ] {
        let output = shell(&folder, script);
        assert_eq!(output.status.code(), Some(1), "{script}");
        let said = stderr(&output);
        assert!(said.starts_with("pi: cannot write to standard output: ") && said.contains(reason), "{said}");
    }
    // /dev/null open for both, as some parents hand it over, is not a closed one.
    assert!(shell(&folder, "\"$PI\" 10 1<>/dev/null").status.success());
    assert!(shell(&folder, "\"$PI\" 10 -o f >&-").status.success(), "it is not needed");
    assert_eq!(fs::read_to_string(folder.path().join("f")).unwrap(), TEN);
}

#[test]
fn a_folder_where_no_temporary_can_be_made_is_named_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    for (path, reason) in [("no/such", "no temporary file can be made in no:"), (".", "directory")] {
        let output = pi(&folder, &["10", "-o", path]);
        assert_eq!(output.status.code(), Some(1));
        let said = stderr(&output);
        let named = said.starts_with(&format!("pi: cannot create {path}: "));
        assert!(named && said.contains(reason) && said.contains("give --output"), "{said}");
    }
}

#[test]
fn a_terminal_shows_progress_and_a_file_does_not() {
    // `script` gives the program a terminal; util-linux has it.
    let folder = tempfile::tempdir().unwrap();
    let command = "\"$PI\" 40_000 --algorithm gibbons --output f";
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", command, "typescript"]);
    script.env("PI", env!("CARGO_BIN_EXE_pi")).env("TERM", "xterm").current_dir(folder.path());
    let output = script.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let mut shown = String::new();
    File::open(folder.path().join("typescript")).unwrap().read_to_string(&mut shown).unwrap();
    assert!(shown.contains("of 40,000 digits"), "{shown:?}");
    assert_eq!(fs::metadata(folder.path().join("f")).unwrap().len(), 40_002);
}
