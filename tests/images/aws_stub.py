#!/usr/bin/env python3
"""The part of AWS that deploy/deploy.sh calls, on loopback: the real aws command
line creates, updates and removes functions there.

    aws_stub.py PORT LOG PARTITION

Remembers functions, roles and repositories. As on AWS, Lambda does not know a new
role at once: the first creation of a function after one is refused. The image
`TAG` = `index` is an index of two images. Writes one line per request to LOG: the
operation, and for a function its name, package, architecture, code and role.
"""

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

ACCOUNT = "123456789012"
DIGEST = "sha256:" + "5" * 64
FUNCTIONS = "/2015-03-31/functions"
PARTITION = sys.argv[3]
functions, roles, repositories = {}, {}, set()


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
        role = re.search(rb"RoleName=([\w-]+)", body)
        role = role and role[1].decode()
        self.note(action)
        if role and action != "CreateRole" and role not in roles:
            error = f"<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>no role {role}</Message></Error></ErrorResponse>"
            return self.answer(404, error, "text/xml")
        inside = f"<Account>{ACCOUNT}</Account><Arn>arn:{PARTITION}:iam::{ACCOUNT}:user/somebody</Arn>"
        if action in ("CreateRole", "GetRole"):
            roles.setdefault(role, "new")
            inside = f"<Role><RoleName>{role}</RoleName></Role>"
        elif action == "DeleteRole":
            del roles[role]
        self.answer(200, f"<{action}Response><{action}Result>{inside}</{action}Result></{action}Response>", "text/xml")

    # ECR and CloudWatch Logs: an operation in a header.
    def target(self, operation, asked):
        self.note(operation)
        tag = asked.get("imageIds", [{}])[0].get("imageTag", "")
        media = "image.index" if tag.startswith("index") else "image.manifest"
        answers = {
            "DescribeImages": {"imageDetails": [{
                "imageDigest": DIGEST, "imageTags": [tag],
                "imageManifestMediaType": f"application/vnd.oci.{media}.v1+json"}]},
            "CreateRepository": {"repository": {"repositoryName": asked.get("repositoryName")}},
            "DescribeRepositories": {"repositories": [{"repositoryName": name} for name in repositories]},
            "GetAuthorizationToken": {"authorizationData": [{"authorizationToken": "QVdTOnNlY3JldA==", "proxyEndpoint": "https://x"}]},
        }
        if operation == "CreateRepository":
            repositories.add(asked["repositoryName"])
        if operation == "DeleteLogGroup":
            self.answer(400, {"__type": "ResourceNotFoundException", "message": "no such group"})
        elif operation == "DescribeRepositories" and not repositories:
            self.answer(400, {"__type": "RepositoryNotFoundException", "message": "no such repository"})
        else:
            self.answer(200, answers.get(operation, {}))

    def function(self, name):
        arn = f"arn:{PARTITION}:lambda:eu-central-1:{ACCOUNT}:function:{name}"
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
            return self.target(self.headers["X-Amz-Target"].split(".")[-1], json.loads(body))
        if not self.path.startswith(FUNCTIONS):
            return self.query(body)
        asked = json.loads(body)
        role = asked["Role"].split("/")[-1]
        if roles.get(role) == "new":
            roles[role] = "known"
            self.note("CreateFunction refused")
            message = "The role defined for the function cannot be assumed by Lambda."
            return self.answer(400, {"message": message}, error="InvalidParameterValueException")
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
