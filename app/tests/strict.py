#!/usr/bin/env python3
"""The stack's policies and variants, and a restart of the services, by plain boto3 and HTTP.

    strict.py BINARIES FOLDER

ministack runs with AUTH=true: each function has the credentials of its role, and no more than its policies
allow. It keeps its state when it stops. Every check prints a line; the first that fails ends the run.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from botocore.exceptions import ClientError

from end_to_end import check, text
from stack import REGION, Stack
from stand_in import zip_of

# A function that makes calls by boto3 with the credentials of its role, and tells how each ended.
PROBE = """
import boto3
from botocore.exceptions import ClientError
def handler(event, context):
    ends = []
    for service, operation, arguments in event["calls"]:
        try:
            getattr(boto3.client(service, endpoint_url=event["url"]), operation)(**arguments)
            ends.append("allowed")
        except ClientError as error:
            ends.append(error.response["Error"]["Code"])
    return ends
"""
MESSAGES = 500
MEASUREMENTS = 3_000


def probe(stack: Stack, role: str, allowed: list, denied: list) -> None:
    """Calls with the credentials of a role: each of the first must pass, each of the others be denied."""
    found = stack.client("iam").get_role(RoleName=role)["Role"]["Arn"]
    functions, name = stack.client("lambda"), f"probe-{role}"[:64]
    functions.create_function(FunctionName=name, Runtime="python3.12", Handler="probe.handler", Role=found,
                              Code={"ZipFile": zip_of("probe.py", PROBE)}, Timeout=60)
    calls = [(service, operation, arguments) for service, operation, arguments in allowed + denied]
    event = json.dumps({"url": stack.url, "calls": calls}).encode()
    ends = json.loads(functions.invoke(FunctionName=name, Payload=event)["Payload"].read())
    functions.delete_function(FunctionName=name)
    # A condition that fails, or a function without an answer, comes after the authorization.
    passed = [end for end in ends[:len(allowed)] if "AccessDenied" not in end]
    refused = [end for end in ends[len(allowed):] if "AccessDenied" in end]
    short = role.split("-", 1)[-1].rsplit("-", 1)[0]
    check(len(passed) == len(allowed) and len(refused) == len(denied),
          f"{short}: {len(allowed)} calls allowed, {len(denied)} denied", list(zip(calls, ends)))


def roles(stack: Stack) -> dict:
    """Names of the stack's roles, by the template's names."""
    resources = stack.client("cloudformation").list_stack_resources(StackName=stack.name)["StackResourceSummaries"]
    return {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in resources
            if it["ResourceType"] == "AWS::IAM::Role"}


def policies(stack: Stack, outputs: dict) -> None:
    """Each role may do what its function does, and nothing else."""
    table, tokens = outputs["MeasurementTable"], outputs["TokenTable"]
    pi, api = f"{stack.name}-pi-arm64", f"{stack.name}-api"
    queues = stack.client("sqs")
    poison = queues.get_queue_url(QueueName=f"{stack.name}-poison")["QueueUrl"]
    item = {"function": {"S": "probe"}, "sample": {"S": "1"}}
    of = {":f": {"S": "probe"}}
    put = ("dynamodb", "put_item", {"TableName": table, "Item": item})
    query = ("dynamodb", "query", {"TableName": table, "KeyConditionExpression": "#f = :f",
                                   "ExpressionAttributeNames": {"#f": "function"}, "ExpressionAttributeValues": of})
    scan = ("dynamodb", "scan", {"TableName": table})
    remove = ("dynamodb", "delete_item", {"TableName": table, "Key": item})
    batch = ("dynamodb", "batch_write_item", {"RequestItems": {table: [{"PutRequest": {"Item": item}}]}})
    token = ("dynamodb", "get_item", {"TableName": tokens, "Key": {"id": {"S": "none"}}})
    forge = ("dynamodb", "put_item", {"TableName": tokens, "Item": {"id": {"S": "forged"}}})
    read_tokens = ("dynamodb", "scan", {"TableName": tokens})

    def send(url):
        return ("sqs", "send_message", {"QueueUrl": url, "MessageBody": "probe"})

    def function(operation, name, **more):
        return ("lambda", operation, {"FunctionName": name, **more})

    found = roles(stack)
    invoke, code = function("invoke", pi), function("update_function_code", pi, ZipFile="")
    probe(stack, found["PiRole"], [send(outputs["Telegrams"])], [put, query, token, send(poison), function("invoke", api)])
    probe(stack, found["RecorderRole"],
          [put, query, function("get_function_configuration", pi), invoke,
           function("update_function_configuration", pi, MemorySize=512), send(outputs["Unrecorded"])],
          [scan, remove, batch, token, forge, code, function("delete_function", pi), function("invoke", api),
           function("update_function_configuration", api, MemorySize=512), send(poison)])
    probe(stack, found["ApiRole"], [put, query], [scan, remove, batch, token, forge, read_tokens, invoke])
    probe(stack, found["AuthorizerRole"], [token], [forge, read_tokens, put, query, invoke])
    receive = ("sqs", "receive_message", {"QueueUrl": outputs["Telegrams"]})
    # The role is the Scheduler's, which ministack does not assume: a probe asks in its place.
    probe(stack, found["ScheduleRole"],
          [function("invoke", outputs["Recorder"], InvocationType="DryRun"), send(outputs["Unrecorded"])],
          [invoke, function("invoke", api), put, query, scan, token, forge, send(poison)])
    probe(stack, found["ConsumerRole"], [put, receive], [query, scan, batch, remove, token, send(outputs["Telegrams"])])


def message(number: int) -> dict:
    body = {"id": f"e-{number}", "type": "order.placed", "time": "2026-11-29T12:00:00.000Z",
            "function": {"name": "shop", "architecture": "arm64"}, "record": {"number": number}}
    return {"Id": str(number % 10), "MessageBody": json.dumps(body)}


def events(stack: Stack, outputs: dict) -> list:
    found = stack.items(outputs["MeasurementTable"])
    return [item for item in found if item["function"]["S"] == "events/shop"]


def measured(stack: Stack, outputs: dict) -> list:
    return [item for item in stack.items(outputs["MeasurementTable"]) if text(item, "function").startswith("flood-")]


def restart(stack: Stack, outputs: dict, token: str) -> None:
    """All services stop while measurements are written and events are consumed, and start again."""
    queues = stack.client("sqs")
    # Messages that a consumer held when it stopped come back soon.
    queues.set_queue_attributes(QueueUrl=outputs["Telegrams"], Attributes={"VisibilityTimeout": "10"})
    environment = os.environ | {"TABLE": outputs["MeasurementTable"], "AWS_ENDPOINT_URL": stack.url,
                                "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION}
    ended = []

    def write():
        ended.append(subprocess.run([stack.binaries / "flood", str(MEASUREMENTS)], env=environment, timeout=300,
                                    capture_output=True, text=True, check=False))

    writer = threading.Thread(target=write)
    writer.start()
    stored, end = [0, 0], time.monotonic() + 60
    while stored[0] < MEASUREMENTS // 20 and time.monotonic() < end:
        stored[0] = len(measured(stack, outputs))
    for first in range(0, MESSAGES, 10):
        queues.send_message_batch(QueueUrl=outputs["Telegrams"], Entries=[message(first + n) for n in range(10)])
    # Both are in the middle, or the events still wait.
    while not stored[1] and stored[0] < MEASUREMENTS // 2 and time.monotonic() < end:
        stored = [len(measured(stack, outputs)), len(events(stack, outputs))]
    stack.stop_server()
    is_writing = writer.is_alive()
    began = time.monotonic()
    stack.start_server()
    took = time.monotonic() - began
    check(is_writing and stored[0] < MEASUREMENTS,
          f"all services restart after {stored[0]} of {MEASUREMENTS} measurements "
          f"and {stored[1]} of {MESSAGES} events, within {took:.0f} s")
    writer.join()
    check(ended[0].returncode == 0, "the writer needs no help", ended[0].stderr[-2000:])
    # SQS delivers at least once.
    again = [message(number) for number in range(0, MESSAGES, MESSAGES // 10)]
    for entry in again:
        queues.send_message(QueueUrl=outputs["Telegrams"], MessageBody=entry["MessageBody"])
    marker = json.loads(message(MESSAGES)["MessageBody"]) | {"time": "2026-11-29T13:00:00.000Z"}
    queues.send_message(QueueUrl=outputs["Telegrams"], MessageBody=json.dumps(marker))
    end = time.monotonic() + 240
    while len(events(stack, outputs)) < MESSAGES + 1 and time.monotonic() < end:
        time.sleep(0.2)
    items = measured(stack, outputs)
    check(len(items) == len({text(item, "id") for item in items}) == MEASUREMENTS,
          f"{len(items)} measurements, none lost, none doubled", len(items))
    numbers = sorted(json.loads(item["record"]["S"])["number"] for item in events(stack, outputs))
    check(numbers == list(range(MESSAGES + 1)), f"{len(numbers)} events, none lost, none doubled", len(numbers))
    check(stack.http(outputs, "GET", "/measurements?function=flood-0&limit=1", token)[0] == 200, "tokens are still known")


def told(stack: Stack, outputs: dict, token: str) -> None:
    """Events of functions by the API, and in the report."""
    path, seen = "/events?function=shop&kind=order.placed&limit=300", []
    following = ""
    while following is not None:
        page = json.loads(stack.http(outputs, "GET", path + following, token)[2])
        seen += page["events"]
        following = f"&next={page['next']}" if page["next"] else None
    check([event["record"]["number"] for event in seen][-1] == MESSAGES and len(seen) == MESSAGES + 1,
          f"GET /events has all {len(seen)} events, in pages", len(seen))
    none = json.loads(stack.http(outputs, "GET", "/events?function=shop&kind=platform.", token)[2])
    check(none == {"events": [], "next": None}, "and none of another kind", none)
    check(stack.http(outputs, "GET", "/events?function=shop")[0] == 401, "401 without a token")
    status, _, page = stack.http(outputs, "GET", "/?function=shop", token)
    is_told = "Events of functions" in page and "<td>order.placed</td>" in page
    check(status == 200 and is_told, "the report shows the latest", (status, page[-500:]))


def variants(stack: Stack, made: dict) -> None:
    """Updates of the stack from one variant to the next, and its deletion."""
    images = {"ImageArm64": "000000000000.dkr.ecr.eu-central-1.amazonaws.com/pi:arm64",
              "ImageX86": "000000000000.dkr.ecr.eu-central-1.amazonaws.com/pi:x86_64"}
    functions = stack.client("lambda")

    def names():
        pages = functions.get_paginator("list_functions").paginate()
        return {it["FunctionName"].removeprefix(stack.name + "-") for page in pages for it in page["Functions"]}

    rest = {"recorder", "api", "authorizer"}
    outputs = stack.deploy(Schedule="DISABLED", Package="Image", PublicPi="yes", **images)
    check(names() == rest | {"pi-image-arm64", "pi-image-x86-64"}, "an update changes zips for images", names())
    check("Telegrams" not in outputs and "UrlImageArm64" in outputs, "without telemetry", outputs)
    targets = functions.get_function_configuration(FunctionName=outputs["Recorder"])["Environment"]["Variables"]["TARGETS"]
    check(targets == f"{stack.name}-pi-image-arm64,{stack.name}-pi-image-x86-64", "the recorder measures them", targets)
    outputs = stack.deploy(Schedule="DISABLED")
    check(names() == rest | {"pi-arm64", "pi-x86-64"}, "an update changes images for zips", names())
    check(stack.http(outputs, "GET", "/pi/20")[0] == 404, "without a public pi")
    status = stack.http(outputs, "GET", "/measurements?function=flood-0", made["reader"])[0]
    check(status == 200, "tokens and measurements stay", status)
    stack.delete()
    tables = stack.client("dynamodb").list_tables()["TableNames"]
    check(outputs["TokenTable"] not in tables, "the stack is deleted", tables)
    check(not names(), "with all functions", names())


def public(stack: Stack, outputs: dict, made: dict) -> None:
    """The pi function behind the API."""
    status, _, body = stack.http(outputs, "GET", "/pi/20")
    check(status == 200 and "3.1415926535897932384" in body, "GET /pi/20 for everyone", (status, body))
    ask = {"body": json.dumps({"digits": 30})}
    check(stack.http(outputs, "POST", "/pi", **ask)[0] == 401, "POST /pi: 401 without a token")
    check(stack.http(outputs, "POST", "/pi", made["reader"], **ask)[0] == 403, "403 without the scope")
    found = stack.http(outputs, "POST", "/pi", made["writer"], **ask)
    check(found[0] == 200 and "3.14159265358979323846264338327" in found[2], "200 for a writer", found)


def main() -> None:
    binaries, folder = (Path(argument) for argument in sys.argv[1:])
    stack = Stack(binaries.resolve(), folder / "strict.log", name="strict", strict=True)
    try:
        stack.upload()
        outputs = stack.deploy(Schedule="DISABLED", Telemetry="yes", PublicPi="yes")
        check({"Telegrams", "UrlArm64"} <= outputs.keys(), "a stack with telemetry and a public pi", outputs)
        made = {}
        for name, scopes in (("reader", "read"), ("writer", "write")):
            made[name] = stack.tokens(outputs, "make", "--name", name, "--scopes", scopes).stdout.strip()
        policies(stack, outputs)
        public(stack, outputs, made)
        restart(stack, outputs, made["reader"])
        told(stack, outputs, made["reader"])
        variants(stack, made)
    except ClientError as error:
        raise SystemExit(f"FAIL  {error}") from error
    finally:
        stack.stop()


if __name__ == "__main__":
    main()
