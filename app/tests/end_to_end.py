#!/usr/bin/env python3
"""The observatory from end to end, on one machine, by plain boto3 and HTTP.

    end_to_end.py BINARIES FOLDER [--events N]

BINARIES holds the functions, `tokens`, `flood` and `lambda-meter`; FOLDER gets the log of ministack and the
report. Every check prints a line; the first that fails ends the run.
"""

import argparse
import json
import os
import subprocess
import time
from pathlib import Path

from stack import REGION, Stack

PI_10000 = "1f08958df70c30bbf3f7205ad5f9b2b9430e3378b4e4e6300063bd9fbd83d6e3"
began = time.monotonic()


def check(truth, name: str, found="") -> None:
    if not truth:
        raise SystemExit(f"FAIL  {name}: {found}")
    print(f"ok    {time.monotonic() - began:6.1f} s  {name}", flush=True)


def text(item: dict, name: str) -> str:
    return next(iter(item[name].values())) if name in item else ""


def record(stack: Stack, outputs: dict, event: dict):
    """Invokes the recorder, and returns its answer and its error's type."""
    answer = stack.client("lambda").invoke(FunctionName=outputs["Recorder"], Payload=json.dumps(event).encode())
    body = json.loads(answer["Payload"].read() or b"null")
    return body, answer.get("FunctionError")


def measuring(stack: Stack, outputs: dict) -> None:
    """A schedule's event, sent twice, is measured once; configurations are put back."""
    before = {name: function.configuration() for name, function in stack.front.functions.items()}
    event = {"scheduled": "2026-11-29T12:00:00Z"}
    answer, error = record(stack, outputs, event)
    check(not error and answer["stored"] == 10 and answer["failures"] == 0, "the recorder stores 10 samples", answer)
    items = stack.items(outputs["MeasurementTable"])
    cold = [item for item in items if text(item, "start") == "cold"]
    check(len(items) == 10 and len(cold) == 4, "of two functions, 2 cold and 3 warm each", items)
    check(all(text(item, "sha256") == PI_10000 for item in items), "each with the digest of 10,000 digits")
    check(all(float(text(item, "init_ms")) > 0 for item in cold), "cold ones with their init from REPORT")
    names = ("architecture", "package", "memory_mb", "region", "processor", "duration_ms", "billed_ms", "used_mb",
             "usd", "expires", "source")
    check(all(text(item, name) for item in items for name in names), "no field is empty", items[0])
    after = {name: function.configuration() for name, function in stack.front.functions.items()}
    same = all(after[n]["Environment"] == before[n]["Environment"] and after[n]["MemorySize"] == 512 for n in after)
    check(same, "memory and variables are put back", after)
    calls = len(stack.front.calls)
    answer, error = record(stack, outputs, event)
    check(not error and (answer["stored"], answer["known"]) == (0, 10), "the event again stores nothing", answer)
    invoked = [call for call in stack.front.calls[calls:] if call[2] == "invocations"]
    check(not invoked, "and measures nothing", invoked)


def faults_of_measuring(stack: Stack, outputs: dict) -> None:
    """A table and a Lambda that fail on the way: retries of the event take what is missing."""
    stack.faults.share, stack.front.refusals = 0.4, 6
    event = {"scheduled": "2026-11-29T18:00:00Z"}
    for attempt in range(1, 8):
        answer, error = record(stack, outputs, event)
        if not error:
            break
    stack.faults.share, stack.front.refusals = 0.0, 0
    check(not error, f"with 40 % of calls failing, attempt {attempt} completes the measurement", answer)
    items = [item for item in stack.items(outputs["MeasurementTable"]) if text(item, "sample") > "2026-11-29T15"]
    check(len(items) == 10, "10 samples, none lost and none doubled", len(items))
    check(all(f.configuration()["MemorySize"] == 512 for f in stack.front.functions.values()), "all put back")


def schedule(stack: Stack, outputs: dict) -> None:
    """ministack's own schedule fires the recorder."""
    scheduler = stack.client("scheduler")
    name = f"{stack.name}-rate"
    found = scheduler.get_schedule(Name=name)
    soon = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 2))
    scheduler.update_schedule(Name=name, ScheduleExpression=f"at({soon})", State="ENABLED", Target=found["Target"],
                              FlexibleTimeWindow=found["FlexibleTimeWindow"])
    count = len(stack.items(outputs["MeasurementTable"]))
    end = time.monotonic() + 60
    while len(stack.items(outputs["MeasurementTable"])) < count + 10 and time.monotonic() < end:
        time.sleep(1)
    now = len(stack.items(outputs["MeasurementTable"]))
    check(now == count + 10, "the schedule fires the recorder, which stores 10 samples", now - count)


