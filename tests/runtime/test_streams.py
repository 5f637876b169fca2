"""A stream answers each of its requests as if it had come alone, in order, within its bounds, over gRPC and here."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from typer.testing import CliRunner

from tests.runtime.door_parts import Answer, Counter, Desk, LimitMustBeActive, opened_counter, raising
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import ledger_pb2
from zhongtai.operations.v1.ledger_pb2 import PostEntryRequest, PostEntryResponse, PostEntryStreamRequest
from zhongtai.runtime import contracts, server
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.commands import call as command
from zhongtai.runtime.errors import TooManyRequests, retry_after_seconds
from zhongtai.runtime.platform import Everything
from zhongtai.runtime.security import Mint, SigningKeys, Verifier
from zhongtai.runtime.settings import Limits
from zhongtai.runtime.streams import Told
from zhongtai.runtime.violations import RequestInvalid

CALLER = Caller("app", "client-1", frozenset({"operations.*"}))
PATH = "/zhongtai.operations.v1.LedgerService/PostEntryStream"


class Ear:
    """What was told of a stream."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    async def tell(self, told: Told) -> None:
        self.told += told

    @property
    def ids(self) -> list[str]:
        return [request_id for request_id, _ in self.told]

    @property
    def outcomes(self) -> list[str]:
        """The reason of each refusal, the entry of each reply."""
        return [one.reason if isinstance(one, Refusal) else one.entry_id for _, one in self.told]


def requests(count: int, first: int = 0) -> list[Message]:
    return [PostEntryRequest(request_id=str(number)) for number in range(first, first + count)]


async def batches(*given: Sequence[Message]) -> AsyncIterator[Sequence[Message]]:
    for batch in given:
        yield batch


def number_of(request: Message) -> int:
    return int(request.request_id)  # type: ignore[attr-defined]


async def posted(request: Message, call: Call) -> Message:
    return PostEntryResponse(entry_id=f"ent_{number_of(request)}")


@asynccontextmanager
async def ledger(answer: Answer, **limits: Any) -> AsyncIterator[Counter]:
    async with opened_counter(answer, Limits(**limits), "operations") as counter:
        yield counter


async def sent(calls: Calls, *given: Sequence[Message], call: Call | None = None) -> Ear:
    ear = Ear()
    await calls.stream(PostEntryRequest, batches(*given), ear.tell, call or Call(CALLER))
    return ear


@asynccontextmanager
async def opened(counter: Counter, *metadata: tuple[str, str]) -> AsyncIterator[Any]:
    """A stream as gRPC has it, sent in bytes."""
    async with grpc.aio.insecure_channel(counter.address) as channel:
        yield channel.stream_stream(PATH)(metadata=metadata or (counter.bearer(CALLER),))


def body(*numbers: int) -> bytes:
    message = PostEntryStreamRequest(requests=[PostEntryRequest(request_id=str(number)) for number in numbers])
    return message.SerializeToString()


async def ended(stream: Any) -> tuple[str, list[str]]:
    """The reason a stream ended with, and the ids it told before."""
    ids: list[str] = []
    with suppress(grpc.aio.AioRpcError):
        while True:
            message = ledger_pb2.PostEntryStreamResponse.FromString(await stream.read())
            ids += [one.request_id for one in message.outcomes]
    return f"{(await stream.code()).name} {await stream.details()}", ids


@pytest.mark.parametrize("over_grpc", [True, False])
async def test_outcomes_come_in_the_order_of_the_requests_whichever_is_ready_first(over_grpc: bool) -> None:
    async def unhurried(request: Message, call: Call) -> Message:
        number = number_of(request)
        await asyncio.sleep((number * 7 % 10) / 500)
        if number % 3 == 1:
            raise LimitMustBeActive(limit_id=str(number))
        if number % 10 == 5:
            raise KeyError(number)
        return await posted(request, call)

    async with ledger(unhurried) as counter:
        calls = counter.calls() if over_grpc else Calls({"operations": counter.desk}, {})
        ear = await sent(calls, requests(40), requests(0), requests(25, 40))
        await calls.close()
    assert ear.ids == [str(number) for number in range(65)]
    assert ear.outcomes == [
        "LIMIT_MUST_BE_ACTIVE" if number % 3 == 1 else "INTERNAL" if number % 10 == 5 else f"ent_{number}"
        for number in range(65)
    ]


async def test_an_outcome_does_not_wait_for_the_request_after_it() -> None:
    async with ledger(posted) as counter, opened(counter) as stream:
        for number in range(3):
            await stream.write(body(number))
            told = ledger_pb2.PostEntryStreamResponse.FromString(await stream.read())
            assert [(one.request_id, one.response.entry_id) for one in told.outcomes] == [
                (f"{number}", f"ent_{number}")
            ]
        await stream.done_writing()
        assert await stream.read() is grpc.aio.EOF


