//! The `REPORT` line, written and parsed in the format of `CloudWatch`.
//!
//! ```text
//! REPORT RequestId: 8f5d…\tDuration: 123.45 ms\tBilled Duration: 142 ms\tMemory Size: 128 MB\t
//! Max Memory Used: 12 MB\tInit Duration: 17.89 ms\t
//! ```
//!
//! A single line of fields, each ended by a tab. After a failure the last fields are
//! `Status: timeout`, or `Status: error` and `Error Type: …`.

use serde::Deserialize;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The figures of one invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The request id, a UUID.
    pub request_id: String,
    /// Time from the event's delivery to the complete response.
    pub duration: Duration,
    /// Billed duration, in whole milliseconds.
    pub billed_duration: Duration,
    /// The configured memory, in MB.
    pub memory_size: u64,
    /// Peak resident memory, in MB.
    pub max_memory_used: u64,
    /// Init duration, in the first invocation of a sandbox.
    pub init_duration: Option<Duration>,
    /// Failure of the sandbox, if it failed.
    pub status: Option<Status>,
}

/// A failure of the sandbox, as the `REPORT` line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// The function exceeded its timeout.
    Timeout,
    /// The function's process exited; holds the error's type.
    Error(String),
}

/// The billed duration: `Duration` and `Init Duration` together, rounded up to a millisecond.
///
/// INIT has been billed for every kind of function since August 2025 ("AWS Lambda standardizes
/// billing for INIT Phase", AWS Compute Blog). In the example there, a duration of 250.06 ms and
/// an init duration of 100.77 ms are billed as 351 ms: the sum is rounded, not each part (which
/// would give 352).
#[must_use]
pub fn billed_duration(duration: Duration, init_duration: Option<Duration>) -> Duration {
    let nanos = (duration + init_duration.unwrap_or_default()).as_nanos();
    Duration::from_millis(u64::try_from(nanos.div_ceil(1_000_000)).unwrap_or(u64::MAX))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "REPORT RequestId: {}\t", self.request_id)?;
        write!(f, "Duration: {} ms\t", Millis(self.duration))?;
        write!(f, "Billed Duration: {} ms\t", self.billed_duration.as_millis())?;
        write!(f, "Memory Size: {} MB\t", self.memory_size)?;
        write!(f, "Max Memory Used: {} MB\t", self.max_memory_used)?;
        if let Some(init_duration) = self.init_duration {
            write!(f, "Init Duration: {} ms\t", Millis(init_duration))?;
        }
        match &self.status {
            None => Ok(()),
            Some(Status::Timeout) => f.write_str("Status: timeout"),
            Some(Status::Error(error_type)) => write!(f, "Status: error\tError Type: {error_type}"),
        }
    }
}

/// Displays milliseconds with two decimals, as `CloudWatch` does.
struct Millis(Duration);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = (self.0.as_nanos() + 5_000) / 10_000;
        write!(f, "{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

/// The `INIT_REPORT` line of a failed initialisation.
#[must_use]
pub fn init_report(init_duration: Duration, status: &Status) -> String {
    let outcome = match status {
        Status::Timeout => "timeout".to_owned(),
        Status::Error(error_type) => format!("error\tError Type: {error_type}"),
    };
    format!("INIT_REPORT Init Duration: {} ms\tPhase: init\tStatus: {outcome}", Millis(init_duration))
}

/// Reasons why a line is not a `REPORT`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseReportError {
    /// The line has another beginning.
    #[error("not a REPORT line: it must start with \"REPORT RequestId: \"")]
    NotAReport,
    /// A mandatory field is missing.
    #[error("the REPORT line has no field \"{0}\"; the fields are separated by tabs")]
    Missing(&'static str),
    /// A field has a malformed value.
    #[error(
        "the REPORT line's field \"{field}\" is \"{value}\"; expected a number and {unit}, as in \"12 \
         {unit}\""
    )]
    Malformed {
        /// Name of the field.
        field: &'static str,
        /// The value found.
        value: String,
        /// The expected unit.
        unit: &'static str,
    },
}

impl FromStr for Report {
    type Err = ParseReportError;

