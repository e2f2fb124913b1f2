//! Schedules: asynchronous invocations at certain times, as by `EventBridge` Scheduler.

mod expression;

use super::functions::Functions;
use super::invoke::{Retries, run_later};
use super::pool::Pool;
use crate::matrix::{Draft, DraftSchedule, MatrixError};
use expression::Expression;
use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use uuid::Uuid;

/// Longest sleep at a time: a machine that was suspended finds the right time again.
const NAP: Duration = Duration::from_secs(30);

/// A schedule and its function.
#[derive(Debug)]
pub(super) struct Schedule {
    text: String,
    expression: Expression,
    pool: Arc<Pool>,
    event: Option<String>,
}

impl Schedule {
    /// The schedules of a file.
    ///
    /// # Errors
    ///
    /// For a wrong expression, an unknown function, or an event that is no JSON.
    pub(super) fn open(file: &Draft, functions: &Functions) -> Result<Vec<Self>, MatrixError> {
        file.schedules.iter().map(|draft| Self::new(draft, functions)).collect()
    }

    fn new(draft: &DraftSchedule, functions: &Functions) -> Result<Self, MatrixError> {
        let expression = Expression::parse(&draft.expression).map_err(|problem| {
            MatrixError::missing(
                format!("the expression {:?} of a [[schedule]] {problem}", draft.expression),
                "expression = \"rate(5 minutes)\", or \"cron(0 12 * * ? *)\" with minutes, hours, day of \
                 month, month, day of week and year, in UTC",
            )
        })?;
        let pool = functions.named(format!("the schedule {}", draft.expression), &draft.target)?;
        if let Some(event) = &draft.event
            && let Err(error) = serde_json::from_str::<serde_json::Value>(event)
        {
            return Err(MatrixError::missing(
                format!("the event of the schedule {} is no JSON: {error}", draft.expression),
                "event = '{\"at\": \"<aws.scheduler.scheduled-time>\"}'",
            ));
        }
        Ok(Self { text: draft.expression.clone(), expression, pool, event: draft.event.clone() })
    }

    /// A line for the announcement.
    pub(super) fn line(&self, now: Timestamp) -> String {
        let next = self.expression.next(now, now);
        let next = next.map_or_else(|| "never again".to_owned(), |next| format!("next {next:.0}"));
        format!("{} -> {} ({next})", self.text, self.pool.configuration().function_name)
    }

    /// Invokes the function at each of its times, until the future is dropped.
    pub(super) async fn fire(self, retries: Retries) {
        let mut last = Timestamp::now();
        while let Some(due) = self.expression.next(last, Timestamp::now()) {
            while let Ok(left) = Duration::try_from(due.duration_since(Timestamp::now()))
                && !left.is_zero()
            {
                sleep(left.min(NAP)).await;
            }
            last = due;
            let event = event(self.event.as_deref(), due, Uuid::new_v4());
            tokio::spawn(run_later(Arc::clone(&self.pool), None, event.into(), retries));
        }
    }
}

/// The event at a time: that of the file, with the Scheduler's keywords replaced, or the Scheduler's own.
fn event(given: Option<&str>, due: Timestamp, id: Uuid) -> String {
    let time = due.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let arn = "arn:aws:scheduler:us-east-1:123456789012:schedule/default/local";
    let Some(given) = given else {
        return json!({
            "version": "0", "id": id.to_string(), "detail-type": "Scheduled Event", "source": "aws.scheduler",
            "account": "123456789012", "time": time, "region": "us-east-1", "resources": [arn],
            "detail": "{}",
        })
        .to_string();
    };
    [
        ("<aws.scheduler.scheduled-time>", time.as_str()),
        ("<aws.scheduler.schedule-arn>", arn),
        ("<aws.scheduler.execution-id>", &id.to_string()),
        // Attempts after a failure are those of the asynchronous invocation, with the same event.
        ("<aws.scheduler.attempt-number>", "1"),
    ]
    .iter()
    .fold(given.to_owned(), |event, (keyword, value)| event.replace(keyword, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_replaced_and_no_event_is_the_schedulers_own() {
        let due: Timestamp = "2026-11-30T12:00:00.7Z".parse().unwrap();
        let given = r#"{"at": "<aws.scheduler.scheduled-time>", "n": <aws.scheduler.attempt-number>,
            "id": "<aws.scheduler.execution-id>"}"#;
        let read = |given| serde_json::from_str(&event(given, due, Uuid::nil())).unwrap();
        let replaced: serde_json::Value = read(Some(given));
        assert_eq!(replaced, json!({"at": "2026-11-30T12:00:00Z", "n": 1, "id": Uuid::nil().to_string()}));
        let own: serde_json::Value = read(None);
        assert_eq!((&own["source"], &own["time"]), (&json!("aws.scheduler"), &json!("2026-11-30T12:00:00Z")));
    }
}
