//! A folder, a stub of Lambda, and `lambda-meter run` with credentials for the stub.

use crate::lambda_stub::Stub;
use lambda_meter::results::{Results, load};
use serde_json::json;
use std::fs;
use std::process::{Command, Output};
use std::time::Duration;
use tempfile::TempDir;

pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) stub: Stub,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap(), stub: Stub::start() };
        fs::write(place.folder.path().join("pi.json"), r#"{"pi":"3.14"}"#).unwrap();
        place
    }

    /// `lambda-meter run --event pi.json --output r.json` with credentials as the only AWS settings.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lambda-meter"));
        let aws = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("AWS_"));
        aws.for_each(|name| {
            command.env_remove(name);
        });
        command
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("AWS_ENDPOINT_URL", &self.stub.url)
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_MAX_ATTEMPTS", "1")
            .args(["run", "--event", "pi.json", "--output", "r.json", "--overwrite"])
            .args(args);
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub(crate) fn results(&self) -> Results {
        load(&self.folder.path().join("r.json")).unwrap()
    }

    pub(crate) fn wait_for_invoke(&self) {
        for _ in 0..3_000 {
            if self.stub.count("invoke") > 0 {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("nothing was invoked");
    }

    /// Asserts that the function has its original configuration.
    pub(crate) fn assert_restored(&self) {
        assert_eq!(self.stub.settings(), (512, json!({"SECRET": "s3cret"})));
    }

    /// The error of a run that must fail.
    pub(crate) fn refused(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
        text(&output.stderr).to_owned()
    }
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
