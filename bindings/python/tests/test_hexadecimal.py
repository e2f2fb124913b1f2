"""Hexadecimal digits, whole and in parts that travel."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import random
from collections.abc import Callable
from typing import Any

import pytest

import pi_spigot
from pi_spigot import HexPart, HexPartialSum

# Positions count from 1, where 243F6A88 begins: the table of Bailey, Borwein and Plouffe.
PUBLISHED = {1: "243F6A8885A308D313198A2E", 10**6: "26C65E52CB4593", 10**7: "17AF5863EFED8D"}


@pytest.mark.parametrize("formula", ["bellard", "bbp"])
def test_published_digits(formula: str) -> None:
    for position in (1, 10**6):
        digits = PUBLISHED[position]
        assert pi_spigot.hex_digits(position, len(digits), formula) == digits
    assert len(pi_spigot.hex_digits(123)) == 16
    assert pi_spigot.hex_digits(position=5, n=8) == PUBLISHED[1][4:12]


WAYS: list[Callable[[Any], Any]] = [
    lambda value: value,
    lambda value: pickle.loads(pickle.dumps(value)),
    lambda value: json.loads(json.dumps(value)),
]


@pytest.mark.parametrize("travel", WAYS)
def test_parts_travel_and_their_order_does_not_count(travel: Any) -> None:
    position = 10**6
    plan = pi_spigot.hex_plan(position, 7)
    assert len(plan) == 7 and plan[0].start == 0 and plan[0].bit == 4 * (position - 1)
    costs = [pi_spigot.hex_cost(travel(part)) for part in plan]
    assert max(costs) < 1.01 * min(costs)
    sums = [pi_spigot.hex_part(travel(part), threads=1 + at % 2) for at, part in enumerate(plan)]
    random.Random(1).shuffle(sums)
    whole = pi_spigot.hex_sum(travel(one) for one in sums)
    assert whole.position == position
    assert whole.digits.startswith(PUBLISHED[position]) and len(whole.digits) >= 24
    assert whole.error < 2**30
    assert f"{whole.value:032X}".startswith(whole.digits)


def test_a_plan_of_one_part_and_of_more_parts_than_terms() -> None:
    for parts in (1, 10_000):
        plan = pi_spigot.hex_plan(5, parts)
        assert pi_spigot.hex_sum(map(pi_spigot.hex_part, plan)).digits.startswith("6A8885A3")


def test_gaps_doubles_and_strangers_are_refused() -> None:
    sums = [pi_spigot.hex_part(part) for part in pi_spigot.hex_plan(1000, 4)]
    stranger = pi_spigot.hex_part(pi_spigot.hex_plan(1001, 4)[1])
    other = pi_spigot.hex_part(pi_spigot.hex_plan(1000, 4, "bbp")[0])
    for parts, words in [
        ([], "no part"),
        (sums[1:], f"the terms 0..{sums[0].end} are missing"),
        (sums[:-1], "are missing; compute their part"),
        (sums[:1] + sums[2:], "are missing"),
        (sums + sums[2:3], "are there twice"),
        ([sums[0], stranger, *sums[2:]], "parts of two sums"),
        ([other, *sums[1:]], "parts of two sums"),
    ]:
        with pytest.raises(ValueError, match=words):
            pi_spigot.hex_sum(parts)


def test_parts_that_there_are_not() -> None:
    part = pi_spigot.hex_plan(1000, 1)[0]
    for wrong, words in [
        (part._replace(formula="machin"), "use bellard or bbp"),
        (part._replace(start=5, end=5), "not a range of the sum"),
        (part._replace(end=part.end + 1), "use a range within 0.."),
        (part._replace(bit=2**61), "is too far"),
        (part._replace(start=-1), "use those of hex_plan"),
    ]:
        with pytest.raises(ValueError, match=words):
            pi_spigot.hex_part(wrong)
    calls: list[tuple[Any, str]] = [
        (lambda: pi_spigot.hex_digits(0), "position must be an integer from 1 to 288_230_376_151_711_744"),
        (lambda: pi_spigot.hex_digits(1, 0), "n must be"),
        (lambda: pi_spigot.hex_digits(1, 10_001), "n must be"),
        (lambda: pi_spigot.hex_digits(2**58, 2), "no hexadecimal position"),
        (lambda: pi_spigot.hex_plan(1, 0), "parts must be"),
    ]
    for call, words in calls:
        with pytest.raises(ValueError, match=words):
            call()


def test_processes_share_a_sum() -> None:
    context = multiprocessing.get_context("spawn")
    plan = pi_spigot.hex_plan(10**5, 6)
    with context.Pool(2) as pool:
        sums = pool.map(pi_spigot.hex_part, plan)
    assert all(isinstance(one, HexPartialSum) for one in sums) and isinstance(plan[0], HexPart)
    assert pi_spigot.hex_sum(sums).digits.startswith("535EA16C406363")
