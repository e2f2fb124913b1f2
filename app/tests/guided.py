#!/usr/bin/env python3
"""`sam deploy --guided` with every default against ministack, on a machine without Docker; then the deletion.

    guided.py SAM BUILD FOLDER

SAM is the SAM CLI, BUILD the folder of `sam build`, FOLDER gets ministack's log and the answers' configuration file.
CloudFormation deletes the stack: `sam delete` refuses the nested template's address, which is ministack's.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from stand_in import KEYS, REGION, Ministack, until

ROOT = Path(__file__).resolve().parents[2]
NAME = "pi-observatory"


def main() -> None:
    program, build, folder = sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve()
    # Guided answers are written back into the file.
    configuration = folder / "samconfig.toml"
    shutil.copy(ROOT / "app/samconfig.toml", configuration)
    aws = Ministack(folder / "ministack-guided.log")
    try:
        environment = os.environ | KEYS | {
            "AWS_ENDPOINT_URL": aws.url, "DOCKER_HOST": f"unix://{folder}/no-docker.sock", "SAM_CLI_TELEMETRY": "0"}
        # Enter for every question.
        run = subprocess.run([program, "deploy", "--guided", "--template-file", build / "template.yaml", "--config-file",
                              configuration], input="\n" * 100, env=environment, text=True, timeout=300,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        told = f"Successfully created/updated stack - {NAME} in {REGION}"
        assert run.returncode == 0 and told in run.stdout, run.stdout
        functions = {it["FunctionName"] for it in aws.client("lambda").list_functions()["Functions"]}
        expected = {f"{NAME}-{name}" for name in ("api", "authorizer", "recorder", "pi-arm64", "pi-x86-64")}
        assert functions == expected, functions
        aws.client("cloudformation").delete_stack(StackName=NAME)
        until("functions are left after the deletion", lambda: not aws.client("lambda").list_functions()["Functions"], 60)
        assert aws.client("dynamodb").list_tables()["TableNames"] == [f"{NAME}-measurements"]
        print("ok    sam deploy --guided with every default")
    finally:
        aws.stop()


if __name__ == "__main__":
    main()
