"""The door tests of every service again, on a real PostgreSQL: the same tests, the other engine."""

import subprocess
import sys
from pathlib import Path

import pytest

from zhongtai.runtime.contracts import SERVICES

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_doors_keep_their_promises_on_postgresql(postgres_url: str) -> None:
    """One run of pytest over the door tests, in process: what differs here is the engine, not the wire.

    `postgres_url` is asked for so that a machine without PostgreSQL skips with its reason before anything runs.
    """
    folders = [f"tests/{service}" for service in SERVICES]
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *folders,
            "--engine=postgresql",
            "-q",
            "-k",
            "process",
            "-p",
            "no:cacheprovider",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert "passed" in run.stdout
