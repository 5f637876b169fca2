"""What bad input gets at the gRPC door of a real service: its refusal, and not one row more in the store."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from google.rpc import status_pb2
from sqlalchemy import func, inspect, select, table

from zhongtai.credit.v1 import limit_pb2 as v1
from zhongtai.runtime.call import Caller
from zhongtai.runtime.client import STATUS_KEY
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.database import Store
from zhongtai.runtime.errors import refusal_of
from zhongtai.runtime.security import SigningKeys, Verifier
from zhongtai.runtime.server import Server
from zhongtai.runtime.service import Service
from zhongtai.runtime.settings import Limits
from zhongtai.testing.templates import fresh_sqlite

PATH = "/zhongtai.credit.v1.LimitService/{}"
WRITER, READER = frozenset({"credit.*"}), frozenset({"credit.limit.read"})
HOUR = timedelta(hours=1)


@dataclass
class Bank:
    """The credit service on its port, and the keys to it."""

    service: Service
    server: Server
    keys: SigningKeys
    clock: GivenClock

    def bearer(self, scopes: frozenset[str] = WRITER, client_id: str = "client-1") -> str:
        return "Bearer " + self.keys.issue(Caller("app", client_id, scopes), HOUR, self.clock.now())

    async def send(self, rpc: str, body: bytes, bearer: str) -> bytes:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{self.server.port}") as channel:
            call = channel.unary_unary(PATH.format(rpc))
            reply: bytes = await call(body, metadata=(("authorization", bearer),), timeout=5)
            return reply

    async def refused(self, rpc: str, body: bytes, bearer: str) -> str:
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await self.send(rpc, body, bearer)
        details = dict(failed.value.trailing_metadata() or ()).get(STATUS_KEY, b"")
        status = status_pb2.Status.FromString(details)
        return refusal_of(status if details else status_pb2.Status(code=failed.value.code().value[0]), "credit").reason

    def rows(self) -> dict[str, int]:
        """How many rows each table holds, the runtime's own included."""
        with self.service.store.engine.connect() as connection:
            names = inspect(connection).get_table_names()
            counted = {name: connection.scalar(select(func.count()).select_from(table(name))) for name in names}
        return {name: count or 0 for name, count in counted.items()}


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[Bank]:
    clock, keys = GivenClock(), SigningKeys.new()
    store = Store.open(fresh_sqlite("credit", tmp_path), "credit")
    service = Service("credit", store, clock)
    server = Server(service, 0, Verifier(keys, clock).verify, Limits(body_bytes=4096))
    await server.start()
    yield Bank(service, server, keys, clock)
    await server.stop()
    await asyncio.to_thread(store.close)


def grant(request_id: str = "1", minor_units: int = 100) -> v1.GrantLimitRequest:
    request = v1.GrantLimitRequest(request_id=request_id, customer_id="cus_1", product_line="consumer")
    request.amount.currency_code, request.amount.minor_units = "CNY", minor_units
    return request


BODY = grant().SerializeToString()


@pytest.mark.parametrize(
    ("rpc", "body", "reason"),
    [
        ("GrantLimit", BODY[:-1], "REQUEST_INVALID"),
        ("GrantLimit", BODY + b"\xa0\x06\x01", "REQUEST_INVALID"),
        ("GrantLimit", grant(request_id="").SerializeToString(), "REQUEST_INVALID"),
        ("GrantLimit", grant(minor_units=0).SerializeToString(), "REQUEST_INVALID"),
        ("GrantLimit", b"", "REQUEST_INVALID"),
        ("GrantLimit", grant(request_id="x" * 5000).SerializeToString(), "BODY_TOO_LARGE"),
        ("HoldLimit", b"\x0a\x011\x12\x05lim_1\x1a\x07\x0a\x03CNY\x10\x05", "LIMIT_NOT_FOUND"),
        ("Nonesuch", BODY, "METHOD_UNKNOWN"),
    ],
)
async def test_a_wrong_request_leaves_no_trace(bank: Bank, rpc: str, body: bytes, reason: str) -> None:
    before = bank.rows()
    assert await bank.refused(rpc, body, bank.bearer()) == reason
    assert bank.rows() == before


async def test_a_wrong_caller_leaves_no_trace(bank: Bank) -> None:
    before, old = bank.rows(), bank.bearer()
    assert await bank.refused("GrantLimit", BODY, "") == "TOKEN_INVALID"
    assert await bank.refused("GrantLimit", BODY, bank.bearer() + "x") == "TOKEN_INVALID"
    assert await bank.refused("GrantLimit", BODY, bank.bearer(READER)) == "SCOPE_MISSING"
    bank.clock.instant += 2 * HOUR
    assert await bank.refused("GrantLimit", BODY, old) == "TOKEN_EXPIRED"
    assert bank.rows() == before


async def test_a_good_request_does_leave_one(bank: Bank) -> None:
    before = bank.rows()
    await bank.send("GrantLimit", BODY, bank.bearer())
    assert bank.rows() != before


async def test_a_reused_id_is_refused_and_the_first_answer_stays(bank: Bank) -> None:
    first = await bank.send("GrantLimit", BODY, bank.bearer())
    before = bank.rows()
    assert (
        await bank.refused("GrantLimit", grant(minor_units=200).SerializeToString(), bank.bearer())
        == "REQUEST_ID_REUSED"
    )
    assert await bank.send("GrantLimit", BODY, bank.bearer()) == first
    assert bank.rows() == before


async def test_the_ids_of_one_client_are_not_those_of_another(bank: Bank) -> None:
    await bank.send("GrantLimit", BODY, bank.bearer())
    other = grant(minor_units=300).SerializeToString()
    await bank.send("GrantLimit", other, bank.bearer(client_id="client-2"))
