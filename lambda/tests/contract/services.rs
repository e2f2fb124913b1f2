//! Senders: every trigger has a sample and a row in the documentation, every other service is named.

use super::function::{Function, SHA256_OF_10_000, samples, service, trigger};
use pi_spigot_lambda::Trigger;
use serde_json::{Value, json};

#[test]
fn every_trigger_has_a_sample_and_a_row_in_the_documentation() {
    let documentation = std::fs::read_to_string("../docs/contract.md").unwrap();
    let mut files = samples("triggers");
    for trigger in Trigger::ALL {
        let name = trigger.name();
        let row = format!("| `{name}` |");
        assert!(documentation.lines().any(|line| line.starts_with(&row)), "{row} in docs/contract.md");
        let before = files.len();
        files.retain(|file| file != name && !file.starts_with(&format!("{name}-")));
        assert!(files.len() < before || *trigger == Trigger::Direct, "events/triggers/{name}*.json");
    }
    assert_eq!(files, [""; 0], "samples of no trigger");
}

#[test]
fn samples_are_logged_by_the_name_of_their_trigger() {
    let mut function = Function::start(&[("AWS_LAMBDA_LOG_FORMAT", "JSON")]);
    for name in samples("triggers") {
        function.invoke(trigger(&name).as_bytes());
        let log = function.log.text();
        let line: Value = log.lines().filter_map(|line| serde_json::from_str(line).ok()).next_back().unwrap();
        let label = line["trigger"].as_str().unwrap().to_owned();
        assert!(name == label || name.starts_with(&format!("{label}-")), "{name} is logged as {label}");
    }
}

/// The services of events/services, and the words by which they are named.
const SERVICES: [(&str, &str); 39] = [
    ("alexa-skill", "the Alexa Skills Kit"),
    ("api-gateway-authorizer-http", "an API Gateway authorizer"),
    ("api-gateway-authorizer-rest", "an API Gateway authorizer"),
    ("api-gateway-authorizer-rest-request", "an API Gateway authorizer"),
    ("api-gateway-websocket-connect", "an API Gateway WebSocket API"),
    ("api-gateway-websocket-message", "an API Gateway WebSocket API"),
    ("appsync-authorizer", "an AppSync authorizer"),
    ("appsync-resolver", "an AppSync resolver"),
    ("bedrock-agent", "Amazon Bedrock agents"),
    ("cloudformation-custom-resource", "AWS CloudFormation"),
    ("cloudwatch-alarm", "a CloudWatch alarm"),
    ("cloudwatch-logs", "CloudWatch Logs"),
    ("codepipeline", "AWS CodePipeline"),
    ("cognito-sync", "Cognito Sync"),
    ("cognito-user-pool", "Cognito user pools"),
    ("config-rule", "AWS Config"),
    ("connect-contact-flow", "Amazon Connect"),
    ("destination", "a Lambda destination"),
    ("documentdb", "DocumentDB"),
    ("dynamodb-stream", "aws:dynamodb"),
    ("firehose", "Data Firehose"),
    ("iot-1-click", "AWS IoT 1-Click"),
    ("iot-authorizer", "AWS IoT (an authorizer)"),
    ("iot-button", "AWS IoT (a button)"),
    ("kafka", "Apache Kafka"),
    ("kafka-self-managed", "Apache Kafka"),
    ("kinesis", "aws:kinesis"),
    ("lambda-edge", "Lambda@Edge (CloudFront)"),
    ("lex", "Amazon Lex"),
    ("mq", "aws:mq"),
    ("s3", "aws:s3"),
    ("s3-batch-operations", "S3 Batch Operations"),
    ("s3-object-lambda", "S3 Object Lambda"),
    ("secrets-manager-rotation", "Secrets Manager"),
    ("ses", "aws:ses"),
    ("sns", "aws:sns"),
    ("step-functions-context", "Step Functions (the context object)"),
    ("step-functions-task-token", "Step Functions (a task token)"),
    ("vpc-lattice", "VPC Lattice"),
];

