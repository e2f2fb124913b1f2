//! A subscription, read from its request.

use super::Category;
use serde::Deserialize;
use std::time::Duration;

/// The form of the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The Telemetry API; with `json_logs`, lines of JSON are objects.
    Telemetry {
        /// True from the schema 2022-12-13 on, if the function logs JSON.
        json_logs: bool,
    },
    /// The Logs API.
    Logs {
        /// True for the schema 2021-03-18.
        with_runtime_done: bool,
    },
}

/// A checked subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The form of the events.
    pub dialect: Dialect,
    /// The streams.
    pub types: Vec<Category>,
    /// The limits of batches.
    pub buffering: Buffering,
    /// The listener.
    pub destination: Destination,
}

/// The limits of batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buffering {
    /// Events of a batch, 1,000 to 10,000.
    pub max_items: usize,
    /// Bytes of a batch, 262,144 to 1,048,576.
    pub max_bytes: usize,
    /// Time from the first event of a batch until it is sent, 25 ms to 30 s.
    pub timeout: Duration,
}

impl Default for Buffering {
    fn default() -> Self {
        Self { max_items: 10_000, max_bytes: 262_144, timeout: Duration::from_millis(1_000) }
    }
}

/// The listener of a subscriber, on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// An HTTP server.
    Http {
        /// The port on 127.0.0.1.
        port: u16,
        /// The path, which begins with a slash.
        path: String,
        /// PUT instead of POST, which the Logs API allows.
        is_put: bool,
    },
    /// A TCP server, which gets one event a line.
    Tcp {
        /// The port on 127.0.0.1.
        port: u16,
    },
}

