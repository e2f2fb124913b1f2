"""Memory that comes back: by counting bytes and objects."""

from __future__ import annotations

import gc
import itertools
import sys
from typing import Any

import pytest

import pi_spigot


def resident() -> int:
    """Bytes of the process that are in memory."""
    with open("/proc/self/smaps_rollup") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Rss:")) * 1024


def refused(n: int, error: type[Exception]) -> None:
    """Ask for digits that there are not."""
    with pytest.raises(error):
        pi_spigot.digits(n)


CALLS: dict[str, Any] = {
    "digits": lambda: pi_spigot.digits(2000),
    "digits_bytes": lambda: pi_spigot.digits_bytes(20_000, threads=2),
    "digits_from": lambda: pi_spigot.digits_from(30, 20, "gibbons"),
    "blocks": lambda: next(iter(pi_spigot.blocks(3000))),
    "digest": lambda: pi_spigot.digest(2000),
    "verify": lambda: pi_spigot.verify("3.14159265358979323846"),
    "to_int": lambda: pi_spigot.to_int(2000),
    "hex_part": lambda: pi_spigot.hex_part(pi_spigot.hex_plan(1000, 2)[1]),
    "an iterator that is left": lambda: list(itertools.islice(pi_spigot.Digits(threads=1), 600)),
    "a refusal": lambda: refused(0, ValueError),
    "a refusal for want of memory": lambda: refused(10**11, MemoryError),
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("name", CALLS)
def test_memory_is_flat_over_10_000_calls(name: str) -> None:
    call = CALLS[name]
    calls = 500 if name == "digits_bytes" else 10_000
    for _ in range(calls // 10):
        call()
    gc.collect()
    before = resident()
    for _ in range(calls):
        call()
    gc.collect()
    grown = resident() - before
    # A leak of 50 bytes in each call would be 500 kB, and so many objects nobody holds.
    assert grown < 400_000, f"{grown} bytes more after {calls} calls"


def test_interrupted_iterators_leave_nothing() -> None:
    """Each stream is dropped in the middle of a block, half of them after an exception."""

    def interrupted() -> None:
        stream = pi_spigot.Digits(threads=1)
        stream.read(30_000)
        with pytest.raises(MemoryError):
            stream.read(10**11)
        next(stream)
        blocks = pi_spigot.blocks(100_000, 500, threads=1)
        next(blocks)
        endless = pi_spigot.blocks(size=30_000, threads=1)
        next(endless)

    for _ in range(10):
        interrupted()
    gc.collect()
    before = resident()
    for _ in range(40):
        interrupted()
    gc.collect()
    grown = resident() - before
    # A stream holds 800,000 bytes, a text 100,000.
    assert grown < 2_000_000, f"{grown} bytes more after 40 streams"


def test_exceptions_and_results_hold_no_reference() -> None:
    n = 123_456_789_012_345_678_901
    count = sys.getrefcount(n)
    for _ in range(1000):
        with pytest.raises(ValueError):
            pi_spigot.digits(n)
    assert sys.getrefcount(n) == count


def test_memory_returns_to_the_system() -> None:
    pi_spigot.release_memory()
    before = resident()
    pi_spigot.digest(3_000_000)
    kept = resident() - before
    pi_spigot.release_memory()
    left = resident() - before
    assert kept > 10_000_000 and left < kept / 2, f"{kept} bytes kept, {left} after the release"
