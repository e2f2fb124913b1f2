"""Proofs of digits: the digest of a text, and a formula that needs none of the digits before the last."""

from __future__ import annotations

from typing import NamedTuple

from . import _native

__all__ = ["Digest", "Verification", "digest", "verify"]


class Digest(NamedTuple):
    """The digest of a text of digits."""

    sha256: str
    """SHA-256 of the text ``"3.14..."``, 64 lower-case hexadecimal digits."""
    first: str
    """The first 50 digits, with the point, or all if there are fewer."""
    last: str
    """The last 50 digits, without a point, or all if there are fewer."""


class Verification(NamedTuple):
    """The result of :func:`verify`; true if the digits agree with the formula."""

    agrees: bool
    """The digits agree with the formula."""
    bits: int
    """Number of bits that were compared, 0 to 64. One digit alone determines none."""
    position: int
    """Bits behind the point that precede the ones that were compared."""
    computed: int
    """64 bits from there by the digits."""
    expected: int
    """64 bits from there by Bellard's formula."""

    def __bool__(self) -> bool:
        """Return whether the digits agree, unlike a tuple, which is true."""
        return self.agrees


def digest(n: int, algorithm: str = "chudnovsky", threads: int | None = None) -> Digest:
    """Return SHA-256, first and last digits of the text of the first ``n`` digits.

        >>> pi_spigot.digest(10_000).sha256
        '1f08958df70c30bbf3f7205ad5f9b2b9430e3378b4e4e6300063bd9fbd83d6e3'

    Raises ``ValueError`` and ``MemoryError`` as :func:`digits` does.
    """
    return Digest(*_native.digest(n, algorithm, threads))


def verify(text: str | bytes | bytearray, threads: int | None = None) -> Verification:
    """Compare digits of pi with Bellard's formula, which needs none of them.

    ``text`` holds the digits from the leading 3 on, with or without a point behind it. An error anywhere in a
    computation reaches the last bits, and the last 64 bits that the digits determine are compared. All digits
    but the last two take part. Takes about half the time of the digits, and a byte for each.

        >>> bool(pi_spigot.verify("3.14159265358979323846"))
        True
        >>> bool(pi_spigot.verify("3.14159265358979323946"))
        False

    Raises ``ValueError`` if there is no digit, or anything but digits; ``MemoryError`` as :func:`digits` does.
    """
    return Verification(*_native.verify(text, threads))
