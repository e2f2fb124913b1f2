#!/usr/bin/env python3
"""Compares the response of one invocation with an expectation.

    expect.py RESPONSE digits N SHA256   the digits, hashed here again
    expect.py RESPONSE digest N SHA256   everything but the digits
    expect.py RESPONSE error TYPE        an error of that stable type, with a message

Exits 1 with one line that names the difference.
"""

import hashlib
import json
import sys


def differ(what, got, wanted):
    sys.exit(f"{what}: got {got!r}, expected {wanted!r}")


def same(what, got, wanted):
    if got != wanted:
        differ(what, got, wanted)


def figures(response, count, sha256):
    same("digits", response.get("digits"), int(count))
    same("sha256", response.get("sha256"), sha256)
    if not response.get("request_id"):
        differ("request_id", response.get("request_id"), "an id")


def digits(response, count, sha256):
    text = response.get("pi", "")
    same("length of pi", len(text), int(count) + (int(count) > 1))
    same("digest of pi", hashlib.sha256(text.encode()).hexdigest(), sha256)
    figures(response, count, sha256)


def digest(response, count, sha256):
    same("pi", response.get("pi"), None)
    figures(response, count, sha256)


def error(response, kind):
    same("errorType", response.get("errorType"), kind)
    if not response.get("errorMessage"):
        differ("errorMessage", response.get("errorMessage"), "a message")


def main():
    if len(sys.argv) < 3 or sys.argv[2] not in ("digits", "digest", "error"):
        sys.exit(__doc__)
    with open(sys.argv[1], "rb") as file:
        raw = file.read()
    try:
        response = json.loads(raw)
    except ValueError:
        sys.exit(f"not JSON: {raw[:200]!r}")
    shown = raw if len(raw) < 400 else raw[:200] + b" ... " + raw[-200:]
    try:
        {"digits": digits, "digest": digest, "error": error}[sys.argv[2]](response, *sys.argv[3:])
    except SystemExit as problem:
        sys.exit(f"{problem}\nresponse: {shown.decode(errors='replace')}")


main()
