//! The plan of a measurement: the event's fields over the environment's.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// The text that a schedule has in the place of its time where nobody replaced it.
const PLACEHOLDER: &str = "<aws.scheduler.scheduled-time>";
/// The request that is measured unless the environment names another.
const EVENT: &str = r#"{"digits":"10_000","output":"digest"}"#;
/// SHA-256 of the text of 10,000 digits: "3." and 9,999 decimals.
const PI_10000: &str = "1f08958df70c30bbf3f7205ad5f9b2b9430e3378b4e4e6300063bd9fbd83d6e3";
/// Most samples of one function, memory size and start.
const MOST: u32 = 100;

/// A plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Time of the measurement.
    pub at: Timestamp,
    /// Names of the functions, at least one.
    pub targets: Vec<String>,
    /// Memory sizes in MB; empty for the configured size.
    pub memory_mb: Vec<u32>,
    /// Cold samples of each function and memory size.
    pub cold: u32,
    /// Warm samples of each function and memory size.
    pub warm: u32,
    /// Name of the event in tables.
    pub event_name: String,
    /// The request that is sent.
    pub event: String,
    /// Expected SHA-256 of the digits in every answer.
    pub sha256: Option<String>,
    /// Limit of the cost in USD.
    pub max_usd: f64,
}

/// A plan that cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct PlanError {
    /// Name of the event's field or of the variable.
    pub field: &'static str,
    /// The problem, and the values that are allowed.
    pub problem: String,
}

/// The fields of an event. Unknown fields are other services' business.
#[derive(Debug, Default, Deserialize)]
struct Event {
    /// The scheduled time, from `EventBridge` Scheduler's input.
    scheduled: Option<String>,
    /// The time of the event, from a rule of `EventBridge`.
    time: Option<String>,
    targets: Option<Vec<String>>,
    memory_mb: Option<Vec<u32>>,
    cold: Option<u32>,
    warm: Option<u32>,
}

impl Plan {
    /// The plan of an event, with what it leaves out from the environment.
    ///
    /// `now` is the time of an event that names none: such an event, sent twice, is measured twice.
    ///
    /// | variable | meaning | default |
    /// |---|---|---|
    /// | `TARGETS` | names of the functions, with commas | none |
    /// | `MEMORY_MB` | memory sizes, with commas | the configured size |
    /// | `COLD`, `WARM` | samples of each kind, 0 to 100 | 1, 5 |
    /// | `EVENT` | the request | the digest of 10,000 digits |
    /// | `EVENT_NAME` | its name in tables | `digest-10000` |
    /// | `SHA256` | the digest of its digits | that of 10,000 digits, if the request is the default |
    /// | `MAX_USD` | limit of the cost of one event | 0.10 |
    ///
    /// # Errors
    ///
    /// The field or variable that is wrong.
    pub fn read(
        event: &Value,
        variable: impl Fn(&str) -> Option<String>,
        now: Timestamp,
    ) -> Result<Self, PlanError> {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let event: Event = match event {
            Value::Null => Event::default(),
            event => {
                serde_json::from_value(event.clone()).map_err(|error| wrong("event", error.to_string()))?
            }
        };
        let targets = match event.targets {
            Some(targets) => targets,
            None => list(set("TARGETS")),
        };
        let memory_mb = match event.memory_mb {
            Some(sizes) => sizes,
            None => sizes(list(set("MEMORY_MB")))?,
        };
        let plan = Self {
            at: time(event.scheduled.or(event.time).as_deref(), now)?,
            targets,
            memory_mb,
            cold: event.cold.map_or_else(|| number("COLD", set("COLD"), 1), Ok)?,
            warm: event.warm.map_or_else(|| number("WARM", set("WARM"), 5), Ok)?,
            event_name: set("EVENT_NAME").unwrap_or_else(|| "digest-10000".to_owned()),
            sha256: set("SHA256").or_else(|| set("EVENT").is_none().then(|| PI_10000.to_owned())),
            event: set("EVENT").unwrap_or_else(|| EVENT.to_owned()),
            max_usd: number("MAX_USD", set("MAX_USD"), 0.10)?,
        };
        plan.check().map(|()| plan)
    }

