"""kill -9 in the midst of ends of day: going on leaves, byte for byte, what undisturbed ones leave."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from tests.credit.closes import everything
from tests.load.end_of_day import FIRST, NIGHT, fill
from zhongtai.testing.templates import fresh_sqlite

LOANS = 1_500
DAYS = 3
KILLS = 4


def child(url: str) -> "subprocess.Popen[str]":
    """A process that closes the dates."""
    dates = [(FIRST + NIGHT).isoformat(), str(DAYS)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.crash.closing", url, *dates], stdout=subprocess.PIPE, text=True
    )


def steps_of(process: "subprocess.Popen[str]", most: int) -> int:
    """Waits until the process has begun so many steps, or ended; answers how many it began."""
    assert process.stdout is not None
    seen = 0
    while seen < most and process.stdout.readline():
        seen += 1
    return seen


@pytest.mark.slow
def test_a_close_that_is_killed_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    urls = []
    for name in ("undisturbed", "killed"):
        (tmp_path / name).mkdir()
        urls.append(fresh_sqlite("credit", tmp_path / name))
        fill(urls[-1], LOANS, LOANS // 40)
    with child(urls[0]) as undisturbed:
        steps = steps_of(undisturbed, 1_000)
    assert undisturbed.returncode == 0
    chance = Random("end of day")
    done = 0
    for _ in range(KILLS):
        with child(urls[1]) as killed:
            done += steps_of(killed, chance.randint(1, 3))
            time.sleep(chance.random() / 50)
            killed.kill()
        assert killed.returncode == -signal.SIGKILL
    assert KILLS <= done < steps, "the kills fell into the closes"
    with child(urls[1]) as last:
        assert steps_of(last, 1_000)
    assert last.returncode == 0
    left, expected = everything(urls[1]), everything(urls[0])
    assert len(expected["credit_loan_day_columns"]) == (1 + DAYS) * 3
    for name, rows in expected.items():
        assert left[name] == rows, name
