//! The settings, from the environment.
//!
//! A wrong setting is an error that names the variable, its value, and what is allowed. The extension
//! then sends nothing, and the function runs as it does without a layer.

use std::collections::BTreeSet;
use std::env;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;
use std::time::Duration;

/// Events of the platform that may be sent, in the order in which an environment has them.
pub const PLATFORM_EVENTS: [&str; 7] = [
    "platform.initStart",
    "platform.initRuntimeDone",
    "platform.initReport",
    "platform.start",
    "platform.runtimeDone",
    "platform.report",
    "platform.logsDropped",
];

/// Most bytes of a message and of a batch that SQS takes.
pub const SQS_BYTES: usize = 1_048_576;
/// Most messages of a batch that SQS takes.
pub const SQS_ENTRIES: usize = 10;

const QUEUE_URL: &str = "PI_TELEMETRY_QUEUE_URL";
const PORT: &str = "PI_TELEMETRY_PORT";
const ADDRESS: &str = "PI_TELEMETRY_ADDRESS";
const EVENTS: &str = "PI_TELEMETRY_EVENTS";
const MAX_EVENTS: &str = "PI_TELEMETRY_MAX_EVENTS";
const MAX_BYTES: &str = "PI_TELEMETRY_MAX_BYTES";
const MAX_AGE: &str = "PI_TELEMETRY_MAX_AGE_MS";
const TIMEOUT: &str = "PI_TELEMETRY_TIMEOUT_MS";
const BATCH_BYTES: &str = "PI_TELEMETRY_BATCH_BYTES";

/// All settings of the extension.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The queue, as SQS names it: `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`.
    pub queue_url: String,
    /// The port of the endpoint for the function's events on 127.0.0.1; 0 is any free port.
    pub port: u16,
    /// The address on which deliveries of the Telemetry API are accepted.
    pub address: IpAddr,
    /// Names of the platform's events that are sent.
    pub events: BTreeSet<String>,
    /// The longest wait for an answer of SQS; the request is then sent again.
    pub timeout: Duration,
    /// Bounds of the queue in memory.
    pub limits: Limits,
}

/// Bounds of the queue in memory, and of the batches that leave it.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most events that wait or are being sent.
    pub events: usize,
    /// Most bytes of these events.
    pub bytes: usize,
    /// Age at which an event is sent although its batch is not full.
    pub age: Duration,
    /// Most bytes of a batch, and of one message.
    pub batch_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { events: 10_000, bytes: 4 << 20, age: Duration::from_secs(5), batch_bytes: 262_144 }
    }
}

/// A setting that cannot be used. Displays the variable, its value, and what is allowed.
#[derive(Debug, PartialEq, Eq)]
pub struct SettingsError(String);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SettingsError {}

impl Settings {
    /// Reads the environment of this process.
    ///
    /// # Errors
    ///
    /// An error names the first variable that is missing or wrong.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::from(|name| env::var(name).ok())
    }

    /// Reads variables by `look_up`. An empty variable counts as unset.
    ///
    /// # Errors
    ///
    /// An error names the first variable that is missing or wrong.
    pub fn from(look_up: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let look_up = |name: &str| look_up(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let defaults = Limits::default();
        let limits = Limits {
            events: number(&look_up, MAX_EVENTS, 100..=100_000, defaults.events)?,
            bytes: number(&look_up, MAX_BYTES, SQS_BYTES..=256 << 20, defaults.bytes)?,
            age: Duration::from_millis(number(&look_up, MAX_AGE, 0..=900_000, 5000)?),
            batch_bytes: number(&look_up, BATCH_BYTES, 16_384..=SQS_BYTES, defaults.batch_bytes)?,
        };
        Ok(Self {
            queue_url: queue_url(look_up(QUEUE_URL))?,
            port: number(&look_up, PORT, 0..=65_535, 4243)?,
            address: address(look_up(ADDRESS))?,
            events: events(look_up(EVENTS))?,
            timeout: Duration::from_millis(number(&look_up, TIMEOUT, 100..=30_000, 5000)?),
            limits,
        })
    }
}

