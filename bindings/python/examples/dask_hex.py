"""Hexadecimal digits of pi at any position, by the workers of a Dask cluster.

usage: python dask_hex.py [POSITION] [--parts N] [--scheduler ADDRESS]

Without --scheduler the cluster is this machine's: a process for each processor. Each part of the sum is a task of
its own: Dask sends it to a free worker, repeats it if the worker dies, and needs no order. A second sum, by another
formula and from eight digits before, is the proof: the two share no term.
"""

from __future__ import annotations

import argparse

from dask.distributed import Client, LocalCluster

import pi_spigot

# Positions count from 1, where 243F6A88 begins. Published by Bailey and by Karrels.
PUBLISHED = {10**6: "26C65E52CB4593", 10**7: "17AF5863EFED8D", 10**9: "85895585A0428B"}


def certain_digits(client: Client, position: int, parts: int, formula: str) -> str:
    """Return the certain digits from a position on, computed by the cluster."""
    plan = pi_spigot.hex_plan(position, parts, formula)
    tasks = client.map(pi_spigot.hex_part, plan, retries=3, pure=False)
    # Raises if a part is missing or is there twice.
    return pi_spigot.hex_sum(client.gather(tasks)).digits


def proven_digits(client: Client, position: int, parts: int) -> str:
    """Return digits on which both formulas agree."""
    digits = certain_digits(client, position, parts, "bellard")
    back = min(8, position - 1)
    check = certain_digits(client, position - back, parts, "bbp")[back:]
    common = min(len(digits), len(check))
    if digits[:common] != check[:common]:
        raise SystemExit(f"the formulas disagree: {digits} and {check}")
    return digits[:common]


def main(arguments: list[str] | None = None) -> None:
    """Print digits, and compare them with published ones where there are some."""
    parser = argparse.ArgumentParser(description="Hexadecimal digits of pi by a Dask cluster.")
    parser.add_argument("position", type=int, nargs="?", default=10**6)
    parser.add_argument("--parts", type=int, default=64, help="tasks in each of the two sums")
    parser.add_argument("--scheduler", help="the address of a running cluster; every worker needs pi-spigot")
    options = parser.parse_args(arguments)
    cluster = options.scheduler or LocalCluster(threads_per_worker=1, dashboard_address=None)
    with Client(cluster) as client:
        digits = proven_digits(client, options.position, options.parts)
    print(f"{digits} from position {options.position} on, by two formulas")
    published = PUBLISHED.get(options.position)
    if published:
        if not digits.startswith(published):
            raise SystemExit(f"published: {published}")
        print(f"as published: {published}")


# Workers are new processes, which import this file again.
if __name__ == "__main__":
    main()
