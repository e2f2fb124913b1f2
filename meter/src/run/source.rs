//! Where sandboxes come from.

use crate::cost::Architecture;
use crate::error::Error;
use crate::log::Log;
use crate::matrix::{Matrix, Place, TargetPlan};
use crate::results::{TargetRecord, sha256};
use crate::sandbox::Limits;
use crate::target::{Configuration, Confinement, Endpoint, LocalBinary, Target};
use std::collections::VecDeque;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A function that can be had in any memory size, and cold.
///
/// The seam for further kinds of targets: one for AWS would publish a configuration in `open`
/// and restore the former one when what it returned is dropped.
pub trait Source {
    /// What it is, for the record.
    fn record(&self) -> &TargetRecord;

    /// The function with this much memory, in MB.
    ///
    /// When [`is_cold_forced`](Self::is_cold_forced), its first invocation finds a new sandbox.
    ///
    /// # Errors
    ///
    /// When it cannot be had.
    fn open(&mut self, memory_mb: u64) -> Result<Box<dyn Target>, Error>;

    /// Whether every `open` gives a new sandbox.
    fn is_cold_forced(&self) -> bool;

    /// The end of its log, when something went wrong.
    fn last_words(&self) -> String {
        String::new()
    }
}

/// The sources of all targets of a matrix, in their order.
///
/// # Errors
///
/// When a binary cannot be read.
pub fn sources(matrix: &Matrix) -> Result<Vec<Box<dyn Source>>, Error> {
    let source = |plan: &TargetPlan| -> Result<Box<dyn Source>, Error> {
        Ok(match &plan.place {
            Place::Binary(path) => Box::new(BinarySource::new(plan, path, matrix)?),
            Place::Endpoint(url) => Box::new(EndpointSource::new(plan, url.clone(), matrix.timeout)?),
        })
    };
    matrix.targets.iter().map(source).collect()
}

struct BinarySource {
    record: TargetRecord,
    configuration: Configuration,
    log: Tail,
}

impl BinarySource {
    fn new(plan: &TargetPlan, path: &Path, matrix: &Matrix) -> Result<Self, Error> {
        let mut configuration = Configuration::new(path);
        configuration.timeout = matrix.timeout;
        configuration.variables.clone_from(&plan.variables);
        configuration.limits = matrix.limits;
        configuration.check_binary()?;
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
            figures: figures(matrix.limits, &plan.memory)?,
            size: Some(bytes.len() as u64),
            sha256: Some(sha256(&bytes)),
        };
        Ok(Self { record, configuration, log: Tail::default() })
    }
}

/// What the figures of local binaries are, in words; a remark without its hint.
fn figures(limits: Limits, memory: &[u64]) -> Result<String, Error> {
    let largest = memory.iter().copied().max().unwrap_or_default();
    let confinement = Confinement::prepare(limits, largest)?;
    if confinement.share().is_some() {
        return Ok(SCALED.to_owned());
    }
    let remark = confinement.remark();
    Ok(remark.lines().next().unwrap_or_default().to_owned())
}

const SCALED: &str = "scaled to memory/1769 of a CPU by a cgroup and killed beyond its memory; a local run cannot know \
                      Lambda's processor, the start of its microVM and the fetch of code or image";

impl Source for BinarySource {
    fn record(&self) -> &TargetRecord {
        &self.record
    }

    fn open(&mut self, memory_mb: u64) -> Result<Box<dyn Target>, Error> {
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

/// By the header of an ELF file; a script runs on this machine's processor.
fn architecture(binary: &[u8]) -> Architecture {
    match binary.get(..20) {
        Some(header) if header.starts_with(b"\x7fELF") && header[18..20] == [183, 0] => Architecture::Arm64,
        Some(header) if header.starts_with(b"\x7fELF") => Architecture::X86_64,
        _ => Architecture::native(),
    }
}

struct EndpointSource {
    record: TargetRecord,
    timeout: Duration,
}

impl EndpointSource {
    fn new(plan: &TargetPlan, url: String, timeout: Duration) -> Result<Self, Error> {
        // A wrong address fails before the first sample.
        Endpoint::new(&url, 128, timeout)?;
        let record = TargetRecord {
            name: plan.name.clone(),
            kind: "endpoint".to_owned(),
            place: url,
            architecture: plan.architecture.unwrap_or_else(Architecture::native),
            figures: "what the endpoint reports, or else the time until its answer, HTTP included".to_owned(),
            size: None,
            sha256: None,
        };
        Ok(Self { record, timeout })
    }
}

impl Source for EndpointSource {
    fn record(&self) -> &TargetRecord {
        &self.record
    }

    fn open(&mut self, memory_mb: u64) -> Result<Box<dyn Target>, Error> {
        Ok(Box::new(Endpoint::new(&self.record.place, memory_mb, self.timeout)?))
    }

    fn is_cold_forced(&self) -> bool {
        false
    }
}

/// The end of a log, kept in case it is needed.
#[derive(Debug, Clone, Default)]
struct Tail(Arc<Mutex<VecDeque<u8>>>);

const TAIL_SIZE: usize = 4_096;

impl Tail {
    fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn text(&self) -> String {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(bytes.make_contiguous()).into_owned()
    }
}

impl Write for Tail {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut tail = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend(bytes);
        let surplus = tail.len().saturating_sub(TAIL_SIZE);
        tail.drain(..surplus);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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

    #[test]
    fn only_the_end_of_a_log_is_kept() {
        let mut tail = Tail::default();
        tail.write_all(&[b'a'; 5_000]).unwrap();
        tail.write_all(b"end").unwrap();
        assert!(tail.text().len() == TAIL_SIZE && tail.text().ends_with("aend"));
        tail.clear();
        assert_eq!(tail.text(), "");
    }
}
