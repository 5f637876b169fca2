"""What is sent again where a service was not there, and what never is."""

import asyncio

import pytest
from google.protobuf.message import Message

from tests.runtime.door_parts import CALLER, GET, HOLD, LimitMustBeActive, found, opened_counter, raising, refusal_of
from zhongtai.credit.v1 import limit_pb2
from zhongtai.kernel.refusals import Unreachable
from zhongtai.runtime import errors
from zhongtai.runtime.call import Call
from zhongtai.runtime.client import Calls, may_repeat
from zhongtai.runtime.contracts import method_of

DOWN = errors.ServiceUnreachable(service="store")


@pytest.mark.parametrize(
    ("request_sent", "failures", "asked", "answered"),
    [
        (GET, 2, 3, True),
        (HOLD, 2, 3, True),
        (GET, 3, 3, False),
        (limit_pb2.HoldLimitRequest(limit_id="1"), 1, 1, False),
    ],
    ids=["a read", "a request id", "three times at the most", "never without an id"],
)
async def test_what_is_safe_to_repeat_is_repeated(
    request_sent: Message, failures: int, asked: int, answered: bool
) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async with opened_counter(raising(*[DOWN] * failures)) as counter:
        calls = counter.calls(pause=pause, chance=lambda: 0.5)
        if answered:
            await calls.call(request_sent, Call(CALLER))
            await calls.close()
        else:
            assert isinstance(await refusal_of(calls, request_sent), Unreachable)
        assert len(counter.desk.asked) == asked
    assert pauses == [0.05, 0.1][: asked - 1]


async def test_a_known_refusal_is_not_repeated() -> None:
    async with opened_counter(raising(LimitMustBeActive(limit_id="1"))) as counter:
        await refusal_of(counter.calls(), GET)
        assert len(counter.desk.asked) == 1


async def test_no_pause_outlasts_the_deadline() -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async with opened_counter(raising(DOWN, DOWN)) as counter:
        soon = Call(CALLER, deadline=asyncio.get_running_loop().time() + 5)
        calls = counter.calls(pause=pause, chance=lambda: 1000.0)
        assert isinstance(await refusal_of(calls, GET, soon), Unreachable)
        assert len(counter.desk.asked) == 1
    assert pauses == []


def test_what_may_be_repeated_is_the_contracts_to_say() -> None:
    assert may_repeat(method_of(GET), GET)
    assert may_repeat(method_of(HOLD), HOLD)
    assert not may_repeat(method_of(HOLD), limit_pb2.HoldLimitRequest())


async def test_a_service_that_is_not_there_is_unreachable() -> None:
    async with opened_counter(found) as counter:
        calls = counter.calls()
    refusal = await refusal_of(calls, GET)
    assert (refusal.reason, refusal.metadata) == ("SERVICE_UNREACHABLE", {"service": "credit"})
    assert (await refusal_of(Calls({}, {}), GET)).reason == "SERVICE_UNREACHABLE"
