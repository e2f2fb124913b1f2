//! A container image, unpacked so that its processes are limited like those of a binary.
//!
//! Lambda runs no container engine: it flattens the layers into a file system and starts the
//! image's command there. Here the engine flattens (`docker create`, `docker export`), and the
//! sandbox starts the command, with the same limits, freezer and clock as for a binary. `unshare`
//! of util-linux changes the root and the user, then executes the function.

use super::extension::ExtensionFile;
use crate::cost::Architecture;
use crate::error::Error;
use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// The user and group of functions on Lambda, which override the image's.
const USER: (u32, u32) = (993, 990);
/// Devices of every container: name, major and minor number.
const DEVICES: [(&str, u32, u32); 5] =
    [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9)];

/// An unpacked image. Dropping it removes the files.
#[derive(Debug)]
pub struct Image {
    folder: PathBuf,
    description: Description,
}

/// The engine's description of an image.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Description {
    /// Digest of the configuration.
    id: String,
    /// `amd64` or `arm64`.
    architecture: String,
    /// Size in bytes.
    pub size: u64,
    #[serde(default)]
    repo_digests: Option<Vec<String>>,
    config: Settings,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Settings {
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    working_dir: String,
    env: Option<Vec<String>>,
    labels: Option<BTreeMap<String, String>>,
}

/// The command line of a sandbox in an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rooted {
    /// `unshare` and its options, up to the working folder and the command line.
    pub(super) prefix: Vec<String>,
    /// The function's own command line.
    pub(super) command: Vec<String>,
    /// The image's environment variables, which Lambda's override.
    pub(super) variables: Vec<(String, String)>,
    /// The folder of the function in the image.
    pub(super) task_root: PathBuf,
}

impl Image {
    /// Unpacks an image, which the engine pulls if it is missing.
    ///
    /// # Errors
    ///
    /// When the engine or the image is missing, or the process is not root.
    pub fn unpack(reference: &str) -> Result<Self, Error> {
        if !rustix::process::geteuid().is_root() {
            return Err(wrong(
                reference,
                "only root can change the root of a process",
                "run lambda-meter as root (sudo)",
            ));
        }
        let description = describe(reference)?;
        let image = Self { folder: new_folder(reference)?, description };
        image.fill(reference)?;
        Ok(image)
    }

    /// The engine's description.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The command line that starts the image's function.
    ///
    /// # Errors
    ///
    /// When the image has no command.
    pub fn rooted(&self, reference: &str) -> Result<Rooted, Error> {
        let Settings { entrypoint, cmd, working_dir, env, .. } = &self.description.config;
        let own: Vec<&String> = entrypoint.iter().chain(cmd).flatten().collect();
        if own.is_empty() {
            let hint = "ENTRYPOINT in its Dockerfile names the bootstrap";
            return Err(wrong(reference, "it has neither an entrypoint nor a command", hint));
        }
        let folder = if working_dir.is_empty() { "/" } else { working_dir };
        let (user, group) = USER;
        let prefix = [
            "/usr/bin/unshare".to_owned(),
            format!("--root={}", self.folder.display()),
            "--mount-proc".to_owned(),
            format!("--setgid={group}"),
            format!("--setuid={user}"),
        ];
        let variable =
            |text: &String| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Rooted {
            prefix: prefix.into(),
            command: own.into_iter().cloned().collect(),
            variables: env.iter().flatten().filter_map(variable).collect(),
            task_root: folder.into(),
        })
    }

    /// The extensions in the image's `/opt/extensions`.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn extensions(&self) -> Result<Vec<ExtensionFile>, Error> {
        let place = Path::new("/opt/extensions");
        ExtensionFile::in_folder(&self.folder.join("opt/extensions"), place)
    }

    /// Unpacks the layers into one file system, with the folders and devices of a container.
    fn fill(&self, reference: &str) -> Result<(), Error> {
        let container = said(reference, &["create", reference])?;
        let unpacked = export(reference, container.trim(), &self.folder);
        said(reference, &["rm", container.trim()])?;
        unpacked?;
        furnish(&self.folder).map_err(|error| {
            wrong(reference, &format!("it cannot be unpacked: {error}"), "is there space in $TMPDIR?")
        })
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // Files that cannot be removed stay in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Description {
    /// The digest to pull the image by, or the digest of its configuration.
    #[must_use]
    pub fn digest(&self) -> String {
        let pulled = self.repo_digests.iter().flatten().find_map(|name| name.split_once("@sha256:"));
        pulled
            .map_or_else(|| self.id.trim_start_matches("sha256:").to_owned(), |(_, digest)| digest.to_owned())
    }

    /// The revision of the source, from the image's label.
    #[must_use]
    pub fn revision(&self) -> Option<String> {
        let labels = self.config.labels.as_ref()?;
        labels.get("org.opencontainers.image.revision").filter(|revision| !revision.is_empty()).cloned()
    }

    /// Instruction set.
    #[must_use]
    pub fn architecture(&self) -> Architecture {
        if self.architecture == "arm64" { Architecture::Arm64 } else { Architecture::X86_64 }
    }
}

