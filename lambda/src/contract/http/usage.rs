//! The usage of the function, for a browser at its address and for health checks.

use serde::Serialize;

/// Examples of requests.
const USAGE: [&str; 4] = [
    "GET /pi/1000",
    "GET /pi?digits=50&from=1_000_000&algorithm=chudnovsky",
    "GET /pi?digits=10_000_000&output=digest",
    r#"POST / with {"digits": 1000}, or with {"op": "version"}"#,
];

#[derive(Serialize)]
struct Usage {
    name: &'static str,
    version: &'static str,
    usage: [&'static str; 4],
}

/// The usage as text or as JSON.
pub(super) fn usage(text: bool) -> String {
    let (name, version) = ("pi-spigot", env!("CARGO_PKG_VERSION"));
    if text {
        return format!("{name} {version}: digits of pi\n\n{}\n", USAGE.join("\n"));
    }
    crate::contract::json::text(&Usage { name, version, usage: USAGE })
}
