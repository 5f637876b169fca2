"""A sender is killed between a message and its record: the next one sends it again by its id, and records it once."""

import asyncio
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.operations.notification.parts import repaid
from tests.operations.webhook_endpoint.receiver import receiving
from zhongtai.operations.notification.channels import Channel
from zhongtai.operations.notification.domain import LEASE
from zhongtai.operations.notification.sending import Sender
from zhongtai.operations.notification.webhook import Webhooks
from zhongtai.operations.notification_template.domain import NotificationChannel
from zhongtai.operations.v1 import notification_pb2, webhook_endpoint_pb2
from zhongtai.testing.doors import opened
from zhongtai.testing.templates import fresh_sqlite

MESSAGES = 8
ANSWERED_WITHIN_S = 60


async def test_kill_9_between_the_message_and_its_record_loses_none_and_records_none_twice(tmp_path: Path) -> None:
    url = fresh_sqlite("operations", tmp_path)
    async with receiving() as receiver:
        # The receiver has a message and never answers: whoever sent it waits, and is killed.
        receiver.silent = True
        async with opened("operations", url) as door:
            door.now(datetime.now(UTC))
            await door.call(
                webhook_endpoint_pb2.RegisterWebhookEndpointRequest(
                    request_id="endpoint",
                    partner_id="partner_1",
                    url=receiver.url,
                    events=["zhongtai.credit.v1.LoanRepaid"],
                    signature=webhook_endpoint_pb2.WEBHOOK_SIGNATURE_V1,
                )
            )
            for number in range(MESSAGES):
                await door.deliver(repaid(loan_id=f"loan_{number}"))
        killed = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.crash.sending", url)
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            while len(receiver.received) < MESSAGES:
                await asyncio.sleep(0.05)
        killed.kill()
        await killed.wait()
        receiver.silent = False
        async with opened("operations", url) as door:
            door.now(datetime.now(UTC) + LEASE + timedelta(seconds=1))
            channels: dict[NotificationChannel, Channel] = {NotificationChannel.WEBHOOK: Webhooks(private=True)}
            sender = Sender(door.service, channels)
            assert await sender.look() == MESSAGES
            await sender.settled()
            await sender.close()
            found = (await door.call(notification_pb2.ListNotificationsRequest(rule_id="webhook"))).notifications
            delivered = await door.facts(notification_pb2.NotificationDelivered)
    assert {each.status for each in found} == {notification_pb2.NOTIFICATION_STATUS_DELIVERED}
    ids = {each.notification_id for each in found}
    assert Counter(headers["webhook-id"] for headers, _ in receiver.received) == dict.fromkeys(ids, 2)
    told = Counter(fact.notification_id for fact in delivered)
    assert {name: told[name] for name in ids} == dict.fromkeys(ids, 1)
