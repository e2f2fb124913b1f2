"""Digits of pi: any number of them, from any position, as text, bytes or numbers.

    >>> import pi_spigot
    >>> pi_spigot.digits(10)
    '3.141592653'
    >>> pi_spigot.hex_digits(1_000_000, 14)
    '26C65E52CB4593'

Text          digits, digits_bytes, digits_from, digits_from_bytes, blocks, Digits
Proof         digest, verify
Numbers       to_int, to_fixed, to_decimal, to_mpmath
Hexadecimal   hex_digits; hex_plan, hex_part, hex_sum for many machines; hex_cost

Long computations run without the interpreter's lock, on all processors unless ``threads`` says otherwise.
Ctrl-C stops them. Every function may be called from any thread, and an object may be shared by threads.

Errors: ``TypeError`` for a value of a wrong type, ``ValueError`` for one out of range, with what is allowed;
``MemoryError`` before a computation that has no room, with the number of digits that fit;
``KeyboardInterrupt``; ``RuntimeError`` if the machine computes wrongly.
"""

from ._native import (
    VERSION as __version__,
)
from ._native import (
    Digits,
    digits,
    digits_bytes,
    digits_from,
    digits_from_bytes,
    release_memory,
)
from .hexadecimal import HexPart, HexPartialSum, HexSum, hex_cost, hex_digits, hex_part, hex_plan, hex_sum
from .numbers import to_decimal, to_fixed, to_int, to_mpmath
from .proof import Digest, Verification, digest, verify
from .text import blocks

__all__ = [
    "Digest",
    "Digits",
    "HexPart",
    "HexPartialSum",
    "HexSum",
    "Verification",
    "__version__",
    "blocks",
    "digest",
    "digits",
    "digits_bytes",
    "digits_from",
    "digits_from_bytes",
    "hex_cost",
    "hex_digits",
    "hex_part",
    "hex_plan",
    "hex_sum",
    "release_memory",
    "to_decimal",
    "to_fixed",
    "to_int",
    "to_mpmath",
    "verify",
]
