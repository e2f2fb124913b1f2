"""The stream without end: portions, threads, and what an exception leaves."""

from __future__ import annotations

import itertools
import pickle
import sys
import threading

import pytest

import pi_spigot

ALGORITHMS = ["chudnovsky", "gosper", "gibbons"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_digits_one_by_one(pi_text: str, algorithm: str) -> None:
    stream = pi_spigot.Digits(algorithm)
    assert iter(stream) is stream
    digits = "".join(map(str, itertools.islice(stream, 1500)))
    assert digits == pi_text.replace(".", "")[:1500]
    assert stream.position == 1500 and stream.algorithm == algorithm


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_next_and_read_take_turns(pi_text: str, algorithm: str) -> None:
    expected = pi_text.replace(".", "").encode()
    stream = pi_spigot.Digits(algorithm, threads=2)
    taken = b""
    for size in itertools.cycle([0, 1, 3, 499, 500, 501]):
        if len(taken) + size > 3900:
            break
        taken += stream.read(size)
        taken += str(next(stream)).encode()
        assert stream.position == len(taken)
    assert len(taken) > 3000 and taken == expected[: len(taken)]


def test_long_portions() -> None:
    stream = pi_spigot.Digits()
    portions = [stream.read(n) for n in (1, 99_999, 300_000, 7)]
    expected = pi_spigot.digits_bytes(400_007).replace(b".", b"")
    assert b"".join(portions) == expected
    assert repr(stream) == "<pi_spigot.Digits by chudnovsky at position 400007>"


def test_a_refused_portion_takes_no_digit() -> None:
    stream = pi_spigot.Digits()
    assert stream.read(3) == b"314"
    for refused in (-1, 10**13, 10**12):
        with pytest.raises((ValueError, MemoryError)):
            stream.read(refused)
    assert stream.read(3) == b"159"


def test_threads_share_a_stream_and_each_digit_goes_to_one() -> None:
    stream = pi_spigot.Digits()
    taken: list[bytes] = []

    def take() -> None:
        for _ in range(40):
            taken.append(stream.read(251))

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    text = pi_spigot.digits_bytes(6 * 40 * 251).replace(b".", b"")
    assert sorted(taken) == sorted(text[at : at + 251] for at in range(0, len(text), 251))


def test_threads_take_blocks_from_one_iterator() -> None:
    blocks = pi_spigot.blocks(50_000, 97)
    taken: list[bytes] = []

    def take() -> None:
        taken.extend(blocks)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    text = pi_spigot.digits_bytes(50_000)
    assert sorted(taken) == sorted(text[at : at + 97] for at in range(0, len(text), 97))


def test_threads_take_blocks_without_an_end() -> None:
    blocks = pi_spigot.blocks(size=97)
    taken: list[bytes] = []

    def take() -> None:
        taken.extend(itertools.islice(blocks, 129))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    text = pi_spigot.digits_bytes(4 * 129 * 97 - 1)
    assert sorted(taken) == sorted(text[at : at + 97] for at in range(0, len(text), 97))


def test_threads_compute_at_once() -> None:
    """Many calls side by side share the library's heap and nothing else."""
    counts = [1, 17, 1000, 30_000, 120_000]
    expected = [pi_spigot.digits_bytes(n) for n in counts]
    found: dict[int, list[bytes]] = {}

    def compute(name: int) -> None:
        found[name] = [pi_spigot.digits_bytes(n, threads=1 + name % 2) for n in counts]

    threads = [threading.Thread(target=compute, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(found.values()) == [expected] * 6


def test_the_lock_is_free_meanwhile() -> None:
    """No thread has to give the lock away for 1,000 seconds: this one runs as soon as the other lets go of it."""
    if not lock_there():
        pytest.skip("this Python has no lock")
    started, done = threading.Event(), threading.Event()

    def compute() -> None:
        started.set()
        pi_spigot.digest(2_000_000, threads=1)
        done.set()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        thread = threading.Thread(target=compute)
        thread.start()
        started.wait()
        finished = done.is_set()
        thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not finished


def lock_there() -> bool:
    """Return whether the interpreter has its lock."""
    asked = getattr(sys, "_is_gil_enabled", None)
    return asked is None or bool(asked())


def test_a_python_without_its_lock_keeps_it_off() -> None:
    """An extension that is not declared safe would turn the lock on."""
    if "free-threading" not in sys.version:
        pytest.skip("this Python has a lock")
    assert not lock_there()


def test_a_stream_does_not_pickle() -> None:
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(pi_spigot.Digits())
