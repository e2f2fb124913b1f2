#!/usr/bin/env python3
"""The store against other people's DynamoDB: moto, and dynalite where npm has installed it.

    opinions.py BINARIES TOOLS FOLDER

The conditional writes, batches and pages of the store must mean the same to each: every measurement is stored
once, also by a writer that writes all of them again, and each item has the attribute that TTL reads.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import boto3
from botocore.exceptions import ClientError, EndpointConnectionError

from end_to_end import check, text
from stack import REGION, free_port
from stand_in import KEYS

COUNT = 500


def engines(tools: Path) -> dict:
    """Commands of the engines by name, which take a port."""
    found = {"moto": [tools / "bin/moto_server", "-H", "127.0.0.1", "-p"]}
    dynalite = tools / "dynalite/node_modules/dynalite/cli.js"
    if dynalite.exists():
        found["dynalite"] = ["node", dynalite, "--host", "127.0.0.1", "--createTableMs", "0", "--port"]
    return found


def table(client) -> None:
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("function", "sample")]
    schema = [{"AttributeName": "function", "KeyType": "HASH"}, {"AttributeName": "sample", "KeyType": "RANGE"}]
    end = time.monotonic() + 60
    while True:
        try:
            client.create_table(TableName="measurements", BillingMode="PAY_PER_REQUEST", KeySchema=schema,
                                AttributeDefinitions=attributes)
            break
        except EndpointConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
    client.get_waiter("table_exists").wait(TableName="measurements", WaiterConfig={"Delay": 1})


def tells_the_old_item(client) -> bool:
    """A conditional write fails on an existing item, perhaps with the item."""
    put = {"TableName": "measurements", "Item": {"function": {"S": "*"}, "sample": {"S": "condition"}},
           "ConditionExpression": "attribute_not_exists(#sort)", "ExpressionAttributeNames": {"#sort": "sample"},
           "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    client.put_item(**put)
    try:
        client.put_item(**put)
    except client.exceptions.ConditionalCheckFailedException as error:
        return "Item" in error.response
    raise SystemExit("FAIL  a conditional write over an existing item passes")


def expiry(client, name: str) -> str:
    """The engine's view of the attribute that TTL reads."""
    try:
        client.update_time_to_live(TableName="measurements",
                                   TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True})
        found = client.describe_time_to_live(TableName="measurements")["TimeToLiveDescription"]
        check(found["AttributeName"] == "expires", f"{name}: TTL reads the attribute", found)
        return ""
    except ClientError as error:
        return error.response["Error"]["Code"]


def judge(name: str, command: list, binaries: Path, folder: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with open(folder / f"{name}.log", "wb") as log:
        engine = subprocess.Popen([*command, str(port)], stdout=log, stderr=subprocess.STDOUT)
    try:
        client = boto3.client("dynamodb", endpoint_url=url, region_name=REGION, aws_access_key_id="test",
                              aws_secret_access_key="test")
        table(client)
        environment = os.environ | KEYS | {"TABLE": "measurements", "AWS_ENDPOINT_URL": url}
        # Without the old item, a write that finds its own measurement takes it for another.
        tells = tells_the_old_item(client)
        if not tells:
            print(f"NOT TESTED  {name}: a repeated write is known; a failed condition returns no item here")
        for turn, ends in (("once", 0 if tells else 101), ("again", 101)):
            ran = subprocess.run([binaries / "flood", str(COUNT)], env=environment, capture_output=True, text=True,
                                 timeout=200, check=False)
            # The second writer finds its first measurement stored, and says so.
            check(ran.returncode == ends, f"{name}: {COUNT} measurements are written {turn}", ran.stderr[-1000:])
        pages = client.get_paginator("scan").paginate(TableName="measurements")
        items = [item for page in pages for item in page["Items"] if item["function"]["S"] != "*"]
        ids = {text(item, "id") for item in items}
        check(len(items) == len(ids) == COUNT, f"{name}: {len(items)} items, none lost, none doubled", len(items))
        days = {int(item["expires"]["N"]) // 86_400 for item in items}
        check(all("N" in item["expires"] for item in items) and days, f"{name}: each expires on a day")
        unknown = expiry(client, name)
        if unknown:
            print(f"NOT TESTED  {name}: TTL of the table ({unknown})")
    finally:
        engine.terminate()
        engine.wait()


def main() -> None:
    binaries, tools, folder = (Path(argument).resolve() for argument in sys.argv[1:])
    found = engines(tools)
    for name, command in found.items():
        judge(name, command, binaries, folder)
    if "dynalite" not in found:
        print("NOT TESTED  dynalite: npm is missing, which installs it")


if __name__ == "__main__":
    main()
