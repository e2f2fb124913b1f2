"""Posts events of its own to the extension, and answers with the extension's answer.

The event {"events": 100} makes it post that many, in arrays of 100. With "wait": true it waits until the queue
has them: events beyond what 2 s of shutdown can send are safe only then.
"""

import json
import os
import time
import urllib.request

PORT = os.environ.get("PI_TELEMETRY_PORT", "4243")
URL = f"http://127.0.0.1:{PORT}/events"
STATUS = f"http://127.0.0.1:{PORT}/status"


def post(events):
    body = json.dumps(events).encode()
    request = urllib.request.Request(URL, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)["accepted"]


def waiting():
    with urllib.request.urlopen(STATUS, timeout=5) as answer:
        return json.load(answer)["waiting"]


def handler(event, context):
    count = event.get("events", 1)
    events = [{"type": "example.called", "record": {"language": "Python", "number": n}} for n in range(count)]
    accepted = sum(post(events[at:at + 100]) for at in range(0, count, 100))
    while event.get("wait") and waiting():
        time.sleep(0.05)
    return {"accepted": accepted}
