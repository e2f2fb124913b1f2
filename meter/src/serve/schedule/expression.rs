//! Schedule expressions of `EventBridge`, in UTC: `rate(5 minutes)`, `cron(0 12 ? * MON-FRI *)`.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::{SignedDuration, Timestamp};

const FIELDS: [&str; 6] = ["minutes", "hours", "day of month", "month", "day of week", "year"];

/// A parsed expression.
#[derive(Debug, Clone)]
pub(super) enum Expression {
    /// Every so often.
    Rate(SignedDuration),
    /// At the times of a cron expression.
    Cron(Box<Cron>),
}

impl Expression {
    /// Parses an expression.
    ///
    /// # Errors
    ///
    /// The problem, as the end of a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let inner = |name| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        match (inner("rate"), inner("cron")) {
            (Some(rate), _) => parse_rate(rate).map(Self::Rate),
            (_, Some(cron)) => parse_cron(cron).map(|cron| Self::Cron(Box::new(cron))),
            (None, None) => Err("is neither rate(...) nor cron(...)".to_owned()),
        }
    }

    /// The first time after `now`, if there is one. A rate counts from `last`, its time before.
    pub(super) fn next(&self, last: Timestamp, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Rate(every) => {
                let due = last.checked_add(*every).ok()?;
                // Times that were slept through are left out.
                if due > now { Some(due) } else { now.checked_add(*every).ok() }
            }
            Self::Cron(cron) => {
                let now = chrono::DateTime::from_timestamp(now.as_second(), 0)?;
                let next = cron.find_next_occurrence(&now, false).ok()?;
                Timestamp::from_second(next.timestamp()).ok()
            }
        }
    }
}

fn parse_rate(text: &str) -> Result<SignedDuration, String> {
    let expected = || "expected a number and minutes, hours or days, as in rate(5 minutes)".to_owned();
    let (number, unit) = text.trim().split_once(' ').ok_or_else(expected)?;
    let seconds = match unit.trim() {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3600,
        "day" | "days" => 86_400,
        _ => return Err(expected()),
    };
    let number: u32 = number.parse().ok().filter(|number| *number > 0).ok_or_else(expected)?;
    Ok(SignedDuration::from_secs(i64::from(number) * seconds))
}

fn parse_cron(text: &str) -> Result<Cron, String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(format!("has {} fields instead of 6: {}", fields.len(), FIELDS.join(", ")));
    }
    if (fields[2] == "?") == (fields[4] == "?") {
        return Err("needs a ? as day of month or as day of week, one of them".to_owned());
    }
    // croner has seconds before AWS's fields; Sunday is 1 with `alternative_weekdays`, and `0/5` is AWS's
    // form of a step.
    let parser = CronParser::builder()
        .seconds(Seconds::Required)
        .year(Year::Required)
        .alternative_weekdays(true)
        .sloppy_ranges(true)
        .build();
    parser.parse(&format!("0 {}", fields.join(" "))).map_err(|error| format!("cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(expression: &str, now: &str) -> String {
        let now: Timestamp = now.parse().unwrap();
        let next = Expression::parse(expression).unwrap().next(now, now);
        next.map_or_else(|| "never".to_owned(), |next| next.to_string())
    }

    #[test]
    fn rates_count_from_the_last_time_and_leave_out_what_was_slept_through() {
        assert_eq!(next("rate(5 minutes)", "2026-11-30T12:00:00.25Z"), "2026-11-30T12:05:00.25Z");
        assert_eq!(next("rate(1 hour)", "2026-11-30T12:00:00Z"), "2026-11-30T13:00:00Z");
        assert_eq!(next("rate(2 days)", "2026-11-30T12:00:00Z"), "2026-12-02T12:00:00Z");
        let rate = Expression::parse("rate(10 minutes)").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (last, late) = (at("2026-11-30T12:00:00Z"), at("2026-11-30T12:00:01Z"));
        assert_eq!(
            rate.next(last, late),
            Some(at("2026-11-30T12:10:00Z")),
            "an invocation does not delay the next"
        );
        let later = at("2026-11-30T13:01:00Z");
        assert_eq!(rate.next(last, later), Some(at("2026-11-30T13:11:00Z")));
    }

    #[test]
    fn cron_expressions_of_the_documentation() {
        // A Monday.
        let now = "2026-11-30T12:00:00Z";
        for (expression, expected) in [
            ("cron(0 10 * * ? *)", "2026-12-01T10:00:00Z"),
            ("cron(15 12 * * ? *)", "2026-11-30T12:15:00Z"),
            ("cron(0 18 ? * MON-FRI *)", "2026-11-30T18:00:00Z"),
            ("cron(0 8 1 * ? *)", "2026-12-01T08:00:00Z"),
            ("cron(0/15 * * * ? *)", "2026-11-30T12:15:00Z"),
            ("cron(0/10 * ? * MON-FRI *)", "2026-11-30T12:10:00Z"),
            ("cron(0/5 8-17 ? * MON-FRI *)", "2026-11-30T12:05:00Z"),
            ("cron(0 9 ? * 2#1 *)", "2026-12-07T09:00:00Z"),
            ("cron(0 9 ? * 1 *)", "2026-12-06T09:00:00Z"),
            ("cron(0 9 ? * SUN *)", "2026-12-06T09:00:00Z"),
            ("cron(0 9 ? * 7 *)", "2026-12-05T09:00:00Z"),
            ("cron(0 9 ? * 6L *)", "2026-12-25T09:00:00Z"),
            ("cron(0 9 L * ? *)", "2026-12-31T09:00:00Z"),
            ("cron(0 9 3W * ? *)", "2026-12-03T09:00:00Z"),
            ("cron(0 9 6W * ? *)", "2026-12-07T09:00:00Z"),
            ("cron(0 0 1 JAN ? 2030)", "2030-01-01T00:00:00Z"),
            ("cron(0 0 1 1 ? 2020)", "never"),
            ("cron(* * * * ? *)", "2026-11-30T12:01:00Z"),
        ] {
            assert_eq!(next(expression, now), expected, "{expression}");
        }
    }

    #[test]
    fn wrong_expressions_are_explained() {
        for (expression, words) in [
            ("", "neither rate(...) nor cron(...)"),
            ("at(2026-11-30T12:00:00)", "neither rate(...) nor cron(...)"),
            ("rate(5)", "as in rate(5 minutes)"),
            ("rate(0 minutes)", "as in rate(5 minutes)"),
            ("rate(-1 minutes)", "as in rate(5 minutes)"),
            ("rate(5 seconds)", "minutes, hours or days"),
            ("cron(* * * * *)", "has 5 fields instead of 6: minutes, hours"),
            ("cron(* * * * * *)", "needs a ? as day of month or as day of week"),
            ("cron(* * ? * ? *)", "needs a ?"),
            ("cron(60 * * * ? *)", "cannot be read"),
            ("cron(* * 32 * ? *)", "cannot be read"),
            ("cron(* * ? * 8 *)", "cannot be read"),
            ("cron(@ * * * ? *)", "cannot be read"),
        ] {
            let problem = Expression::parse(expression).unwrap_err();
            assert!(problem.contains(words), "{expression}: {problem}");
        }
    }
}
