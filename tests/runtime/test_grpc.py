"""The gRPC door and the calls that go through it, over real sockets."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from tests.runtime.door_parts import (
    CALLER,
    GET,
    Counter,
    Desk,
    LimitMustBeActive,
    found,
    opened_counter,
    raising,
    refusal_of,
)
from zhongtai.credit.v1 import limit_pb2
from zhongtai.kernel.refusals import Refusal, Unmet
from zhongtai.runtime import errors, server
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.client import STATUS_KEY, Calls
from zhongtai.runtime.headers import language_of
from zhongtai.runtime.security import SigningKeys
from zhongtai.runtime.server import Server
from zhongtai.runtime.settings import Limits
from zhongtai.runtime.violations import RequestInvalid

GET_PATH = "/zhongtai.credit.v1.LimitService/GetLimit"
TRACE = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}


@asynccontextmanager
async def raw(counter: Counter, path: str = GET_PATH) -> AsyncIterator[grpc.aio.UnaryUnaryMultiCallable]:
    """A foreign client, which sends the bytes it is told to."""
    async with grpc.aio.insecure_channel(counter.address) as channel:
        yield channel.unary_unary(path)


async def refused(sent: grpc.aio.UnaryUnaryCall) -> tuple[str, Refusal, status_pb2.Status]:
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await sent
    details = dict(failed.value.trailing_metadata() or ())[STATUS_KEY]
    status = status_pb2.Status.FromString(details)
    return failed.value.code().name, errors.refusal_of(status, "credit"), status


async def test_a_call_arrives_whole() -> None:
    async with opened_counter(found) as counter:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + 7
        sent = Call(CALLER, deadline, date(2026, 5, 4), "zh-CN", TRACE)
        calls = counter.calls()
        reply = await calls.call(GET, sent)
        await calls.close()
        ((request, arrived),) = counter.desk.asked
    assert reply == limit_pb2.GetLimitResponse(limit=limit_pb2.Limit(limit_id="lim_1"))
    assert request == GET
    assert (arrived.business_date, arrived.language, arrived.trace) == (date(2026, 5, 4), "zh-CN", TRACE)
    assert (arrived.caller.subject, arrived.caller.client_id) == ("app", "client-1")
    assert arrived.deadline is not None
    assert deadline - 2 < arrived.deadline <= deadline + 0.1


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_a_refusal_is_the_same_in_process_and_over_the_wire(language: str) -> None:
    given = LimitMustBeActive(limit_id="lim_1")
    call = Call(CALLER, language=language)
    near = await refusal_of(Calls({"credit": Desk(raising(given))}, {}), GET, call)
    async with opened_counter(raising(given)) as counter:
        far = await refusal_of(counter.calls(), GET, call)
    assert isinstance(far, Unmet)
    assert isinstance(near, Unmet)
    assert (far.reason, far.metadata) == (near.reason, near.metadata) == ("LIMIT_MUST_BE_ACTIVE", {"limit_id": "lim_1"})
    assert far.sentence(language) == near.sentence(language)


async def test_in_process_the_message_is_a_copy() -> None:
    async def greedy(request: Message, call: Call) -> Message:
        request.Clear()
        return limit_pb2.GetLimitResponse()

    request = limit_pb2.GetLimitRequest(limit_id="lim_1")
    await Calls({"credit": Desk(greedy)}, {}).call(request, Call(CALLER))
    assert request.limit_id == "lim_1"


@pytest.mark.parametrize("placed", ["process", "grpc"])
async def test_a_defect_is_written_once_and_told_as_a_number(placed: str, caplog: pytest.LogCaptureFixture) -> None:
    broken = raising(KeyError("driver's own words"))
    with caplog.at_level(logging.ERROR):
        async with opened_counter(broken) as counter:
            calls = counter.calls() if placed == "grpc" else Calls({"credit": counter.desk}, {})
            refusal = await refusal_of(calls, GET, Call(CALLER, trace=TRACE))
    assert (refusal.reason, refusal.metadata) == ("INTERNAL", {"trace_id": "ab" * 16})
    assert "driver" not in refusal.sentence()
    (record,) = [found for found in caplog.records if found.name.startswith("zhongtai")]
    assert record.trace_id == "ab" * 16  # type: ignore[attr-defined]
    assert record.exc_info
    assert isinstance(record.exc_info[1], KeyError)


async def test_every_refusal_names_its_trace() -> None:
    async with opened_counter(raising(LimitMustBeActive(limit_id="1"))) as counter, raw(counter) as send:
        code, _, status = await refused(send(b"", metadata=(counter.bearer(), *TRACE.items())))
        _, _, begun = await refused(send(b"\xa0\x06\x01", metadata=(counter.bearer(),)))
    assert code == "FAILED_PRECONDITION"
    assert b"ab" * 16 in status.SerializeToString()
    numbers = [detail for detail in begun.details if detail.type_url.endswith("RequestInfo")]
    assert len(numbers) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"\xff\xff\xff", "MALFORMED"), (b"\x0a\x05lim_1\xa0\x06\x01", "UNKNOWN_FIELD")],
)
async def test_a_body_that_is_not_the_message_is_refused_before_the_service(body: bytes, reason: str) -> None:
    async with opened_counter(found) as counter, raw(counter) as send:
        code, refusal, _ = await refused(send(body, metadata=(counter.bearer(),)))
        assert counter.desk.asked == []
    assert code == "INVALID_ARGUMENT"
    assert isinstance(refusal, RequestInvalid)
    assert [violation.reason for violation in refusal.violations] == [reason]


async def test_a_body_over_the_limit_is_refused_before_the_service() -> None:
    large = limit_pb2.GetLimitRequest(limit_id="x" * 5000)
    async with opened_counter(found, Limits(body_bytes=4096)) as counter:
        refusal = await refusal_of(counter.calls(), large)
        assert counter.desk.asked == []
    assert refusal.reason == "BODY_TOO_LARGE"
    assert errors.http_status(refusal) == 413


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer x.y.z"])
async def test_who_is_unknown_is_refused_before_the_service(header: str) -> None:
    metadata = (("authorization", header),) if header else ()
    async with opened_counter(found) as counter, raw(counter) as send:
        code, refusal, _ = await refused(send(GET.SerializeToString(), metadata=metadata))
        assert counter.desk.asked == []
    assert (code, refusal.reason) == ("UNAUTHENTICATED", "TOKEN_INVALID")


async def test_an_expired_token_is_refused() -> None:
    async with opened_counter(found) as counter, raw(counter) as send:
        bearer = counter.bearer()
        counter.clock.instant += timedelta(hours=1)
        code, refusal, _ = await refused(send(b"", metadata=(bearer,)))
    assert (code, refusal.reason) == ("UNAUTHENTICATED", "TOKEN_EXPIRED")


async def test_an_unknown_method_is_named() -> None:
    async with opened_counter(found) as counter, raw(counter, "/zhongtai.credit.v1.LimitService/Nonesuch") as send:
        code, refusal, _ = await refused(send(b"", metadata=(counter.bearer(),)))
    assert (code, refusal.reason) == ("UNIMPLEMENTED", "METHOD_UNKNOWN")
    assert refusal.metadata == {"method": "zhongtai.credit.v1.LimitService.Nonesuch"}


def issued(keys: SigningKeys, counter: Counter, *scopes: str) -> tuple[str, str]:
    """A token a channel has, not one that was minted between processes."""
    caller = Caller("app", "client-1", frozenset(scopes))
    return "authorization", f"Bearer {keys.issue(caller, timedelta(minutes=1), counter.clock.now())}"


@pytest.mark.parametrize(
    ("name", "value", "scope"),
    [
        ("zhongtai-business-date", "2026-05-04", "platform.business_date"),
        ("zhongtai-on-behalf-of", "cus_1", "platform.on_behalf_of"),
    ],
)
async def test_only_who_may_names_the_day_and_the_person(name: str, value: str, scope: str) -> None:
    async with opened_counter(found) as counter, raw(counter) as send:
        without, holding = issued(counter.keys, counter, "credit.*"), issued(counter.keys, counter, scope)
        code, refusal, _ = await refused(send(b"", metadata=(without, (name, value))))
        assert counter.desk.asked == []
        await send(b"", metadata=(holding, (name, value)))
        ((_, call),) = counter.desk.asked
    assert (code, refusal.reason, refusal.metadata) == ("PERMISSION_DENIED", "SCOPE_MISSING", {"scope": scope})
    assert value in (str(call.business_date), call.caller.on_behalf_of)


async def test_a_day_that_is_none_is_refused() -> None:
    async with opened_counter(found) as counter, raw(counter) as send:
        wrong = ("zhongtai-business-date", "4 May")
        _, refusal, _ = await refused(send(b"", metadata=(issued(counter.keys, counter, "*"), wrong)))
    assert isinstance(refusal, RequestInvalid)
    assert refusal.violations[0].reason == "DATE_MALFORMED"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "en"), ("zh-CN", "zh-CN"), ("zh", "zh-CN"), ("fr", "en"), ("en-GB,zh;q=0.8", "en"),
     ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"), ("en;q=0.2, zh-TW;q=0.4", "zh-CN"), ("zh;q=much", "en")],
)  # fmt: skip
def test_language_by_the_weights_of_the_header(accepted: str, language: str) -> None:
    assert language_of(accepted) == language


async def test_a_deadline_that_is_past_is_not_sent() -> None:
    asked: list[Caller] = []

    def token(caller: Caller) -> str:
        asked.append(caller)
        return "token"

    past = Call(CALLER, deadline=asyncio.get_running_loop().time() - 1)
    refusal = await refusal_of(Calls({}, {"credit": "127.0.0.1:1"}, token), GET, past)
    assert asked == []
    assert isinstance(refusal, errors.DeadlineExceeded)


async def test_a_door_that_has_no_time_left_touches_nothing() -> None:
    async with opened_counter(found, Limits(longest_call_seconds=0)) as counter, raw(counter) as send:
        code, refusal, _ = await refused(send(GET.SerializeToString(), metadata=(counter.bearer(),)))
        assert counter.desk.asked == []
    assert (code, refusal.reason) == ("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED")


async def test_a_call_that_was_sent_too_late_never_reaches_the_service() -> None:
    async with opened_counter(found) as counter, raw(counter) as send:
        body, bearer = GET.SerializeToString(), counter.bearer()
        await send(body, metadata=(bearer,))
        for _ in range(400):
            with pytest.raises(grpc.aio.AioRpcError) as failed:
                await send(body, metadata=(bearer,), timeout=0)
            assert failed.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        # What came last is behind all of them.
        await send(body, metadata=(bearer,))
        assert len(counter.desk.asked) == 2


async def test_a_service_that_takes_too_long_leaves_the_outcome_unknown() -> None:
    async def never(request: Message, call: Call) -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async with opened_counter(never) as counter:
        soon = Call(CALLER, deadline=asyncio.get_running_loop().time() + 0.2)
        refusal = await refusal_of(counter.calls(), GET, soon)
        assert len(counter.desk.asked) == 1
    assert isinstance(refusal, errors.DeadlineExceeded)


async def test_a_full_door_refuses_at_once_and_says_when_to_come_back() -> None:
    arrived, leave = asyncio.Event(), asyncio.Event()

    async def slow(request: Message, call: Call) -> Message:
        arrived.set()
        await leave.wait()
        return limit_pb2.GetLimitResponse()

    async with opened_counter(slow, Limits(concurrent_calls=1)) as counter:
        calls = counter.calls()
        first = asyncio.create_task(calls.call(GET, Call(CALLER)))
        await arrived.wait()
        refusal = await refusal_of(counter.calls(), GET)
        leave.set()
        await first
        await calls.call(GET, Call(CALLER))
        await calls.close()
        assert len(counter.desk.asked) == 2
    assert refusal.reason == "TOO_MANY_REQUESTS"
    assert errors.retry_after_seconds(refusal) == 0.1


async def test_a_port_that_is_taken_is_an_error() -> None:
    async with opened_counter(found) as counter:
        second = Server(counter.desk, counter.server.port, lambda token: CALLER, Limits())
        with pytest.raises(RuntimeError):
            await second.start()


async def stopping_under_way(
    counter: Counter, arrived: asyncio.Event
) -> tuple[asyncio.Task[Message], asyncio.Task[None]]:
    """A call that is not repeated and has arrived, and the stop of its server."""
    first = asyncio.create_task(counter.calls().call(limit_pb2.HoldLimitRequest(limit_id="1"), Call(CALLER)))
    await arrived.wait()
    return first, asyncio.create_task(counter.server.stop())


async def test_a_call_under_way_is_finished_when_the_server_stops() -> None:
    arrived, leave = asyncio.Event(), asyncio.Event()

    async def slow(request: Message, call: Call) -> Message:
        arrived.set()
        await leave.wait()
        return limit_pb2.HoldLimitResponse(limit_id="lim_1")

    async with opened_counter(slow) as counter:
        first, stopping = await stopping_under_way(counter, arrived)
        done, _ = await asyncio.wait({first, stopping}, timeout=0.2)
        assert not done
        async with raw(counter) as send:
            with pytest.raises(grpc.aio.AioRpcError) as failed:
                await send(b"")
        assert failed.value.code() is grpc.StatusCode.UNAVAILABLE
        leave.set()
        assert (await first).limit_id == "lim_1"  # type: ignore[attr-defined]
        await stopping


async def test_a_call_that_does_not_end_does_not_keep_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "STOP_WITHIN_S", 0.1)
    arrived = asyncio.Event()

    async def never(request: Message, call: Call) -> Message:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with opened_counter(never) as counter:
        first, stopping = await stopping_under_way(counter, arrived)
        await stopping
        with pytest.raises(errors.ServiceUnreachable):
            await first


async def test_health_and_reflection_answer_without_a_token() -> None:
    async with opened_counter(found) as counter, grpc.aio.insecure_channel(counter.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for name in ("", "zhongtai.credit.v1.LimitService"):
            said = await health.Check(health_pb2.HealthCheckRequest(service=name))
            assert said.status == health_pb2.HealthCheckResponse.SERVING
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        asked = reflection_pb2.ServerReflectionRequest(list_services="")
        listed = stub.ServerReflectionInfo(iter([asked]))
        names = [service.name async for reply in listed for service in reply.list_services_response.service]
    assert "zhongtai.credit.v1.LimitService" in names
    assert "grpc.health.v1.Health" in names


async def test_the_caller_is_the_same_wherever_the_service_is_placed() -> None:
    other = replace(CALLER, client_id="client-2", subject="another")
    async with opened_counter(found) as counter:
        calls = counter.calls()
        for caller in (CALLER, other):
            await calls.call(GET, Call(caller))
        await calls.close()
        seen = [call.caller for _, call in counter.desk.asked]
    assert [caller.client_id for caller in seen] == ["client-1", "client-2"]
    assert not any(caller.may("risk.policy.write") for caller in seen)
