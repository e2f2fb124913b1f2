//! One target as written.

use super::Draft;
use super::checks::within;
use crate::cost::Architecture;
use crate::matrix::{FunctionPlan, MEMORY_RANGE, MatrixError, Place, TargetPlan};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A target as written.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DraftTarget {
    /// Name; by default that of the binary.
    pub name: Option<String>,
    /// A binary on this machine.
    pub binary: Option<PathBuf>,
    /// An image of a container engine.
    pub image: Option<String>,
    /// The address of an endpoint.
    pub endpoint: Option<String>,
    /// Name or ARN of the function on AWS.
    pub function: Option<String>,
    /// Version or alias of the function on AWS.
    pub qualifier: Option<String>,
    /// Region of the function on AWS.
    pub region: Option<String>,
    /// Profile for the function on AWS.
    pub profile: Option<String>,
    /// Instruction set.
    pub architecture: Option<Architecture>,
    /// Memory sizes in MB, in place of the common ones.
    pub memory: Option<Vec<u64>>,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// Executables of external extensions.
    pub extensions: Vec<PathBuf>,
    /// Layers: folders or zips.
    pub layers: Vec<PathBuf>,
}

impl DraftTarget {
    /// The same target without extensions and layers, if it has any.
    pub(super) fn bare(&self) -> Option<Self> {
        if self.extensions.is_empty() && self.layers.is_empty() {
            return None;
        }
        let name = self.name.clone().or_else(|| self.binary.clone().map(|path| stem(&path)));
        let name = Some(format!("{}-bare", name.unwrap_or_default()));
        Some(Self { name, extensions: Vec::new(), layers: Vec::new(), ..self.clone() })
    }

    pub(super) fn is_only_on_aws(&self) -> bool {
        self.function.is_some() && self.binary.is_none() && self.image.is_none() && self.endpoint.is_none()
    }

    pub(super) fn label(&self) -> String {
        let path = self.binary.as_ref().map(|path| path.to_string_lossy().into_owned());
        let given = [&self.name, &self.function, &path, &self.image, &self.endpoint];
        given.into_iter().flatten().next().cloned().unwrap_or_else(|| "without a name".to_owned())
    }

    /// The place, if exactly one is given.
    fn place(&self, common: &Draft) -> Option<Place> {
        let function = || {
            let (name, qualifier) = named(self.function.as_deref().unwrap_or_default());
            FunctionPlan {
                name,
                qualifier: self.qualifier.clone().or(qualifier),
                region: self.region.clone().or_else(|| common.region.clone()),
                profile: self.profile.clone().or_else(|| common.profile.clone()),
            }
        };
        match (&self.binary, &self.image, &self.endpoint) {
            _ if common.aws => Some(Place::Function(function())),
            (Some(binary), None, None) => Some(Place::Binary(binary.clone())),
            (None, Some(image), None) => Some(Place::Image(image.clone())),
            (None, None, Some(endpoint)) => Some(Place::Endpoint(endpoint.clone())),
            _ => None,
        }
    }

    pub(super) fn plan(self, common: &Draft) -> Result<TargetPlan, MatrixError> {
        let Some(place) = self.place(common) else {
            return Err(MatrixError::missing(
                format!("the target {} needs a binary, an image or an endpoint, one of them", self.label()),
                "binary = \"PATH\", image = \"NAME:TAG\" or endpoint = \"http://HOST:PORT\"; function = \
                 \"NAME\" beside it for --aws",
            ));
        };
        let name = self.name.unwrap_or_else(|| default_name(&place));
        let memory = match (self.memory.as_deref().or(common.memory.as_deref()), &place) {
            // A function on AWS keeps its configured size by default.
            (None, Place::Function(_)) => Vec::new(),
            (given, _) => sizes(&name, given.unwrap_or(&[128]))?,
        };
        if matches!(place, Place::Endpoint(_)) && memory.len() > 1 {
            return Err(MatrixError::missing(
                format!(
                    "the endpoint {name} has one memory size, which lambda-meter cannot change; {} were \
                     given",
                    memory.len()
                ),
                "start one endpoint for each size, or give it `memory = [128]` in a matrix file",
            ));
        }
        let Self { extensions, layers, architecture, env, .. } = self;
        if !matches!(place, Place::Binary(_) | Place::Function(_)) && extensions.len() + layers.len() > 0 {
            return Err(MatrixError::missing(
                format!("the target {name} has extensions or layers, which only a binary can have"),
                "an image brings its own in /opt/extensions, and an endpoint starts its own",
            ));
        }
        let variables = env.into_iter().collect();
        Ok(TargetPlan { name, place, architecture, memory, variables, extensions, layers })
    }
}

fn sizes(name: &str, memory: &[u64]) -> Result<Vec<u64>, MatrixError> {
    let mut sizes = memory.to_vec();
    sizes.sort_unstable();
    sizes.dedup();
    if sizes.is_empty() {
        return Err(MatrixError::missing(format!("the target {name} has no memory size"), "memory = [128]"));
    }
    for &size in &sizes {
        within("a memory size", size, MEMORY_RANGE, "MB")?;
    }
    Ok(sizes)
}

#[cfg(feature = "aws")]
impl FunctionPlan {
    /// A function by its name or ARN, with a version or an alias behind a colon.
    pub(crate) fn named(function: &str, region: Option<String>, profile: Option<String>) -> Self {
        let (name, qualifier) = named(function);
        Self { name, qualifier, region, profile }
    }
}

/// Splits a function's name or ARN from a version or an alias.
fn named(function: &str) -> (String, Option<String>) {
    // arn:aws:lambda:REGION:ACCOUNT:function:NAME contains six colons.
    let colons = if function.starts_with("arn:") { 7 } else { 1 };
    match function.match_indices(':').nth(colons - 1) {
        Some((end, _)) => (function[..end].to_owned(), Some(function[end + 1..].to_owned())),
        None => (function.to_owned(), None),
    }
}

/// The default name of a target.
fn default_name(place: &Place) -> String {
    let path = match place {
        Place::Binary(path) => path,
        Place::Image(reference) => return reference.rsplit('/').next().unwrap_or_default().to_owned(),
        Place::Endpoint(_) => return "endpoint".to_owned(),
        Place::Function(function) => {
            return function.name.rsplit(':').next().unwrap_or_default().to_owned();
        }
    };
    stem(path)
}

/// The name of a binary's file.
fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if stem.is_empty() { "function".to_owned() } else { stem }
}
