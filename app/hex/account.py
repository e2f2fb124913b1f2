"""An account of an emulated AWS with the state machine of hexadecimal digits."""

import json
import sys
import time
import uuid
from pathlib import Path

import boto3

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "tests"))
from stand_in import zip_of, zipped  # noqa: E402: the path comes first

NAMES = {"Function": "pi-hex", "Table": "pi-hex", "Items": "pi-hex-items"}
REGION = "us-east-1"
ROLE = "arn:aws:iam::123456789012:role/pi-hex"
# What Step Functions does with the parameters of aws-sdk:s3:putObject.
PUT_OBJECT = """
import boto3, json

def handler(request, _):
    storage = boto3.client("s3", endpoint_url="http://127.0.0.1:{port}", region_name="{region}",
                           aws_access_key_id="test", aws_secret_access_key="test")
    storage.put_object(**{{**request, "Body": json.dumps(request["Body"]).encode()}})
"""


def definition(page):
    """The definition, with pages of so many sums: few parts on several pages, as thousands on many."""
    return json.loads((HERE / "hex.asl.json").read_text().replace('"Limit": 250', f'"Limit": {page}'))


def writer(machine):
    """The state that writes the items."""
    state = machine["States"]["Sums"]["ItemProcessor"]["States"]["WriteItems"]
    check(state["Resource"] == "arn:aws:states:::aws-sdk:s3:putObject", "a state writes the items")
    return state


