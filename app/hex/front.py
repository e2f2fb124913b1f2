"""The front of an emulated AWS: Lambda's Invoke API goes to `lambda-meter serve`, all else to moto.

Faults are injected into invocations of `hex-part`, by the number of the part and of its attempt, so that
a run repeats exactly:

    fail     the function reports an error that may pass
    exit     the process of the function dies
    throttle too many invocations at once
    late     the answer comes after the state machine has given up waiting
    twice    the function runs twice, and its second answer counts

Parts can be held until they are released, so that a run is stopped while they are under way.

A plan of few parts gets what a plan of thousands has: batches of several parts, and short timeouts.
"""

import http.client
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

INVOCATIONS = "/2015-03-31/functions/"
CONFIGURATION = {
    "FunctionName": "pi-hex",
    "MemorySize": 1769,
    "Timeout": 900,
    "Architectures": ["x86_64"],
    "PackageType": "Zip",
    "State": "Active",
    "LastUpdateStatus": "Successful",
}
FAULTS = ("fail", "exit", "throttle", "late", "twice", None)


class Front:
    """A server on a port of its own, and the invocations that it has seen."""

    def __init__(self, port, moto, function, faults=False, timeout=None, stop_after=None):
        self.moto, self.function, self.faults = moto, function, faults
        self.timeout, self.late = timeout, True
        self.stop_after, self.stopped = stop_after, threading.Event()
        # Parts wait for it once `stopped` is set.
        self.released = threading.Event()
        self.released.set()
        # Bodies of the requests that were forwarded, by their target, such as AWSStepFunctions.StopExecution.
        self.targets = {}
        self.lock = threading.Lock()
        self.attempts = {}
        self.injected = {}
        self.computed = {}
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                try:
                    status, headers, payload = front.serve(self.command, self.path, self.headers, body)
                    self.send_response_only(status)
                    for name, value in headers:
                        if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                            self.send_header(name, value)
                    self.send_header("Content-Length", str(len(payload)))
                    self.end_headers()
                    self.wfile.write(payload)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, method, path, headers, body):
        if path.startswith(INVOCATIONS) and path.endswith("/configuration"):
            return 200, [("Content-Type", "application/json")], json.dumps(CONFIGURATION).encode()
        if target := headers.get("X-Amz-Target"):
            with self.lock:
                self.targets.setdefault(target, []).append(body)
        if not path.startswith(INVOCATIONS) or not path.endswith("/invocations"):
            return forward(self.moto, method, path, headers, body)
        request = json.loads(body)
        if request.get("op") == "hex-plan":
            return self.planned(*forward(self.function, method, path, headers, body))
        if request.get("op") != "hex-part":
            return forward(self.function, method, path, headers, body)
        part = (request["job"], request["part"])
        with self.lock:
            attempt = self.attempts.get(part, 0)
            self.attempts[part] = attempt + 1
        fault = FAULTS[(part[1] + len(part[0])) % len(FAULTS)] if self.faults and attempt == 0 else None
        fault = None if fault == "late" and not self.late else fault
        if fault:
            with self.lock:
                self.injected[fault] = self.injected.get(fault, 0) + 1
        if fault == "fail":
            return failed("DeadlineExceeded", "injected: the computation was stopped")
        if fault == "exit":
            return failed("Runtime.ExitError", "injected: RequestId: 1 Error: Runtime exited")
        if fault == "throttle":
            body = json.dumps({"Type": "User", "message": "Rate Exceeded.", "Reason": "injected"}).encode()
            return 429, [("x-amzn-ErrorType", "TooManyRequestsException")], body
        if self.stopped.is_set():
            self.released.wait()
        answer = forward(self.function, method, path, headers, body)
        if fault == "twice":
            answer = forward(self.function, method, path, headers, body)
        if fault == "late":
            time.sleep(self.timeout + 2)
        with self.lock:
            self.computed[part] = self.computed.get(part, 0) + 1
            if self.stop_after is not None and len(self.computed) >= self.stop_after:
                self.stopped.set()
        return answer

    def hold(self, after):
        """Holds all parts behind the next `after`, until `released` is set."""
        with self.lock:
            self.computed.clear()
            self.stopped.clear()
            self.released.clear()
            self.stop_after = after

    def planned(self, status, headers, body):
        """A plan with batches of two parts, and the timeout of this front."""
        plan = json.loads(body)
        if "parts" in plan:
            plan["batches"] = [
                {"from": first, "to": min(first + 1, plan["parts"] - 1)} for first in range(0, plan["parts"], 2)
            ]
            plan["timeout_seconds"] = self.timeout or plan["timeout_seconds"]
        return status, headers, json.dumps(plan).encode()


def failed(error_type, message):
    body = json.dumps({"errorType": error_type, "errorMessage": message}).encode()
    return 200, [("X-Amz-Function-Error", "Unhandled"), ("Content-Type", "application/json")], body


def forward(port, method, path, headers, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=900)
    sent = {name: value for name, value in headers.items() if name.lower() not in ("connection", "content-length")}
    connection.request(method, path, body, sent)
    response = connection.getresponse()
    payload = response.read()
    connection.close()
    return response.status, response.getheaders(), payload
