#!/usr/bin/env python3
"""Runs the observatory on this machine until Ctrl-C: `make app`.

    serve.py BINARIES FOLDER
"""

import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from stack import Stack


def window(stack: Stack, outputs: dict) -> ThreadingHTTPServer:
    """The HTTP API under a plain address, since browsers send a Host header of their own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kept = {n: v for n, v in self.headers.items() if n.lower() in ("authorization", "content-type")}
            status, headers, text = stack.http(outputs, self.command, self.path, body=body or None, headers=kept)
            body = text.encode()
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() in ("content-type", "content-security-policy", "location"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def main() -> None:
    binaries, folder = (Path(argument) for argument in sys.argv[1:])
    stack = Stack(binaries.resolve(), folder / "ministack.log")
    try:
        stack.upload()
        outputs = stack.deploy(PublicReport="yes", Rate="rate(1 minute)")
        first = stack.client("lambda").invoke(FunctionName=outputs["Recorder"], Payload=b"{}")
        print("first measurement:", json.loads(first["Payload"].read()))
        token = stack.tokens(outputs, "make", "--name", "local", "--scopes", "read,write").stdout.strip()
        server = window(stack, outputs)
        url = f"http://127.0.0.1:{server.server_port}"
        name = f"{stack.name}-pi-arm64"
        print(f"report:       {url}/")
        print(f"measurements: curl -H 'Authorization: Bearer {token}' '{url}/measurements?function={name}'")
        print(f"AWS:          {stack.url} (key test, secret test); the schedule fires each minute; Ctrl-C ends all")
        sys.stdout.flush()
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        stack.stop()


if __name__ == "__main__":
    # Handlers, not masks: the functions' processes would inherit a mask, and outlive SIGTERM. Both are set,
    # because a shell starts programs in the background with SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    main()
