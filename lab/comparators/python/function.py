"""Digits of pi by the well-known short form of Gibbons' spigot, and a function that does nothing."""

import hashlib
import time


def digits_of_pi():
    """One digit from every term, without end; Gibbons (2006), Gosper's series."""
    q, r, t, i = 1, 180, 60, 2
    while True:
        u = 3 * (3 * i + 1) * (3 * i + 2)
        y = (q * (27 * i - 12) + 5 * r) // (5 * t)
        yield y
        q, r, t, i = 10 * q * i * (2 * i - 1), 10 * u * (q * (5 * i - 2) + r - y * t), t * u, i + 1


def spigot(event, context):
    """`{"digits": 1000}` or `{"digits": "1_000"}`, answered as pi-spigot does."""
    count = int(event["digits"])
    start = time.perf_counter()
    digits = "".join(str(digit) for digit, _ in zip(digits_of_pi(), range(count)))
    pi = digits[:1] + ("." + digits[1:] if count > 1 else "")
    return {
        "digits": count,
        "pi": pi,
        "algorithm": "short-form",
        "sha256": hashlib.sha256(pi.encode()).hexdigest(),
        "compute_ms": round((time.perf_counter() - start) * 1e3, 3),
        "request_id": context.aws_request_id,
    }


def nothing(event, context):
    """Does nothing: the cost of the framework alone."""
    return {}
