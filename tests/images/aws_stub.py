#!/usr/bin/env python3
"""As much of AWS as deploy/deploy.sh talks to, on loopback: enough for the real
aws command line to create, update and remove the function.

    aws_stub.py PORT LOG

Remembers which functions exist. Writes one line per request to LOG: the
operation, and of a function its name, what it is made of and where it runs.
"""

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

ACCOUNT = "123456789012"
DIGEST = "sha256:" + "5" * 64
FUNCTIONS = "/2015-03-31/functions"
functions = {}


class Stub(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json", error=None):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if error:
            self.send_header("x-amzn-ErrorType", error)
        self.end_headers()
        self.wfile.write(data)

    def note(self, *words):
        with open(sys.argv[2], "a") as log:
            print(*words, file=log)

    def not_found(self):
        self.answer(404, {"message": "not found"}, error="ResourceNotFoundException")

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    # IAM and STS: an operation in a form, an answer in XML.
    def query(self, body):
        action = re.search(rb"Action=(\w+)", body)[1].decode()
        self.note(action)
        inside = f"<Account>{ACCOUNT}</Account>"
        if action == "CreateRole":
            inside = "<Role><RoleName>pi-spigot</RoleName></Role>"
        self.answer(200, f"<{action}Response><{action}Result>{inside}</{action}Result></{action}Response>", "text/xml")

    # ECR and CloudWatch Logs: an operation in a header.
    def target(self, operation):
        self.note(operation)
        answers = {
            "DescribeImages": {"imageDetails": [{"imageDigest": DIGEST}]},
            "CreateRepository": {"repository": {"repositoryName": "pi-spigot"}},
            "GetAuthorizationToken": {"authorizationData": [{"authorizationToken": "QVdTOnNlY3JldA==", "proxyEndpoint": "https://x"}]},
        }
        if operation == "DeleteLogGroup":
            self.answer(400, {"__type": "ResourceNotFoundException", "message": "no such group"})
        else:
            self.answer(200, answers.get(operation, {}))

    def function(self, name):
        arn = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:{name}"
        return {"FunctionName": name, "FunctionArn": arn, "Version": "1", "State": "Active", "LastUpdateStatus": "Successful"}

    def do_GET(self):
        name = self.path.split("/")[3]
        if name not in functions:
            return self.not_found()
        about = self.function(name)
        self.answer(200, about if self.path.endswith("/configuration") else {"Configuration": about})

    def do_POST(self):
        body = self.body()
        if "X-Amz-Target" in self.headers:
            return self.target(self.headers["X-Amz-Target"].split(".")[-1])
        if not self.path.startswith(FUNCTIONS):
            return self.query(body)
        asked = json.loads(body)
        functions[asked["FunctionName"]] = asked
        self.note("CreateFunction", asked["FunctionName"], asked.get("PackageType", "Zip"), *asked["Architectures"],
                  asked["Code"].get("ImageUri", "ZipFile"), asked["Role"])
        self.answer(201, self.function(asked["FunctionName"]))

    def do_PUT(self):
        asked = json.loads(self.body())
        name = self.path.split("/")[3]
        self.note("UpdateFunctionCode", name, *asked["Architectures"], asked.get("ImageUri", "ZipFile"))
        self.answer(200, self.function(name))

    def do_DELETE(self):
        name = self.path.split("/")[3]
        self.note("DeleteFunction", name)
        if functions.pop(name, None) is None:
            return self.not_found()
        self.send_response(204)
        self.end_headers()


HTTPServer(("127.0.0.1", int(sys.argv[1])), Stub).serve_forever()
