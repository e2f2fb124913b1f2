//! The paths of Lambda's Invoke API.

/// Version and last segment of `Invoke`.
pub(super) const INVOKE: [&str; 2] = ["2015-03-31", "invocations"];
/// Version and last segment of `InvokeWithResponseStream`.
pub(super) const STREAM: [&str; 2] = ["2021-11-15", "response-streaming-invocations"];

/// True for a path of the Invoke API.
pub(super) fn is_api(path: &str) -> bool {
    [INVOKE, STREAM].iter().any(|[date, _]| path.starts_with(&format!("/{date}/functions/")))
}

/// The path of `Invoke` for a function.
pub(super) fn invocations(name: &str) -> String {
    format!("/{}/functions/{name}/{}", INVOKE[0], INVOKE[1])
}
