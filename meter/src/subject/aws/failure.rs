//! Error messages with a remedy for every refusal of AWS.

use super::marker;
use crate::error::Error;
use crate::matrix::FunctionPlan;
use crate::shorten::shorten;
use aws_sdk_lambda::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use std::error::Error as StdError;
use std::time::Duration;

fn aws(problem: impl Into<String>, hint: impl Into<String>) -> Error {
    Error::Aws { problem: problem.into(), hint: hint.into() }
}

pub(super) fn no_region() -> Error {
    aws(
        "no AWS region is set",
        "set --region us-east-1, AWS_REGION, or region in the profile of ~/.aws/config",
    )
}

pub(super) fn no_credentials(problem: &str) -> Error {
    aws(
        format!("there are no credentials for AWS: {problem}"),
        "--profile NAME, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `aws configure` or `aws \
         configure sso` \
         sets a profile up, `aws sts get-caller-identity` tries it",
    )
}

/// The error for unusable credentials; an expired single sign-on session has its own remedy.
pub(super) fn credentials(error: &(dyn StdError + 'static), profile: Option<&str>) -> Error {
    let problem = causes(error);
    if problem.contains("no credentials found in chain") {
        return no_credentials("neither in the environment nor in the profile, and this machine has no role");
    }
    if ["expired", "sso", "token"].iter().any(|word| problem.to_lowercase().contains(word)) {
        let problem = format!("the credentials for AWS cannot be had: {problem}");
        return aws(problem, "`aws sso login --profile NAME` begins a new session");
    }
    match profile {
        Some(profile) => no_credentials(&format!("profile {profile}: {problem}")),
        None => no_credentials(&problem),
    }
}

/// An error and its causes in one line, without repetition.
fn causes(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let cause = error.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
        next = error.source();
    }
    text
}

/// The error for a refused or undelivered call.
pub(super) fn refused<E>(function: &str, operation: &'static str, region: &str, error: &SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(_) => {
            let code = error.code().unwrap_or("an error without a code");
            answered(function, operation, region, code, error.message().unwrap_or_default())
        }
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => aws(
            format!("Lambda in {region} cannot be reached: {}", DisplayErrorContext(error)),
            "check the region's name (--region), the network, the root certificates (apt-get install \
            ca-certificates) and AWS_ENDPOINT_URL",
        ),
        _ => aws(
            format!("{operation} of {function} failed: {}", DisplayErrorContext(error)),
            "check that AWS_ENDPOINT_URL points to Lambda's API",
        ),
    }
}

/// The error for an answer of Lambda, by its code.
fn answered(function: &str, operation: &str, region: &str, code: &str, message: &str) -> Error {
    let problem = match code {
        "ResourceNotFoundException" => format!("there is no function {function} in {region}: {message}"),
        "AccessDeniedException" | "AccessDenied" => {
            format!("{operation} of {function} is not allowed: {message}")
        }
        "ExpiredTokenException" | "ExpiredToken" => {
            format!("the credentials for AWS have expired: {message}")
        }
        _ => format!("{operation} of {function} in {region}: {code}: {message}"),
    };
    aws(problem, hint(region, code, message))
}

fn hint(region: &str, code: &str, message: &str) -> String {
    match code {
        "ResourceNotFoundException" => {
            format!(
                "`aws lambda list-functions --region {region}` lists what there is; --region and \
            --profile choose where"
            )
        }
        "AccessDeniedException" | "AccessDenied" => {
            "the role needs lambda:GetFunctionConfiguration and lambda:InvokeFunction, and for cold \
             starts and memory \
             sizes lambda:UpdateFunctionConfiguration; without it: no --cold, no --memory"
                .to_owned()
        }
        "ExpiredTokenException" | "ExpiredToken" => {
            "take new ones: `aws sso login`, or what gave you AWS_SESSION_TOKEN; then --resume takes the \
             samples that are missing"
                .to_owned()
        }
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "MissingAuthenticationToken" => {
            "are key and secret a pair, of an account that is active, and is this machine's clock right? \
             `aws sts get-caller-identity` tries them"
                .to_owned()
        }
        "TooManyRequestsException" | "ThrottlingException" | "Throttling" | "RequestLimitExceeded" => {
            "others use the function or the account's concurrency: wait, or give the function reserved \
             concurrency \
             above 0; --resume takes the samples that are missing"
                .to_owned()
        }
        "ResourceConflictException" | "PreconditionFailedException" => {
            "somebody else changes the function at the same time: wait until that is done; --resume \
             takes the samples \
             that are missing"
                .to_owned()
        }
        "InvalidParameterValueException" | "ValidationException" if message.contains("emory") => {
            "new accounts get at most 3008 MB: ask for more in Service Quotas, or choose smaller sizes \
             with --memory"
                .to_owned()
        }
        "RequestTooLargeException" | "RequestEntityTooLargeException" => "an event has at most 6 \
         MB"
        .to_owned(),
        _ => "https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html explains the codes; \
        --resume takes the \
              samples that are missing"
            .to_owned(),
    }
}

pub(super) fn no_answer(function: &str, operation: &str, waited: Duration) -> Error {
    aws(
        format!("{operation} of {function} was not done within {} s", waited.as_secs()),
        "is the network up? --resume takes the samples that are missing",
    )
}

pub(super) fn no_report(function: &str, log_tail: &[u8]) -> Error {
    aws(
        format!("the log of {function} ends without a REPORT line: {}", shorten(log_tail).trim()),
        "set the function's system log level to INFO; the line has the figures",
    )
}

pub(super) fn broken(function: &str, reason: &str) -> Error {
    aws(
        format!("{function} cannot be invoked as it is configured: {reason}"),
        "`aws lambda get-function-configuration` shows more; deploy it again",
    )
}

pub(super) fn published(plan: &FunctionPlan, memory_mb: u64) -> Error {
    let qualifier = plan.qualifier.as_deref().unwrap_or_default();
    aws(
        format!("{}:{qualifier} has {memory_mb} MB, and a published version cannot be changed", plan.name),
        format!(
            "--memory {memory_mb} measures it as it is; without a qualifier, $LATEST is measured in any size"
        ),
    )
}

pub(super) fn hidden_environment(function: &str) -> Error {
    aws(
        format!(
            "the environment of {function} is encrypted by a key that may not be used, and would be lost"
        ),
        "allow kms:Decrypt on that key, or measure without --cold and --memory",
    )
}

pub(super) fn changed_by_others(function: &str) -> Error {
    aws(
        format!("somebody else changed the memory or the environment of {function} during the measurement"),
        format!(
            "measure a function that nobody else uses; check its memory, and that the variable {} is gone",
            marker::NAME
        ),
    )
}
