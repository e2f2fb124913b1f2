//! The table of tokens.

use crate::authorize::Lookup;
use crate::grant::{Grant, Item};
use pi_observatory_store::dynamodb::Client;
use pi_observatory_store::dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use pi_observatory_store::dynamodb::types::AttributeValue;
use pi_observatory_store::{Retry, is_transient};
use std::error::Error;
use std::time::Duration;

/// The table of tokens, with the partition key `id`.
#[derive(Debug, Clone)]
pub struct Grants {
    client: Client,
    table: String,
    retry: Retry,
}

/// A call that failed.
#[derive(Debug, thiserror::Error)]
#[error("{operation} on the table of tokens {table} failed: {problem}; {hint}")]
pub struct GrantsError {
    operation: &'static str,
    table: String,
    problem: String,
    hint: &'static str,
}

impl Grants {
    /// The table of this name.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        // API Gateway waits for an authorizer; three attempts pass within half a second.
        let retry = Retry { attempts: 3, base: Duration::from_millis(50), ..Retry::default() };
        Self { client, table: table.into(), retry }
    }

    /// Adds a grant.
    ///
    /// # Errors
    ///
    /// When the table refuses, or is unavailable.
    pub async fn add(&self, grant: &Grant) -> Result<(), GrantsError> {
        let call = || {
            let request = self.client.put_item().table_name(&self.table);
            request.set_item(Some(grant.to_item())).condition_expression("attribute_not_exists(id)").send()
        };
        self.attempt("PutItem", call).await.map(drop)
    }

    /// All grants that can be read, and the ids of those that cannot.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    pub async fn list(&self) -> Result<(Vec<Grant>, Vec<String>), GrantsError> {
        let (mut grants, mut damaged) = (Vec::new(), Vec::new());
        let mut start: Option<Item> = None;
        loop {
            let call = || {
                let request = self.client.scan().table_name(&self.table);
                request.set_exclusive_start_key(start.clone()).send()
            };
            let page = self.attempt("Scan", call).await?;
            for item in page.items() {
                match Grant::from_item(item) {
                    Some(grant) => grants.push(grant),
                    None => damaged.push(format!("{:?}", item.get("id"))),
                }
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                grants.sort_by_key(|grant| (grant.created, grant.name.clone()));
                return Ok((grants, damaged));
            }
        }
    }

    /// Removes a grant; false when there is none with this id.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    pub async fn remove(&self, id: &str) -> Result<bool, GrantsError> {
        let call = || {
            let request = self.client.delete_item().table_name(&self.table);
            let request = request.key("id", AttributeValue::S(id.to_owned()));
            request.return_values(pi_observatory_store::dynamodb::types::ReturnValue::AllOld).send()
        };
        let answer = self.attempt("DeleteItem", call).await?;
        Ok(answer.attributes.is_some_and(|item| !item.is_empty()))
    }

    /// Calls until a call succeeds or its failure does not pass.
    async fn attempt<T, E, F>(&self, operation: &'static str, call: impl Fn() -> F) -> Result<T, GrantsError>
    where
        F: Future<Output = Result<T, SdkError<E>>>,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let error = match call().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if !is_transient(&error) || !self.retry.pause(attempt).await {
                return Err(self.failure(operation, &error));
            }
        }
    }

    fn failure<E>(&self, operation: &'static str, error: &SdkError<E>) -> GrantsError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let hint = match error.code() {
            Some("AccessDeniedException") => "this action on this table must be allowed",
            Some("ResourceNotFoundException") => "the stack's output TokenTable names the table",
            Some(_) => "the table needs the partition key `id`, a string",
            None => "check the network, the region and AWS_ENDPOINT_URL",
        };
        let problem = match error.code() {
            Some(code) => format!("{code}: {}", error.message().unwrap_or("no message")),
            None => DisplayErrorContext(error).to_string(),
        };
        GrantsError { operation, table: self.table.clone(), problem, hint }
    }
}

impl Lookup for Grants {
    type Error = GrantsError;

    async fn find(&self, id: &str) -> Result<Option<Item>, GrantsError> {
        // A consistent read: a revoked token is refused at once, for half a read unit more.
        let call = || {
            let request = self.client.get_item().table_name(&self.table).consistent_read(true);
            request.key("id", AttributeValue::S(id.to_owned())).send()
        };
        Ok(self.attempt("GetItem", call).await?.item)
    }
}
