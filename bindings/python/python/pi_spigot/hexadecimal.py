"""Hexadecimal digits of pi at any position, without those before, on one machine or on many.

    plan = hex_plan(position, 1000)              parts of equal cost
    sums = [hex_part(part) for part in plan]     anywhere, in any order, more than once if need be
    hex_sum(sums).digits                         refuses parts that are missing or counted twice

Parts and sums are tuples of a name and integers. They pickle, and go through JSON as lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from . import _native
from ._native import hex_digits

__all__ = ["HexPart", "HexPartialSum", "HexSum", "hex_cost", "hex_digits", "hex_part", "hex_plan", "hex_sum"]


class HexPart(NamedTuple):
    """A range of terms of the sum for one position: a unit of work that needs no other one."""

    formula: str
    """``"bellard"`` or ``"bbp"``."""
    bit: int
    """Bits behind the point that precede the ones that are computed."""
    start: int
    """The first term."""
    end: int
    """The term behind the last one."""


class HexPartialSum(NamedTuple):
    """A part and the sum of its terms."""

    formula: str
    bit: int
    start: int
    end: int
    sum: int
    """The sum modulo 1, in units of 2**-128."""


class HexSum(NamedTuple):
    """A complete sum: the bits of pi from a position on."""

    position: int
    """The position of the first digit; 1 is behind the point."""
    value: int
    """128 bits of pi, the last ones uncertain."""
    error: int
    """The bound of the difference from the exact value, in units of 2**-128."""
    digits: str
    """The certain digits, upper case: 26 of them at position 10**6, 16 at the last ones."""


def hex_plan(position: int, parts: int, formula: str = "bellard") -> list[HexPart]:
    """Return the sum for the digits from ``position`` on as at most ``parts`` parts of nearly equal cost.

    ``position`` is 1, the digit behind the point, to 288,230,376,151,711,744; ``parts`` is 1 to 1,000,000.
    The parts of another formula, ``"bbp"``, are the independent check.

    Raises ``ValueError`` for anything else.
    """
    return [HexPart(*part) for part in _native.hex_plan(position, parts, formula)]


def hex_cost(part: HexPart | tuple[str, int, int, int]) -> float:
    """Return the expected number of modular squarings of a part.

    One takes 0.13 ns on a core with AVX-512, 0.27 ns with AVX2, about 1 ns without vectors.

    Raises ``ValueError`` if there is no such part.
    """
    return _native.hex_cost(_fields(part))


def hex_part(part: HexPart | tuple[str, int, int, int], threads: int = 1) -> HexPartialSum:
    """Return the sum of a part's terms: equal to the last bit on every machine.

    The interpreter's lock is free meanwhile, and Ctrl-C stops the computation.

    Raises ``ValueError`` if there is no such part.
    """
    fields = _fields(part)
    return HexPartialSum(*fields, _native.hex_part(fields, threads))


def hex_sum(sums: Iterable[HexPartialSum | tuple[str, int, int, int, int]]) -> HexSum:
    """Return the sum of all parts, in any order, after a check that they are the whole sum.

    Raises ``ValueError`` if terms are missing, are there twice, or belong to another position or formula.
    """
    return HexSum(*_native.hex_sum([_sum_fields(one) for one in sums]))


def _fields(part: HexPart | tuple[str, int, int, int]) -> tuple[str, int, int, int]:
    formula, bit, start, end = part
    return formula, bit, start, end


def _sum_fields(one: HexPartialSum | tuple[str, int, int, int, int]) -> tuple[str, int, int, int, int]:
    formula, bit, start, end, value = one
    return formula, bit, start, end, value
