"""Ctrl-C and other signals in every long call: in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

import pi_spigot

CALLS = {
    "digits": "pi_spigot.digits(10**8)",
    "digits of gibbons": "pi_spigot.digits(300_000, 'gibbons')",
    "digits_from": "pi_spigot.digits_from(10**8, 5)",
    "digest": "pi_spigot.digest(10**8)",
    "verify": "pi_spigot.verify(b'3' + b'1' * 10**8)",
    "blocks": "list(pi_spigot.blocks(10**8))",
    "blocks without an end": "sum(map(len, pi_spigot.blocks()))",
    "read": "pi_spigot.Digits().read(5 * 10**7)",
    "next": "sum(pi_spigot.Digits())",
    "to_int": "pi_spigot.to_int(10**8)",
    "to_fixed": "pi_spigot.to_fixed(3 * 10**8)",
    "hex_digits": "pi_spigot.hex_digits(10**12)",
    "hex_part": "pi_spigot.hex_part(pi_spigot.hex_plan(10**12, 3)[0])",
}

# The process says when it is about to compute. `pytest -rP` shows the time from the signal to the exception; no test
# depends on it.
PROGRAM = """
import signal, time
import pi_spigot

# A parent that ignores the signal has its children ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
print("ready", flush=True)
try:
    {call}
except KeyboardInterrupt:
    print("interrupted", time.monotonic(), flush=True)
    print(pi_spigot.digits(20_000)[-6:], flush=True)
"""


@pytest.mark.parametrize("name", CALLS)
def test_ctrl_c_stops(name: str) -> None:
    program = PROGRAM.format(call=CALLS[name])
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        # Far into the computation, by the processor time that it has used.
        wait_for_work(process.pid, 0.3)
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        word, stopped = process.stdout.readline().split()
        print(f"{name}: {(float(stopped) - sent) * 1000:.0f} ms from the signal to the exception")
        assert word == "interrupted"
        # The interpreter goes on, and so does the library.
        assert process.stdout.readline() == pi_spigot.digits(20_000)[-6:] + "\n"
        assert process.wait() == 0


def wait_for_work(pid: int, seconds: float) -> None:
    """Return when a process has used so much processor time."""
    ticks = os.sysconf("SC_CLK_TCK")
    while True:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        if (int(fields[11]) + int(fields[12])) / ticks > seconds:
            return


def test_a_handler_that_does_not_raise_does_not_stop() -> None:
    program = textwrap.dedent("""
        import os, signal, threading
        import pi_spigot

        seen = []
        signal.signal(signal.SIGUSR1, lambda number, frame: seen.append(number))
        expected = pi_spigot.digest(400_000)
        threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        while not seen:
            assert pi_spigot.digest(400_000) == expected
        print("seen")
        """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "seen\n"