class Account:
    """Clients of an emulated account, and the state machine with its table and its bucket."""

    def __init__(self, port):
        self.port = port
        self.table, self.states, self.storage = map(self.client, ("dynamodb", "stepfunctions", "s3"))

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def create(self, page=250):
        """Makes each resource by its API; the function is a server's."""
        self.table.create_table(
            TableName=NAMES["Table"],
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "Job", "AttributeType": "S"},
                {"AttributeName": "Part", "AttributeType": "N"},
            ],
            KeySchema=[{"AttributeName": "Job", "KeyType": "HASH"}, {"AttributeName": "Part", "KeyType": "RANGE"}],
        )
        self.storage.create_bucket(Bucket=NAMES["Items"])
        changed = definition(page)
        # Step Functions writes a Body of JSON as its text. moto 5.2 hands it to boto3, which takes text alone.
        body = writer(changed)["Parameters"].pop("Body.$")
        writer(changed)["Parameters"]["Body.$"] = f"States.JsonToString({body})"
        text = json.dumps(changed)
        for name, value in NAMES.items():
            text = text.replace("${" + name + "}", value)
        self.machine = self.states.create_state_machine(name="pi-hex", definition=text, roleArn=ROLE)["stateMachineArn"]
        self.sums, self.bucket = NAMES["Table"], NAMES["Items"]
        return self

    def deploy(self, program, page):
        """Makes the observatory's stack with Hex=yes, all its functions from one program."""
        # SAM's translator is beside ministack, not beside moto.
        from expand import expand

        code, cloud = "code", self.client("cloudformation")
        packed = zipped(Path(program))
        self.storage.create_bucket(Bucket=code)
        outer = expand((HERE.parent / "template.yaml").read_text(), code)
        nested = expand((HERE / "template.yaml").read_text(), code)
        for resource in [*outer["Resources"].values(), *nested["Resources"].values()]:
            properties = resource.get("Properties", {})
            key = (properties.get("Code") or properties.get("Content") or {}).get("S3Key")
            if key:
                self.storage.put_object(Bucket=code, Key=key, Body=packed)
        documents = {"Machine": self.written_by_function(page), "Hexadecimal": nested, "Outer": outer}
        for name, document in documents.items():
            self.storage.put_object(Bucket=code, Key=f"{name}.json", Body=json.dumps(document).encode())
        given = {"Hex": "yes", "Schedule": "DISABLED"}
        cloud.create_stack(
            StackName="observatory",
            TemplateURL=f"http://127.0.0.1:{self.port}/{code}/Outer.json",
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        end = time.monotonic() + 120
        while (stack := self.stack("observatory"))["StackStatus"] == "CREATE_IN_PROGRESS" and time.monotonic() < end:
            time.sleep(0.2)
        events = cloud.describe_stack_events(StackName="observatory")["StackEvents"]
        reasons = [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in events]
        check(stack["StackStatus"] == "CREATE_COMPLETE", f"{stack['StackStatus']}: {reasons[:9]}")
        resource = cloud.describe_stack_resource(StackName="observatory", LogicalResourceId="Hexadecimal")
        inner = outputs(self.stack(resource["StackResourceDetail"]["PhysicalResourceId"]))
        self.machine, self.sums, self.bucket = (inner[name] for name in ("StateMachine", "Sums", "Items"))
        shown = outputs(stack)
        check(shown["HexStateMachine"] == self.machine, f"the outer stack names the state machine: {shown}")
        check(shown["HexFunction"] == inner["Function"], f"the outer stack names the function: {shown}")
        return self

    def stack(self, name):
        return self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]

    def written_by_function(self, page):
        """The definition with a function in the place of S3's putObject, which ministack 1.5 lacks in states."""
        changed = definition(page)
        state = writer(changed)
        state["Resource"] = "arn:aws:states:::lambda:invoke"
        state["Parameters"] = {"FunctionName": "put-object", "Payload": state["Parameters"]}
        self.client("lambda").create_function(
            FunctionName="put-object",
            Runtime="python3.11",
            Role=ROLE,
            Handler="index.handler",
            # Importing boto3 takes more than the default of 3 s on a busy machine.
            Timeout=60,
            Code={"ZipFile": zip_of("index.py", PUT_OBJECT.format(port=self.port, region=REGION))},
        )
        return changed

    def start(self, **request):
        name = f"run-{uuid.uuid4()}"
        started = self.states.start_execution(stateMachineArn=self.machine, name=name, input=json.dumps(request))
        return started["executionArn"]

    def finish(self, execution, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.states.describe_execution(executionArn=execution)
            if found["status"] != "RUNNING":
                return found
            time.sleep(0.2)
        raise SystemExit(f"the execution still runs after {seconds} s")

    def proof(self, execution, seconds=600):
        found = self.finish(execution, seconds)
        if found["status"] != "SUCCEEDED":
            raise SystemExit(f"{found['status']}: {found.get('error')}: {found.get('cause')}\n{self.last(execution)}")
        return json.loads(found["output"])

    def last(self, execution):
        """The last events of an execution, for a failure's message."""
        events = self.states.get_execution_history(executionArn=execution, reverseOrder=True, maxResults=12)["events"]
        return "\n".join(json.dumps(event, default=str)[:400] for event in events)

    def items(self):
        found, start = [], {}
        while True:
            page = self.table.scan(TableName=self.sums, ConsistentRead=True, **start)
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                return found
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def sums_of_parts(self):
        """The items of the parts that are stored."""
        return [item for item in self.items() if "Sum" in item]

    def parts(self):
        """The stored parts of each job, in the order of their numbers."""
        jobs = {}
        for item in self.sums_of_parts():
            jobs.setdefault(item["Job"]["S"], []).append(json.loads(item["Answer"]["S"]))
        return {job: sorted(parts, key=lambda part: part["part"]) for job, parts in jobs.items()}

    def read_items(self, job):
        """The list of a job's items in S3."""
        return json.loads(self.storage.get_object(Bucket=self.bucket, Key=f"items/{job}.json")["Body"].read())

    def manifests(self):
        """Keys of the manifests that the result writer has left."""
        listed = self.storage.list_objects_v2(Bucket=self.bucket, Prefix="results/").get("Contents", [])
        return [entry["Key"] for entry in listed if entry["Key"].endswith("/manifest.json")]


def outputs(stack):
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def check(holds, message):
    if not holds:
        raise SystemExit(f"FAIL: {message}")
