#!/usr/bin/env python3
"""Starts every program of `sam build` once, those of the other architecture under qemu. Called by ci/app.sh build.

    starts.py METER FOLDER

METER is lambda-meter, FOLDER has the folders of the functions and layers. Each function gets one event that it answers
without any other service; pi-telemetry runs beside the pi function of its architecture. Prints each program with its
architecture, its size, and its size deflated as in a zip.
"""

import json
import platform
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

from cost import request
from stand_in import KEYS

HERE = platform.machine()
VARIABLES = KEYS | {"TABLE": "none", "TOKENS": "none", "PI_TELEMETRY_ADDRESS": "127.0.0.1", "PI_TELEMETRY_PORT": "0"}
# Nothing listens at the queue's address.
QUEUE = {"PI_TELEMETRY_QUEUE_URL": "http://127.0.0.1:9/000000000000/none", "AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:9"}
DIGITS = ({"digits": 10}, "3.141592653")
# Event, and a part of the answer, by the folder's name.
ANSWERS = {
    "Api": (request("POST", "/measurements", "", "x", body="{"), '"statusCode":415'),
    "Authorizer": (request("GET", "/", "", "x"), '"isAuthorized":false'),
    "Consumer": ({"Records": []}, '"batchItemFailures":[]'),
    "Recorder": ({"scheduled": "never"}, "InvalidPlan"),
    "PiArm64": DIGITS, "PiX86": DIGITS, "FunctionArm64": DIGITS, "FunctionX86": DIGITS,
}
MACHINES = {62: "x86_64", 183: "aarch64"}


def machine(program: Path) -> str:
    """The architecture in a program's ELF header."""
    with program.open("rb") as file:
        head = file.read(20)
    if head[:4] != b"\x7fELF":
        raise AssertionError(f"{program} is no program")
    return MACHINES[int.from_bytes(head[18:20], "little")]


def runnable(program: Path, folder: Path) -> Path:
    """The program, or a script of its name that runs it under qemu."""
    if machine(program) == HERE:
        return program
    script = folder / program.name
    script.write_text(f"#!/bin/sh\nexec qemu-{machine(program)}-static '{program}'\n")
    script.chmod(0o755)
    return script


def invoke(meter: Path, function: Path, event: dict, more: list, variables: dict) -> subprocess.CompletedProcess:
    pairs = [f"--env={name}={value}" for name, value in (VARIABLES | variables).items()]
    return subprocess.run([meter, "invoke", "--binary", function, "--event", json.dumps(event), "--memory", "1769",
                           "--timeout", "60", "--limits", "off", *pairs, *more],
                          capture_output=True, text=True, timeout=300)


def start(meter: Path, program: Path, pi: Path) -> None:
    """Fails unless the program starts and answers."""
    with tempfile.TemporaryDirectory() as folder:
        made = runnable(program, Path(folder))
        if program.name == "pi-telemetry":
            (Path(folder) / "pi").mkdir()
            run = invoke(meter, runnable(pi, Path(folder) / "pi"), DIGITS[0], [f"--extension={made}"], QUEUE)
            # The line of the extension in the log, and the function's answer.
            parts = ("Name: pi-telemetry\tState: Ready", DIGITS[1])
        else:
            event, part = ANSWERS[program.parent.name]
            run, parts = invoke(meter, made, event, [], {}), (part,)
        text = run.stdout + run.stderr
        for part in parts:
            assert part in text.replace(" ", "") or part in text, f"{program}: no {part} in\n{text}"


def main() -> None:
    meter, folder = (Path(argument).resolve() for argument in sys.argv[1:])
    programs = sorted([*folder.rglob("bootstrap"), *folder.rglob("pi-telemetry")])
    if not programs:
        sys.exit(f"error: there is no program in {folder}; run sam build")
    for program in programs:
        architecture, content = machine(program), program.read_bytes()
        name = program.relative_to(folder).parts[-3 if program.name == "pi-telemetry" else -2]
        expected = "aarch64" if name not in ("PiX86", "FunctionX86", "TelemetryX86") else "x86_64"
        assert architecture == expected, f"{program} is for {architecture}, not {expected}"
        start(meter, program, folder / ("PiArm64" if architecture == "aarch64" else "PiX86") / "bootstrap")
        print(f"{name:16} {architecture:8} {len(content):10,} bytes, {len(zlib.compress(content, 9)):10,} deflated, starts"
              f"{'' if architecture == HERE else ' under qemu'}", flush=True)


if __name__ == "__main__":
    main()
