"""Pi as int, Decimal and mpf."""

from __future__ import annotations

import decimal
import sys

import pytest

import pi_spigot


def digits_of(n: int) -> str:
    """Decimal text of a long int: Python's limit is against this very use."""
    limit = sys.get_int_max_str_digits() if hasattr(sys, "get_int_max_str_digits") else None
    try:
        if limit is not None:
            sys.set_int_max_str_digits(0)
        return str(n)
    finally:
        if limit is not None:
            sys.set_int_max_str_digits(limit)


@pytest.mark.parametrize("algorithm", ["chudnovsky", "gosper", "gibbons"])
@pytest.mark.parametrize("n", [1, 2, 19, 20, 768, 4000, 9000])
def test_the_integer_has_the_digits(algorithm: str, n: int) -> None:
    assert digits_of(pi_spigot.to_int(n, algorithm)) == pi_spigot.digits(n).replace(".", "")


def test_fixed_point_is_the_hexadecimal_text() -> None:
    assert pi_spigot.to_fixed(0) == 3
    for bits in (1, 63, 64, 65, 4000, 300_000):
        fixed = pi_spigot.to_fixed(bits, threads=2)
        assert fixed.bit_length() == bits + 2
        assert fixed >> (bits - min(bits, 64)) == 0x3243F6A8885A308D3 >> (64 - min(bits, 64))
    position = 74_993
    assert f"{fixed:X}"[position : position + 8] == pi_spigot.hex_digits(position, 8)


def test_a_decimal_has_all_digits_whatever_the_context() -> None:
    with decimal.localcontext() as context:
        context.prec = 5
        pi = pi_spigot.to_decimal(10_000, threads=1)
    assert str(pi) == pi_spigot.digits(10_000)


@pytest.mark.parametrize("dps", [1, 15, 16, 50, 1000, 20_000])
def test_an_mpf_is_correctly_rounded(dps: int) -> None:
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(dps):
        assert pi_spigot.to_mpmath() == +mpmath.pi
    assert pi_spigot.to_mpmath(dps)._mpf_ == mpmath.libmp.mpf_pi(mpmath.libmp.dps_to_prec(dps), "n")


def test_mpmath_that_is_not_there_is_told_how_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mpmath", None)
    with pytest.raises(ImportError, match="pip install mpmath"):
        pi_spigot.to_mpmath(50)


def test_gmpy2_and_flint_take_the_integer() -> None:
    n = pi_spigot.to_int(5000)
    text = pi_spigot.digits(5000).replace(".", "")
    gmpy2 = pytest.importorskip("gmpy2")
    assert gmpy2.mpz(n).digits() == text
    flint = pytest.importorskip("flint")
    assert flint.fmpz(n).str() == text