async def test_no_more_are_under_way_than_the_window_holds_and_others_wait_to_be_read() -> None:
    under_way, most, leave = 0, 0, asyncio.Event()

    async def held(request: Message, call: Call) -> Message:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await leave.wait()
        under_way -= 1
        return await posted(request, call)

    async with ledger(held, stream_window=5) as counter:
        calls = counter.calls()
        sending = asyncio.create_task(sent(calls, requests(8), requests(40, 8)))
        await asyncio.sleep(0.3)
        assert len(counter.desk.asked) == 5
        leave.set()
        ear = await sending
        await calls.close()
    assert most == 5
    assert ear.ids == [str(number) for number in range(48)]


async def test_each_request_has_a_deadline_of_its_own_and_the_caller_of_the_stream() -> None:
    async with ledger(posted, longest_call_seconds=7) as counter:
        calls, now = counter.calls(), asyncio.get_running_loop().time()
        await sent(calls, requests(2))
        await sent(calls, requests(2), call=Call(CALLER, deadline=now + 3, language="zh-CN"))
        await calls.close()
        deadlines = [round((call.deadline or 0) - now) for _, call in counter.desk.asked]
        assert {call.caller.client_id for _, call in counter.desk.asked} == {"client-1"}
        assert [call.language for _, call in counter.desk.asked] == ["en", "en", "zh-CN", "zh-CN"]
    assert deadlines == [7, 7, 3, 3]


async def test_too_long_a_stream_is_ended_after_what_it_may_bring() -> None:
    async with ledger(posted, stream_requests=10) as counter:
        calls, ear = counter.calls(), Ear()
        with pytest.raises(Refusal) as failed:
            await calls.stream(PostEntryRequest, batches(requests(7), requests(7, 7)), ear.tell, Call(CALLER))
        await calls.close()
        assert len(counter.desk.asked) == 10
    assert failed.value.reason == "STREAM_TOO_LONG"
    assert failed.value.metadata == {"limit_requests": "10"}
    assert ear.ids == [str(number) for number in range(10)]


async def test_a_stream_that_brings_nothing_is_ended() -> None:
    async with ledger(posted, stream_idle_seconds=0.2) as counter, opened(counter) as stream:
        await stream.write(body(1))
        reason, ids = await ended(stream)
        calls = counter.calls()
        assert (await sent(calls, requests(3))).ids == ["0", "1", "2"]
        await calls.close()
    assert reason == "RESOURCE_EXHAUSTED No request came for 0.2 s: send the rest in a new stream."
    assert ids == ["1"]


async def test_more_streams_than_the_door_takes_are_told_when_to_come_back() -> None:
    async with ledger(posted, concurrent_streams=1) as counter:
        calls = counter.calls()
        async with opened(counter) as first:
            await first.write(body(1))
            await first.read()
            with pytest.raises(Refusal) as failed:
                await sent(calls, requests(1))
            await first.done_writing()
            assert await first.read() is grpc.aio.EOF
        assert (await sent(calls, requests(1))).ids == ["0"]
        await calls.close()
    assert failed.value.reason == "TOO_MANY_REQUESTS"
    assert retry_after_seconds(failed.value) == 0.1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (b"\xff\xff\xff", "INVALID_ARGUMENT The request is wrong at request"),
        (b"\xa0\x06\x01", "INVALID_ARGUMENT The request is wrong at request"),
        (body(*range(1001)), "INVALID_ARGUMENT The request is wrong at requests"),
    ],
)
async def test_a_message_that_is_none_ends_the_stream_behind_what_came_before(wrong: bytes, said: str) -> None:
    async with ledger(posted) as counter, opened(counter) as stream:
        await stream.write(body(1, 2))
        await stream.write(wrong)
        reason, ids = await ended(stream)
        assert len(counter.desk.asked) == 2
    assert reason.startswith(said)
    assert ids == ["1", "2"]


async def test_a_field_that_the_contract_does_not_have_refuses_its_request_alone() -> None:
    strange = b"\x0a\x06\x0a\x012\xa0\x06\x01"
    async with ledger(posted) as counter, opened(counter) as stream:
        await stream.write(body(1) + strange + body(3))
        await stream.done_writing()
        outcomes: list[Any] = []
        async for message in stream:
            outcomes += ledger_pb2.PostEntryStreamResponse.FromString(message).outcomes
        assert len(counter.desk.asked) == 2
    assert [(one.request_id, one.WhichOneof("outcome")) for one in outcomes] == [
        ("1", "response"),
        ("2", "refusal"),
        ("3", "response"),
    ]
    assert outcomes[1].refusal.message.startswith("The request is wrong")


async def test_who_is_unknown_is_refused_before_the_service() -> None:
    async with ledger(posted) as counter, opened(counter, ("authorization", "Bearer x.y.z")) as stream:
        reason, ids = await ended(stream)
        assert counter.desk.asked == []
    assert reason.startswith("UNAUTHENTICATED")
    assert ids == []


async def test_a_stream_does_not_outlive_the_token_it_came_with() -> None:
    async with ledger(posted) as counter, opened(counter) as stream:
        await stream.write(body(1))
        await stream.read()
        counter.clock.instant += timedelta(hours=1)
        await stream.write(body(2))
        reason, _ = await ended(stream)
        assert len(counter.desk.asked) == 1
    assert reason.startswith("UNAUTHENTICATED The access token expired")


