//! An invocation beside its payload: its id, its limits and the settings of the function.

use crate::contract::{EventError, Request};
use crate::limits::{Capacity, Deadline};

/// The circumstances of an invocation.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The request id.
    pub request_id: &'a str,
    /// The trace of AWS X-Ray.
    pub trace_id: Option<&'a str>,
    /// Threads and memory.
    pub capacity: Capacity,
    /// The end of the time to work.
    pub deadline: Deadline,
    /// The settings of the function.
    pub settings: Settings,
}

impl<'a> Context<'a> {
    /// One thread, no limit of memory or time, default settings.
    #[must_use]
    pub fn unlimited(request_id: &'a str) -> Self {
        let settings = Settings::default();
        let (capacity, deadline) = (Capacity::UNCHECKED, Deadline::never());
        Self { request_id, trace_id: None, capacity, deadline, settings }
    }
}

/// The settings of a function, made by its owner for all invocations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `PI_STREAM`: the Function URL has the invoke mode `RESPONSE_STREAM`.
    pub stream: bool,
    /// `PI_REUSE`: who may reuse digits of earlier invocations.
    pub reuse: Permission,
    /// `PI_METRICS`: who may log `CloudWatch` metrics, which AWS bills.
    pub metrics: Permission,
}

/// Permission to use what costs the owner memory or money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Permission {
    /// Requests of direct invocations, `EventBridge` and SQS, which need AWS credentials; not of HTTP.
    #[default]
    Credentials,
    /// Any request that asks for it.
    Anyone,
    /// Every request, asked for or not.
    Always,
}

impl Permission {
    /// Reads an environment variable: `allow`, or `1` and `true`; anything else is the default.
    fn of(value: &str) -> Self {
        match value.to_ascii_lowercase().as_str() {
            "allow" => Self::Anyone,
            "1" | "true" => Self::Always,
            _ => Self::Credentials,
        }
    }
}

impl Settings {
    /// Reads the settings from environment variables; unset ones are empty.
    #[must_use]
    pub fn of(variable: impl Fn(&str) -> String) -> Self {
        let permission = |name| Permission::of(&variable(name));
        Self {
            stream: permission("PI_STREAM") == Permission::Always,
            reuse: permission("PI_REUSE"),
            metrics: permission("PI_METRICS"),
        }
    }

    /// The request with the settings applied.
    pub(crate) fn applied(self, mut request: Request) -> Request {
        request.reuse |= self.reuse == Permission::Always;
        request.metrics |= self.metrics == Permission::Always;
        request
    }

    /// Refuses a field that an HTTP caller may not set.
    pub(crate) fn check_anonymous(self, request: &Request) -> Result<(), EventError> {
        let fields = [("reuse", request.reuse, self.reuse), ("metrics", request.metrics, self.metrics)];
        let refused = fields.into_iter().find(|&(_, set, by)| set && by == Permission::Credentials);
        refused.map_or(Ok(()), |(name, ..)| Err(EventError::NotAllowed { name }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_from_variables() {
        let variables = |name: &str| match name {
            "PI_STREAM" | "PI_REUSE" => "TRUE".to_owned(),
            "PI_METRICS" => "allow".to_owned(),
            _ => String::new(),
        };
        let read = Settings { stream: true, reuse: Permission::Always, metrics: Permission::Anyone };
        assert_eq!(Settings::of(variables), read);
        assert_eq!(Settings::of(|_| String::new()), Settings::default());
        assert_eq!(Settings::of(|_| "0".to_owned()), Settings::default());
    }

    #[test]
    fn anonymous_callers_need_permission() {
        let request = |json: &str| Request::from_json(json.as_bytes()).unwrap();
        let (plain, reuse) = (request(r#"{"digits": 1}"#), request(r#"{"digits": 1, "reuse": true}"#));
        let settings = Settings::default();
        assert_eq!(settings.check_anonymous(&plain), Ok(()));
        let refused = Err(EventError::NotAllowed { name: "reuse" });
        assert_eq!(settings.check_anonymous(&reuse), refused);
        assert_eq!(Settings { metrics: Permission::Anyone, ..settings }.check_anonymous(&reuse), refused);
        for permission in [Permission::Anyone, Permission::Always] {
            assert_eq!(Settings { reuse: permission, ..settings }.check_anonymous(&reuse), Ok(()));
        }
    }
}