def tokens(stack: Stack, outputs: dict) -> dict:
    """Tokens are made, shown once, and stored as digests."""
    made = {}
    for name, scopes in (("reader", "read"), ("writer", "write"), ("both", "read,write")):
        run = stack.tokens(outputs, "make", "--name", name, "--scopes", scopes)
        check(run.returncode == 0 and run.stdout.startswith("pio_"), f"a token for {scopes}", run.stderr)
        made[name] = run.stdout.strip()
    listed = stack.tokens(outputs, "list")
    check(all(name in listed.stdout for name in made), "the list names them", listed.stdout)
    stored = json.dumps(stack.client("dynamodb").scan(TableName=outputs["TokenTable"])["Items"])
    check(not any(token[4:] in stored or token in listed.stdout for token in made.values()), "and holds no token")
    return made


def api(stack: Stack, outputs: dict, made: dict) -> None:
    """Routes, scopes, refusals, pages."""
    one = {"function": "mine", "at": "2026-11-28T00:00:00Z", "id": "1", "source": "caller", "start": "warm",
           "memory_mb": 256, "duration_ms": 1.5, "billed_ms": 2}
    body = json.dumps(one)

    def status(method, path, token="", **more):
        return stack.http(outputs, method, path, token, **more)[0]

    check(status("POST", "/measurements", body=body) == 401, "401 without a token")
    check(status("POST", "/measurements", "pio_" + "x" * 43, body=body) == 403, "403 with an unknown token")
    check(status("POST", "/measurements", made["reader"], body=body) == 403, "403 without the scope")
    check(status("POST", "/measurements", made["writer"], body=body) == 201, "201 for a new measurement")
    check(status("POST", "/measurements", made["writer"], body=body) == 200, "200 for the same again")
    other = json.dumps(one | {"duration_ms": 9})
    check(status("POST", "/measurements", made["writer"], body=other) == 409, "409 for another with its key")
    found = stack.http(outputs, "POST", "/measurements", made["writer"], body=json.dumps(one | {"memory_mb": 1}))
    check(found[0] == 400 and json.loads(found[2])["field"] == "memory_mb", "400 names the field", found)
    check(status("POST", "/measurements", made["writer"], body="x" * 20_000) == 413, "413 for a large body")
    wrong = {"Content-Type": "text/plain"}
    check(status("POST", "/measurements", made["writer"], body=body, headers=wrong) == 415, "415 for a text")
    check(status("GET", "/measurements?function=mine", made["writer"]) == 403, "403 for reading by a writer")
    name, seen, path = f"{stack.name}-pi-arm64", [], "&limit=3"
    while path is not None:
        page = json.loads(stack.http(outputs, "GET", f"/measurements?function={name}{path}", made["reader"])[2])
        seen += page["measurements"]
        path = f"&limit=3&next={page['next']}" if page["next"] else None
    keys = {(it["at"], it["id"]) for it in seen}
    check(len(seen) == len(keys) == 15 and seen == sorted(seen, key=lambda it: (it["at"], it["id"])),
          "15 measurements of three events, in pages of 3", len(seen))


