//! Opens sandboxes of a binary or an image on this machine.

use super::tail::Tail;
use super::{Configuration, Confinement, ExtensionFile, Image, LocalBinary, revision};
use crate::cost::Architecture;
use crate::error::Error;
use crate::log::Log;
use crate::matrix::{Matrix, Start, TargetPlan};
use crate::results::{ExtensionRecord, TargetRecord, sha256};
use crate::sandbox::Limits;
use crate::subject::{Source, Target};
use std::path::Path;

pub(in crate::subject) struct LocalSource {
    record: TargetRecord,
    configuration: Configuration,
    log: Tail,
    /// Keeps the files of an image.
    _image: Option<Image>,
}

impl LocalSource {
    pub(in crate::subject) fn binary(plan: &TargetPlan, path: &Path, matrix: &Matrix) -> Result<Self, Error> {
        let mut configuration = configuration(plan, path, matrix);
        configuration.check_binary()?;
        configuration.extend(&plan.layers, &plan.extensions)?;
        let bytes = std::fs::read(path).map_err(|error| Error::NotStarted {
            path: path.to_owned(),
            problem: error.to_string(),
            hint: "may you read it?".to_owned(),
        })?;
        let record = TargetRecord {
            name: plan.name.clone(),
            kind: "binary".to_owned(),
            place: path.to_string_lossy().into_owned(),
            architecture: plan.architecture.unwrap_or_else(|| architecture(&bytes)),
            package: None,
            figures: figures(matrix.limits, &plan.memory)?,
            size: Some(bytes.len() as u64),
            sha256: Some(sha256(&bytes)),
            revision: revision::of(path),
            extensions: records(&configuration),
        };
        Ok(Self { record, configuration, log: Tail::default(), _image: None })
    }

    pub(in crate::subject) fn image(
        plan: &TargetPlan,
        reference: &str,
        matrix: &Matrix,
    ) -> Result<Self, Error> {
        let image = Image::unpack(reference)?;
        let mut configuration = configuration(plan, Path::new(&plan.name), matrix);
        configuration.rooted = Some(image.rooted(reference)?);
        configuration.extensions = image.extensions()?;
        let description = image.description();
        let record = TargetRecord {
            name: plan.name.clone(),
            kind: "image".to_owned(),
            place: reference.to_owned(),
            architecture: plan.architecture.unwrap_or_else(|| description.architecture()),
            package: Some("image".to_owned()),
            figures: figures(matrix.limits, &plan.memory)?,
            size: Some(description.size),
            sha256: Some(description.digest()),
            revision: description.revision(),
            extensions: records(&configuration),
        };
        Ok(Self { record, configuration, log: Tail::default(), _image: Some(image) })
    }
}

/// The extensions in the results.
fn records(configuration: &Configuration) -> Vec<ExtensionRecord> {
    let record = |file: &ExtensionFile| {
        // A file that cannot be read fails at its start, with a better message.
        let bytes = std::fs::read(&file.file).unwrap_or_default();
        ExtensionRecord { name: file.name.clone(), size: bytes.len() as u64, sha256: sha256(&bytes) }
    };
    configuration.extensions.iter().map(record).collect()
}

fn configuration(plan: &TargetPlan, path: &Path, matrix: &Matrix) -> Configuration {
    let mut configuration = Configuration::new(path);
    configuration.timeout = matrix.timeout;
    configuration.variables.clone_from(&plan.variables);
    configuration.limits = matrix.limits;
    configuration
}

/// The meaning of local figures, in words; a remark without its hint.
fn figures(limits: Limits, memory: &[u64]) -> Result<String, Error> {
    let largest = memory.iter().copied().max().unwrap_or_default();
    let confinement = Confinement::prepare(limits, largest)?;
    if confinement.share().is_some() {
        return Ok(SCALED.to_owned());
    }
    let remark = confinement.remark();
    Ok(remark.lines().next().unwrap_or_default().to_owned())
}

const SCALED: &str = "scaled to memory/1769 of a vCPU by a cgroup, killed beyond the memory. Local run: \
                      excludes microVM start and code download; your CPU is not Lambda's.";

impl Source for LocalSource {
    fn record(&self) -> &TargetRecord {
        &self.record
    }

    fn open(&mut self, memory_mb: u64, _: Start) -> Result<Box<dyn Target>, Error> {
        self.log.clear();
        let configuration = Configuration { memory_size: memory_mb, ..self.configuration.clone() };
        Ok(Box::new(LocalBinary::new(configuration, Log::new(Box::new(self.log.clone())))?))
    }

    fn is_cold_forced(&self) -> bool {
        true
    }

    fn last_words(&self) -> String {
        self.log.text()
    }
}

/// The architecture in the header of an ELF file; a script has this machine's.
fn architecture(binary: &[u8]) -> Architecture {
    match binary.get(..20) {
        Some(header) if header.starts_with(b"\x7fELF") && header[18..20] == [183, 0] => Architecture::Arm64,
        Some(header) if header.starts_with(b"\x7fELF") => Architecture::X86_64,
        _ => Architecture::native(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_architecture_is_the_binarys() {
        let elf = |machine: u8| {
            let mut header = vec![0; 64];
            header[..4].copy_from_slice(b"\x7fELF");
            header[18] = machine;
            architecture(&header)
        };
        assert_eq!((elf(183), elf(62)), (Architecture::Arm64, Architecture::X86_64));
        assert_eq!(
            (architecture(b"#!/bin/sh"), architecture(b"")),
            (Architecture::native(), Architecture::native())
        );
    }
}
