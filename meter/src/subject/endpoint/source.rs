//! Opens an endpoint.

use super::Endpoint;
use crate::cost::Architecture;
use crate::error::Error;
use crate::matrix::{Start, TargetPlan};
use crate::results::TargetRecord;
use crate::subject::{Source, Target};
use std::time::Duration;

pub(in crate::subject) struct EndpointSource {
    record: TargetRecord,
    timeout: Duration,
}

impl EndpointSource {
    pub(in crate::subject) fn new(plan: &TargetPlan, url: String, timeout: Duration) -> Result<Self, Error> {
        // Fails on a malformed address before the first sample.
        Endpoint::new(&url, 128, timeout)?;
        let record = TargetRecord {
            name: plan.name.clone(),
            kind: "endpoint".to_owned(),
            place: url,
            architecture: plan.architecture.unwrap_or_else(Architecture::native),
            package: None,
            figures: "figures of the endpoint's REPORT line, or the time to its answer, HTTP included"
                .to_owned(),
            size: None,
            sha256: None,
            revision: None,
            extensions: Vec::new(),
        };
        Ok(Self { record, timeout })
    }
}

impl Source for EndpointSource {
    fn record(&self) -> &TargetRecord {
        &self.record
    }

    fn open(&mut self, memory_mb: u64, _: Start) -> Result<Box<dyn Target>, Error> {
        Ok(Box::new(Endpoint::new(&self.record.place, memory_mb, self.timeout)?))
    }

    fn is_cold_forced(&self) -> bool {
        false
    }
}
