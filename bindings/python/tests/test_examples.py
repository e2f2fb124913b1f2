"""The example as a person runs it."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

EXAMPLE = pathlib.Path(__file__).parents[1] / "examples" / "dask_hex.py"


def test_a_dask_cluster_finds_the_published_digits(tmp_path: pathlib.Path) -> None:
    pytest.importorskip("distributed")
    command = [sys.executable, str(EXAMPLE), "1000000", "--parts", "12"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert "as published: 26C65E52CB4593" in done.stdout
