"""A proxy in front of DynamoDB that throttles, fails, loses answers, hangs, and writes halves of batches."""

import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KINDS = ("throttle", "error", "lost", "half", "cut", "hang")
# Longer than the store waits for an attempt.
HANG_S = 6


class Faults:
    """The proxy. `share` of its calls fail, each in one of `kinds`; `hangs` bounds those that hang."""

    def __init__(self, upstream: str, seed: int = 7):
        self.upstream, self.random = upstream, random.Random(seed)
        self.share, self.kinds, self.hangs = 0.0, KINDS, 2
        self.counts, self.lock = Counter(), threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()

    def fate(self, target: str) -> str:
        """The fault of the next call, or the empty text."""
        with self.lock:
            self.counts["calls"] += 1
            if self.random.random() >= self.share:
                return ""
            kind = self.random.choice(self.kinds)
            if kind == "half" and not target.endswith("BatchWriteItem"):
                kind = "throttle"
            if kind == "hang":
                self.hangs -= 1
                kind = kind if self.hangs >= 0 else "error"
            self.counts[kind] += 1
            return kind

    def forward(self, path: str, headers: dict, body: bytes):
        request = urllib.request.Request(self.upstream + path, data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError as error:
            return 503, json.dumps({"__type": "ServiceUnavailable", "message": str(error)}).encode()

    def half(self, path: str, headers: dict, body: bytes):
        """Writes every second item of a batch, and calls the others unprocessed."""
        call = json.loads(body)
        left = {table: requests[1::2] for table, requests in call["RequestItems"].items() if requests[1::2]}
        call["RequestItems"] = {table: requests[::2] for table, requests in call["RequestItems"].items()}
        status, answer = self.forward(path, headers, json.dumps(call).encode())
        if status == 200:
            answer = json.dumps({"UnprocessedItems": left}).encode()
        return status, answer

    def handler(faults):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                kept = ("authorization", "content-type", "x-amz-date", "x-amz-security-token", "x-amz-target")
                headers = {name: value for name, value in self.headers.items() if name.lower() in kept}
                kind = faults.fate(self.headers.get("x-amz-target", ""))
                if kind == "hang":
                    time.sleep(HANG_S)
                if kind == "cut":
                    self.close_connection = True
                    self.connection.close()
                    return
                if kind == "throttle":
                    status, answer = 400, refusal("ProvisionedThroughputExceededException")
                elif kind == "error":
                    status, answer = 500, refusal("InternalServerError")
                elif kind == "half":
                    status, answer = faults.half(self.path, headers, body)
                else:
                    status, answer = faults.forward(self.path, headers, body)
                    if kind == "lost":
                        status, answer = 503, refusal("ServiceUnavailable")
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/x-amz-json-1.0")
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)
                except OSError:
                    self.close_connection = True

        return Handler


def refusal(code: str) -> bytes:
    return json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "played"}).encode()