#[test]
fn services_that_are_not_served_are_named() {
    let mut function = Function::start(&[]);
    assert_eq!(samples("services"), SERVICES.map(|(name, _)| name));
    for (name, words) in SERVICES {
        let (error_type, message) = function.refuse(service(name).as_bytes());
        assert_eq!(error_type, "UnsupportedEvent", "{name}: {message}");
        assert!(message.contains(&format!("an event of {words}, which")), "{name}: {message}");
        for trigger in Trigger::ALL {
            assert!(message.contains(trigger.title()), "{} in {message}", trigger.title());
        }
    }
    assert!(function.log.text().contains("trigger=unserved"));
}

#[test]
fn a_request_with_a_member_of_an_event_beside_it_stays_a_request() {
    let mut function = Function::start(&[]);
    for (event, name) in [
        (r#"{"digits": 5, "httpMethod": "GET"}"#, "httpMethod"),
        (r#"{"digits": 5, "httpMethod": "GET", "path": "/pi/10"}"#, "httpMethod"),
        (r#"{"digits": 5, "Records": []}"#, "Records"),
        (r#"{"digits": 5, "requestContext": {"http": {"method": "GET"}}}"#, "requestContext"),
        (r#"{"detail-type": "x", "digits": 5}"#, "detail-type"),
        (r#"{"op": "version", "TaskToken": "x"}"#, "TaskToken"),
        (r#"{"httpMethod": "GET"}"#, "httpMethod"),
    ] {
        let (error_type, message) = function.refuse(event.as_bytes());
        assert_eq!(error_type, "UnknownField", "{event}: {message}");
        assert!(message.contains(&format!("unknown field `{name}`")), "{message}");
    }
}

fn failed(answer: &Value) -> Vec<&str> {
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures.iter().map(|failure| &failure["itemIdentifier"].as_str().unwrap()[..8]).collect()
}

#[test]
fn after_a_failure_nothing_more_of_a_group_succeeds_in_a_fifo_queue() {
    let mut function = Function::start(&[("AWS_LAMBDA_LOG_FORMAT", "JSON")]);
    let fifo = trigger("sqs-fifo");
    assert_eq!(failed(&function.answer(&fifo)), ["00000002", "00000003", "00000005"]);
    let log = function.log.text();
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let errors: Vec<&str> = lines.iter().map(|line| line["errorType"].as_str().unwrap_or("")).collect();
    assert_eq!(errors, ["", "InvalidJson", "MessageGroupStopped", "", "MessageGroupStopped"]);
    let standard = fifo.replace("pi.fifo", "pi");
    assert_eq!(failed(&function.answer(&standard)), ["00000002"], "a standard queue has no order");
}

#[test]
fn a_group_is_known_without_the_name_of_its_queue() {
    let mut function = Function::start(&[]);
    let message = |id: &str, body: &str, group: &str| {
        let attributes = json!({ "MessageGroupId": group });
        json!({"eventSource": "aws:sqs", "messageId": id, "body": body, "attributes": attributes})
    };
    let good = r#"{"digits": 1}"#;
    let batch =
        [message("00000001", "{}", "g"), message("00000002", good, "g"), message("00000003", good, "h")];
    assert_eq!(failed(&function.answer(&json!({ "Records": batch }).to_string())), ["00000001", "00000002"]);
}

#[test]
fn envelopes_in_messages_are_opened_or_named() {
    let mut function = Function::start(&[("AWS_LAMBDA_LOG_FORMAT", "JSON")]);
    assert_eq!(failed(&function.answer(&trigger("sqs-envelopes"))), ["00000003"]);
    let log = function.log.text();
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    for line in &lines[..2] {
        assert_eq!(line["sha256"], SHA256_OF_10_000, "{line}");
    }
    assert_eq!(lines[2]["errorType"], "UnsupportedEvent");
    assert!(lines[2]["errorMessage"].as_str().unwrap().contains("Amazon S3 (a test event)"), "{}", lines[2]);
}
