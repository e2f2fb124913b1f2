//! Refusals in the form of Lambda's API: a status, `x-amzn-ErrorType`, and JSON.

use super::path::invocations;
use hyper::{Method, StatusCode};
use serde_json::json;

/// A call that reaches no function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: StatusCode,
    /// `x-amzn-ErrorType`: the exception's name in every SDK.
    pub error_type: &'static str,
    /// The problem and its remedy.
    pub message: String,
    /// `Reason`, for throttling only.
    pub reason: Option<&'static str>,
}

impl ApiError {
    fn new(status: StatusCode, error_type: &'static str, message: String) -> Self {
        Self { status, error_type, message, reason: None }
    }

    pub(super) fn unknown_path(path: &str, served: &str) -> Self {
        let message = format!(
            "lambda-meter serves Lambda's Invoke API for the function {served}, and nothing at {path}: \
             POST an event to {}",
            invocations(served)
        );
        Self::new(StatusCode::NOT_FOUND, "UnknownOperationException", message)
    }

    pub(super) fn wrong_method(method: &Method, served: &str) -> Self {
        let message = format!("{method} is not possible here: POST an event to {}", invocations(served));
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "UnknownOperationException", message)
    }

    pub(super) fn not_found(arn: &str, served: &str) -> Self {
        let message = format!(
            "Function not found: {arn} (lambda-meter serves {served}; --function-name sets the name)"
        );
        Self::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
    }

    pub(super) fn busy(concurrency: usize) -> Self {
        let message = format!("Rate Exceeded. ({concurrency} sandboxes are busy; --concurrency allows more)");
        Self {
            reason: Some("ReservedFunctionConcurrentInvocationLimitExceeded"),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", message)
        }
    }

    pub(super) fn request_too_large(limit: usize) -> Self {
        let message = format!("Request must be smaller than {limit} bytes for the InvokeFunction operation");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", message)
    }

    pub(super) fn not_json(error: &serde_json::Error) -> Self {
        let message = format!("Could not parse request body into json: {error}");
        Self::new(StatusCode::BAD_REQUEST, "InvalidRequestContentException", message)
    }

    pub(super) fn invalid_parameter(name: &str, value: &str, expected: &str) -> Self {
        let message = format!("{name} is {value}; expected {expected}");
        Self::new(StatusCode::BAD_REQUEST, "InvalidParameterValueException", message)
    }

    pub(super) fn broken_request() -> Self {
        let message = "the request's body ended too early".to_owned();
        Self::new(StatusCode::BAD_REQUEST, "InvalidRequestContentException", message)
    }

    pub(super) fn internal(message: String) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "ServiceException", message)
    }

    /// The body. Lambda writes `Message` for a missing function and `message` elsewhere.
    #[must_use]
    pub fn body(&self) -> String {
        let kind = if self.status.is_server_error() { "Service" } else { "User" };
        let mut body = json!({"Type": kind, "message": self.message});
        if self.error_type == "ResourceNotFoundException" {
            body = json!({"Type": kind, "Message": self.message});
        }
        if let Some(reason) = self.reason {
            body["Reason"] = reason.into();
        }
        body.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_as_lambda_writes_them() {
        let body = |error: &ApiError| serde_json::from_str::<serde_json::Value>(&error.body()).unwrap();
        let busy = ApiError::busy(2);
        assert_eq!(
            body(&busy),
            json!({
                "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
                "Type": "User",
                "message": "Rate Exceeded. (2 sandboxes are busy; --concurrency allows more)"
            })
        );
        let missing = body(&ApiError::not_found("arn:x", "pi"));
        assert!(missing["Message"].as_str().unwrap().starts_with("Function not found: arn:x "));
        assert_eq!(body(&ApiError::internal("oh".to_owned()))["Type"], "Service");
    }
}
