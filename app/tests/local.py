#!/usr/bin/env python3
"""The observatory served by lambda-meter alone: routes, the authorizer, the queue's consumer, the schedule.

    local.py BINARIES FOLDER

Of ministack it has the tables and the queues only. FOLDER gets the file of the application, app.toml.
"""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from application import Served, create_tables, target
from end_to_end import check
from lambda_front import Front
from stand_in import KEYS, Ministack, free_port, until

PI = "pi-local"
SCHEDULED = "<aws.scheduler.scheduled-time>"


class Application:
    """The tables and queues of the template, and lambda-meter with the functions."""

    def __init__(self, binaries: Path, folder: Path):
        self.binaries, self.folder = binaries, folder
        self.aws = Ministack(folder / "ministack-local.log")
        self.front = Front(str(binaries / "lambda-meter"), str(binaries / "bootstrap"), [PI], [free_port()])
        # The recorder keeps 20 s and this time of its own timeout, to put the configuration back.
        self.front.functions[PI].timeout = 3
        self.sqs, self.dynamodb = self.aws.client("sqs"), self.aws.client("dynamodb")
        self.environment = os.environ | KEYS | {"AWS_ENDPOINT_URL": self.aws.url}
        self.server = None

    def create(self) -> None:
        """Makes the tables as the template has them, and the queues with shorter times."""
        create_tables(self.dynamodb)
        self.poison = self.sqs.create_queue(QueueName="poison")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.poison, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
        self.telegrams = self.sqs.create_queue(QueueName="telegrams", Attributes={
            "VisibilityTimeout": "30", "RedrivePolicy": redrive})["QueueUrl"]

    def lines(self) -> list:
        """The application as a file for lambda-meter: routes, authorizer and batches are the template's."""
        aws = KEYS | {"AWS_ENDPOINT_URL": self.aws.url, "RETENTION_DAYS": "30"}
        variables = {
            "api": {"TABLE": "measurements"}, "authorizer": {"TOKENS": "tokens"}, "consumer": {"TABLE": "measurements"},
            "recorder": {"TABLE": "measurements", "AWS_ENDPOINT_URL_LAMBDA": self.front.url, "TARGETS": PI,
                         "MEMORY_MB": "128", "COLD": "1", "WARM": "2"}}
        lines = ["timeout = 30", ""]
        for name, own in variables.items():
            lines += target(name, self.binaries / name, 512, aws | own)
        for key in ("POST /measurements", "GET /measurements", "GET /events", "GET /"):
            lines += ["[[route]]", f'key = "{key}"', 'target = "api"', 'authorizer = "tokens"', ""]
        event = json.dumps({"scheduled": SCHEDULED})
        return lines + [
            "[[authorizer]]", 'name = "tokens"', 'target = "authorizer"',
            'identity = ["$request.header.Authorization", "$context.routeKey"]', "ttl = 60", "simple_responses = true", "",
            "[[queue]]", f"url = {json.dumps(self.telegrams)}", 'target = "consumer"', "batch_size = 100", "window = 1",
            "report_batch_item_failures = true", "concurrency = 2", "",
            "[[schedule]]", 'expression = "cron(* * * * ? *)"', 'target = "recorder"', f"event = '{event}'"]

    def start(self) -> None:
        self.server = Served(self.binaries / "lambda-meter", self.folder / "app.toml", self.lines(), self.environment,
                             "--limits", "off", "--async-wait", "1")
        self.url, self.log = self.server.address(), self.server.log

    def http(self, method: str, path: str, token: str = "", body=None) -> tuple:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def tokens(self, *arguments: str) -> str:
        run = subprocess.run([self.binaries / "tokens", *arguments], env=self.environment | {"TOKENS": "tokens"},
                             capture_output=True, text=True, timeout=60, check=False)
        check(run.returncode == 0, f"tokens {arguments[0]}", run.stderr)
        return run.stdout.strip()

    def stop(self) -> None:
        if self.server:
            self.server.stop()
        self.front.stop()
        self.aws.stop()