fn queue_url(value: Option<String>) -> Result<String, SettingsError> {
    let example = "https://sqs.REGION.amazonaws.com/ACCOUNT/NAME";
    let Some(url) = value else {
        return Err(SettingsError(format!("{QUEUE_URL} is not set: set it to the queue's URL, {example}")));
    };
    let address = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let path = address.and_then(|address| address.split_once('/'));
    if path.is_none_or(|(_, path)| path.is_empty()) {
        return Err(SettingsError(format!("{QUEUE_URL} is {url:?}: set it to the queue's URL, {example}")));
    }
    if url.ends_with(".fifo") {
        return Err(SettingsError(format!(
            "{QUEUE_URL} is {url:?}, a FIFO queue: use a standard queue; each message has an `id` by which \
             the consumer knows duplicates"
        )));
    }
    Ok(url)
}

/// All interfaces by default, as in AWS's own examples: nothing from outside reaches an environment, and
/// Lambda connects from an address of its own.
fn address(value: Option<String>) -> Result<IpAddr, SettingsError> {
    let Some(value) = value else { return Ok(IpAddr::V4(Ipv4Addr::UNSPECIFIED)) };
    value.parse().map_err(|_| {
        SettingsError(format!("{ADDRESS} is {value:?}: set it to an IP address of this machine, as 0.0.0.0"))
    })
}

fn events(value: Option<String>) -> Result<BTreeSet<String>, SettingsError> {
    let Some(value) = value else { return Ok(PLATFORM_EVENTS.map(str::to_owned).into()) };
    if value == "none" {
        return Ok(BTreeSet::new());
    }
    let names: BTreeSet<String> = value.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().find(|name| !PLATFORM_EVENTS.contains(&name.as_str())) {
        None => Ok(names),
        Some(name) => Err(SettingsError(format!(
            "{EVENTS} has {name:?}: separate names by commas, of {}; or set it to none",
            PLATFORM_EVENTS.join(", ")
        ))),
    }
}

fn number<N>(
    look_up: &impl Fn(&str) -> Option<String>,
    name: &str,
    allowed: RangeInclusive<N>,
    default: N,
) -> Result<N, SettingsError>
where
    N: Copy + PartialOrd + fmt::Display + std::str::FromStr,
{
    let Some(value) = look_up(name) else { return Ok(default) };
    value.parse().ok().filter(|number| allowed.contains(number)).ok_or_else(|| {
        let (least, most) = (allowed.start(), allowed.end());
        SettingsError(format!("{name} is {value:?}: set it to a whole number from {least} to {most}"))
    })
}

/// The environment that the extension runs in, as Lambda describes it.
#[derive(Clone, Debug, Default)]
pub struct Runtime {
    /// The function's name.
    pub name: String,
    /// The function's version, `$LATEST` or a number.
    pub version: String,
    /// The configured memory, in MB.
    pub memory_mb: u32,
    /// The region, as `eu-central-1`.
    pub region: String,
    /// `on-demand`, `provisioned-concurrency` or another way of initialisation.
    pub initialization: String,
}

