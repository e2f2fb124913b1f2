//! The REPORT line: its exact text, and parsing it.

use lambda_meter::report_line::{ParseReportError, Report, Status, billed_duration, init_report};
use std::time::Duration;

fn cold() -> Report {
    Report {
        request_id: "8f5d7a52-0d5e-4c8e-9f40-1c0a2c7f0f11".to_owned(),
        duration: Duration::from_micros(123_450),
        billed_duration: Duration::from_millis(142),
        memory_size: 128,
        max_memory_used: 12,
        init_duration: Some(Duration::from_micros(17_890)),
        status: None,
    }
}

#[test]
fn a_cold_invocation_is_written_as_cloudwatch_does() {
    assert_eq!(
        cold().to_string(),
        "REPORT RequestId: 8f5d7a52-0d5e-4c8e-9f40-1c0a2c7f0f11\tDuration: 123.45 ms\tBilled Duration: \
         142 ms\t\
         Memory Size: 128 MB\tMax Memory Used: 12 MB\tInit Duration: 17.89 ms\t"
    );
}

#[test]
fn a_warm_invocation_has_no_init_duration() {
    let warm = Report { init_duration: None, duration: Duration::from_nanos(1_004_999), ..cold() };
    assert_eq!(
        warm.to_string(),
        "REPORT RequestId: 8f5d7a52-0d5e-4c8e-9f40-1c0a2c7f0f11\tDuration: 1.00 ms\tBilled Duration: 142 ms\t\
         Memory Size: 128 MB\tMax Memory Used: 12 MB\t"
    );
}

#[test]
fn failures_of_the_sandbox_are_the_last_fields() {
    let timeout = Report { status: Some(Status::Timeout), ..cold() };
    assert!(timeout.to_string().ends_with("\tInit Duration: 17.89 ms\tStatus: timeout"));
    let crash = Report { status: Some(Status::Error("Runtime.ExitError".to_owned())), ..cold() };
    assert!(crash.to_string().ends_with("\tStatus: error\tError Type: Runtime.ExitError"));
    assert_eq!(
        init_report(Duration::from_micros(5_360), &Status::Error("Runtime.ExitError".to_owned())),
        "INIT_REPORT Init Duration: 5.36 ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError"
    );
}

#[test]
fn what_was_written_is_read_back() {
    let statuses = [None, Some(Status::Timeout), Some(Status::Error("Runtime.ExitError".to_owned()))];
    for status in statuses {
        for init_duration in [None, Some(Duration::ZERO), Some(Duration::from_micros(9_999_990))] {
            for hundredths in [0, 1, 99, 100, 123_456, 90_000_000] {
                let duration = Duration::from_micros(hundredths * 10);
                let report = Report { duration, init_duration, status: status.clone(), ..cold() };
                assert_eq!(report.to_string().parse(), Ok(report));
            }
        }
    }
}

#[test]
fn real_lines_are_read() {
    // A line with additional fields of X-Ray, and a line as `aws logs tail` ends it.
    let traced = "REPORT RequestId: a\tDuration: 2.03 ms\tBilled Duration: 3 ms\tMemory Size: 1024 MB\t\
                  Max Memory Used: 34 MB\t\nXRAY TraceId: 1-5e34a614-1\tSegmentId: 0f4\tSampled: true\t\n";
    let report: Report = traced.parse().unwrap();
    assert_eq!((report.memory_size, report.max_memory_used, report.init_duration), (1024, 34, None));
    let ended: Report = format!("{}\r\n", cold()).parse().unwrap();
    assert_eq!(ended, cold());
}

#[test]
fn mutilated_lines_are_named() {
    let line = cold().to_string();
    assert_eq!("END RequestId: a".parse::<Report>(), Err(ParseReportError::NotAReport));
    assert_eq!("".parse::<Report>(), Err(ParseReportError::NotAReport));
    assert_eq!(
        line.replace("Memory Size", "Memory").parse::<Report>(),
        Err(ParseReportError::Missing("Memory Size"))
    );
    for wrong in
        ["Duration: 123,45 ms", "Duration: ms", "Duration: -1 ms", "Duration: 1. ms", "Duration: 123.45"]
    {
        let parsed = line.replacen("Duration: 123.45 ms", wrong, 1).parse::<Report>();
        assert!(
            matches!(parsed, Err(ParseReportError::Malformed { field: "Duration", .. })),
            "{wrong}: {parsed:?}"
        );
    }
    // No prefix of a line may parse or panic.
    for length in 0..line.find("12 MB").unwrap() {
        assert!(line[..length].parse::<Report>().is_err(), "{}", &line[..length]);
    }
}

#[test]
fn the_sum_is_rounded_up_once() {
    let micros = Duration::from_micros;
    assert_eq!(billed_duration(micros(250_060), Some(micros(100_770))), Duration::from_millis(351));
    assert_eq!(billed_duration(micros(250_060), None), Duration::from_millis(251));
    assert_eq!(billed_duration(micros(3_000), None), Duration::from_millis(3));
    assert_eq!(billed_duration(Duration::from_nanos(1), None), Duration::from_millis(1));
    assert_eq!(billed_duration(Duration::ZERO, None), Duration::ZERO);
}
