"""An application that `lambda-meter serve` runs from a file, and the template's tables in the place of AWS."""

import json
import re
import signal
import subprocess
from pathlib import Path

from expand import expand
from stand_in import until

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"HTTP API on (\S+)\n")


def template() -> dict:
    """The observatory's template, expanded."""
    return expand((ROOT / "app/template.yaml").read_text(), "code")


def create_tables(dynamodb) -> None:
    """Makes the template's tables, which are called `measurements` and `tokens`."""
    resources = template()["Resources"]
    for name in ("Measurements", "Tokens"):
        table = resources[name]["Properties"]
        dynamodb.create_table(TableName=name.lower(), BillingMode="PAY_PER_REQUEST", KeySchema=table["KeySchema"],
                              AttributeDefinitions=table["AttributeDefinitions"])


def target(name: str, program: Path, memory: int, variables: dict) -> list:
    """The lines of a function in the file."""
    pairs = ", ".join(f"{key} = {json.dumps(value)}" for key, value in variables.items())
    return ["[[target]]", f'name = "{name}"', f"binary = {json.dumps(str(program))}", f"memory = [{memory}]",
            f"env = {{ {pairs} }}", ""]


class Served:
    """A process of `lambda-meter serve` with an application; its standard error goes to a log beside the file."""

    def __init__(self, meter: Path, file: Path, lines: list, environment: dict, *options: str):
        file.write_text("\n".join(lines) + "\n")
        self.log = file.with_suffix(".log")
        command = [meter, "serve", "--functions", file, "--port", "0", *options]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, env=environment, stderr=log, stdin=subprocess.DEVNULL)

    def address(self) -> str:
        """Waits for the HTTP API, and returns its address."""
        until("lambda-meter does not start", lambda: self.found() or self.process.poll() is not None)
        found = self.found()
        if not found:
            raise SystemExit(f"FAIL  lambda-meter ends: {self.log.read_text()}")
        return found[1]

    def found(self):
        return ADDRESS.search(self.log.read_text())

    def stop(self) -> int:
        """Ends the process by Ctrl-C, and returns its status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)
