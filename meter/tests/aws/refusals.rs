//! Refusals of AWS and missing settings: errors with a remedy.

use crate::lambda_stub::Refusal;
use crate::place::{Place, text};
use std::fs;

/// Operation, status, code, message; texts in the problem and in the remedy.
type Case = (&'static str, u16, &'static str, &'static str, &'static str, &'static str);

const REFUSALS: &[Case] = &[
    (
        "get",
        404,
        "ResourceNotFoundException",
        "Function not found",
        "there is no function pi in eu-west-1",
        "aws lambda list-functions --region eu-west-1",
    ),
    (
        "get",
        403,
        "AccessDeniedException",
        "User is not authorized to perform: lambda:GetFunctionConfiguration",
        "GetFunctionConfiguration of pi is not allowed",
        "lambda:InvokeFunction",
    ),
    (
        "update",
        403,
        "AccessDeniedException",
        "not authorized to perform: lambda:UpdateFunctionConfiguration",
        "UpdateFunctionConfiguration of pi is not allowed",
        "without it: no --cold, no --memory",
    ),
    (
        "invoke",
        429,
        "TooManyRequestsException",
        "Rate Exceeded.",
        "TooManyRequestsException: Rate Exceeded.",
        "reserved concurrency",
    ),
    (
        "get",
        403,
        "ExpiredTokenException",
        "The security token included in the request is expired",
        "credentials for AWS have expired",
        "aws sso login",
    ),
    (
        "get",
        403,
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
        "UnrecognizedClientException",
        "clock right",
    ),
    (
        "get",
        403,
        "InvalidSignatureException",
        "The request signature we calculated does not match",
        "InvalidSignatureException",
        "a pair",
    ),
    (
        "update",
        409,
        "ResourceConflictException",
        "An update is in progress",
        "ResourceConflictException",
        "wait until that is done",
    ),
    (
        "update",
        400,
        "InvalidParameterValueException",
        "'MemorySize' value failed to satisfy constraint",
        "InvalidParameterValueException",
        "3008 MB",
    ),
    ("invoke", 500, "ServiceException", "it broke", "ServiceException: it broke", "CommonErrors"),
];

#[test]
fn refusals_are_sentences_with_a_remedy() {
    for (operation, status, code, message, problem, remedy) in REFUSALS {
        let place = Place::new();
        place.stub.change(|state| {
            state.refusal = Some(Refusal { operation, after: 0, status: *status, code, message });
        });
        let said = place.refused(&["--function", "pi", "--memory", "1769", "--cold", "1"]);
        let said = said
            .lines()
            .filter(|line| !line.starts_with("lambda-meter: pi gets"))
            .collect::<Vec<_>>()
            .join("\n");
        assert!(said.contains(problem) && said.contains("hint: ") && said.contains(remedy), "{code}: {said}");
        place.assert_restored();
    }
}

#[test]
fn what_is_missing_on_our_side_is_said_before_anything_is_asked() {
    let place = Place::new();
    let without = |names: &[&str], args: &[&str]| {
        let mut command = place.command(&[&["--function", "pi"], args].concat());
        names.iter().for_each(|name| {
            command.env_remove(name);
        });
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
        text(&output.stderr).to_owned()
    };
    let problem = without(&["AWS_REGION"], &[]);
    assert!(problem.contains("no AWS region is set") && problem.contains("--region us-east-1"), "{problem}");
    let problem = without(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], &[]);
    assert!(
        problem.contains("no credentials for AWS: neither in the environment")
            && problem.contains("aws configure"),
        "{problem}"
    );
    let problem = without(&[], &["--profile", "nobody"]);
    assert!(problem.contains("nobody") && problem.contains("--profile NAME"), "{problem}");
    assert!(place.stub.state.lock().unwrap().calls.is_empty());
}

#[test]
fn a_profile_brings_region_credentials_and_endpoint() {
    let place = Place::new();
    fs::create_dir(place.folder.path().join(".aws")).unwrap();
    let config = format!("[profile work]\nregion = ap-south-1\nendpoint_url = {}\n", place.stub.url);
    fs::write(place.folder.path().join(".aws/config"), config).unwrap();
    let keys = "[work]\naws_access_key_id = WORKKEY\naws_secret_access_key = s\n";
    fs::write(place.folder.path().join(".aws/credentials"), keys).unwrap();
    let mut command = place.command(&["--function", "pi", "--runs", "1", "--profile", "work"]);
    for name in ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(place.results().header.targets[0].place, "pi:$LATEST in ap-south-1");
    let authorization = place.stub.state.lock().unwrap().authorization.clone();
    assert!(
        authorization.contains("WORKKEY/") && authorization.contains("/ap-south-1/lambda/"),
        "{authorization}"
    );
}

#[test]
fn nobody_there_and_no_report_are_said() {
    let place = Place::new();
    let mut command = place.command(&["--function", "pi"]);
    let output = command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").output().unwrap();
    assert!(text(&output.stderr).contains("cannot be reached"), "{}", text(&output.stderr));
    place.stub.change(|state| state.reports = false);
    let problem = place.refused(&["--function", "pi"]);
    assert!(
        problem.contains("without a REPORT line") && problem.contains("system log level to INFO"),
        "{problem}"
    );
}
