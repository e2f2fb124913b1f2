"""Functions with the layer, SQS, the consumer, DynamoDB: counts what is stored. Called by ci/telemetry.sh."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "app/tests"))
from stand_in import KEYS, Ministack, free_port, until, zipped  # noqa: E402: the path comes first

PROGRAMS = ROOT / "target/debug"
LAYER = ROOT / "target/telemetry/layer.zip"
EXAMPLES = ROOT / "app/telemetry/examples"
COMPARATORS = ROOT / "lab/comparators"
CLIENT = COMPARATORS / "javascript/node_modules/aws-lambda-ric"
# Far longer than anything here takes: a hang becomes a failure, and no success waits for it.
HANG = 300


class Cloud(Ministack):
    """A running ministack with the queues, the table and the consumer."""

    def __init__(self):
        super().__init__(ROOT / "target/telemetry/ministack.log")
        self.sqs, self.table, self.functions = map(self.client, ("sqs", "dynamodb", "lambda"))

    def create(self) -> None:
        attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("function", "sample")]
        schema = [{"AttributeName": "function", "KeyType": "HASH"}, {"AttributeName": "sample", "KeyType": "RANGE"}]
        self.table.create_table(TableName="measurements", BillingMode="PAY_PER_REQUEST",
                                AttributeDefinitions=attributes, KeySchema=schema)
        self.dead = self.sqs.create_queue(QueueName="poison")["QueueUrl"]
        redrive = {"deadLetterTargetArn": self.arn(self.dead), "maxReceiveCount": 3}
        self.queue = self.sqs.create_queue(QueueName="telegrams", Attributes={
            "VisibilityTimeout": "5", "RedrivePolicy": json.dumps(redrive)})["QueueUrl"]

    def start_consumer(self) -> None:
        variables = KEYS | {"TABLE": "measurements", "AWS_ENDPOINT_URL": self.url}
        self.functions.create_function(
            FunctionName="consumer", Runtime="provided.al2023", Handler="bootstrap", Timeout=30, MemorySize=256,
            Role="arn:aws:iam::000000000000:role/consumer", Environment={"Variables": variables},
            Code={"ZipFile": zipped(PROGRAMS / "consumer")})
        self.functions.create_event_source_mapping(
            FunctionName="consumer", EventSourceArn=self.arn(self.queue), BatchSize=100,
            MaximumBatchingWindowInSeconds=1, FunctionResponseTypes=["ReportBatchItemFailures"])

    def arn(self, queue: str) -> str:
        return self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def waiting(self, queue: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return sum(int(counts[name]) for name in names)

    def items(self, partition: str) -> list:
        pages = self.table.get_paginator("query").paginate(
            TableName="measurements", KeyConditionExpression="#f = :f", ExpressionAttributeNames={"#f": "function"},
            ExpressionAttributeValues={":f": {"S": partition}})
        return [item for page in pages for item in page["Items"]]


def invoke(cloud: Cloud, name: str, binary: Path, event: dict, repeat: int, variables: dict) -> list:
    """Invokes a function with the layer, in one sandbox; returns its answers."""
    variables = KEYS | variables | {
        "PI_TELEMETRY_QUEUE_URL": cloud.queue, "PI_TELEMETRY_PORT": str(free_port()),
        "PI_TELEMETRY_ADDRESS": "127.0.0.1", "PI_TELEMETRY_MAX_AGE_MS": "200", "AWS_ENDPOINT_URL_SQS": cloud.url}
    command = [PROGRAMS / "lambda-meter", "invoke", "--binary", binary, "--function-name", name, "--layer", LAYER,
               "--memory", "1769", "--timeout", "300", "--event", json.dumps(event), "--repeat", str(repeat), "--raw"]
    for variable, value in variables.items():
        command += ["--env", f"{variable}={value}"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=HANG)
    told = [line for line in ran.stderr.splitlines() if line.startswith("pi-telemetry:")]
    if ran.returncode or told:
        raise SystemExit(f"FAIL  {name}: {told}\n{ran.stdout}\n{ran.stderr}")
    decoder, rest, answers = json.JSONDecoder(), ran.stdout.strip(), []
    while rest:
        answer, end = decoder.raw_decode(rest)
        answers.append(answer)
        rest = rest[end:].lstrip()
    return answers


def check(name: str, found, expected) -> None:
    print(f"{'ok  ' if found == expected else 'FAIL'}  {name}: {found}", flush=True)
    if found != expected:
        raise SystemExit(f"expected {expected}")


def kinds(items: list) -> dict:
    counts = {}
    for item in items:
        counts[item["kind"]["S"]] = counts.get(item["kind"]["S"], 0) + 1
    return counts


def languages() -> dict:
    packages = {"PYTHONPATH": str(COMPARATORS / "python/packages")}
    found = {"rust": (PROGRAMS / "bootstrap", {}), "python": (EXAMPLES / "python/bootstrap", packages)}
    # Without its compiled part the client does not start.
    if any(CLIENT.rglob("rapid-client.node")):
        found["javascript"] = (EXAMPLES / "javascript/bootstrap", {"CLIENT": str(CLIENT / "bin/index.mjs")})
    return found


def run(cloud: Cloud, events: int) -> None:
    cloud.create()
    # Of two environments, with the cold start in each.
    calls = 3
    for name, (binary, variables) in languages().items():
        event = {"digits": 100} if name == "rust" else {"wait": name == "python"}
        for _ in range(2):
            answers = invoke(cloud, name, binary, event, calls, variables)
            check(f"{name}: answers", len(answers), calls)
    binary, variables = languages()["python"]
    answer = invoke(cloud, "flood", binary, {"events": events, "wait": True}, 1, variables | {"PI_TELEMETRY_MAX_BYTES": "33554432"})
    check("flood: events that the extension accepted", answer, [{"accepted": events}])

    cloud.sqs.send_message(QueueUrl=cloud.queue, MessageBody="poison")
    cloud.start_consumer()
    until("messages stay in the queue", lambda: cloud.waiting(cloud.queue) == 0)
    check("poison in the dead letter queue", cloud.waiting(cloud.dead), 1)
    for name in languages():
        reports = cloud.items(name)
        check(f"{name}: reports as measurements", len(reports), 2 * calls)
        check(f"{name}: cold starts", sum(report["start"]["S"] == "cold" for report in reports), 2)
        expected = {"platform.initStart": 2, "platform.initReport": 2, "platform.initRuntimeDone": 2,
                    "platform.start": 2 * calls, "platform.runtimeDone": 2 * calls}
        if name != "rust":
            expected["example.called"] = 2 * calls
        check(f"{name}: events", kinds(cloud.items(f"events/{name}")), expected)
    stored = [item for item in cloud.items("events/flood") if item["kind"]["S"] == "example.called"]
    numbers = sorted(json.loads(item["record"]["S"])["number"] for item in stored)
    check("flood: events stored, each once", (len(stored), numbers == list(range(events))), (events, True))


def main() -> None:
    cloud = Cloud()
    try:
        run(cloud, int(sys.argv[1]))
    finally:
        cloud.stop()
    if "javascript" not in languages():
        print("NOT TESTED  javascript: lab/comparators/install.sh javascript installs the runtime interface client")


if __name__ == "__main__":
    main()
