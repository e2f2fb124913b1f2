//! An execution of the state machine of app/hex: start, progress, stop.

use super::args::HexArgs;
use super::failed;
use super::plan::Plan;
use super::progress::Progress;
use super::service::Service;
use crate::error::Error;
use crate::say::say;
use crate::subject::aws::Session;
use aws_sdk_sfn::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionOutput;
use aws_sdk_sfn::types::ExecutionStatus;
use serde_json::{Value, json};
use std::error::Error as StdError;
use std::time::Duration;

/// The time between two questions about an execution, at first and later.
const STEPS: [Duration; 2] = [Duration::from_millis(300), Duration::from_secs(5)];

/// Starts an execution and waits for its proof. Ctrl-C stops the execution.
pub(super) fn run(service: &Service, args: &HexArgs, plan: &Plan, machine: &str) -> Result<Value, Error> {
    let Some(session) = service.session() else { return Err(Error::WithoutAws) };
    let execution = service.wait(start(session, args, plan, machine))?;
    say(&execution);
    let found = service.wait(watch(session, plan, &execution));
    if matches!(found, Err(Error::Interrupted)) {
        let stopped = session.waiting().insist(stop(session, &execution));
        match stopped {
            Ok(()) => {
                say("the execution is stopped; the same command goes on from the parts in its table");
            }
            Err(error) => say(&format!("the execution may go on: {error}")),
        }
    }
    proof(&found?)
}

async fn start(session: &Session, args: &HexArgs, plan: &Plan, machine: &str) -> Result<String, Error> {
    let mut input = json!({
        "position": plan.position,
        "concurrency": args.concurrency,
        "usd_per_billion_gb_seconds": (plan.gb_second * 1e9).round() as u64,
    });
    match (args.parts, args.seconds) {
        (Some(parts), _) => input["parts"] = parts.into(),
        (None, Some(seconds)) => input["seconds"] = seconds.into(),
        (None, None) => (),
    }
    // A request that the SDK sends again starts no second execution of the same name.
    let name = format!("lambda-meter-{:016x}", fastrand::u64(..));
    let call = session.states().start_execution().state_machine_arn(machine).name(name);
    let started = call
        .input(input.to_string())
        .send()
        .await
        .map_err(|error| refused("StartExecution", machine, &error))?;
    Ok(started.execution_arn().to_owned())
}

async fn watch(session: &Session, plan: &Plan, execution: &str) -> Result<DescribeExecutionOutput, Error> {
    let total: u64 = plan.sums.iter().map(|sum| sum.batches).sum();
    let mut progress = Progress::new(0, total);
    let mut step = STEPS[0];
    loop {
        let call = session.states().describe_execution().execution_arn(execution);
        let found = call.send().await.map_err(|error| refused("DescribeExecution", execution, &error))?;
        if *found.status() != ExecutionStatus::Running {
            return Ok(found);
        }
        let done = done(session, execution).await;
        progress.show(done, plan.usd() * done as f64 / total.max(1) as f64);
        tokio::time::sleep(step).await;
        step = (step * 2).min(STEPS[1]);
    }
}

/// Items of all maps that are done. A stand-in without the API of maps shows none.
async fn done(session: &Session, execution: &str) -> u64 {
    let mut done = 0;
    let Ok(maps) = session.states().list_map_runs().execution_arn(execution).send().await else { return 0 };
    for map in maps.map_runs() {
        let call = session.states().describe_map_run().map_run_arn(map.map_run_arn());
        if let Ok(map) = call.send().await {
            done += map.item_counts().map_or(0, |counts| u64::try_from(counts.succeeded()).unwrap_or(0));
        }
    }
    done
}

async fn stop(session: &Session, execution: &str) -> Result<(), Error> {
    let call =
        session.states().stop_execution().execution_arn(execution).cause("interrupted by lambda-meter");
    call.send().await.map(drop).map_err(|error| refused("StopExecution", execution, &error))
}

fn proof(found: &DescribeExecutionOutput) -> Result<Value, Error> {
    let (error, cause) = (found.error().unwrap_or_default(), found.cause().unwrap_or_default());
    if *found.status() != ExecutionStatus::Succeeded {
        let problem = format!("the execution ended as {}: {error}: {cause}", found.status());
        let hint =
            "the console shows the state that failed; the same command goes on from the parts in the table";
        return Err(failed(problem, hint));
    }
    let output = found.output().and_then(|output| serde_json::from_str(output).ok());
    output.filter(|proof: &Value| proof["digits"].is_string()).ok_or_else(|| {
        failed("the execution's output is no proof", "is it the state machine of app/hex/hex.asl.json?")
    })
}

/// The error for a call that Step Functions refused.
fn refused<E>(operation: &str, arn: &str, error: &SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let reason = match error {
        SdkError::ServiceError(_) => {
            format!("{}: {}", error.code().unwrap_or("an error"), error.message().unwrap_or_default())
        }
        _ => DisplayErrorContext(error).to_string(),
    };
    let hint = match error.code() {
        Some("StateMachineDoesNotExist" | "InvalidArn") => {
            "--state-machine takes the output HexStateMachine of app/template.yaml, or StateMachine of \
             app/hex/template.yaml; --region chooses where"
        }
        Some("AccessDeniedException") => {
            "the role needs states:StartExecution, DescribeExecution, StopExecution, ListMapRuns and \
             DescribeMapRun"
        }
        _ => "check the ARN, the region and AWS_ENDPOINT_URL",
    };
    failed(format!("{operation} of {arn}: {reason}"), hint)
}
