"""kill -9 at any moment of the demonstration, and every run ends as if nothing had happened.

The same file is told once undisturbed. Then, for each seed, the platform is killed and started again at random
moments, counted in answers, while the story goes on by its idempotency keys. What is left must be the same: nothing
acknowledged is lost, nothing is done twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

import pytest

from tests.crash.telling import SEED, Ending, Progressing, tell
from zhongtai.gateway.demonstration.proof import Proof
from zhongtai.testing.applicants import write
from zhongtai.testing.embedded import Child

APPLICANTS = 400
# How often the clock sets a job off depends on how long a story takes, which is no part of how it ends.
WITHOUT_JOBS = {"ZHONGTAI_JOBS_RUN": "false"}
SEEDS = (1, 2)
# A run that is lost would be waited for without end.
PATIENCE_S = 1_000.0


@pytest.fixture(scope="module")
def applicants(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file whose story is told."""
    file = tmp_path_factory.mktemp("applicants") / "applicants.csv"
    write(file, SEED, APPLICANTS)
    return file


@pytest.fixture(scope="module")
async def undisturbed(applicants: Path, tmp_path_factory: pytest.TempPathFactory) -> Ending:
    """What the story leaves where nothing happens to it."""
    async with Child(tmp_path_factory.mktemp("undisturbed"), extra=WITHOUT_JOBS) as platform:
        with pytest.MonkeyPatch.context() as patch:
            ending, proof = await _told(platform, applicants, Progressing(), patch)
    assert not proof.failed
    return ending


async def _told(
    platform: Child, applicants: Path, counting: Progressing, patch: pytest.MonkeyPatch
) -> tuple[Ending, Proof]:
    # The proof counts the facts with `zhongtai status`, which is led to the platform by its settings.
    for name, value in platform.environment.items():
        patch.setenv(name, value)
    return await tell(platform, applicants, counting)


async def kill_platform(platform: Child) -> None:
    """The process dies and is started again; its broker is left behind, and is found."""
    await platform.kill()
    await platform.start()


async def kill_while_starting(platform: Child) -> None:
    """The process dies, and again in the midst of its start: after its broker, before its doors."""
    left_behind = platform.broker_pid
    await platform.kill()
    await platform.begin()
    await platform.broker_after(left_behind)
    await platform.kill()
    await platform.start()


async def kill_broker(platform: Child) -> None:
    """The broker dies; the platform starts another on the same data."""
    dead = platform.broker_pid
    platform.kill_broker()
    await platform.broker_after(dead)


async def kill_both(platform: Child) -> None:
    """The machine dies."""
    await platform.kill()
    platform.kill_broker()
    await platform.start()


# Seven kills of the platform and four of the broker in each story.
CRASHES: tuple[Callable[[Child], Awaitable[None]], ...] = (
    *[kill_platform] * 4,
    kill_while_starting,
    *[kill_broker] * 3,
    kill_both,
)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
async def test_a_story_with_crashes_ends_like_one_without(
    seed: int, applicants: Path, undisturbed: Ending, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = Random(f"crashes {seed}")
    moments = sorted(chance.sample(range(10, undisturbed.answers - 10), len(CRASHES)))
    crashes = chance.sample(CRASHES, len(CRASHES))
    counting = Progressing()

    async def crash(platform: Child) -> None:
        for moment, how in zip(moments, crashes, strict=True):
            await counting.reached(moment)
            await how(platform)

    async with Child(tmp_path, extra=WITHOUT_JOBS) as platform:
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
            telling = group.create_task(_told(platform, applicants, counting, monkeypatch))
            group.create_task(crash(platform))
        ending, proof = telling.result()
    assert not proof.failed, [line for line in proof.lines if line[2] is False]
    assert platform.starts == 1 + 4 + 2 + 1
    assert ending == undisturbed
