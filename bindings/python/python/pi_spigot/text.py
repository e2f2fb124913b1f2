"""Text of digits, block by block."""

from __future__ import annotations

from collections.abc import Iterator

from . import _native

__all__ = ["blocks"]


def blocks(
    n: int | None = None, size: int = 65536, algorithm: str = "chudnovsky", threads: int | None = None
) -> Iterator[bytes]:
    """Return an iterator over the text of the first ``n`` digits, or of all: ``b"3.14..."`` in blocks.

    Each block has ``size`` bytes, the last one what is left. The first blocks come early: the text is computed
    in rounds that quadruple it. Without ``n`` the iterator has no end, and computes as :class:`Digits` does. For
    writing, hashing or sending digits as they come; several threads may take blocks from one iterator.

        >>> list(pi_spigot.blocks(10, size=4))
        [b'3.14', b'1592', b'653']

    Raises ``ValueError`` if ``n`` is outside of 1 to 1,000,000,000,000, ``size`` outside of 1 to 2**30, or the
    algorithm unknown; ``MemoryError`` if the digits do not fit, without ``n`` as soon as the next ones do not.
    """
    return _native.Blocks(n, size, algorithm, threads)