    /// Parses a line; unknown fields (X-Ray, `SnapStart`) are skipped.
    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let fields = Fields(line.trim().strip_prefix("REPORT ").ok_or(ParseReportError::NotAReport)?);
        Ok(Self {
            request_id: fields.text("RequestId").ok_or(ParseReportError::NotAReport)?.to_owned(),
            duration: fields.required("Duration", Fields::millis)?,
            billed_duration: fields.required("Billed Duration", Fields::millis)?,
            memory_size: fields.required("Memory Size", Fields::megabytes)?,
            max_memory_used: fields.required("Max Memory Used", Fields::megabytes)?,
            init_duration: fields.millis("Init Duration")?,
            status: fields.status(),
        })
    }
}

impl Report {
    /// Parses the line of a function that logs JSON: `{"type":"platform.report","record":{…}}`.
    #[must_use]
    pub fn from_json(line: &str) -> Option<Self> {
        let event: JsonEvent = serde_json::from_str(line.trim()).ok()?;
        let JsonRecord { request_id, metrics, status, error_type } = event.record;
        let millis = |ms: f64| Duration::try_from_secs_f64(ms / 1e3).ok();
        Some(Self {
            request_id,
            duration: millis(metrics.duration_ms)?,
            billed_duration: millis(metrics.billed_duration_ms)?,
            memory_size: metrics.memory_size_mb,
            max_memory_used: metrics.max_memory_used_mb,
            init_duration: metrics.init_duration_ms.and_then(millis),
            status: match status.as_str() {
                "timeout" => Some(Status::Timeout),
                "error" | "failure" => Some(Status::Error(error_type.unwrap_or_default())),
                _ => None,
            },
        })
        .filter(|_| event.kind == "platform.report")
    }
}

/// An event of the platform in Lambda's JSON log format.
#[derive(Deserialize)]
struct JsonEvent {
    #[serde(rename = "type")]
    kind: String,
    record: JsonRecord,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonRecord {
    request_id: String,
    metrics: JsonMetrics,
    #[serde(default)]
    status: String,
    error_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonMetrics {
    duration_ms: f64,
    billed_duration_ms: f64,
    #[serde(rename = "memorySizeMB")]
    memory_size_mb: u64,
    #[serde(rename = "maxMemoryUsedMB")]
    max_memory_used_mb: u64,
    init_duration_ms: Option<f64>,
}

/// The fields of a line: `Name: value`, separated by tabs.
struct Fields<'a>(&'a str);

impl<'a> Fields<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        self.0.split('\t').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix(": "))
    }

    fn required<T>(
        &self,
        name: &'static str,
        read: impl Fn(&Self, &'static str) -> Result<Option<T>, ParseReportError>,
    ) -> Result<T, ParseReportError> {
        read(self, name)?.ok_or(ParseReportError::Missing(name))
    }

    fn millis(&self, field: &'static str) -> Result<Option<Duration>, ParseReportError> {
        self.number(field, "ms", |number| {
            let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
            if fraction.is_empty() || fraction.len() > 6 || !all_digits(whole) || !all_digits(fraction) {
                return None;
            }
            let nanos: u64 = format!("{fraction:0<6}").parse().ok()?;
            Some(Duration::from_millis(whole.parse().ok()?) + Duration::from_nanos(nanos))
        })
    }

    fn megabytes(&self, field: &'static str) -> Result<Option<u64>, ParseReportError> {
        self.number(field, "MB", |number| all_digits(number).then(|| number.parse().ok()).flatten())
    }

    fn number<T>(
        &self,
        field: &'static str,
        unit: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ParseReportError> {
        let Some(value) = self.text(field) else { return Ok(None) };
        let number = value.strip_suffix(unit).and_then(|number| number.strip_suffix(' ')).and_then(read);
        number.map(Some).ok_or_else(|| ParseReportError::Malformed { field, value: value.to_owned(), unit })
    }

    fn status(&self) -> Option<Status> {
        match self.text("Status")? {
            "timeout" => Some(Status::Timeout),
            "error" => Some(Status::Error(self.text("Error Type").unwrap_or_default().to_owned())),
            _ => None,
        }
    }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
