#!/usr/bin/env python3
"""Times two commands as whole processes, in turn: A B, B A, A B, ...

    pair.py [--runs N] 'COMMAND A' 'COMMAND B'

Prints the median CPU time (user and system) of each and the median of the
ratios A/B of neighbours, which holds when the machine's speed drifts. Both must
print the same text. Exits 1 when a command fails or the texts differ.
"""

import argparse
import hashlib
import os
import shlex
import statistics
import subprocess
import sys


def run(command):
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{shlex.join(command)} exited with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, hashlib.sha256(text).hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=11, help="counted runs of each (default 11)")
    parser.add_argument("commands", nargs=2, metavar="COMMAND", type=shlex.split)
    arguments = parser.parse_args()
    times = ([], [])
    texts = {run(command)[1] for command in arguments.commands}
    for turn in range(arguments.runs):
        for which in (0, 1) if turn % 2 == 0 else (1, 0):
            seconds, text = run(arguments.commands[which])
            times[which].append(seconds)
            texts.add(text)
    if len(texts) != 1:
        sys.exit("the two commands print different texts")
    for name, command, seconds in zip("AB", arguments.commands, times):
        print(f"{name}  {statistics.median(seconds):8.3f} s CPU  (min {min(seconds):.3f}, max {max(seconds):.3f})  {shlex.join(command)}")
    ratios = [a / b for a, b in zip(*times)]
    print(f"A/B  {statistics.median(ratios):.3f}  (min {min(ratios):.3f}, max {max(ratios):.3f}, {len(ratios)} pairs)")


main()