async def test_a_stream_that_is_cut_leaves_nobody_waiting() -> None:
    begun, cancelled = asyncio.Event(), 0

    async def never(request: Message, call: Call) -> Message:
        nonlocal cancelled
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled += 1
        raise AssertionError

    async with ledger(never, concurrent_streams=1) as counter:
        async with opened(counter) as stream:
            await stream.write(body(1, 2, 3))
            await begun.wait()
            stream.cancel()
            while cancelled < 3:
                await asyncio.sleep(0.01)
        async with opened(counter) as stream:
            await stream.done_writing()
            assert await stream.read() is grpc.aio.EOF


async def test_a_server_that_stops_answers_what_a_stream_brought_and_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "STOP_WITHIN_S", 20)
    begun, leave = asyncio.Event(), asyncio.Event()

    async def held(request: Message, call: Call) -> Message:
        begun.set()
        await leave.wait()
        return await posted(request, call)

    async with ledger(held) as counter, opened(counter) as idle, opened(counter) as stream:
        await idle.write(b"")
        await stream.write(body(1, 2))
        await begun.wait()
        stopping = asyncio.create_task(counter.server.stop())
        said, ids = await ended(idle)
        assert (said.split()[0], ids) == ("UNAVAILABLE", [])
        leave.set()
        said, ids = await ended(stream)
        assert (said.split()[0], ids) == ("UNAVAILABLE", ["1", "2"])
        await asyncio.wait_for(stopping, 5)


async def test_the_gateway_lets_a_stream_in_request_by_request() -> None:
    let_in = 0

    async def admit(caller: Caller) -> None:
        nonlocal let_in
        let_in += 1
        if let_in > 3:
            raise TooManyRequests

    keys, clock, desk = SigningKeys.new(), GivenClock(), Desk(posted, "operations")
    front = Everything(Calls({"operations": desk}, {}), clock)
    front.admit = admit
    gateway = server.Server(front, 0, Verifier(keys, clock).verify, Limits(), methods=contracts.all_methods())
    calls = Calls({}, {"operations": f"127.0.0.1:{await gateway.start()}"}, Mint(keys, clock).token)
    ear = await sent(calls, requests(5))
    await calls.close()
    await gateway.stop()
    assert ear.outcomes == ["ent_0", "ent_1", "ent_2", "TOO_MANY_REQUESTS", "TOO_MANY_REQUESTS"]
    assert {call.business_date for _, call in desk.asked} == {clock.business_date()}


async def test_what_the_sender_or_the_listener_raises_ends_the_stream() -> None:
    class OutOfPaperError(Exception):
        pass

    async def failing() -> AsyncIterator[Sequence[Message]]:
        yield requests(2)
        raise OutOfPaperError

    async def deaf(told: Told) -> None:
        raise OutOfPaperError

    async with ledger(posted, concurrent_streams=1) as counter:
        for calls in (counter.calls(), Calls({"operations": counter.desk}, {})):
            with pytest.raises(OutOfPaperError):
                await calls.stream(PostEntryRequest, failing(), Ear().tell, Call(CALLER))
            await asyncio.sleep(0.05)
            with pytest.raises(OutOfPaperError):
                await calls.stream(PostEntryRequest, batches(requests(2)), deaf, Call(CALLER))
            await asyncio.sleep(0.05)
            await calls.close()


async def test_only_what_the_contract_says_is_streamed() -> None:
    with pytest.raises(LookupError):
        await Calls({}, {}).stream(ledger_pb2.ReverseEntryRequest, batches(), Ear().tell, Call(CALLER))


async def test_batches_of_any_size_travel_as_messages_that_a_door_takes() -> None:
    long = [PostEntryRequest(request_id=str(number), draft={"narrative": "x" * 1500}) for number in range(2500)]
    async with ledger(posted, body_bytes=100_000) as counter:
        calls = counter.calls(body_bytes=100_000)
        ear = await sent(calls, long)
        assert (await sent(calls, requests(3000))).ids[-1] == "2999"
        await calls.close()
    assert ear.ids == [str(number) for number in range(2500)]
    assert not [one for _, one in ear.told if isinstance(one, RequestInvalid)]


def test_the_command_takes_a_request_in_each_line_and_prints_what_became_of_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @asynccontextmanager
    async def calls() -> AsyncIterator[Calls]:
        yield Calls({"operations": Desk(raising(LimitMustBeActive(limit_id="1")), "operations")}, {})

    monkeypatch.setattr(command, "local_calls", calls)
    lines = "\n".join(json.dumps({"requestId": str(number)}) for number in range(250))
    done = CliRunner().invoke(command.app, ["PostEntry", "-", "--stream"], input=f"\n{lines}\n\n")
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["requestId"] for line in said] == [str(number) for number in range(250)]
    assert said[0]["refusal"]["reason"] == "LIMIT_MUST_BE_ACTIVE"
    assert all("response" in line for line in said[1:])
    assert done.exit_code == 1
    assert CliRunner().invoke(command.app, ["ReverseEntry", "{}", "--stream"]).exit_code == 2
