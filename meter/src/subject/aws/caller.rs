//! Single requests to a function, which may run side by side.

use super::{Session, failure};
use crate::error::Error;
use crate::matrix::FunctionPlan;
use crate::subject::{FunctionError, remote};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;

/// A function that answers requests.
#[derive(Debug, Clone)]
pub(crate) struct FunctionCaller {
    client: Client,
    region: String,
    plan: FunctionPlan,
}

impl FunctionCaller {
    /// The function of `plan`, called by the client of `session`.
    pub(crate) fn new(session: &Session, plan: FunctionPlan) -> Self {
        Self { client: session.client().clone(), region: session.region().to_owned(), plan }
    }

    /// The payload, or the function's error.
    pub(crate) async fn ask(&self, event: &[u8]) -> Result<Result<Vec<u8>, FunctionError>, Error> {
        let call = self
            .client
            .invoke()
            .function_name(&self.plan.name)
            .set_qualifier(self.plan.qualifier.clone())
            .payload(Blob::new(event));
        let answer = call
            .send()
            .await
            .map_err(|error| failure::refused(&self.plan.name, "Invoke", &self.region, &error))?;
        let payload = answer.payload().map(|blob| blob.as_ref().to_vec()).unwrap_or_default();
        Ok(if answer.function_error().is_some() {
            Err(remote::function_error(&payload))
        } else {
            Ok(payload)
        })
    }
}
