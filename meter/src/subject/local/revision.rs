//! The revision of the repository around a binary.

use std::path::Path;
use std::process::{Command, Stdio};

/// The revision by `git describe`, with `-dirty` for modified files; `None` without git.
///
/// A build folder that git ignores still counts as part of the repository. The binary may be
/// older than the revision, so the results also hold the binary's SHA-256.
pub(super) fn of(binary: &Path) -> Option<String> {
    let folder = std::fs::canonicalize(binary).ok()?.parent()?.to_owned();
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let revision = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !revision.is_empty()).then_some(revision)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_has_one_and_a_folder_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let binary = folder.path().join("bootstrap");
        std::fs::write(&binary, "").unwrap();
        assert_eq!(of(&binary), None);
        let git = |args: &[&str]| {
            let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
            let command = Command::new("git").arg("-C").arg(folder.path()).args(identity).args(args).output();
            assert!(command.unwrap().status.success(), "{args:?}");
        };
        git(&["init", "--quiet"]);
        git(&["add", "bootstrap"]);
        git(&["commit", "--quiet", "--message", "one"]);
        let clean = of(&binary).unwrap();
        assert!(clean.len() == 12 && clean.bytes().all(|byte| byte.is_ascii_hexdigit()), "{clean}");
        std::fs::write(&binary, "changed").unwrap();
        assert_eq!(of(&binary), Some(format!("{clean}-dirty")));
    }
}
