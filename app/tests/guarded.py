#!/usr/bin/env python3
"""Requests to the API without its authorizer, with it, and with its kept answer, one after the other.

    guarded.py BINARIES FOLDER PROGRAMS

lambda-meter serves the functions of PROGRAMS with the template's memory and its share of a CPU; ministack has the
tables. Prints the median of each kind, and the median and quartiles of the differences within a round.
"""

import os
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from application import Served, create_tables, target, template
from stand_in import KEYS, Ministack

ROUNDS = 200
KINDS = {"without": None, "asked": 0, "kept": 3600}


def application(programs: Path, resources: dict, url: str, ttl: int | None) -> list:
    """Lines of a file with the API's page, behind an authorizer unless `ttl` is None."""
    env = {name: KEYS | {"AWS_ENDPOINT_URL": url, table: value} for name, table, value in (
        ("api", "TABLE", "measurements"), ("authorizer", "TOKENS", "tokens"))}
    lines = []
    for name, variables in env.items():
        memory = resources[name.capitalize()]["Properties"]["MemorySize"]
        lines += target(name, programs / name, memory, variables)
    lines += ["[[route]]", 'key = "GET /measurements"', 'target = "api"']
    if ttl is not None:
        lines += ['authorizer = "tokens"', "[[authorizer]]", 'name = "tokens"', 'target = "authorizer"',
                  'identity = ["$request.header.Authorization"]', f"ttl = {ttl}", "simple_responses = true"]
    return lines


def main() -> None:
    binaries, folder, programs = (Path(argument).resolve() for argument in sys.argv[1:])
    aws, servers = Ministack(folder / "ministack-guarded.log"), {}
    try:
        create_tables(aws.client("dynamodb"))
        environment = os.environ | KEYS | {"AWS_ENDPOINT_URL": aws.url, "TOKENS": "tokens"}
        made = subprocess.run([binaries / "tokens", "make", "--name", "cost", "--scopes", "read"], env=environment,
                              capture_output=True, text=True, check=True, timeout=60)
        headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
        resources = template()["Resources"]
        for kind, ttl in KINDS.items():
            servers[kind] = Served(binaries / "lambda-meter", folder / f"guarded-{kind}.toml",
                                   application(programs, resources, aws.url, ttl), environment)
        page = "/measurements?function=none"
        requests = {kind: urllib.request.Request(server.address() + page, headers=headers) for kind, server in servers.items()}
        samples = {kind: [] for kind in KINDS}
        for number in range(ROUNDS + 1):
            for kind, request in requests.items():
                began = time.perf_counter()
                with urllib.request.urlopen(request, timeout=60) as answer:
                    answer.read()
                # The first round is cold.
                if number:
                    samples[kind].append((time.perf_counter() - began) * 1e3)
        for kind, found in samples.items():
            print(f"request, {kind}: median {statistics.median(found):.2f} ms of {ROUNDS}")
        for kind in ("asked", "kept"):
            pairs = [after - before for before, after in zip(samples["without"], samples[kind])]
            low, middle, high = statistics.quantiles(pairs, n=4)
            print(f"authorizer, {kind}: {middle:+.2f} ms a request, quartiles {low:+.2f} and {high:+.2f}")
    finally:
        for server in servers.values():
            server.stop()
        aws.stop()


if __name__ == "__main__":
    main()