/// An invalid request: 400 with this type and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// `errorType`.
    pub error_type: &'static str,
    /// `errorMessage`.
    pub message: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    schema_version: Option<String>,
    #[serde(default)]
    types: Vec<String>,
    buffering: Option<BufferingRequest>,
    destination: Option<DestinationRequest>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BufferingRequest {
    max_items: Option<u64>,
    max_bytes: Option<u64>,
    timeout_ms: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct DestinationRequest {
    protocol: Option<String>,
    #[serde(rename = "URI")]
    uri: Option<String>,
    port: Option<u16>,
    method: Option<String>,
}

/// The schemas of the Telemetry API.
const SCHEMAS: [&str; 3] = ["2022-07-01", "2022-12-13", "2025-01-29"];
/// The schemas of the Logs API.
const LOGS_SCHEMAS: [&str; 2] = ["2020-08-15", "2021-03-18"];
/// Names of the sandbox in a URI.
const HOSTS: [&str; 2] = ["sandbox.localdomain", "sandbox"];

impl Subscription {
    /// Reads the body of `PUT telemetry`; `logs_json` says that the function logs JSON.
    ///
    /// # Errors
    ///
    /// When the body is no subscription; the message names everything that is wrong.
    pub fn telemetry(body: &[u8], logs_json: bool) -> Result<Self, Invalid> {
        let read = |request: &Request, problems: &mut Vec<String>| {
            let version = request.schema_version.as_deref().unwrap_or_default();
            if !SCHEMAS.contains(&version) {
                problems.push(format!("schemaVersion must be one of {}", SCHEMAS.join(", ")));
            }
            Dialect::Telemetry { json_logs: logs_json && version != SCHEMAS[0] }
        };
        read_request(body, "ValidationError", read)
    }

    /// Reads the body of `PUT logs`.
    ///
    /// # Errors
    ///
    /// As for [`telemetry`](Self::telemetry).
    pub fn logs(body: &[u8]) -> Result<Self, Invalid> {
        let read = |request: &Request, problems: &mut Vec<String>| {
            let version = request.schema_version.as_deref().unwrap_or(LOGS_SCHEMAS[0]);
            if !LOGS_SCHEMAS.contains(&version) {
                problems.push(format!("schemaVersion must be one of {}", LOGS_SCHEMAS.join(", ")));
            }
            Dialect::Logs { with_runtime_done: version == LOGS_SCHEMAS[1] }
        };
        read_request(body, "Logs.ValidationError", read)
    }

    /// True when the subscriber wants events of this stream.
    #[must_use]
    pub fn wants(&self, category: Category) -> bool {
        self.types.contains(&category)
    }
}

fn read_request(
    body: &[u8],
    error_type: &'static str,
    dialect: impl Fn(&Request, &mut Vec<String>) -> Dialect,
) -> Result<Subscription, Invalid> {
    let invalid = |message: String| Invalid { error_type, message };
    let request: Request =
        serde_json::from_slice(body).map_err(|error| invalid(format!("the body is invalid: {error}")))?;
    let mut problems = Vec::new();
    let dialect = dialect(&request, &mut problems);
    let types = types(&request.types, &mut problems);
    let buffering = buffering(request.buffering.as_ref(), &mut problems);
    let destination = destination(request.destination.as_ref(), &mut problems);
    match destination {
        Some(destination) if problems.is_empty() => {
            Ok(Subscription { dialect, types, buffering, destination })
        }
        _ => Err(invalid(problems.join("; "))),
    }
}

fn types(names: &[String], problems: &mut Vec<String>) -> Vec<Category> {
    if names.is_empty() {
        problems.push("types should not be empty".to_owned());
    }
    let mut types = Vec::new();
    for name in names {
        match Category::ALL.into_iter().find(|category| category.name() == name) {
            Some(category) if types.contains(&category) => {}
            Some(category) => types.push(category),
            None => problems.push(format!("types has {name:?}; the types are platform, function, extension")),
        }
    }
    types
}

fn buffering(request: Option<&BufferingRequest>, problems: &mut Vec<String>) -> Buffering {
    let default = Buffering::default();
    let Some(request) = request else { return default };
    let mut within = |name: &str, value: Option<u64>, default: usize, (low, high): (u64, u64)| {
        let value = value.unwrap_or(default as u64);
        if !(low..=high).contains(&value) {
            problems.push(format!("buffering.{name} is {value}; it must be {low} to {high}"));
        }
        value
    };
    let max_items = within("maxItems", request.max_items, default.max_items, (1_000, 10_000));
    let max_bytes = within("maxBytes", request.max_bytes, default.max_bytes, (262_144, 1_048_576));
    let timeout = within("timeoutMs", request.timeout_ms, 1_000, (25, 30_000));
    Buffering {
        max_items: usize::try_from(max_items).unwrap_or(usize::MAX),
        max_bytes: usize::try_from(max_bytes).unwrap_or(usize::MAX),
        timeout: Duration::from_millis(timeout),
    }
}

fn destination(request: Option<&DestinationRequest>, problems: &mut Vec<String>) -> Option<Destination> {
    let Some(request) = request else {
        problems.push("destination is missing".to_owned());
        return None;
    };
    let result = match request.protocol.as_deref() {
        Some("HTTP") => http(request),
        Some("TCP") => tcp(request),
        _ => Err("destination.protocol must be HTTP or TCP".to_owned()),
    };
    result.map_err(|problem| problems.push(problem)).ok()
}

fn http(request: &DestinationRequest) -> Result<Destination, String> {
    let uri = request.uri.as_deref().ok_or("destination.URI is missing")?;
    let rest = uri.strip_prefix("http://").ok_or("destination.URI must begin with http://")?;
    let (authority, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
    let is_put = match request.method.as_deref() {
        None | Some("POST") => false,
        Some("PUT") => true,
        Some(other) => return Err(format!("destination.method is {other}; it must be POST or PUT")),
    };
    Ok(Destination::Http { port: port(authority)?, path: path.to_owned(), is_put })
}

fn tcp(request: &DestinationRequest) -> Result<Destination, String> {
    if let Some(port) = request.port {
        return Ok(Destination::Tcp { port });
    }
    let uri = request.uri.as_deref().ok_or("destination.URI is missing")?;
    let authority = uri.split_once("://").map_or(uri, |(_, rest)| rest).trim_end_matches('/');
    Ok(Destination::Tcp { port: port(authority)? })
}

/// The port of `sandbox.localdomain:PORT`, which is a port of this machine.
fn port(authority: &str) -> Result<u16, String> {
    let (host, port) = authority.rsplit_once(':').ok_or("URI port is not provided")?;
    if !HOSTS.contains(&host) {
        return Err(format!("destination.URI has the host {host}; it must be {}", HOSTS[0]));
    }
    match port.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(format!("destination.URI has the port {port:?}; it must be 1 to 65535")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http(port: u16, path: &str) -> Destination {
        Destination::Http { port, path: path.to_owned(), is_put: false }
    }

    #[test]
    fn a_subscription_is_read_with_its_defaults() {
        let body = br#"{"schemaVersion":"2022-07-01","types":["platform","function"],
            "destination":{"protocol":"HTTP","URI":"http://sandbox.localdomain:8080"}}"#;
        let subscription = Subscription::telemetry(body, true).unwrap();
        assert_eq!(subscription.dialect, Dialect::Telemetry { json_logs: false });
        assert_eq!(subscription.types, [Category::Platform, Category::Function]);
        assert_eq!(subscription.buffering, Buffering::default());
        assert_eq!(subscription.destination, http(8080, "/"));
        assert!(!subscription.wants(Category::Extension));
    }

    #[test]
    fn later_schemas_pass_json_and_limits_are_read() {
        for version in ["2022-12-13", "2025-01-29"] {
            let body = format!(
                r#"{{"schemaVersion":"{version}","types":["extension"],
                "buffering":{{"maxItems":1000,"maxBytes":1048576,"timeoutMs":25}},
                "destination":{{"protocol":"HTTP","URI":"http://sandbox:1/a/b"}}}}"#
            );
            let subscription = Subscription::telemetry(body.as_bytes(), true).unwrap();
            assert_eq!(subscription.dialect, Dialect::Telemetry { json_logs: true });
            let limits = (subscription.buffering.max_items, subscription.buffering.timeout.as_millis());
            assert_eq!((limits, subscription.destination), ((1000, 25), http(1, "/a/b")));
        }
    }

    #[test]
    fn tcp_takes_a_port_or_a_uri_and_the_logs_api_its_own_schemas() {
        let of = |destination: &str| {
            let body =
                format!(r#"{{"types":["function"],"destination":{{"protocol":"TCP",{destination}}}}}"#);
            Subscription::logs(body.as_bytes())
        };
        let tcp = Destination::Tcp { port: 9 };
        assert_eq!(of(r#""port":9"#).unwrap().destination, tcp);
        assert_eq!(of(r#""URI":"tcp://sandbox.localdomain:9""#).unwrap().destination, tcp);
        assert_eq!(of(r#""port":9"#).unwrap().dialect, Dialect::Logs { with_runtime_done: false });
    }

    #[test]
    fn everything_wrong_is_named() {
        let problem = |body: &str| Subscription::telemetry(body.as_bytes(), false).unwrap_err().message;
        let all = problem(
            r#"{"schemaVersion":"2021","types":[],"buffering":{"maxItems":999,"maxBytes":1,"timeoutMs":30001},
            "destination":{"protocol":"HTTP","URI":"http://sandbox.localdomain"}}"#,
        );
        for part in [
            "schemaVersion must be one of 2022-07-01, 2022-12-13, 2025-01-29",
            "types should not be empty",
            "buffering.maxItems is 999; it must be 1000 to 10000",
            "buffering.maxBytes is 1; it must be 262144 to 1048576",
            "buffering.timeoutMs is 30001; it must be 25 to 30000",
            "URI port is not provided",
        ] {
            assert!(all.contains(part), "{part} in {all}");
        }
        assert!(problem("{").contains("the body is invalid"));
        assert!(problem("{}").contains("destination is missing"));
        let host = r#"{"schemaVersion":"2022-07-01","types":["platform"],
            "destination":{"protocol":"HTTP","URI":"http://example.com:80"}}"#;
        assert!(problem(host).contains("must be sandbox.localdomain"));
        let types = host.replace("[\"platform\"]", "[\"all\"]");
        assert!(problem(&types).contains("the types are platform, function, extension"));
    }
}
