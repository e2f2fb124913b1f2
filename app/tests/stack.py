"""The observatory as a stack of ministack: CloudFormation, DynamoDB, SQS, schedules, API Gateway, Lambda."""

import json
import os
import subprocess
import time
import urllib.request
from pathlib import Path

from expand import expand
from fault_proxy import Faults
from lambda_front import Front
from stand_in import KEYS, REGION, Ministack, free_port, zipped

ROOT = Path(__file__).resolve().parents[2]
BUCKET = "observatory-code"
# Programs of the functions, by the template's names.
BINARIES = {"PiArm64": "bootstrap", "PiX86": "bootstrap", "Recorder": "recorder", "Api": "api",
            "Authorizer": "authorizer", "Consumer": "consumer"}
LAYERS = ("TelemetryArm64", "TelemetryX86")
TABLE_USERS = ("Recorder", "Api", "Authorizer", "Consumer")


class Stack(Ministack):
    """A running ministack with the observatory in it. Everything binds to 127.0.0.1."""

    def __init__(self, binaries: Path, log: Path, name: str = "observatory", strict: bool = False):
        """With `strict`, ministack enforces the policies and keeps its state over a restart, and functions
        reach the table and Lambda without the proxy and the front, whose requests would have a wrong
        signature."""
        self.binaries, self.name, self.strict = binaries, name, strict
        kept = {"AUTH": "true", "PERSIST_STATE": "1", "STATE_DIR": "{folder}/state", "S3_PERSIST": "1",
                "S3_DATA_DIR": "{folder}/s3"}
        super().__init__(log, kept if strict else {})
        self.faults = Faults(self.url)
        names = [f"{name}-pi-arm64", f"{name}-pi-x86-64"]
        meter = str(binaries / "lambda-meter")
        self.front = Front(meter, str(binaries / "bootstrap"), names, [free_port(), free_port()])

    def stop(self) -> None:
        self.front.stop()
        self.faults.stop()
        super().stop()

    # --- the stack ---------------------------------------------------------------------------------

    def upload(self) -> None:
        storage = self.client("s3")
        storage.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        for resource, program in BINARIES.items():
            if (self.binaries / program).exists():
                storage.put_object(Bucket=BUCKET, Key=f"{resource}.zip", Body=zipped(self.binaries / program))
        # ministack starts no extensions, so that any file does for the layers.
        for layer in LAYERS:
            storage.put_object(Bucket=BUCKET, Key=f"{layer}.zip", Body=zipped(Path(__file__)))

    def template(self) -> dict:
        """The expanded template, whose functions reach the table by the proxy, and Lambda by the front."""
        template = expand((ROOT / "app/template.yaml").read_text(), BUCKET)
        for resource in () if self.strict else TABLE_USERS:
            variables = template["Resources"][resource]["Properties"]["Environment"]["Variables"]
            variables["AWS_ENDPOINT_URL_DYNAMODB"] = self.faults.url
            variables["AWS_ENDPOINT_URL_LAMBDA"] = self.front.url
        return template

    def deploy(self, **parameters: str) -> dict:
        """Creates or updates the stack, and returns its outputs."""
        cloud = self.client("cloudformation")
        key = "template.json"
        self.client("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(self.template()).encode())
        given = {"Name": self.name, "MemorySizes": "128", "Cold": "2", "Warm": "3", **parameters}
        call = {
            "StackName": self.name, "TemplateURL": f"{self.url}/{BUCKET}/{key}",
            "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        }
        if self.status() is None:
            cloud.create_stack(**call)
        else:
            cloud.update_stack(**call)
        return self.wait()

    def status(self):
        try:
            return self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]
        except self.client("cloudformation").exceptions.ClientError:
            return None

    def wait(self) -> dict:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            stack = self.status()
            if not stack["StackStatus"].endswith("_IN_PROGRESS"):
                break
            time.sleep(0.2)
        if stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            events = self.client("cloudformation").describe_stack_events(StackName=self.name)["StackEvents"]
            reasons = [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in events
                       if event["ResourceStatus"].endswith("FAILED")]
            raise RuntimeError(f"{stack['StackStatus']}: {'; '.join(reasons)}")
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def delete(self) -> None:
        cloud = self.client("cloudformation")
        cloud.delete_stack(StackName=self.name)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            stack = self.status()
            if stack is None or stack["StackStatus"] == "DELETE_COMPLETE":
                return
            time.sleep(0.2)
        raise RuntimeError(f"the stack is not deleted: {stack['StackStatus']}")

    # --- its parts ---------------------------------------------------------------------------------

    def api(self, outputs: dict) -> str:
        """Address of the HTTP API, as ministack serves it."""
        return f"http://{outputs['HttpId']}.execute-api.localhost:{self.port}"

    def http(self, outputs: dict, method: str, path: str, token: str = "", body=None, headers=None):
        """Status, headers and body of a request to the API."""
        found = {"Host": f"{outputs['HttpId']}.execute-api.localhost:{self.port}", **(headers or {})}
        if token:
            found["Authorization"] = f"Bearer {token}"
        if body is not None and "Content-Type" not in found:
            found["Content-Type"] = "application/json"
        data = body.encode() if isinstance(body, str) else body
        request = urllib.request.Request(self.url + path, data=data, headers=found, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read().decode()

    def tokens(self, outputs: dict, *arguments: str) -> subprocess.CompletedProcess:
        """Runs the command `tokens` on the stack's table."""
        environment = os.environ | KEYS | {
            "AWS_ENDPOINT_URL": self.url, "AWS_EC2_METADATA_DISABLED": "true", "TOKENS": outputs["TokenTable"],
        }
        return subprocess.run([self.binaries / "tokens", *arguments], env=environment, capture_output=True,
                              text=True, timeout=60, check=False)

    def items(self, table: str) -> list:
        """All measurements of the table."""
        found = []
        for page in self.client("dynamodb").get_paginator("scan").paginate(TableName=table):
            found += [item for item in page["Items"] if item["function"]["S"] != "*"]
        return found
