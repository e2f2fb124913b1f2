"""ministack in the place of AWS: one process on 127.0.0.1, and what its users need beside it."""

import io
import os
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import boto3
from botocore.config import Config

REGION = "eu-central-1"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION}


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def until(what: str, is_so, seconds: float = 300) -> None:
    """Waits until it is so: by default far longer than anything takes here, so that a hang becomes a failure."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise SystemExit(f"FAIL  {what}")
        time.sleep(0.2)


def zip_of(name: str, content: bytes | str) -> bytes:
    """A zip with one executable file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, content)
    return buffer.getvalue()


def zipped(program: Path) -> bytes:
    """A zip with the program as `bootstrap`."""
    return zip_of("bootstrap", program.read_bytes())


class Ministack:
    """A running ministack."""

    def __init__(self, log: Path, variables: dict | None = None):
        """`variables` are further settings; {folder} in a value is a folder that lives as long as this."""
        self.log, self.variables, self.port = log, variables or {}, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # ministack leaves the programs of functions in it.
        self.temporary = tempfile.TemporaryDirectory(prefix="observatory-")
        self.server = None
        self.start_server()

    def start_server(self) -> None:
        folder = self.temporary.name
        environment = os.environ | KEYS | {
            "GATEWAY_PORT": str(self.port), "BIND_HOST": "127.0.0.1", "MINISTACK_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url, "TMPDIR": folder,
        } | {name: value.format(folder=folder) for name, value in self.variables.items()}
        program = Path(sys.executable).parent / "ministack"
        with open(self.log, "ab") as log:
            self.server = subprocess.Popen([program], env=environment, stdout=log, stderr=subprocess.STDOUT,
                                           start_new_session=True)
        end = time.monotonic() + 120
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                if time.monotonic() > end or self.server.poll() is not None:
                    raise RuntimeError(f"ministack does not start; its log is {self.log}") from None
                time.sleep(0.1)

    def client(self, service: str):
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, aws_access_key_id="test",
                            aws_secret_access_key="test",
                            config=Config(retries={"max_attempts": 3}, read_timeout=120))

    def stop(self) -> None:
        self.stop_server()
        self.temporary.cleanup()

    def stop_server(self) -> None:
        self.server.terminate()
        try:
            self.server.wait(10)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
