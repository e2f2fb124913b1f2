"""Expected values that need no pi of ours."""

from __future__ import annotations

import pytest

# Machin's formula with plain integers, by Python's own arithmetic.
GUARD = 20


def machin(decimals: int) -> str:
    one: int = 10 ** (decimals + GUARD)

    def arctan_inverse(x: int) -> int:
        term = total = one // x
        n, sign = 3, -1
        while term:
            term //= x * x
            total += sign * (term // n)
            n, sign = n + 2, -sign
        return total

    pi: int = 4 * (4 * arctan_inverse(5) - arctan_inverse(239)) // 10**GUARD
    return f"3.{str(pi)[1:]}"


@pytest.fixture(scope="session")
def pi_text() -> str:
    """4,000 digits, short enough for Python's limit of int to str."""
    return machin(3999)
