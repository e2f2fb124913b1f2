"""Runs the state machine of hexadecimal digits on an emulated AWS, and checks what it leaves.

    run.py moto FRONT MOTO FUNCTION POSITION    ports: moto calls Lambda at the front, which calls the function
    run.py faults FRONT MOTO FUNCTION           the same with faults, a stop in the middle and a wrong sum
    run.py client FRONT MOTO FUNCTION METER     lambda-meter hex drives the parts, then the state machine
    run.py ministack PORT PROGRAM POSITION      ministack starts the function itself, in the observatory's stack

ci/hex.sh starts the servers.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from account import Account, check
from front import FAULTS, Front
from stand_in import until

PUBLISHED = {
    "1e6": "26C65E52CB4593",
    "1e7": "17AF5863EFED8D",
    "1e8": "ECB840E21926EC",
    "1e9": "85895585A0428B",
}


def check_proof(account, proof, position, parts=None):
    """The digits are the published ones, and every term of both sums was counted once."""
    published = PUBLISHED[position]
    check(proof["digits"].startswith(published), f"{proof['digits']} is not {published}")
    check(proof["agreed"] >= 16, f"only {proof['agreed']} digits agree")
    stored = account.parts()
    total = 0
    for whole in proof["sums"]:
        own = stored[whole["job"]]
        check(parts is None or len(own) == parts, f"{len(own)} parts of {whole['job']}")
        check(whole["parts"] == len(own), f"{whole['parts']} parts were added, {len(own)} are stored")
        check(own[0]["first"] == 0 and own[-1]["end"] == whole["end"], "the first and the last term are there")
        check(
            all(a["end"] == b["first"] for a, b in zip(own, own[1:])),
            "each part begins where the one before ends",
        )
        added = sum(int(part["sum"], 16) for part in own) % 2**128
        check(f"{added:032x}" == whole["sum"], "the parts add up to the sum")
        items = account.read_items(whole["job"])
        numbers = [number for item in items for number in range(item["from"], item["to"] + 1)]
        check(numbers == [part["part"] for part in own], f"the items in S3 name each part once: {items}")
        total += len(own)
    check(proof["parts"] == total, "the proof counts all parts")
    return total


def enable_state_machines(port):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/moto-api/config",
        json.dumps({"stepfunctions": {"execute_state_machine": True}}).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=10).read()


def run_moto(front_port, moto, function, position):
    enable_state_machines(moto)
    front = Front(front_port, moto, function)
    # moto gives a path of one element as that element: neither a job nor its last page may have one part.
    account = Account(front_port).create(page=5)
    began = time.monotonic()
    proof = account.proof(account.start(position=position, parts=9, concurrency=4))
    seconds = time.monotonic() - began
    parts = check_proof(account, proof, position)
    check(front.computed and set(front.computed.values()) == {1}, "every part was computed once")
    # ministack 1.5 writes no results to S3, and moto 5.2 a manifest alone.
    check(len(account.manifests()) == 2, f"the result writer leaves a manifest for each sum: {account.manifests()}")
    show(proof, f"{parts} parts in {seconds:.1f} s on moto")


def run_faults(front_port, moto, function):
    """Parts fail, die, are throttled, come late and run twice; then the run is stopped and goes on."""
    enable_state_machines(moto)
    parts = 12
    front = Front(front_port, moto, function, faults=True, timeout=3, stop_after=parts // 2)
    account = Account(front_port).create()
    execution = account.start(position="1e6", parts=parts, concurrency=6)
    check(front.stopped.wait(120), "half of the parts of the first sum were computed within two minutes")
    # A part is computed some time before the state machine stores it.
    until("no part is stored", account.sums_of_parts)
    account.states.stop_execution(executionArn=execution, error="Stopped", cause="by the test")
    stopped = account.finish(execution, 60)
    # moto 5.2 trips over a stop within a distributed map, and calls the run failed.
    check(stopped["status"] in ("ABORTED", "FAILED"), f"the run was stopped: {stopped}")
    # What was under way ends or is lost; nothing else begins.
    time.sleep(2)
    kept = {(item["Job"]["S"], int(item["Part"]["N"])) for item in account.sums_of_parts()}
    before = dict(front.attempts)
    check(0 < len(kept) < 2 * parts, f"{len(kept)} parts were kept")

    # moto 5.2 neither tries again after a timeout nor fails the map for a lost part: the sum refuses the gap,
    # and the next start computes what is missing. On a busy machine more parts come late than those injected.
    starts = 0
    while True:
        starts += 1
        execution = account.start(position="1e6", parts=7, concurrency=6)
        found = account.finish(execution, 200)
        if found["status"] == "SUCCEEDED":
            break
        refused = found.get("error") == "InvalidParts" and "are missing" in found.get("cause", "")
        check(starts < 15 and refused, f"only a missing part fails a run: {found}\n{account.last(execution)}")
    proof = json.loads(found["output"])
    check_proof(account, proof, "1e6")
    counts = [whole["parts"] for whole in proof["sums"]]
    check(counts == [parts, 7], f"the first sum keeps the plan of the first run: {counts}")
    repeated = [part for part in kept if front.attempts[part] != before[part]]
    check(not repeated, f"parts that were there are computed again: {repeated}")
    missing = [fault for fault in FAULTS if fault and not front.injected.get(fault)]
    check(not missing, f"faults that no part had: {missing}")

    # A third run computes nothing.
    attempts = dict(front.attempts)
    again = account.proof(account.start(position="1e6"))
    check(again["digits"] == proof["digits"] and front.attempts == attempts, "all parts were there")

    # A wrong sum of a part is found by the other formula.
    job = proof["sums"][0]["job"]
    key = {"Job": {"S": job}, "Part": {"N": "3"}}
    item = account.table.get_item(TableName=account.sums, Key=key)["Item"]
    answer = json.loads(item["Answer"]["S"])
    wrong = f"{int(answer['sum'], 16) ^ 1 << 100:032x}"
    put = {**item, "Sum": {"S": wrong}, "Answer": {"S": json.dumps({**answer, "sum": wrong})}}
    account.table.put_item(TableName=account.sums, Item=put)
    failed = account.finish(account.start(position="1e6"), 120)
    check(failed["status"] == "FAILED" and failed["error"] == "SumsDisagree", f"a wrong sum is found: {failed}")

    # The part is computed again once its item is removed.
    account.table.delete_item(TableName=account.sums, Key=key)
    front.faults = False
    mended = account.proof(account.start(position="1e6"))
    check_proof(account, mended, "1e6")
    injected = ", ".join(f"{fault} {count}" for fault, count in sorted(front.injected.items()))
    show(proof, f"{len(kept)} parts kept over the stop, {starts} starts after it; faults injected: {injected}")


def run_client(front_port, moto, function, meter):
    """The client: a plan, a budget, parts through faults, an interrupt, going on; then the state machine."""
    enable_state_machines(moto)
    front = Front(front_port, moto, function, timeout=20)
    account = Account(front_port).create()
    # No part comes late: this client waits as long as a function may take.
    front.late = False
    folder = tempfile.mkdtemp()
    invoke = f"http://127.0.0.1:{front_port}/2015-03-31/functions/pi-hex/invocations"
    names = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    names |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{front_port}",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "HOME": folder,
    }

    def command(*args):
        return [meter, "hex", "1e6", *args]

    def run(*args, code=0):
        done = subprocess.run(command(*args), cwd=folder, env=names, capture_output=True, text=True, timeout=300)
        check(done.returncode == code, f"{args} ended with {done.returncode}, not {code}: {done.stderr}")
        return done

    endpoint = ["--endpoint", invoke, "--parts", "12", "--concurrency", "3"]
    said = run(*endpoint, "--dry-run").stderr
    check("expected: " in said and "bbp-3999964-12" in said, f"a plan with its cost: {said}")
    said = run(*endpoint, "--max-usd", "0", code=3).stderr
    check("--max-usd 0 is the limit" in said, f"a budget: {said}")
    check(not front.attempts and not os.listdir(folder), "neither computes a part nor makes a file")

    front.faults, front.stop_after = True, 6
    running = subprocess.Popen(command(*endpoint), cwd=folder, env=names, stderr=subprocess.PIPE, text=True)
    check(front.stopped.wait(120), "half of the parts of the first sum were computed within two minutes")
    running.send_signal(signal.SIGINT)
    said = running.communicate(timeout=30)[1]
    check(running.returncode == 130 and "goes on from there" in said, f"an interrupt: {running.returncode} {said}")
    lines = Path(folder, "hex-1e6.jsonl").read_text().splitlines()
    kept = [(answer["job"], answer["part"]) for answer in map(json.loads, lines)]
    check(5 <= len(kept) < 24, f"{len(kept)} parts are kept")
    before = dict(front.attempts)
    proof = json.loads(run(*endpoint, "--json").stdout)
    check(proof["digits"].startswith(PUBLISHED["1e6"]) and proof["parts"] == 24, f"{proof}")
    check(all(front.attempts[part] == before[part] for part in kept), "parts that are kept are not computed again")
    injected = ", ".join(f"{fault} {count}" for fault, count in sorted(front.injected.items()))
    attempts = dict(front.attempts)
    again = run(*endpoint).stdout
    check(proof["digits"] in again and attempts == front.attempts, "all parts were there")
    show(proof, f"lambda-meter hex, {len(kept)} parts kept over an interrupt; faults injected: {injected}")

    # The same client, by direct invocations of a function on AWS.
    front.stop_after = None
    named = ["--function", "pi-hex", "--parts", "7", "--concurrency", "3", "--state", "direct.jsonl"]
    said = run(*named, "--dry-run").stderr
    check("bellard-3999996-7" in said and not Path(folder, "direct.jsonl").exists(), f"a plan: {said}")
    front.injected.clear()
    direct = json.loads(run(*named, "--json").stdout)
    check(direct["digits"] == proof["digits"] and direct["parts"] == 14, f"{direct}")
    check(front.injected and "AWSStepFunctions.StartExecution" not in front.targets, "parts went through faults")
    lines = Path(folder, "direct.jsonl").read_text().splitlines()
    check(len({(line["job"], line["part"]) for line in map(json.loads, lines)}) == 14, f"each part once: {lines}")
    print("  lambda-meter hex --function, parts by direct invocations through faults: the same digits")

    # The same client, and a state machine that drives the parts.
    front.faults = False
    machine = ["--function", "pi-hex", "--state-machine", account.machine, "--parts", "6", "--concurrency", "3"]
    said = run(*machine, "--max-usd", "0.00001", code=3).stderr
    check("is the limit" in said, f"a budget: {said}")
    said = run(*machine[:3], f"{account.machine}x", code=3).stderr
    check("--state-machine takes" in said, f"an ARN that does not exist: {said}")
    interrupt_execution(front, account, command(*machine, "--json"), folder, names)


def interrupt_execution(front, account, command, folder, names):
    """Ctrl-C stops the execution, and the same command goes on from the parts in the table."""
    front.hold(3)
    running = subprocess.Popen(
        command, cwd=folder, env=names, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    check(front.stopped.wait(120), "three parts were computed within two minutes")
    until("fewer than three sums are stored within a minute", lambda: len(account.sums_of_parts()) >= 3, 60)
    check("AWSStepFunctions.StopExecution" not in front.targets, "nothing is stopped yet")
    running.send_signal(signal.SIGINT)
    said = running.communicate(timeout=60)[1]
    check(running.returncode == 130 and "the execution is stopped" in said, f"{running.returncode}: {said}")
    [stop] = map(json.loads, front.targets["AWSStepFunctions.StopExecution"])
    execution = stop["executionArn"]
    check(execution in said and "interrupted by lambda-meter" in stop["cause"], f"{stop} {said}")
    # moto 5.2 trips over a stop within a distributed map, and calls the run failed.
    front.released.set()
    ended = account.finish(execution, 60)["status"]
    check(ended in ("ABORTED", "FAILED"), f"the execution ended as {ended}")
    # What was under way ends or is lost; nothing else begins.
    time.sleep(2)
    kept = {(item["Job"]["S"], int(item["Part"]["N"])) for item in account.sums_of_parts()}
    before, front.stop_after = dict(front.attempts), None
    done = subprocess.run(command, cwd=folder, env=names, capture_output=True, text=True, timeout=300)
    check(done.returncode == 0, f"the same command goes on: {done.returncode}: {done.stderr}")
    check_proof(account, json.loads(done.stdout), "1e6", 6)
    repeated = [part for part in kept if front.attempts.get(part) != before.get(part)]
    check(not repeated, f"parts that were there are computed again: {repeated}")
    print(f"  lambda-meter hex --state-machine: Ctrl-C stopped the execution ({ended}), the same command went on")


def run_ministack(port, program, position):
    account = Account(port).deploy(program, page=4)
    began = time.monotonic()
    proof = account.proof(account.start(position=position, parts=9, concurrency=4))
    parts = check_proof(account, proof, position, 9)
    show(proof, f"{parts} parts in {time.monotonic() - began:.1f} s on ministack")


def show(proof, remark):
    print(f"{proof['digits']} at position {proof['position']}: {remark}")
    print(f"  {proof['seconds']} s and {proof['gb_seconds']} GB-seconds of the function, {proof['usd']:.9f} USD")
    for whole in proof["sums"]:
        print(f"  {whole['job']}: {whole['sum']} +- {whole['error']}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["moto", front, moto, function, position]:
            run_moto(int(front), int(moto), int(function), position)
        case ["faults", front, moto, function]:
            run_faults(int(front), int(moto), int(function))
        case ["client", front, moto, function, meter]:
            run_client(int(front), int(moto), int(function), meter)
        case ["ministack", port, program, position]:
            run_ministack(int(port), program, position)
        case _:
            sys.exit(__doc__)
