"""Disk full, commits that fail and a broker that dies while events come and webhooks go out.

Nothing is lost, and a receiver who drops what it has by webhook-id has each message once.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.operations.ledger.troubles import commits_fail, disk_full
from tests.operations.notification.parts import repaid
from tests.operations.webhook_endpoint.receiver import Receiver, receiving
from zhongtai.gateway.demonstration.channel import Channel
from zhongtai.operations.notification.channels import Outgoing
from zhongtai.operations.notification.domain import LEASE, Answer
from zhongtai.operations.notification.sending import Sender
from zhongtai.operations.notification.webhook import Webhooks
from zhongtai.operations.notification_template.domain import NotificationChannel
from zhongtai.operations.v1 import notification_pb2, webhook_endpoint_pb2
from zhongtai.testing.doors import Door, opened
from zhongtai.testing.embedded import Child
from zhongtai.testing.templates import fresh_sqlite

EARLY, LATE = range(6), range(6, 12)
LIMITS, BROKER_DIES_AT, PLATFORM_DIES_AT, ARRIVED_WITHIN_S = 24, 6, 14, 100.0
TROUBLES: dict[str, Callable[[Path], AbstractContextManager[None]]] = {
    "fsync fails": lambda _: commits_fail("disk I/O error", durable=False),
    "nobody is told": lambda _: commits_fail("disk I/O error", durable=True),
    "disk full": disk_full,
}


class Gated(Webhooks):
    """Webhooks that go out when the gate opens: by then nothing can be written down any more."""

    def __init__(self) -> None:
        super().__init__(private=True)
        self.gate = asyncio.Event()

    async def send(self, message: Outgoing, now: datetime) -> Answer:
        await self.gate.wait()
        return await super().send(message, now)


def sender(door: Door, channel: Webhooks) -> Sender:
    return Sender(door.service, {NotificationChannel.WEBHOOK: channel})


async def heard(door: Door, number: int) -> None:
    """Brings an event, as the bus does again and again until it is acknowledged."""
    await door.deliver(repaid(loan_id=f"loan_{number}"), event_id=f"evt_{number}")


def kept(receiver: Receiver) -> dict[str, tuple[dict[str, str], str]]:
    """What a receiver keeps that drops what it has by webhook-id."""
    return {headers["webhook-id"]: (headers, body) for headers, body in receiver.received}


def copies(receiver: Receiver) -> dict[str, int]:
    """How often each message came, by its webhook-id."""
    ids = [headers["webhook-id"] for headers, _ in receiver.received]
    return {each: ids.count(each) for each in ids}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_nothing_is_lost_and_nothing_doubled_where_nothing_can_be_written(tmp_path: Path, trouble: str) -> None:
    url = fresh_sqlite("operations", tmp_path)
    now = datetime.now(UTC)
    async with receiving() as receiver:
        async with opened("operations", url) as door:
            door.now(now)
            await door.call(
                webhook_endpoint_pb2.RegisterWebhookEndpointRequest(
                    request_id="endpoint",
                    partner_id="partner",
                    url=receiver.url,
                    events=["zhongtai.credit.v1.LoanRepaid"],
                    signature=webhook_endpoint_pb2.WEBHOOK_SIGNATURE_V1,
                )
            )
            for number in EARLY:
                await heard(door, number)
            gated = Gated()
            sending = sender(door, gated)
            assert await sending.look() == len(EARLY)
            with TROUBLES[trouble](tmp_path / "operations.db"):
                gated.gate.set()
                await sending.settled()
                answers = await asyncio.gather(*(heard(door, number) for number in LATE), return_exceptions=True)
            assert all(answers), "what is not written is not acknowledged"
            await sending.close()
        assert len(receiver.received) == len(EARLY)
        async with opened("operations", url) as door:
            door.now(now + LEASE + timedelta(minutes=10))
            for number in (*EARLY, *LATE):
                await heard(door, number)
            sending = sender(door, Webhooks(private=True))
            while await sending.look():
                await sending.settled()
            await sending.close()
            found = (await door.call(notification_pb2.ListNotificationsRequest(rule_id="webhook"))).notifications
    assert [each.status for each in found] == [notification_pb2.NOTIFICATION_STATUS_DELIVERED] * 12
    came = copies(receiver)
    assert came.keys() == {each.notification_id for each in found}
    assert set(came.values()) <= {1, 2}


@pytest.mark.slow
async def test_a_broker_and_a_platform_that_die_lose_no_webhook_and_make_none_twice(tmp_path: Path) -> None:
    amount = {"currencyCode": "CNY", "minorUnits": "100"}
    async with receiving() as receiver, Child(tmp_path) as platform:
        admin = json.loads((tmp_path / "admin.json").read_text())
        async with Channel(platform.address, admin["client_id"], admin["secret"]) as channel:
            endpoint = {
                "partnerId": "partner",
                "url": receiver.url,
                "events": ["zhongtai.credit.v1.LimitGranted"],
                "signature": "WEBHOOK_SIGNATURE_V1",
            }
            await channel.post("/v1/webhook-endpoints", endpoint, key="endpoint")
            for number in range(LIMITS):
                if number == BROKER_DIES_AT:
                    platform.kill_broker()
                if number == PLATFORM_DIES_AT:
                    await platform.kill()
                    await platform.start()
                wish = {"customerId": f"cus_{number}", "productLine": "consumer", "amount": amount}
                await channel.post("/v1/limits", wish, key=f"limit-{number}")
            async with asyncio.timeout(ARRIVED_WITHIN_S):
                while len(copies(receiver)) < LIMITS:
                    await asyncio.sleep(0.1)
            await asyncio.sleep(1.0)
    # What an event made is known by the id of its message; two messages of one event would be two ids.
    told = [json.loads(body)["data"]["customerId"] for _, body in kept(receiver).values()]
    assert sorted(told) == sorted(f"cus_{number}" for number in range(LIMITS))
