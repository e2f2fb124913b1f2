//! Failures of a table.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId;
use std::error::Error;

/// A call that failed, also after all attempts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The table was busy or unreachable until the last attempt.
    #[error(
        "{operation} on the table {table} failed {attempts} times, the last time by {problem}; the event \
         may be sent again, because nothing is stored twice"
    )]
    Unavailable {
        /// Name of the operation, such as `PutItem`.
        operation: &'static str,
        /// Name of the table.
        table: String,
        /// Number of attempts.
        attempts: u32,
        /// The last failure.
        problem: String,
    },

    /// The table refused the call for good.
    #[error("{operation} on the table {table} was refused: {problem}; {hint}")]
    Refused {
        /// Name of the operation.
        operation: &'static str,
        /// Name of the table.
        table: String,
        /// Code and message of the refusal.
        problem: String,
        /// The remedy.
        hint: &'static str,
    },

    /// Some measurements of a batch are not stored.
    #[error(
        "{} of {total} measurements are not stored in the table {table} after {attempts} attempts; send \
         them again, because nothing is stored twice",
        unwritten.len()
    )]
    Unwritten {
        /// Name of the table.
        table: String,
        /// Number of measurements in the batch.
        total: usize,
        /// Positions of the measurements that are not stored, ascending.
        unwritten: Vec<usize>,
        /// Number of attempts.
        attempts: u32,
    },

    /// An item of the table is no measurement.
    #[error("the item {key} of the table {table} is no measurement: {problem}; delete it or repair it")]
    Malformed {
        /// Name of the table.
        table: String,
        /// Key of the item.
        key: String,
        /// The problem.
        problem: String,
    },

    /// A page token of another query, or of another program.
    #[error("`next` is no token of this query; take it from the page before, or leave it out")]
    PageToken,
}

/// Codes of failures that pass: throttling, and failures of the service.
const PASSING: [&str; 9] = [
    "InternalServerError",
    "InternalServerErrorException",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
    "TransactionInProgressException",
];

/// True when another attempt may succeed.
#[must_use]
pub fn is_transient<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    match error {
        SdkError::ServiceError(answer) => {
            let code = answer.err().code().unwrap_or_default();
            PASSING.contains(&code) || answer.raw().status().as_u16() >= 500
        }
        SdkError::ConstructionFailure(_) => false,
        // Timeouts, refused and broken connections, answers cut off.
        _ => true,
    }
}

/// A failure in one line.
pub(crate) fn problem<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + Error + RequestId + 'static,
    SdkError<E>: Error,
{
    match error.code() {
        Some(code) => format!("{code}: {}", error.message().unwrap_or("no message")),
        None => DisplayErrorContext(error).to_string(),
    }
}

/// The remedy of a refusal.
pub(crate) fn hint(code: Option<&str>) -> &'static str {
    match code {
        Some("AccessDeniedException") => "the role needs this action on this table",
        Some("ResourceNotFoundException") => "the variable TABLE must name a table of this region",
        Some("UnrecognizedClientException" | "ExpiredTokenException" | "InvalidSignatureException") => {
            "the credentials must be valid and the clock right"
        }
        _ => "the table needs the partition key `function` and the sort key `sample`, both strings",
    }
}
