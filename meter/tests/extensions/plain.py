#!/usr/bin/env python3
"""An external extension in plain Python, which misbehaves on demand.

EXTENSION_LOG names the file that gets a line of JSON for everything the extension sees. EXTENSION_MODE
selects a misbehaviour. EXTENSION_TELEMETRY, a JSON object, is the body of the telemetry subscription;
{port} in it becomes the port of the listener.
"""

import http.server
import json
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.request

API = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"]
MODE = os.environ.get("EXTENSION_MODE", "")
NAME = os.path.basename(sys.argv[0])


def saw(kind, **what):
    path = os.environ.get("EXTENSION_LOG")
    if path:
        with open(path, "a") as log:
            log.write(json.dumps({"kind": kind, "name": NAME, **what}) + "\n")


def call(method, path, body=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(API + path, body and body.encode(), headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


RELEASED = threading.Event()
DROPPED = threading.Event()
if MODE != "hold":
    RELEASED.set()


def listener():
    class Listener(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            RELEASED.wait()
            events = json.loads(body)
            saw("telemetry", path=self.path, events=events, bytes=len(body), method=self.command)
            if any(event["type"] == "platform.logsDropped" for event in events):
                DROPPED.set()
            failures = int(os.environ.get("EXTENSION_FAILURES", "0"))
            status = 500 if Listener.count < failures else 200
            Listener.count += 1
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        do_PUT = do_POST

        def log_message(self, *_):
            pass

    Listener.count = 0
    if os.environ.get("EXTENSION_PROTOCOL") == "TCP":
        return tcp_listener()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def tcp_listener():
    server = socket.create_server(("127.0.0.1", 0))

    def read():
        connection, _ = server.accept()
        for line in connection.makefile():
            saw("telemetry", events=[json.loads(line)])

    threading.Thread(target=read, daemon=True).start()
    return server.getsockname()[1]


def hang():
    while True:
        time.sleep(60)


def main():
    print("extension: starting", flush=True)
    if MODE == "no-register":
        hang()
    if MODE == "exit-in-init":
        sys.exit(3)
    events = json.loads(os.environ.get("EXTENSION_EVENTS", '["INVOKE", "SHUTDOWN"]'))
    status, headers, body = call(
        "POST",
        "/2020-01-01/extension/register",
        json.dumps({"events": events}),
        Lambda_Extension_Name=NAME,
        Lambda_Extension_Accept_Feature="accountId",
    )
    me = headers["Lambda-Extension-Identifier"]
    variables = {name: value for name, value in os.environ.items()}
    saw("registered", status=status, body=json.loads(body), environment=variables, folder=os.getcwd())
    again = call("POST", "/2020-01-01/extension/register", "{}", Lambda_Extension_Name=NAME)
    saw("again", status=again[0], body=json.loads(again[2]))
    if MODE == "init-error":
        answer = call(
            "POST",
            "/2020-01-01/extension/init/error",
            '{"errorMessage": "no route", "errorType": "Fatal.Connect", "stackTrace": []}',
            Lambda_Extension_Identifier=me,
            Lambda_Extension_Function_Error_Type="Fatal.Connect",
        )
        saw("init-error", status=answer[0])
        sys.exit(1)
    if MODE == "no-next":
        hang()
    if "EXTENSION_TELEMETRY" in os.environ:
        wish = os.environ["EXTENSION_TELEMETRY"].replace("{port}", str(listener()))
        path = os.environ.get("EXTENSION_TELEMETRY_PATH", "/2022-07-01/telemetry")
        answer = call("PUT", path, wish, Lambda_Extension_Identifier=me)
        saw("subscribed", status=answer[0], body=answer[2])
        other = "/2020-08-15/logs" if "telemetry" in path else "/2022-07-01/telemetry"
        for number, target in enumerate([path, other]):
            answer = call("PUT", target, wish, Lambda_Extension_Identifier=me)
            saw("subscribed-again", number=number, status=answer[0], body=json.loads(answer[2]))
        answer = call("PUT", path, "{}", Lambda_Extension_Identifier=me)
        saw("invalid", status=answer[0], body=json.loads(answer[2]))
        answer = call("PUT", path, wish, Lambda_Extension_Identifier="00000000-0000-0000-0000-000000000000")
        saw("unknown", status=answer[0], body=json.loads(answer[2]))
    while True:
        status, _, body = call("GET", "/2020-01-01/extension/event/next", Lambda_Extension_Identifier=me)
        event = json.loads(body)
        saw("event", status=status, event=event, at=time.time())
        if MODE == "exit-in-invoke" and event.get("eventType") == "INVOKE":
            sys.exit(4)
        if MODE == "exit-error" and event.get("eventType") == "INVOKE":
            answer = call(
                "POST",
                "/2020-01-01/extension/exit/error",
                "{}",
                Lambda_Extension_Identifier=me,
                Lambda_Extension_Function_Error_Type="Fatal.Lost",
            )
            saw("exit-error", status=answer[0])
            sys.exit(1)
        if MODE == "slow" and event.get("eventType") == "INVOKE":
            time.sleep(0.3)
        if MODE == "no-return" and event.get("eventType") == "INVOKE":
            hang()
        if MODE == "log" and event.get("eventType") == "INVOKE":
            print("extension: invoked", flush=True)
        if event.get("eventType") == "SHUTDOWN":
            if MODE == "no-exit":
                hang()
            if MODE == "hold":
                RELEASED.set()
                DROPPED.wait(1.5)
            if MODE == "late":
                late = call("PUT", "/2022-07-01/telemetry", "{}", Lambda_Extension_Identifier=me)
                saw("late", status=late[0], body=json.loads(late[2]))
            saw("exit")
            return


main()