fn describe(reference: &str) -> Result<Description, Error> {
    let inspect = ["image", "inspect", "--format", "{{json .}}", reference];
    let text = said(reference, &inspect).or_else(|_| {
        said(reference, &["pull", "--quiet", reference])?;
        said(reference, &inspect)
    })?;
    serde_json::from_str(&text).map_err(|error| {
        wrong(
            reference,
            &format!("the engine describes it in unknown words: {error}"),
            "is docker 20 or newer?",
        )
    })
}

fn new_folder(reference: &str) -> Result<PathBuf, Error> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("lambda-meter-image-{}-{number}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    fs::create_dir(&folder).map_err(|error| {
        wrong(reference, &format!("no folder for its files: {error}"), "TMPDIR names another place")
    })?;
    Ok(folder)
}

fn export(reference: &str, container: &str, folder: &Path) -> Result<(), Error> {
    let failed =
        |problem: String| wrong(reference, &problem, "is there space in $TMPDIR, and is tar installed?");
    let mut exporting = Command::new("docker")
        .args(["export", container])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| no_engine(reference, &error))?;
    let archive = exporting.stdout.take().expect("it is piped");
    let unpacked = Command::new("tar")
        .args(["--extract", "--numeric-owner", "--same-permissions", "--directory"])
        .arg(folder)
        .stdin(archive)
        .output()
        .map_err(|error| failed(format!("tar: {error}")))?;
    let exported = exporting.wait().map_err(|error| failed(error.to_string()))?;
    if exported.success() && unpacked.status.success() {
        return Ok(());
    }
    Err(failed(format!("it cannot be unpacked: {}", words(&unpacked))))
}

/// Makes the folders and devices of every container.
fn furnish(root: &Path) -> std::io::Result<()> {
    for folder in ["dev", "proc", "tmp"] {
        fs::create_dir_all(root.join(folder))?;
    }
    fs::set_permissions(root.join("tmp"), std::os::unix::fs::PermissionsExt::from_mode(0o1777))?;
    for (name, major, minor) in DEVICES {
        let path = root.join("dev").join(name);
        // The export contains empty files in place of devices.
        let _ = fs::remove_file(&path);
        mknodat(CWD, &path, FileType::CharacterDevice, Mode::from_raw_mode(0o666), makedev(major, minor))?;
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o666))?;
    }
    Ok(())
}

/// Runs docker and returns its standard output.
fn said(reference: &str, args: &[&str]) -> Result<String, Error> {
    let output = Command::new("docker")
        .args(args)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| no_engine(reference, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let problem = format!("docker {}: {}", args[0], words(&output));
    Err(wrong(reference, &problem, "does `docker pull` get it? DOCKER_HOST names another engine"))
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ")
}

fn no_engine(reference: &str, error: &std::io::Error) -> Error {
    wrong(
        reference,
        &format!("docker cannot be started: {error}"),
        "install docker's command line, or measure the binary by --binary",
    )
}

fn wrong(reference: &str, problem: &str, hint: &str) -> Error {
    Error::Image { reference: reference.to_owned(), problem: problem.to_owned(), hint: hint.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(json: &str) -> Image {
        Image { folder: "/nowhere/of/an/image".into(), description: serde_json::from_str(json).unwrap() }
    }

    #[test]
    fn the_command_the_environment_and_the_digest_are_the_images() {
        let image = image(
            r#"{"Id":"sha256:aa","Architecture":"arm64","Size":7,"RepoDigests":["r/pi@sha256:bb"],"Config":{
                "Entrypoint":["/bootstrap"],"Cmd":["x y"],"WorkingDir":"/var/task",
                "Env":["PATH=/bin","A=b=c"],
                "Labels":{"org.opencontainers.image.revision":"7422932"}}}"#,
        );
        let rooted = image.rooted("r/pi").unwrap();
        assert_eq!(rooted.command, ["/bootstrap", "x y"]);
        assert_eq!(rooted.task_root, Path::new("/var/task"));
        assert!(rooted.prefix.contains(&"--root=/nowhere/of/an/image".to_owned()));
        assert_eq!(rooted.variables[1], ("A".to_owned(), "b=c".to_owned()));
        let description = image.description();
        assert_eq!(
            (description.digest(), description.revision()),
            ("bb".to_owned(), Some("7422932".to_owned()))
        );
        assert_eq!(description.architecture(), Architecture::Arm64);
    }

    #[test]
    fn an_image_without_a_command_says_so() {
        let image = image(
            r#"{"Id":"sha256:aa","Architecture":"amd64","Size":7,"RepoDigests":null,
                "Config":{"Entrypoint":null}}"#,
        );
        let problem = image.rooted("r/pi").unwrap_err().to_string();
        assert!(problem.contains("r/pi") && problem.contains("ENTRYPOINT"), "{problem}");
        assert_eq!((image.description().digest(), image.description().revision()), ("aa".to_owned(), None));
    }
}
