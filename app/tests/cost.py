#!/usr/bin/env python3
"""Cold starts, warm invocations, memory and cost of the observatory's functions. Called by ci/app.sh cost.

    cost.py BINARIES FOLDER PROGRAMS

BINARIES holds `tokens`, `lambda-meter` and the pi function, PROGRAMS the functions as they are deployed. They reach
ministack on the same machine, without TLS. The event of the recorder has been measured before, so that its figures
contain no measurement. The table at the end is that of app/README.md.
"""

import json
import statistics
import subprocess
import sys
import zlib
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


def row(function: str, program: Path, results: dict) -> str:
    """A line of the table: medians of milliseconds, and the fastest in brackets."""
    content = program.read_bytes()
    samples, cells = results["samples"], results["header"]["cells"]

    def time(start: str, memory: int, *parts: str) -> str:
        cell = next(index for index, cell in enumerate(cells) if (cell["start"], cell["memory_mb"]) == (start, memory))
        found = [sum(sample[part] for part in parts) for sample in samples if sample["cell"] == cell]
        return f"{statistics.median(found):.1f} ({min(found):.1f})"

    used = max(sample["max_memory_used_mb"] for sample in samples)
    both = ("init_duration_ms", "duration_ms")
    columns = [function, f"{len(content):,}", f"{len(zlib.compress(content, 9)):,}", str(used),
               time("cold", 1769, "init_duration_ms"), time("cold", 128, *both), time("cold", 1769, *both),
               time("warm", 128, "duration_ms"), time("warm", 1769, "duration_ms")]
    return f"| {' | '.join(columns)} |"


def main() -> None:
    binaries, folder, programs = (Path(argument).resolve() for argument in sys.argv[1:])
    missing = [name for name in ("authorizer", "api", "recorder", "consumer") if not (programs / name).exists()]
    if missing:
        sys.exit(f"error: {', '.join(missing)} missing in {programs}; ci/app.sh cost builds them")
    stack, rows = Stack(binaries, folder / "ministack.log"), []
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
            matrix, results = folder / f"{function}.toml", folder / f"{function}.json"
            results.unlink(missing_ok=True)
            lines = ["memory = [128, 1769]", "runs = 30", "cold = 20", 'check = "none"', "", "[[target]]",
                     f"name = {json.dumps(function)}", f"binary = {json.dumps(str(program))}",
                     "env = { " + ", ".join(f"{key} = {json.dumps(value)}" for key, value in keys.items()) + " }", "",
                     "[[event]]", 'name = "event"', f"json = {json.dumps(json.dumps(event))}"]
            matrix.write_text("\n".join(lines) + "\n")
            print(f"{function}: {program.stat().st_size} bytes", flush=True)
            subprocess.run([binaries / "lambda-meter", "run", matrix, "--output", results], check=True, timeout=900)
            rows.append(row(function, program, json.loads(results.read_text())))
        print("| function | bytes | deflated | MB used | init | cold, 128 MB | cold, 1769 MB | warm, 128 MB | warm, 1769 MB |")
        print("|---" * 9 + "|", *rows, sep="\n", flush=True)
    finally:
        stack.stop()


if __name__ == "__main__":
    main()
