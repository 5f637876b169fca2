"""A gateway whose jobs are looked at by hand."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from tests.gateway.job.night import Make, Services
from zhongtai.gateway.job.scheduling import Scheduler
from zhongtai.testing.doors import Door


async def _no_pause(_: float) -> None:
    return None


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
async def make(door: Door, services: Services) -> AsyncIterator[Make]:
    made: list[Scheduler] = []

    def maker(settle_seconds: float = 0.0) -> Scheduler:
        made.append(Scheduler(door.service, services, settle_seconds=settle_seconds, pause=_no_pause))
        return made[-1]

    door.today(date(2026, 5, 4))
    yield maker
    for scheduler in made:
        await scheduler.close()
