"""Lambda's API for the pi functions, with REPORT lines, on one machine.

ministack's Lambda writes no REPORT line. Here each function is a process of `lambda-meter serve`, which does.
A change of the configuration starts a new process, so that the next invocation is cold, as on AWS.
"""

import hashlib
import json
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATH = re.compile(r"/2015-03-31/functions/([^/]+)/(configuration|invocations)")


class Function:
    """One function and its process."""

    def __init__(self, meter: str, binary: str, name: str, port: int):
        self.meter, self.binary, self.name, self.port = meter, binary, name, port
        self.memory, self.variables, self.revision = 512, {"KEPT": "yes"}, str(uuid.uuid4())
        self.timeout = 30
        self.process, self.lock = None, threading.Lock()

    def start(self) -> None:
        self.stop()
        self.process = subprocess.Popen(
            [self.meter, "serve", "--binary", self.binary, "--function-name", self.name, "--limits", "off",
             "--memory", str(self.memory), "--timeout", str(self.timeout), "--port", str(self.port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def configuration(self) -> dict:
        architecture = "x86_64" if "x86" in self.name else "arm64"
        return {
            "FunctionName": self.name, "MemorySize": self.memory, "Timeout": self.timeout, "Architectures": [architecture],
            "PackageType": "Zip", "State": "Active", "LastUpdateStatus": "Successful", "CodeSize": 1,
            "CodeSha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "RevisionId": self.revision,
            "Environment": {"Variables": self.variables},
        }

    def update(self, changes: dict) -> dict:
        self.memory = changes.get("MemorySize", self.memory)
        self.variables = changes.get("Environment", {}).get("Variables", self.variables)
        self.revision = str(uuid.uuid4())
        self.stop()
        return self.configuration()

    def invoke(self, headers: dict, body: bytes):
        with self.lock:
            if not self.process:
                self.start()
        url = f"http://127.0.0.1:{self.port}/2015-03-31/functions/{self.name}/invocations"
        end = time.monotonic() + 20
        while True:
            request = urllib.request.Request(url, data=body, headers=headers, method="POST")
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return answer.status, answer.headers, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.headers, error.read()
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)


class Front:
    """The server. `refusals` counts down invocations that are answered by 429."""

    def __init__(self, meter: str, binary: str, names: list, ports: list):
        self.functions = {name: Function(meter, binary, name, port) for name, port in zip(names, ports)}
        self.refusals, self.calls = 0, []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(front):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status: int, headers: dict, body: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def dispatch(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                match = PATH.match(self.path)
                function = match and front.functions.get(match[1])
                if not function:
                    self.answer(404, {"x-amzn-errortype": "ResourceNotFoundException"}, b'{"Message":"none"}')
                    return
                front.calls.append((self.command, match[1], match[2]))
                if match[2] == "configuration":
                    found = function.update(json.loads(body)) if self.command == "PUT" else function.configuration()
                    self.answer(200, {"Content-Type": "application/json"}, json.dumps(found).encode())
                    return
                if front.refusals > 0:
                    front.refusals -= 1
                    self.answer(429, {"x-amzn-errortype": "TooManyRequestsException"}, b'{"Message":"slower"}')
                    return
                kept = {name: value for name, value in self.headers.items() if name.lower().startswith("x-amz")}
                status, headers, payload = function.invoke(kept, body)
                names = ("x-amz-log-result", "x-amz-function-error", "x-amz-executed-version", "x-amzn-requestid")
                self.answer(status, {n: headers[n] for n in names if headers.get(n)}, payload)

            do_GET = do_PUT = do_POST = dispatch

        return Handler

    def stop(self) -> None:
        self.server.shutdown()
        for function in self.functions.values():
            function.stop()


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
