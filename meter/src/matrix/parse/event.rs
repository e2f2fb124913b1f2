//! One event as written.

use crate::error::Error;
use crate::event;
use crate::matrix::{EventPlan, MatrixError};
use serde::Deserialize;
use std::path::PathBuf;

/// An event as written.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DraftEvent {
    /// Name; by default that of the file.
    pub name: Option<String>,
    /// A file, or - for standard input.
    pub file: Option<PathBuf>,
    /// The event itself.
    pub json: Option<String>,
    /// Expected SHA-256 of the digits in the response.
    pub sha256: Option<String>,
}

impl DraftEvent {
    pub(super) fn plan(self) -> Result<EventPlan, Error> {
        let sha256 = self.sha256.map(|text| digest(&text)).transpose()?;
        let (default, bytes) = match (self.file, self.json) {
            (Some(file), None) => {
                let path = file.to_string_lossy().into_owned();
                let bytes = event::read_all(std::slice::from_ref(&path))?.remove(0).bytes;
                (file.file_stem().map_or(path, |stem| stem.to_string_lossy().into_owned()), bytes)
            }
            (None, Some(json)) => (json.clone(), json.into_bytes()),
            _ => {
                return Err(MatrixError::missing(
                    "an [[event]] needs file or json, one of them",
                    "file = \"event.json\" or json = '{\"digits\": 10}'",
                )
                .into());
            }
        };
        Ok(EventPlan { name: self.name.unwrap_or(default), bytes, sha256 })
    }
}

fn digest(text: &str) -> Result<String, MatrixError> {
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(MatrixError::OutOfRange {
        what: "the expected SHA-256".to_owned(),
        value: format!("{text:?}"),
        allowed: "64 hexadecimal digits, as sha256sum prints them".to_owned(),
    })
}