impl Runtime {
    /// Reads the variables that Lambda sets. One that is missing is empty or 0.
    #[must_use]
    pub fn from_env() -> Self {
        let variable = |name: &str| env::var(name).unwrap_or_default();
        Self {
            name: variable("AWS_LAMBDA_FUNCTION_NAME"),
            version: variable("AWS_LAMBDA_FUNCTION_VERSION"),
            memory_mb: variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").parse().unwrap_or(0),
            region: variable("AWS_REGION"),
            initialization: variable("AWS_LAMBDA_INITIALIZATION_TYPE"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://sqs.eu-central-1.amazonaws.com/123456789012/telemetry";

    fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
        let look_up = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Settings::from(look_up).map_err(|error| error.to_string())
    }

    #[test]
    fn the_url_of_the_queue_is_enough() {
        let settings = read(&[(QUEUE_URL, URL)]).unwrap();
        assert_eq!(settings.queue_url, URL);
        assert_eq!(settings.port, 4243);
        assert_eq!(settings.events.len(), PLATFORM_EVENTS.len());
        assert_eq!(settings.limits.age, Duration::from_secs(5));
        assert_eq!(settings.limits.batch_bytes, 262_144);
    }

    #[test]
    fn the_readme_has_every_setting_and_its_default() {
        let readme = include_str!("../README.md");
        let Settings { port, address, timeout, limits, .. } = read(&[(QUEUE_URL, URL)]).unwrap();
        for (name, default) in [
            (QUEUE_URL, "required".to_owned()),
            (PORT, port.to_string()),
            (ADDRESS, address.to_string()),
            (EVENTS, "all seven below".to_owned()),
            (MAX_EVENTS, limits.events.to_string()),
            (MAX_BYTES, limits.bytes.to_string()),
            (MAX_AGE, limits.age.as_millis().to_string()),
            (TIMEOUT, timeout.as_millis().to_string()),
            (BATCH_BYTES, limits.batch_bytes.to_string()),
        ] {
            let row = format!("| `{name}` | {default} |");
            assert!(readme.contains(&row), "app/telemetry/README.md has no {row}");
        }
        assert!(PLATFORM_EVENTS.iter().all(|event| readme.contains(&format!("`{event}`"))));
    }

    #[test]
    fn a_missing_or_wrong_queue_is_named_with_the_remedy() {
        for variables in [&[][..], &[(QUEUE_URL, " ")]] {
            let error = read(variables).unwrap_err();
            assert!(error.starts_with("PI_TELEMETRY_QUEUE_URL is not set: set it to"), "{error}");
        }
        for url in ["telemetry", "arn:aws:sqs:eu-central-1:123456789012:q", "https://host", "https://host/"] {
            let error = read(&[(QUEUE_URL, url)]).unwrap_err();
            assert!(error.starts_with(&format!("PI_TELEMETRY_QUEUE_URL is {url:?}: set it to")), "{error}");
        }
        let error = read(&[(QUEUE_URL, &format!("{URL}.fifo"))]).unwrap_err();
        assert!(error.contains("use a standard queue"), "{error}");
    }

    #[test]
    fn each_number_has_a_range() {
        for (name, good, bad) in [
            (PORT, "0", "65536"),
            (MAX_EVENTS, "100", "99"),
            (MAX_BYTES, "1048576", "1"),
            (MAX_AGE, "0", "-1"),
            (BATCH_BYTES, "1048576", "1048577"),
            (TIMEOUT, "100", "99"),
        ] {
            read(&[(QUEUE_URL, URL), (name, good)]).unwrap();
            let error = read(&[(QUEUE_URL, URL), (name, bad)]).unwrap_err();
            assert!(
                error.starts_with(&format!("{name} is {bad:?}: set it to a whole number from ")),
                "{error}"
            );
        }
    }

    #[test]
    fn events_of_the_platform_are_chosen_by_name() {
        let chosen = read(&[(QUEUE_URL, URL), (EVENTS, "platform.report, platform.initReport")]).unwrap();
        assert!(chosen.events.iter().eq(["platform.initReport", "platform.report"]));
        assert!(read(&[(QUEUE_URL, URL), (EVENTS, "none")]).unwrap().events.is_empty());
        let error = read(&[(QUEUE_URL, URL), (EVENTS, "platform.reprot")]).unwrap_err();
        assert!(error.contains("\"platform.reprot\"") && error.contains("platform.report,"), "{error}");
    }

    #[test]
    fn an_address_must_be_one() {
        assert_eq!(read(&[(QUEUE_URL, URL), (ADDRESS, "127.0.0.1")]).unwrap().address, Ipv4Addr::LOCALHOST);
        assert!(read(&[(QUEUE_URL, URL), (ADDRESS, "localhost")]).unwrap_err().contains("IP address"));
    }
}
