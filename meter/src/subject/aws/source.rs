//! Opens functions on AWS, each once.

use super::{Aws, Described, Function, Session};
use crate::error::Error;
use crate::matrix::{FunctionPlan, Place, Start, TargetPlan};
use crate::results::TargetRecord;
use crate::subject::{Source, Spending, Target};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::cell::RefCell;
use std::rc::Rc;

/// The sessions and functions of a matrix, each opened once.
pub(in crate::subject) struct Clouds<'a> {
    spending: &'a Spending,
    sessions: Vec<(Where, Rc<Session>)>,
    functions: Vec<(FunctionPlan, Rc<RefCell<Function>>)>,
}

type Where = (Option<String>, Option<String>);

impl<'a> Clouds<'a> {
    pub(in crate::subject) fn new(spending: &'a Spending) -> Self {
        Self { spending, sessions: Vec::new(), functions: Vec::new() }
    }

    pub(in crate::subject) fn source(&mut self, plan: &TargetPlan) -> Result<Box<dyn Source>, Error> {
        let Place::Function(function) = &plan.place else { unreachable!("only functions come here") };
        let session = self.session(function)?;
        let opened = self.function(&session, function)?;
        let record = record(plan, function, session.region(), opened.borrow().described());
        Ok(Box::new(AwsSource {
            record,
            latest: function.is_latest(),
            function: opened,
            spending: self.spending.clone(),
        }))
    }

    fn session(&mut self, plan: &FunctionPlan) -> Result<Rc<Session>, Error> {
        let place = (plan.region.clone(), plan.profile.clone());
        if let Some((_, session)) = self.sessions.iter().find(|(known, _)| *known == place) {
            return Ok(Rc::clone(session));
        }
        let session = Rc::new(Session::open(place.0.as_deref(), place.1.as_deref())?);
        self.sessions.push((place, Rc::clone(&session)));
        Ok(session)
    }

    /// Two targets may name one function, whose configuration must have one owner.
    fn function(
        &mut self,
        session: &Rc<Session>,
        plan: &FunctionPlan,
    ) -> Result<Rc<RefCell<Function>>, Error> {
        if let Some((_, function)) = self.functions.iter().find(|(known, _)| known == plan) {
            return Ok(Rc::clone(function));
        }
        let function = Rc::new(RefCell::new(Function::open(Rc::clone(session), plan.clone())?));
        self.functions.push((plan.clone(), Rc::clone(&function)));
        Ok(function)
    }
}

/// The function's entry in the results, without the account number of an ARN.
fn record(plan: &TargetPlan, function: &FunctionPlan, region: &str, described: &Described) -> TargetRecord {
    let name = function.name.rsplit(':').next().unwrap_or_default();
    let qualifier = function.qualifier.as_deref().unwrap_or("$LATEST");
    TargetRecord {
        name: plan.name.clone(),
        kind: "aws".to_owned(),
        place: format!("{name}:{qualifier} in {region}"),
        architecture: described.architecture,
        package: Some(described.package.to_owned()),
        figures: format!("measured by Lambda in {region}, from its REPORT lines"),
        size: Some(described.code_size).filter(|size| *size > 0),
        sha256: described.code_sha256.as_deref().map(hexadecimal),
        revision: None,
        extensions: Vec::new(),
    }
}

/// Lambda gives digests in base64; results have them in hexadecimal.
fn hexadecimal(base64: &str) -> String {
    BASE64_STANDARD.decode(base64).map_or_else(|_| base64.to_owned(), hex::encode)
}

struct AwsSource {
    record: TargetRecord,
    latest: bool,
    function: Rc<RefCell<Function>>,
    spending: Spending,
}

impl Source for AwsSource {
    fn record(&self) -> &TargetRecord {
        &self.record
    }

    fn open(&mut self, memory_mb: u64, start: Start) -> Result<Box<dyn Target>, Error> {
        let Spending { budget, assumed_ms } = &self.spending;
        let (function, budget) = (Rc::clone(&self.function), Rc::clone(budget));
        Ok(Box::new(Aws::new(function, memory_mb, start, budget, *assumed_ms)))
    }

    fn is_cold_forced(&self) -> bool {
        self.latest
    }

    fn configured_mb(&self) -> Option<u64> {
        Some(self.function.borrow().described().memory_mb)
    }
}