def report(stack: Stack, outputs: dict, made: dict, folder: Path) -> None:
    """The page, over 30 days."""
    days = [day for day in range(1, 29)]
    now = time.time()
    for function, factor in (("shop-arm64", 1.0), ("shop-x86", 1.4)):
        for day in days[::3]:
            for number in range(4):
                cold = number == 0
                wobble = 1 + ((day * 7 + number * 3) % 10) / 40
                one = {"function": function, "at": time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime(now - day * 86_400)),
                       "id": str(number), "source": "caller", "start": "cold" if cold else "warm", "memory_mb": 512,
                       "duration_ms": round(8 * factor * wobble, 3), "billed_ms": round(8 * factor * wobble + 14 * cold) + 1,
                       "event": "order", "architecture": "arm64" if factor == 1 else "x86_64", "used_mb": 31}
                if cold:
                    one["init_ms"] = round(14 * factor * wobble, 2)
                found = stack.http(outputs, "POST", "/measurements", made["writer"], body=json.dumps(one))
                if found[0] != 201:
                    raise SystemExit(f"FAIL  seeding: {found}")
    status, headers, page = stack.http(outputs, "GET", "/?function=shop-arm64,shop-x86", made["reader"])
    check(status == 200 and headers.get("content-type", headers.get("Content-Type", "")).startswith("text/html"),
          "the report is a page", (status, headers))
    wanted = ("Trend at 512 MB", "time (init + duration), cold", "USD for a million invocations, warm", "a day")
    check(all(part in page for part in wanted), "with trends over days, cold beside warm, and cost")
    check("<script" not in page and "http" not in page.replace("http-equiv", ""), "that loads nothing")
    (folder / "report.html").write_text(page)
    whole = stack.http(outputs, "GET", "/", made["reader"])
    check(whole[0] == 200 and f"{stack.name}-pi-arm64" in whole[2], "and one of all functions", whole[0])


def revoking(stack: Stack, outputs: dict, made: dict) -> None:
    """A revoked token is refused; a failing table is an error that is not cached."""
    listed = stack.tokens(outputs, "list").stdout
    identity = next(line.split()[0] for line in listed.splitlines() if " both " in line)
    path = "/measurements?function=mine"
    # Another query is another cache entry of nothing: the cache's key is the header and the route.
    stack.faults.share, stack.faults.kinds = 1.0, ("error",)
    found = stack.http(outputs, "GET", path, made["both"])[0]
    check(found == 500, "500 while the table of tokens fails", found)
    stack.faults.share, stack.faults.kinds = 0.0, type(stack.faults.kinds)(("throttle", "error", "lost", "half", "cut", "hang"))
    check(stack.tokens(outputs, "revoke", identity).returncode == 0, "a token is revoked")
    found = stack.http(outputs, "GET", path, made["both"])[0]
    check(found == 403, "and refused", found)
    check(stack.tokens(outputs, "revoke", identity).returncode == 1, "once")


def flood(stack: Stack, outputs: dict, count: int) -> None:
    """Many measurements through a table that fails in every way, each written more than once."""
    stack.faults.share, stack.faults.hangs = 0.2, 2
    before = stack.faults.counts.copy()
    environment = os.environ | {
        "TABLE": outputs["MeasurementTable"], "AWS_ENDPOINT_URL": stack.faults.url, "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION,
    }
    run = subprocess.run([stack.binaries / "flood", str(count)], env=environment, capture_output=True, text=True,
                         timeout=300, check=False)
    stack.faults.share = 0.0
    check(run.returncode == 0, f"{count} measurements are written through faults", run.stderr[-2000:])
    items = [item for item in stack.items(outputs["MeasurementTable"]) if text(item, "function").startswith("flood-")]
    ids = {text(item, "id") for item in items}
    wrong = [item for item in items if float(text(item, "duration_ms")) != int(text(item, "id")[1:]) / 8]
    counts = dict(stack.faults.counts - before)
    check(len(items) == len(ids) == count and not wrong, f"{len(items)} items, none lost, doubled or changed", counts)
    print(f"      faults: {json.dumps(counts)}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, default=10_000)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    stack = Stack(arguments.binaries.resolve(), arguments.folder / "ministack.log")
    try:
        stack.upload()
        outputs = stack.deploy(Schedule="DISABLED")
        check({"Url", "Recorder", "TokenTable"} <= outputs.keys(), "the expanded template is a stack", outputs)
        measuring(stack, outputs)
        faults_of_measuring(stack, outputs)
        made = tokens(stack, outputs)
        schedule(stack, outputs)
        api(stack, outputs, made)
        report(stack, outputs, made, arguments.folder)
        revoking(stack, outputs, made)
        outputs = stack.deploy(Schedule="DISABLED", PublicReport="yes")
        check(stack.http(outputs, "GET", "/")[0] == 200, "an update of the stack opens the report")
        check(stack.http(outputs, "GET", "/measurements?function=mine")[0] == 401, "and nothing else")
        flood(stack, outputs, arguments.events)
        stack.delete()
        tables = stack.client("dynamodb").list_tables()["TableNames"]
        check(outputs["TokenTable"] not in tables, "the stack is deleted", tables)
    finally:
        stack.stop()
    print(f"all passed in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
