"""A partner who does not answer keeps nobody waiting but themselves."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

from tests.operations.bank import Bank
from tests.operations.notification.parts import repaid
from zhongtai.operations.notification.channels import Outgoing
from zhongtai.operations.notification.domain import Answer, DeliveryOutcome
from zhongtai.operations.notification.sending import OF_ONE_SENT_AT_MOST, OF_ONE_TAKEN_AT_MOST, Sender
from zhongtai.operations.notification_template.domain import NotificationChannel
from zhongtai.operations.v1 import webhook_endpoint_pb2 as v1

EVENTS = 80


class Partners:
    """A webhook channel on which one partner takes everything and the other never answers."""

    at_once = 2 * OF_ONE_SENT_AT_MOST

    def __init__(self) -> None:
        self.given = Counter[str]()

    async def send(self, message: Outgoing, now: datetime) -> Answer:
        _ = now
        self.given[message.address] += 1
        if "late" in message.address:
            await asyncio.Event().wait()
        return Answer(DeliveryOutcome.DELIVERED)

    async def ask(self, message: Outgoing) -> Answer:
        _ = message
        return Answer(DeliveryOutcome.UNAVAILABLE)

    async def close(self) -> None:
        """Holds nothing."""


async def test_a_partner_who_never_answers_keeps_no_other_waiting(bank: Bank) -> None:
    bank.door.now(datetime(2026, 5, 6, 1, 0, tzinfo=UTC))
    late, quick = "https://late.example/hook", "https://quick.example/hook"
    for url in (late, quick):
        request = v1.RegisterWebhookEndpointRequest(
            request_id=bank.request_id(),
            partner_id="partner",
            url=url,
            events=["zhongtai.credit.v1.LoanRepaid"],
            signature=v1.WEBHOOK_SIGNATURE_V1,
        )
        await bank.door.call(request)
    for number in range(EVENTS):
        await bank.door.deliver(repaid(loan_id=f"loan_{number}"))
    partners = Partners()
    sender = Sender(bank.door.service, {NotificationChannel.WEBHOOK: partners})
    going = asyncio.create_task(sender.go_on())
    try:
        async with asyncio.timeout(20):
            while partners.given[quick] < EVENTS:
                await asyncio.sleep(0.01)
        assert partners.given[late] == OF_ONE_SENT_AT_MOST < OF_ONE_TAKEN_AT_MOST < EVENTS
    finally:
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
        await sender.close()
