"""Ten thousand open orders of the shipped release come through an upgrade and a restart, and each is claimed once."""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from importlib import import_module
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, text

from tests.operations.work_order.test_rpc import SCOPES
from zhongtai.operations.v1 import work_order_pb2 as v1
from zhongtai.runtime import migrate
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.plain import instant_text
from zhongtai.testing.doors import Door, opened
from zhongtai.testing.templates import fresh_sqlite

MANY = 10_000
AT_ONCE = 100
OFFICERS = tuple(f"officer_{number}" for number in range(4))


def shipped(url: str) -> None:
    """Puts the table back as the first revision made it, with orders that wait in it."""
    now = GivenClock().now()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE work_order"))
        with Operations.context(MigrationContext.configure(connection)):
            import_module("zhongtai.operations.migrations.work_order_0001").upgrade()
        connection.execute(
            text("UPDATE alembic_version SET version_num = 'work_order_0001' WHERE version_num LIKE 'work_order_%'")
        )
        rows = [
            {"id": f"wo_{number:05}", "opened": instant_text(now), "due": instant_text(now + timedelta(minutes=number))}
            for number in range(MANY)
        ]
        connection.execute(
            text(
                "INSERT INTO work_order (work_order_id, kind, role, four_eyes, subject, title, title_zh, details, "
                "requested_by, opened_by, opened_at, due_at, status, claimed_by, comment) VALUES (:id, 'referral', "
                "'credit_officer', 1, :id, 'Decide', '审批', '{\"amount\": \"CNY 1.00\"}', 'asker', 'asker', :opened, "
                ":due, 'OPEN', '', '')"
            ),
            rows,
        )
    engine.dispose()


async def take(door: Door, officer: str, request_id: str) -> list[str]:
    """What an officer gets who asks for the next orders."""
    door.as_caller(officer, *SCOPES)
    reply = await door.call(v1.ClaimNextWorkOrdersRequest(request_id=request_id, count=AT_ONCE))
    return [order.work_order_id for order in reply.work_orders]


async def test_ten_thousand_open_orders_survive_an_upgrade_and_a_restart(tmp_path: Path) -> None:
    url = fresh_sqlite("operations", tmp_path)
    shipped(url)
    assert migrate.upgrade(url, "operations")
    taken: list[str] = []
    for wanted in (MANY // 2, MANY):
        async with opened("operations", url) as door:
            while len(taken) < wanted:
                names = [(officer, f"{len(taken)}-{officer}") for officer in OFFICERS]
                for share in await asyncio.gather(*(take(door, *name) for name in names)):
                    taken += share
    assert taken[0] == "wo_00000"
    assert set(Counter(taken).values()) == {1}
    assert len(taken) == MANY
    with create_engine(url).connect() as connection:
        row = connection.execute(text("SELECT status, details, next_at, due_at FROM work_order LIMIT 1")).one()
    assert (row.status, json.loads(row.details), row.next_at) == ("CLAIMED", {"amount": "CNY 1.00"}, row.due_at)
