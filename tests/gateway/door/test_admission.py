"""Who is let in: rates, daily caps that hold exactly, and clients that are shut out."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.gateway.door.conftest import House, Seconds
from zhongtai.gateway.client import store
from zhongtai.gateway.door.admission import KNOWN_FOR_S, Admission
from zhongtai.gateway.door.refusals import ClientShutOut, DailyCapReached
from zhongtai.gateway.v1 import client_pb2
from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime.call import Caller
from zhongtai.runtime.errors import TooManyRequests

APP = Caller("app", "app")


async def admitted(admission: Admission, calls: int) -> int:
    """How many of so many calls at once are let in."""
    answers = await asyncio.gather(*(admission.admit(APP) for _ in range(calls)), return_exceptions=True)
    assert all(answer is None or isinstance(answer, Refusal) for answer in answers)
    return answers.count(None)


async def used(house: House) -> int:
    """What the store has counted."""
    rows = await house.gateway.store.read(lambda reading: reading.rows(store.USE.select()))
    return sum(row.used for row in rows)


async def test_a_bucket_fills_by_the_second(house: House) -> None:
    await house.register("app", calls_per_second=5)
    admission = house.given.admission
    assert await admitted(admission, 20) == 5
    with pytest.raises(TooManyRequests) as refused:
        await admission.admit(APP)
    assert refused.value.retry_after_seconds == 0.2
    house.seconds.at += 0.5
    assert await admitted(admission, 20) == 2
    house.seconds.at += 3600
    assert await admitted(admission, 20) == 5


async def test_a_cap_holds_exactly_over_doors_and_starts_anew_each_day_of_the_bank(house: House) -> None:
    await house.register("app", daily_cap=1000)
    house.clock.instant = datetime(2026, 5, 4, 15, 59, 59, tzinfo=UTC)  # one second before midnight in Beijing
    doors = [Admission(house.gateway, Seconds()) for _ in range(3)]
    let_in = sum(await asyncio.gather(*(admitted(door, 500) for door in doors)))
    for door in doors:
        await door.close()
    assert let_in + await admitted(Admission(house.gateway, Seconds()), 1000) == 1000
    assert await used(house) == 1000
    with pytest.raises(DailyCapReached) as refused:
        await Admission(house.gateway, Seconds()).admit(APP)
    assert refused.value.retry_after_seconds == 1
    house.clock.instant += timedelta(seconds=1)
    assert await admitted(Admission(house.gateway, Seconds()), 1001) == 1000


async def test_a_door_that_is_killed_forfeits_its_block_and_one_that_stops_gives_it_back(house: House) -> None:
    await house.register("app", daily_cap=80)
    killed = Admission(house.gateway, Seconds())
    assert await admitted(killed, 1) == 1
    assert await used(house) == 10
    stopped = Admission(house.gateway, Seconds())
    assert await admitted(stopped, 1) == 1
    await stopped.close()
    assert await used(house) == 11
    assert await admitted(Admission(house.gateway, Seconds()), 200) == 69


async def test_a_client_that_is_shut_out_is_out_within_seconds(house: House) -> None:
    await house.register("app")
    await house.given.admission.admit(APP)
    await house.call(client_pb2.DisableClientRequest(request_id="d", client_id="app"))
    await house.given.admission.admit(APP)
    house.seconds.at += KNOWN_FOR_S
    with pytest.raises(ClientShutOut):
        await house.given.admission.admit(APP)


async def test_the_platforms_own_calls_have_no_bounds(house: House) -> None:
    for _ in range(3):
        await house.given.admission.admit(Caller("platform", "platform"))
    assert await used(house) == 0


async def test_a_cap_that_is_used_up_is_a_problem_that_says_when(house: House) -> None:
    await house.register("app", daily_cap=1)
    token = house.token(client_id="app")
    assert (await house.http.get("/v1/limits", headers=token)).status_code == 200
    refused = await house.http.get("/v1/limits", headers=token)
    assert (refused.status_code, refused.json()["reason"]) == (429, "DAILY_CAP_REACHED")
    assert 0 < int(refused.headers["retry-after"]) <= 86_400
