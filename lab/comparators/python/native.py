"""Digits of pi by the package pi_spigot, whose wheel holds the Rust library."""

import hashlib
import time

import pi_spigot


def digits(event, context):
    """`{"digits": 1000, "algorithm": "gibbons"}`, answered as the function in Rust does."""
    count = int(event["digits"])
    algorithm = event.get("algorithm", "chudnovsky")
    start = time.perf_counter()
    pi = pi_spigot.digits(count, algorithm=algorithm)
    return {
        "digits": count,
        "pi": pi,
        "algorithm": algorithm,
        "sha256": hashlib.sha256(pi.encode()).hexdigest(),
        "compute_ms": round((time.perf_counter() - start) * 1e3, 3),
        "request_id": context.aws_request_id,
    }
