"""Seconds of pi in Python: this package beside gmpy2, mpmath on gmpy2, and python-flint.

usage: python bench.py [--digits N]... [--runs R] [--json]

Each number is the median CPU time of interleaved runs, on one thread, from a call to decimal text. Every program's
cache of pi is emptied before each run, and each text is compared with ours.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
import timeit
from collections.abc import Callable

import flint
import gmpy2
import mpmath

import pi_spigot


def by_pi_spigot(n: int) -> str:
    """Return the digits of pi by this package."""
    return pi_spigot.digits(n, threads=1)


def by_gmpy2(n: int) -> str:
    """Return the digits of pi by MPFR."""
    bits = int((n + 10) * 3.3219280948874) + 8
    with gmpy2.context(gmpy2.get_context(), precision=bits):
        digits, _, _ = gmpy2.const_pi().digits(10, n + 10)
    gmpy2.free_cache()
    return f"{digits[0]}.{digits[1:n]}"


def by_mpmath(n: int) -> str:
    """Return the digits of pi by mpmath's series, on gmpy2's integers."""
    # mpmath keeps the longest pi in an attribute of the function behind this one.
    kept = mpmath.libmp.libelefun.pi_fixed.__closure__[0].cell_contents
    kept.memo_prec = -1
    with mpmath.workdps(n + 10):
        return str(mpmath.nstr(+mpmath.pi, n + 5, strip_zeros=False)[: n + 1])


def by_flint(n: int) -> str:
    """Return the digits of pi by FLINT."""
    flint.ctx.dps = n + 10
    text = flint.arb.pi().str(n + 5, radius=False)
    flint.ctx.cleanup()
    return str(text[: n + 1])


PROGRAMS: dict[str, Callable[[int], str]] = {
    "pi-spigot": by_pi_spigot,
    "python-flint": by_flint,
    "gmpy2": by_gmpy2,
    "mpmath": by_mpmath,
}


def seconds(program: Callable[[int], str], n: int, expected: str) -> float:
    """Return the CPU time of one call, whose text is compared."""
    begin = time.process_time()
    text = program(n)
    took = time.process_time() - begin
    if text != expected:
        raise SystemExit(f"{program.__name__} is wrong at {n} digits")
    return took


def table(counts: list[int], runs: int) -> dict[str, dict[int, float]]:
    """Return median seconds of each program for each number of digits."""
    results: dict[str, dict[int, float]] = {name: {} for name in PROGRAMS}
    for n in counts:
        expected = pi_spigot.digits(n)
        times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
        for _ in range(runs if n < 10**7 else max(1, runs // 2)):
            for name, program in PROGRAMS.items():
                times[name].append(seconds(program, n, expected))
        for name, list_of_times in times.items():
            results[name][n] = statistics.median(list_of_times)
            print(f"{n:>11,} {name:<13} {results[name][n]:.6f} s", file=sys.stderr)
    return results


def overhead() -> dict[str, float]:
    """Return nanoseconds of the shortest calls, and of a digit of a stream."""
    stream = pi_spigot.Digits(threads=1)
    stream.read(400_000)
    stream.read(1)
    calls: dict[str, tuple[Callable[[], object], int]] = {
        "digits(50)": (lambda: pi_spigot.digits(50), 20_000),
        "gmpy2.const_pi, 50 digits": (lambda: by_gmpy2(50), 20_000),
        "digits(0), refused": (refused, 20_000),
        "next(Digits())": (lambda: next(stream), 20_000),
        "to_fixed(200)": (lambda: pi_spigot.to_fixed(200), 20_000),
    }
    best = {
        name: min(timeit.repeat(call, timer=time.process_time, number=n, repeat=5)) / n
        for name, (call, n) in calls.items()
    }
    return {name: round(time * 1e9, 1) for name, time in best.items()}


def refused() -> None:
    """Ask for no digits."""
    try:
        pi_spigot.digits(0)
    except ValueError:
        return
    raise SystemExit("not refused")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Seconds of pi in Python.")
    parser.add_argument("--digits", type=lambda text: int(float(text)), action="append")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="results as JSON")
    options = parser.parse_args()
    results = table(options.digits or [50, 10**4, 10**6, 10**7], options.runs)
    versions = {
        "python": platform.python_version(),
        "pi-spigot": pi_spigot.__version__,
        "gmpy2": f"{gmpy2.version()}, {gmpy2.mp_version()}, {gmpy2.mpfr_version()}",
        "mpmath": f"{mpmath.__version__} on {mpmath.libmp.BACKEND}",
        "python-flint": f"{flint.__version__}, FLINT {flint.__FLINT_VERSION__}",
    }
    short = overhead()
    if options.json:
        print(json.dumps({"versions": versions, "seconds": results, "nanoseconds": short}, indent=1))
        return
    counts = list(results["pi-spigot"])
    print("| | " + " | ".join(f"{n:,}" for n in counts) + " |")
    print("|---" * (len(counts) + 1) + "|")
    for name, times in results.items():
        cells = [f"{times[n]:.3g} ({times[n] / results['pi-spigot'][n]:.1f})" for n in counts]
        print(f"| {name} | " + " | ".join(cells) + " |")
    print("\n".join(f"{name}: {value} ns" for name, value in short.items()))
    print("\n".join(f"{name} {version}" for name, version in versions.items()))


if __name__ == "__main__":
    main()
