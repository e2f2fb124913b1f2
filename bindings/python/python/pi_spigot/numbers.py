"""Pi as a number.

No function here reads decimal text into an ``int``, which Python does slowly and refuses above 4,300 digits.
"""

from __future__ import annotations

import importlib
from decimal import Decimal
from typing import Any

from . import _native

__all__ = ["to_decimal", "to_fixed", "to_int", "to_mpmath"]


def to_int(n: int, algorithm: str = "chudnovsky", threads: int | None = None) -> int:
    """Return the first ``n`` digits as one integer: ``floor(10**(n - 1) * pi)``.

        >>> pi_spigot.to_int(10)
        3141592653

    ``gmpy2.mpz`` and ``flint.fmpz`` take the result in linear time.

    Raises ``ValueError`` and ``MemoryError`` as :func:`digits` does.
    """
    return int.from_bytes(_native.decimal(n, algorithm, threads), "little")


def to_fixed(bits: int, algorithm: str = "chudnovsky", threads: int | None = None) -> int:
    """Return ``floor(2**bits * pi)``: pi with ``bits`` bits behind the point, 0 to 3,000,000,000,000.

        >>> hex(pi_spigot.to_fixed(32))
        '0x3243f6a88'

    The fastest way to a number: no digit is converted.

    Raises ``ValueError`` and ``MemoryError`` as :func:`digits` does.
    """
    return int.from_bytes(_native.binary(bits, algorithm, threads), "little")


def to_decimal(n: int, algorithm: str = "chudnovsky", threads: int | None = None) -> Decimal:
    """Return the first ``n`` digits as a ``decimal.Decimal``, whatever the context's precision.

        >>> pi_spigot.to_decimal(10)
        Decimal('3.141592653')

    Truncated, never rounded. A decimal number keeps decimal digits, so that the text is the fast way here.

    Raises ``ValueError`` and ``MemoryError`` as :func:`digits` does.
    """
    return Decimal(_native.digits(n, algorithm, threads))


def to_mpmath(dps: int | None = None, threads: int | None = None) -> Any:
    """Return pi as an ``mpmath.mpf`` of ``dps`` decimal digits, correctly rounded to nearest.

    Without ``dps`` it has the working precision of ``mpmath.mp``. mpmath must be installed.

        >>> import mpmath
        >>> mpmath.mp.dps = 1_000_000
        >>> pi = pi_spigot.to_mpmath()

    Raises ``ImportError`` without mpmath; ``ValueError`` and ``MemoryError`` as :func:`digits` does.
    """
    # mpmath has no types.
    try:
        mpmath: Any = importlib.import_module("mpmath")
    except ModuleNotFoundError as error:
        raise ImportError("to_mpmath needs mpmath: pip install mpmath", name="mpmath") from error
    libmp: Any = mpmath.libmp
    prec: int = mpmath.mp.prec if dps is None else libmp.dps_to_prec(dps)
    bits = prec + 8
    # Pi is irrational, so that a last bit of one stands for all bits behind: the rounding is exact.
    mantissa = 2 * to_fixed(bits, threads=threads) + 1
    value = libmp.from_man_exp(libmp.MPZ(mantissa), -bits - 1, prec, libmp.round_nearest)
    return mpmath.mp.make_mpf(value)
