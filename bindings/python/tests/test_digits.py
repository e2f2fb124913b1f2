"""Text of digits, digests and proofs."""

from __future__ import annotations

import hashlib
import itertools
import pathlib
from typing import Any

import pytest

import pi_spigot

ALGORITHMS = ["chudnovsky", "gosper", "gibbons"]
TABLE = pathlib.Path(__file__).parents[3] / "tests" / "golden" / "pi-sha256.tsv"
ROWS = [line.split("\t") for line in TABLE.read_text().splitlines() if not line.startswith("#")]
GOLDEN = {int(row[0]): row[1] for row in ROWS if int(row[0]) <= 1_000_000}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("n", [1, 2, 3, 10, 50, 999, 1000, 1001, 4000])
def test_digits_are_those_of_machin(pi_text: str, algorithm: str, n: int) -> None:
    expected = pi_text[: n + 1] if n > 1 else "3"
    assert pi_spigot.digits(n, algorithm) == expected
    assert pi_spigot.digits_bytes(n, algorithm=algorithm, threads=2) == expected.encode()


@pytest.mark.parametrize("threads", [None, 1, 3])
def test_golden_digests(threads: int | None) -> None:
    assert len(GOLDEN) > 20
    for n, sha256 in GOLDEN.items():
        assert hashlib.sha256(pi_spigot.digits_bytes(n, threads=threads)).hexdigest() == sha256, n
        digest = pi_spigot.digest(n, threads=threads)
        assert digest.sha256 == sha256, n
        assert "3.14159265358979323846".startswith(digest.first[:22])
        assert len(digest.last) == min(n, 50)


def test_digits_from_any_position(pi_text: str) -> None:
    decimals = pi_text.replace(".", "")
    for position, n in [(1, 1), (1, 5), (2, 1), (3, 100), (1999, 2001)]:
        expected = decimals[position - 1 : position - 1 + n]
        if position == 1 and n > 1:
            expected = "3." + expected[1:]
        assert pi_spigot.digits_from(position, n) == expected
        assert pi_spigot.digits_from_bytes(position, n) == expected.encode()