    fn check(&self) -> Result<(), PlanError> {
        if self.targets.is_empty() {
            return Err(wrong("targets", "no function is named; set TARGETS to names with commas"));
        }
        if self.memory_mb.iter().any(|size| !(128..=10_240).contains(size)) {
            return Err(wrong("memory_mb", "each size must be between 128 and 10240"));
        }
        if self.cold > MOST || self.warm > MOST || self.cold + self.warm == 0 {
            return Err(wrong("cold, warm", format!("each must be 0 to {MOST}, and one of them above 0")));
        }
        if !(0.0..=100.0).contains(&self.max_usd) {
            return Err(wrong("MAX_USD", "must be between 0 and 100"));
        }
        Ok(())
    }
}

fn wrong(field: &'static str, problem: impl Into<String>) -> PlanError {
    PlanError { field, problem: problem.into() }
}

/// The scheduled time; `now` where none is given, or nobody replaced the placeholder.
fn time(text: Option<&str>, now: Timestamp) -> Result<Timestamp, PlanError> {
    match text {
        None | Some("" | PLACEHOLDER) => Ok(now),
        Some(text) => text.parse().map_err(|error| {
            wrong("scheduled", format!("{text:?} is no time such as 2026-11-29T12:00:00Z: {error}"))
        }),
    }
}

fn list(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn sizes(list: Vec<String>) -> Result<Vec<u32>, PlanError> {
    list.into_iter().map(|size| number("MEMORY_MB", Some(size), 0)).collect()
}

fn number<T: std::str::FromStr>(
    field: &'static str,
    text: Option<String>,
    default: T,
) -> Result<T, PlanError> {
    let Some(text) = text else { return Ok(default) };
    text.trim().parse().map_err(|_| wrong(field, format!("{text:?} is no number in range")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(event: &Value, variables: &[(&str, &str)]) -> Result<Plan, PlanError> {
        let find = |name: &str| {
            let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
            Some((*value).to_owned())
        };
        Plan::read(event, find, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_schedules_time_is_the_measurements() {
        let event = json!({"scheduled": "2026-11-29T12:00:00Z"});
        let plan = read(&event, &[("TARGETS", "a, b,"), ("MEMORY_MB", "128,1769"), ("COLD", "2")]).unwrap();
        assert_eq!(plan.at.to_string(), "2026-11-29T12:00:00Z");
        assert_eq!((plan.targets.len(), &plan.memory_mb[..]), (2, &[128, 1769][..]));
        assert_eq!((plan.cold, plan.warm, plan.sha256.as_deref()), (2, 5, Some(PI_10000)));
    }

    #[test]
    fn an_event_without_a_time_is_measured_now() {
        for event in [json!({}), json!(null), json!({"scheduled": PLACEHOLDER}), json!({"scheduled": ""})] {
            assert_eq!(read(&event, &[("TARGETS", "a")]).unwrap().at, Timestamp::UNIX_EPOCH, "{event}");
        }
        let rule = json!({"source": "aws.events", "time": "2026-11-29T12:00:00Z", "detail": {}});
        assert_eq!(read(&rule, &[("TARGETS", "a")]).unwrap().at.as_second(), 1_795_953_600);
    }

    #[test]
    fn the_event_decides_before_the_environment() {
        let event = json!({"targets": ["c"], "memory_mb": [256], "cold": 0, "warm": 1});
        let plan = read(&event, &[("TARGETS", "a"), ("MEMORY_MB", "x"), ("EVENT", "{}")]).unwrap();
        assert_eq!((plan.targets, plan.memory_mb, plan.cold, plan.warm), (vec!["c".into()], vec![256], 0, 1));
        assert_eq!((plan.event.as_str(), plan.sha256), ("{}", None), "another request has other digits");
    }

    #[test]
    fn a_wrong_plan_names_its_field() {
        type Variables = &'static [(&'static str, &'static str)];
        let cases: [(Value, Variables, &str); 9] = [
            (json!({}), &[], "targets"),
            (json!({"targets": []}), &[], "targets"),
            (json!({"targets": "a"}), &[], "event"),
            (json!([1]), &[("TARGETS", "a")], "event"),
            (json!("x"), &[("TARGETS", "a")], "event"),
            (json!({"scheduled": "noon"}), &[("TARGETS", "a")], "scheduled"),
            (json!({"memory_mb": [64]}), &[("TARGETS", "a")], "memory_mb"),
            (json!({"cold": 0, "warm": 0}), &[("TARGETS", "a")], "cold, warm"),
            (json!({}), &[("TARGETS", "a"), ("COLD", "-1")], "COLD"),
        ];
        for (event, variables, field) in cases {
            assert_eq!(read(&event, variables).unwrap_err().field, field, "{event}");
        }
    }
}
