//! Services whose events the function refuses by name, so that a wrong wiring explains itself.
//!
//! Each service is recognised by members that its events always have and that no served event has.
//! Services that deliver `Records` with an `eventSource` (S3, SNS, Kinesis, `DynamoDB` streams and
//! others) name themselves and need no row. Sources: the pages "Using AWS Lambda with ..." of the
//! services, and the developer guides of API Gateway, `AppSync`, Cognito, `IoT` and Step Functions.

use super::json::{Members, Unfit};

/// A service, and the members of its events; a dot leads into an object.
type Row = (&'static str, &'static [&'static str]);

/// The first row whose members are all there names the service: authorizers come before the APIs that
/// they resemble.
const SERVICES: &[Row] = &[
    ("an API Gateway authorizer", &["type", "methodArn"]),
    ("an API Gateway authorizer", &["type", "routeArn"]),
    ("an API Gateway WebSocket API", &["requestContext.connectionId"]),
    ("an AppSync authorizer", &["authorizationToken", "requestContext"]),
    ("an AppSync resolver", &["info.fieldName"]),
    ("an AppSync event API", &["info.channel"]),
    ("VPC Lattice", &["requestContext.serviceNetworkArn"]),
    ("VPC Lattice", &["raw_path", "method"]),
    ("a Lambda destination", &["requestContext.condition", "requestPayload"]),
    ("AWS CloudFormation", &["RequestType", "ResponseURL"]),
    ("Step Functions (a task token)", &["TaskToken"]),
    ("Step Functions (the context object)", &["StateMachine", "Execution"]),
    ("CloudWatch Logs", &["awslogs"]),
    ("a CloudWatch alarm", &["alarmArn", "alarmData"]),
    ("AWS IoT (an authorizer)", &["signatureVerified", "protocols"]),
    ("AWS IoT (provisioning)", &["claimCertificateId"]),
    ("AWS IoT (provisioning)", &["provisioningTemplateArn"]),
    ("AWS IoT (a button)", &["serialNumber", "clickType"]),
    ("AWS IoT 1-Click", &["deviceEvent", "placementInfo"]),
    ("AWS IoT Events", &["event.eventName"]),
    ("Cognito user pools", &["triggerSource", "userPoolId"]),
    ("Cognito Sync", &["identityPoolId", "datasetName"]),
    ("Data Firehose", &["deliveryStreamArn", "records"]),
    ("Kinesis Data Analytics", &["applicationArn", "records"]),
    ("DocumentDB", &["eventSourceArn", "events"]),
    ("Apache Kafka", &["bootstrapServers", "records"]),
    ("S3 Object Lambda", &["getObjectContext"]),
    ("S3 Batch Operations", &["invocationSchemaVersion", "tasks"]),
    ("Amazon S3 (a test event)", &["Service", "Event", "Bucket"]),
    ("SNS", &["Type", "TopicArn"]),
    ("AWS CodePipeline", &["CodePipeline.job"]),
    ("AWS Config", &["invokingEvent", "ruleParameters"]),
    ("Secrets Manager", &["SecretId", "ClientRequestToken", "Step"]),
    ("Amazon Lex", &["bot", "invocationSource"]),
    ("Amazon Connect", &["Name", "Details.ContactData"]),
    ("Amazon Bedrock agents", &["messageVersion", "agent"]),
    ("the Alexa Skills Kit", &["session", "request.requestId"]),
    ("Alexa Smart Home", &["directive.header"]),
    ("AWS Transfer Family", &["serverId", "sourceIp"]),
];

/// The service that sends an event with these members, if it is one of the table.
pub(super) fn service(event: &Members<'_>) -> Option<&'static str> {
    let has = |path: &&str| has(event, path).unwrap_or(false);
    SERVICES.iter().find(|(_, members)| members.iter().all(has)).map(|&(name, _)| name)
}

/// Looks a member up by its path, or by a name with a dot in it.
fn has(event: &Members<'_>, path: &str) -> Result<bool, Unfit> {
    match path.split_once('.') {
        Some((outer, inner)) if !event.has(path) => {
            Ok(event.object(outer)?.is_some_and(|object| object.has(inner)))
        }
        _ => Ok(event.has(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(event: &str) -> Option<&'static str> {
        service(&Members::of(event).unwrap())
    }

    #[test]
    fn an_event_is_named_by_all_of_its_members() {
        let authorizer =
            r#"{"type":"REQUEST","routeArn":"arn:...","requestContext":{"http":{"method":"GET"}}}"#;
        assert_eq!(named(authorizer), Some("an API Gateway authorizer"));
        assert_eq!(named(r#"{"info":{"fieldName":"pi"},"arguments":{}}"#), Some("an AppSync resolver"));
        assert_eq!(named(r#"{"info":[],"type":"TOKEN"}"#), None);
        assert_eq!(named(r#"{"requestContext":{"http":{"method":"GET"}},"rawPath":"/pi"}"#), None);
    }

    #[test]
    fn every_row_can_be_reached() {
        for (name, members) in SERVICES {
            let member = |path: &&str| match path.split_once('.') {
                None => format!(r#""{path}":"x""#),
                Some((outer, inner)) => format!(r#""{outer}":{{"{inner}":"x"}}"#),
            };
            let event = format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","));
            assert_eq!(named(&event), Some(*name), "{event}");
        }
    }
}