def routes(app: Application) -> str:
    """The statuses of API Gateway, its authorizer and the API; returns a token for reading."""
    one = {"function": "mine", "at": "2026-11-28T00:00:00Z", "id": "1", "source": "caller", "start": "warm",
           "memory_mb": 256, "duration_ms": 1.5, "billed_ms": 2}
    reader = app.tokens("make", "--name", "reader", "--scopes", "read")
    writer = app.tokens("make", "--name", "writer", "--scopes", "write")
    for expected, call in {
        "404 for no route": ("GET", "/none"), "401 without a token": ("GET", "/measurements"),
        "403 for an unknown token": ("GET", "/measurements", "pio_" + "x" * 43),
        "403 without the scope": ("POST", "/measurements", reader, one), "201 for a measurement": ("POST", "/measurements", writer, one),
        "200 for it again": ("POST", "/measurements", writer, one), "403 for reading by a writer": ("GET", "/", writer),
        "400 for a wrong field": ("POST", "/measurements", writer, one | {"memory_mb": 1}),
        "200 for the report": ("GET", "/", reader),
    }.items():
        status, body = app.http(*call)
        check(status == int(expected[:3]), expected, (status, body))
    page = json.loads(app.http("GET", "/measurements?function=mine", reader)[1])
    check([item["id"] for item in page["measurements"]] == ["1"], "the measurement is in its page", page)
    asked = app.log.read_text().count('"decision":')
    listed = app.tokens("list")
    identity = next(line.split()[0] for line in listed.splitlines() if " reader " in line)
    app.tokens("revoke", identity)
    check(app.http("GET", "/measurements?function=mine", reader)[0] == 200, "a kept answer outlives the token")
    check(app.log.read_text().count('"decision":') == asked, "and the authorizer is not asked")
    check(app.http("GET", "/events?function=mine", reader)[0] == 403, "another route is another entry: 403")
    return app.tokens("make", "--name", "again", "--scopes", "read")


def queue(app: Application, reader: str) -> None:
    """Messages become items, each once; poison goes to the dead letter queue."""
    count = 250
    body = {"type": "order", "time": "2026-11-29T12:00:00Z", "function": {"name": "shop"}, "record": {"price": 3}}
    entries = [{"Id": str(number), "MessageBody": json.dumps(body | {"id": f"e{number}"})} for number in range(count)]
    app.sqs.send_message(QueueUrl=app.telegrams, MessageBody="poison")
    for start in range(0, count, 10):
        app.sqs.send_message_batch(QueueUrl=app.telegrams, Entries=entries[start:start + 10])

    def waiting(url: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return sum(map(int, app.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()))

    until("messages stay in the queue", lambda: waiting(app.telegrams) == 0)
    check(waiting(app.poison) == 1, "the poisoned message is in the dead letter queue", waiting(app.poison))
    seen, more = [], ""
    while more is not None:
        page = json.loads(app.http("GET", f"/events?function=shop&limit=100{more}", reader)[1])
        seen += [event["id"] for event in page["events"]]
        more = f"&next={page['next']}" if page["next"] else None
    check(sorted(seen) == sorted(f"e{number}" for number in range(count)), f"{count} messages are events, each once", len(seen))


def schedule(app: Application, reader: str) -> None:
    """The schedule fires the recorder, whose time is that of the schedule."""
    def measured() -> list:
        return json.loads(app.http("GET", f"/measurements?function={PI}", reader)[1])["measurements"]
    until("the schedule does not fire", lambda: len(measured()) >= 3)
    times = {item["at"] for item in measured()}
    check(all(at[-4:] == ":00Z" for at in times), "the schedule fires the recorder at whole minutes", times)


def main() -> None:
    binaries, folder = (Path(argument).resolve() for argument in sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    app = Application(binaries, folder)
    try:
        app.create()
        app.start()
        reader = routes(app)
        queue(app, reader)
        schedule(app, reader)
    finally:
        app.stop()
    status = app.server.process.returncode
    check(status == 0, "Ctrl-C ends it with 0", status)


if __name__ == "__main__":
    main()
