#!/usr/bin/env python3
"""Cold starts, warm invocations, memory and cost of the observatory's functions. Called by ci/app.sh cost.

    cost.py BINARIES FOLDER PROGRAMS

BINARIES holds `tokens`, `lambda-meter` and the pi function, PROGRAMS the functions as they are deployed; functions
that are missing there are left out. They reach ministack on the same machine, without TLS. The event of the
recorder has been measured before, so that its figures contain no measurement.
"""

import json
import subprocess
import sys
from pathlib import Path

from end_to_end import record
from stack import REGION, Stack

SCHEDULED = {"scheduled": "2026-11-29T12:00:00Z"}


def request(method: str, path: str, query: str, token: str, **more) -> dict:
    """An event of an HTTP API with payload 2.0, for the authorizer and for a function."""
    headers = {"authorization": f"Bearer {token}"}
    return {"version": "2.0", "type": "REQUEST", "routeKey": f"{method} {path}", "rawPath": path,
            "routeArn": f"arn:aws:execute-api:{REGION}:000000000000:a/$default/{method}{path}",
            "identitySource": [headers["authorization"], f"{method} {path}"], "rawQueryString": query, "headers": headers,
            "requestContext": {"apiId": "a", "stage": "$default", "routeKey": f"{method} {path}",
                               "http": {"method": method, "path": path, "sourceIp": "192.0.2.1"}}, **more}


def messages() -> dict:
    """A batch of ten reports, as SQS delivers them."""
    metrics = {"durationMs": 1.5, "billedDurationMs": 2, "memorySizeMB": 128, "maxMemoryUsedMB": 12}
    bodies = [{"id": f"e-{number}", "type": "platform.report", "time": "2026-11-29T12:00:00.000Z",
               "function": {"name": "pi", "architecture": "arm64"},
               "record": {"requestId": f"r{number}", "status": "success", "metrics": metrics}} for number in range(10)]
    return {"Records": [{"messageId": body["id"], "body": json.dumps(body), "eventSource": "aws:sqs"} for body in bodies]}


def main() -> None:
    binaries, folder, programs = (Path(argument).resolve() for argument in sys.argv[1:])
    stack = Stack(binaries, folder / "ministack.log")
    try:
        stack.upload()
        outputs = stack.deploy(Schedule="DISABLED")
        record(stack, outputs, SCHEDULED)
        token = stack.tokens(outputs, "make", "--name", "cost", "--scopes", "read").stdout.strip()
        name = f"{stack.name}-pi-arm64"
        page = request("GET", "/measurements", f"function={name}&limit=10", token)
        events = {"authorizer": request("GET", "/measurements", "", token), "api": page, "recorder": SCHEDULED,
                  "consumer": messages()}
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION,
                "AWS_ENDPOINT_URL": stack.url, "AWS_ENDPOINT_URL_LAMBDA": stack.front.url, "TABLE": outputs["MeasurementTable"],
                "TOKENS": outputs["TokenTable"], "TARGETS": name, "MEMORY_MB": "128", "COLD": "2", "WARM": "3"}
        for function, event in events.items():
            program = programs / function
            if not program.exists():
                print(f"NOT MEASURED  {function}: {program} is missing", flush=True)
                continue
            matrix, results = folder / f"{function}.toml", folder / f"{function}.json"
            results.unlink(missing_ok=True)
            lines = ["memory = [128, 1769]", "runs = 30", "cold = 20", 'check = "none"', "", "[[target]]",
                     f"name = {json.dumps(function)}", f"binary = {json.dumps(str(program))}",
                     "env = { " + ", ".join(f"{key} = {json.dumps(value)}" for key, value in keys.items()) + " }", "",
                     "[[event]]", 'name = "event"', f"json = {json.dumps(json.dumps(event))}"]
            matrix.write_text("\n".join(lines) + "\n")
            print(f"{function}: {program.stat().st_size} bytes", flush=True)
            subprocess.run([binaries / "lambda-meter", "run", matrix, "--output", results], check=True, timeout=900)
    finally:
        stack.stop()


if __name__ == "__main__":
    main()
