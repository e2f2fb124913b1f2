//! The guard before the work, against the limits of the real process.
#![cfg(target_os = "linux")]

use std::process::{Command, Output};

fn limited(limit: &str, arguments: &str) -> Output {
    let script = format!("ulimit {limit}; exec \"$PI\" {arguments}");
    Command::new("bash").args(["-c", &script]).env("PI", env!("CARGO_BIN_EXE_pi")).output().unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn digits_that_do_not_fit_are_refused_before_the_work() {
    for (limit, name) in [("-v 200000", "195 MiB of address space"), ("-d 200000", "195 MiB of data")] {
        let output = limited(limit, "100_000_000 --digest");
        assert_eq!(output.status.code(), Some(1), "{limit}");
        let said = stderr(&output);
        assert!(said.starts_with("pi: 100_000_000 digits need ") && said.contains(name), "{said}");
        assert!(said.contains(" digits fit: ask for fewer") && said.contains("--force"), "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn the_digits_that_are_said_to_fit_do() {
    for limit in ["-v 60000", "-v 150000", "-d 60000"] {
        for threads in ["", "--threads 1", "--threads 2"] {
            let refused = limited(limit, &format!("1e9 --digest {threads}"));
            let said = stderr(&refused);
            if limit == "-v 60000" && threads == "--threads 2" {
                assert!(said.contains("not even one digit fits"), "{said}");
                continue;
            }
            let before = &said[..said.find(" digits fit").unwrap_or_else(|| panic!("{limit}: {said}"))];
            let most = before.rsplit(' ').next().unwrap();
            assert!(most.replace('_', "").parse::<u64>().unwrap() > 1_000_000, "{said}");
            let output = limited(limit, &format!("{most} --digest {threads}"));
            assert!(output.status.success(), "{limit} {threads} {most}: {}", stderr(&output));
        }
    }
}

#[test]
fn without_a_number_there_are_as_many_threads_as_fit() {
    assert!(limited("-v 60000", "1e6 --digest").status.success());
    assert!(limited("-v 60000", "10 --threads 2").status.success());
    let refused = limited("-v 60000", "1e6 --digest --threads 2");
    assert!(stderr(&refused).contains(", use --threads 1,"), "{}", stderr(&refused));
}

#[test]
fn the_machines_memory_is_a_limit_and_force_overrides_it() {
    let output = limited("-v unlimited", "1e12 --digest");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains(" MiB of memory "), "{}", stderr(&output));
    // More than the guard grants, and less than the process takes.
    let script = "2_500_000 --digest --threads 1";
    assert!(!limited("-v 50000", script).status.success());
    assert!(limited("-v 50000", &format!("{script} --force")).status.success());
}
