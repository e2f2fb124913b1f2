"""boto3 against `lambda-meter serve` of the fixture: clients.py URL."""

import base64
import json
import sys

import boto3
from botocore.config import Config

client = boto3.client(
    "lambda",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    config=Config(retries={"total_max_attempts": 1}),
)


def event(mode):
    return {"FunctionName": "fixture", "Payload": json.dumps({"mode": mode}, separators=(",", ":"))}


def stream(mode, **more):
    """The pieces, and what the end says."""
    events = list(client.invoke_with_response_stream(**event(mode), **more)["EventStream"])
    assert "InvokeComplete" in events[-1], events
    return [piece["PayloadChunk"]["Payload"] for piece in events[:-1]], events[-1]["InvokeComplete"]


def refused(exception, **call):
    try:
        client.invoke(**call)
    except getattr(client.exceptions, exception) as error:
        return str(error)
    raise AssertionError(f"{exception} was expected for {list(call)}")


answer = client.invoke(**event("echo"), LogType="Tail")
assert answer["Payload"].read() == b'{"mode":"echo"}'
assert answer["ExecutedVersion"] == "$LATEST" and "FunctionError" not in answer
assert b"\nREPORT RequestId: " in base64.b64decode(answer["LogResult"])

failed = client.invoke(**event("exit"))
assert failed["FunctionError"] == "Unhandled"
assert json.loads(failed["Payload"].read())["errorType"] == "Runtime.ExitError"

context = base64.b64encode(b'{"custom":{"a":"b"}}').decode()
headers = client.invoke(**event("headers"), ClientContext=context)["Payload"].read().decode().lower()
assert 'lambda-runtime-client-context: {"custom":{"a":"b"}}' in headers, headers

refused("ResourceNotFoundException", FunctionName="fixture", Qualifier="7")
refused("InvalidRequestContentException", FunctionName="fixture", Payload="{")
refused("RequestTooLargeException", FunctionName="fixture", Payload=b'"' + b"x" * 6291456 + b'"')

pieces, end = stream("stream", LogType="Tail")
assert pieces == [b"0000000\n", b"0000001\n", b"0000002\n"], pieces
assert "ErrorCode" not in end and b"REPORT" in base64.b64decode(end["LogResult"])

pieces, end = stream("stream-error")
assert len(pieces) == 2 and end["ErrorCode"] == "Fixture.Late", (pieces, end)
assert json.loads(end["ErrorDetails"])["errorMessage"] == "oh"

pieces, end = stream("stream-exit")
assert len(pieces) == 2 and end["ErrorCode"] == "Runtime.ExitError", (pieces, end)

pieces, end = stream("stream-7-mb")
assert sum(map(len, pieces)) == 7 * 1024 * 1024 and "ErrorCode" not in end