@pytest.mark.parametrize("size", [1, 7, 1000, 65536, 100_000])
def test_blocks_are_the_text(size: int) -> None:
    n = 3000 if size == 1 else 200_000
    blocks = list(pi_spigot.blocks(n, size))
    assert b"".join(blocks) == pi_spigot.digits_bytes(n)
    assert {len(block) for block in blocks[:-1]} <= {size} and 0 < len(blocks[-1]) <= size


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("size", [1, 2, 3, 97, 1000])
def test_blocks_without_an_end_are_the_same_text(pi_text: str, algorithm: str, size: int) -> None:
    blocks = list(itertools.islice(pi_spigot.blocks(size=size, algorithm=algorithm), 4001 // size))
    assert b"".join(blocks) == pi_text.encode()[: 4001 // size * size]
    assert {len(block) for block in blocks} == {size}


def test_long_blocks_without_an_end() -> None:
    blocks = pi_spigot.blocks(threads=2)
    text = b"".join(itertools.islice(blocks, 6))
    assert len(text) == 6 * 65536 and text == pi_spigot.digits_bytes(len(text) - 1)


def test_an_exhausted_iterator_of_blocks_stays_so() -> None:
    blocks = pi_spigot.blocks(5)
    assert list(blocks) == [b"3.1415"]
    assert list(blocks) == []


def test_verify_takes_text_and_bytes_with_and_without_a_point() -> None:
    text = pi_spigot.digits(5000)
    texts: list[str | bytes | bytearray] = [
        text,
        text + "\n",
        text.replace(".", ""),
        text.encode(),
        bytearray(text.encode()),
    ]
    for good in texts:
        verdict = pi_spigot.verify(good)
        assert verdict and verdict.agrees and verdict.bits > 50
        assert verdict.position > 16_000


@pytest.mark.parametrize("wrong", [0, 1, 7, 2500, 4990])
def test_verify_finds_a_wrong_digit(wrong: int) -> None:
    digits = bytearray(pi_spigot.digits(5000).replace(".", "").encode())
    digits[wrong] = ord("0") + (digits[wrong] - ord("0") + 1) % 10
    assert not pi_spigot.verify(digits, threads=2)


def test_one_digit_proves_nothing() -> None:
    assert pi_spigot.verify("3").bits == 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pi_spigot.digits(0), "n must be an integer from 1 to 1_000_000_000_000, not 0"),
        (lambda: pi_spigot.digits(-5), "not -5"),
        (lambda: pi_spigot.digits(10**12 + 1), "not 1000000000001"),
        (lambda: pi_spigot.digits(10**30), "not 1" + "0" * 30),
        (lambda: pi_spigot.digits(10, "Chudnovsky"), "the known ones are chudnovsky, gosper, gibbons"),
        (lambda: pi_spigot.digits(10, threads=0), "threads must be an integer from 1 to 1_024, not 0"),
        (lambda: pi_spigot.digits(10**9, "gibbons"), "gibbons computes digits up to position"),
        (lambda: pi_spigot.digits_from(0, 1), "position must be"),
        (lambda: pi_spigot.digits_from(10**12, 2), "up to position"),
        (lambda: pi_spigot.blocks(10, size=0), "size must be"),
        (lambda: pi_spigot.blocks(0), "n must be"),
        (lambda: pi_spigot.blocks(algorithm="machin"), "unknown algorithm"),
        (lambda: pi_spigot.Digits("x"), "unknown algorithm"),
        (lambda: pi_spigot.Digits().read(-1), "n must be an integer from 0"),
        (lambda: pi_spigot.verify(""), "there is no digit"),
        (lambda: pi_spigot.verify("3,14"), "after 1 digits comes something that is no digit"),
        (lambda: pi_spigot.verify("3.1\n4"), "no digit"),
        (lambda: pi_spigot.verify("\u0663.14"), "no digit"),
        (lambda: pi_spigot.to_fixed(-1), "bits must be"),
        (lambda: pi_spigot.to_int(0), "n must be"),
    ],
)
def test_values_out_of_range_are_told_the_range(call: Any, words: str) -> None:
    with pytest.raises(ValueError) as error:
        call()
    assert words in str(error.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda: pi_spigot.digits(10.0),  # type: ignore[arg-type]
        lambda: pi_spigot.digits("10"),  # type: ignore[arg-type]
        lambda: pi_spigot.digits(),  # type: ignore[call-arg]
        lambda: pi_spigot.digits(10, 3),  # type: ignore[arg-type]
        lambda: pi_spigot.digits(10, threads="2"),  # type: ignore[arg-type]
        lambda: pi_spigot.verify(3.14),  # type: ignore[arg-type]
    ],
)
def test_values_of_other_types_are_type_errors(call: Any) -> None:
    with pytest.raises(TypeError):
        call()


def test_what_does_not_fit_is_refused_before_it_is_computed() -> None:
    """More than any machine has: 5 TB."""
    calls: list[Any] = [
        lambda: pi_spigot.digits(400_000_000_000),
        lambda: pi_spigot.digits_from(400_000_000_000, 1),
        lambda: pi_spigot.digest(400_000_000_000),
        lambda: pi_spigot.blocks(400_000_000_000),
        lambda: pi_spigot.to_int(400_000_000_000),
        lambda: pi_spigot.to_fixed(1_000_000_000_000),
        lambda: pi_spigot.Digits().read(400_000_000_000),
    ]
    for call in calls:
        with pytest.raises(MemoryError) as error:
            call()
        assert "ask for fewer" in str(error.value) and "fit" in str(error.value)


def test_the_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    assert pi_spigot.__version__ == version("pi-spigot")


def test_every_public_name_is_documented() -> None:
    for name in pi_spigot.__all__:
        public = getattr(pi_spigot, name)
        assert public.__doc__, name
        if callable(public) and not isinstance(public, type) and name != "release_memory":
            assert "raises" in public.__doc__.lower(), name
