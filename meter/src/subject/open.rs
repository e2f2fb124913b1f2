//! Opens the targets of a matrix.

#[cfg(feature = "aws")]
use super::aws::Clouds;
use super::endpoint::EndpointSource;
use super::local::LocalSource;
use super::{Source, Spending};
use crate::error::Error;
#[cfg(not(feature = "aws"))]
use crate::matrix::TargetPlan;
use crate::matrix::{Matrix, Place};

/// Opens every target of a matrix, in order.
///
/// # Errors
///
/// When a binary cannot be read, or AWS does not describe a function.
pub fn open(matrix: &Matrix, spending: &Spending) -> Result<Vec<Box<dyn Source>>, Error> {
    let mut clouds = Clouds::new(spending);
    let mut sources: Vec<Box<dyn Source>> = Vec::new();
    for plan in &matrix.targets {
        sources.push(match &plan.place {
            Place::Binary(path) => Box::new(LocalSource::binary(plan, path, matrix)?),
            Place::Image(reference) => Box::new(LocalSource::image(plan, reference, matrix)?),
            Place::Endpoint(url) => Box::new(EndpointSource::new(plan, url.clone(), matrix.timeout)?),
            Place::Function(_) => clouds.source(plan)?,
        });
    }
    Ok(sources)
}

/// Stand-in without the feature `aws`: every function on AWS fails with an error that names it.
#[cfg(not(feature = "aws"))]
struct Clouds;

#[cfg(not(feature = "aws"))]
impl Clouds {
    fn new(_: &Spending) -> Self {
        Self
    }

    fn source(&mut self, _: &TargetPlan) -> Result<Box<dyn Source>, Error> {
        Err(Error::WithoutAws)
    }
}
