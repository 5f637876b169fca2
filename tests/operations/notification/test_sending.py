"""Sending: what each answer of a channel leads to, and that a sender may die at any moment."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.operations.bank import Bank
from tests.operations.notification.parts import EMAIL, disbursed, granted, listed, tell, tries
from zhongtai.operations.notification.channels import Channel, NoChannel, Outgoing
from zhongtai.operations.notification.domain import LEASE, Answer, DeliveryOutcome
from zhongtai.operations.notification.sending import Sender
from zhongtai.operations.notification.sms import SimulatedSmsGateway
from zhongtai.operations.notification_template.domain import NotificationChannel
from zhongtai.operations.v1 import notification_consent_pb2 as consent_v1
from zhongtai.operations.v1 import notification_pb2 as v1
from zhongtai.operations.v1 import notification_template_pb2 as template_v1

MORNING = datetime(2026, 5, 6, 1, 0, tzinfo=UTC)
SMS, MAIL, APP = NotificationChannel.SMS, NotificationChannel.EMAIL, NotificationChannel.IN_APP


class Mailbox:
    """An e-mail channel that answers what it was told to, and cannot be asked."""

    at_once = 1

    def __init__(self, *outcomes: DeliveryOutcome) -> None:
        self.outcomes = list(outcomes)
        self.sent = Counter[str]()

    async def send(self, message: Outgoing, now: datetime) -> Answer:
        _ = now
        self.sent[message.address] += 1
        outcome = self.outcomes.pop(0) if self.outcomes else DeliveryOutcome.ACCEPTED
        return Answer(outcome, provider_reference=message.message_id)

    async def ask(self, message: Outgoing) -> Answer:
        _ = message
        return Answer(DeliveryOutcome.UNKNOWN)

    async def close(self) -> None:
        """Holds nothing."""


class Dying:
    """A channel whose sender is killed when the message is out, before the answer is written."""

    at_once = 1

    def __init__(self, gateway: SimulatedSmsGateway, *, after: bool) -> None:
        self._gateway = gateway
        self._after = after

    async def send(self, message: Outgoing, now: datetime) -> Answer:
        if self._after:
            await self._gateway.send(message, now)
        raise asyncio.CancelledError

    async def ask(self, message: Outgoing) -> Answer:
        raise asyncio.CancelledError

    async def close(self) -> None:
        """Holds nothing."""


@pytest.fixture
def gateway() -> SimulatedSmsGateway:
    return SimulatedSmsGateway()


@pytest.fixture(autouse=True)
def morning(bank: Bank) -> None:
    bank.door.now(MORNING)


def sender(bank: Bank, sms: Channel, mail: Channel | None = None) -> Sender:
    channels = {SMS: sms, MAIL: mail or NoChannel("NO_MAIL_SERVER")}
    reports = sms.reports if isinstance(sms, SimulatedSmsGateway) else list
    return Sender(bank.door.service, channels, chance=lambda: 0, reports=reports)


async def go(bank: Bank, given: Sender, *, steps: int = 1, each: timedelta = timedelta(0)) -> None:
    """Looks and sends so many times, with so much time after each."""
    for _ in range(steps):
        await given.look()
        await given.settled()
        await given.hear()
        bank.door.now(bank.door.clock.instant + each)


async def only(bank: Bank) -> v1.Notification:
    (found,) = await listed(bank)
    return found


async def outcomes(bank: Bank) -> list[str]:
    found = await tries(bank, (await only(bank)).notification_id)
    return [("ask " if each.asked else "") + v1.DeliveryOutcome.Name(each.outcome)[17:] for each in found]


async def test_an_sms_is_sent_once_and_its_report_says_that_it_arrived(
    bank: Bank, gateway: SimulatedSmsGateway
) -> None:
    await tell(bank)
    await bank.door.deliver(disbursed())
    await go(bank, sender(bank, gateway), steps=3)
    found = await only(bank)
    assert found.status == v1.NOTIFICATION_STATUS_DELIVERED
    assert not found.HasField("due_at")
    assert list(gateway.carried.values()) == [1]
    assert await outcomes(bank) == ["ACCEPTED"]
    assert len(await bank.door.facts(v1.NotificationSent)) == 1
    assert len(await bank.door.facts(v1.NotificationDelivered)) == 1


async def test_what_a_gateway_rejects_goes_to_the_next_channel(bank: Bank, gateway: SimulatedSmsGateway) -> None:
    await tell(bank, phone="+8613800139001", email=EMAIL)
    mailbox = Mailbox()
    await bank.door.deliver(disbursed())
    await go(bank, sender(bank, gateway, mailbox), steps=3)
    found = await only(bank)
    assert (found.channel, found.status) == (
        template_v1.NOTIFICATION_CHANNEL_EMAIL,
        v1.NOTIFICATION_STATUS_SENT,
    )
    assert await outcomes(bank) == ["REJECTED", "ACCEPTED"]
    assert mailbox.sent == {EMAIL: 1}


async def test_where_every_channel_fails_the_app_has_the_message(bank: Bank, gateway: SimulatedSmsGateway) -> None:
    await tell(bank, phone="+8613800139005", email=EMAIL)
    await bank.door.deliver(disbursed())
    await go(bank, sender(bank, gateway), steps=4)
    found = await only(bank)
    # The gateway took the message and reported that it did not arrive; there is no mail server; the app has everybody.
    assert (found.channel, found.status) == (
        template_v1.NOTIFICATION_CHANNEL_IN_APP,
        v1.NOTIFICATION_STATUS_DELIVERED,
    )
    assert await outcomes(bank) == ["ACCEPTED", "REJECTED"]


async def test_a_busy_gateway_is_tried_again_with_growing_pauses_and_then_no_more(
    bank: Bank, gateway: SimulatedSmsGateway
) -> None:
    await tell(bank, phone="+8613800139002")
    await ask_for(bank)
    waits = []
    for _ in range(6):
        await go(bank, sender(bank, gateway))
        found = await only(bank)
        if found.HasField("due_at"):
            due = found.due_at.ToDatetime(tzinfo=UTC)
            waits.append(int((due - bank.door.clock.instant).total_seconds()))
            bank.door.now(due)
    assert waits == [5, 30, 120, 600, 1800]
    assert (found.status, found.reason) == (v1.NOTIFICATION_STATUS_FAILED, v1.NOTIFICATION_REASON_ATTEMPTS_EXHAUSTED)
    assert await outcomes(bank) == ["UNAVAILABLE"] * 6
    assert len(await bank.door.facts(v1.NotificationFailed)) == 1


async def test_a_lost_answer_is_asked_for_and_nothing_is_sent_twice(bank: Bank, gateway: SimulatedSmsGateway) -> None:
    await tell(bank, phone="+8613800139003")
    await bank.door.deliver(disbursed())
    await go(bank, sender(bank, gateway), steps=3, each=timedelta(seconds=6))
    assert await outcomes(bank) == ["UNKNOWN", "ask DELIVERED"]
    assert (await only(bank)).status == v1.NOTIFICATION_STATUS_DELIVERED
    assert list(gateway.carried.values()) == [1]


async def test_what_a_gateway_never_had_is_sent_again(bank: Bank, gateway: SimulatedSmsGateway) -> None:
    await tell(bank, phone="+8613800139004")
    await bank.door.deliver(disbursed())
    await go(bank, sender(bank, gateway), steps=2, each=timedelta(seconds=6))
    bank.door.now(bank.door.clock.instant + timedelta(minutes=1))
    await go(bank, sender(bank, gateway))
    assert await outcomes(bank) == ["UNKNOWN", "ask UNAVAILABLE", "UNKNOWN"]


async def test_an_e_mail_that_may_have_been_taken_is_never_sent_again_nor_over_another_channel(bank: Bank) -> None:
    await tell(bank, phone="", email=EMAIL)
    mailbox = Mailbox(DeliveryOutcome.UNKNOWN)
    await bank.door.deliver(disbursed())
    await go(bank, sender(bank, NoChannel("-"), mailbox), steps=8, each=timedelta(hours=1))
    found = await only(bank)
    assert (found.status, found.reason) == (v1.NOTIFICATION_STATUS_FAILED, v1.NOTIFICATION_REASON_OUTCOME_UNKNOWN)
    assert mailbox.sent == {EMAIL: 1}


@pytest.mark.parametrize("after", [True, False], ids=["the message is out", "the message is not out"])
async def test_a_sender_that_dies_leaves_a_lease_and_the_next_one_asks(
    bank: Bank, gateway: SimulatedSmsGateway, after: bool
) -> None:
    await tell(bank)
    await bank.door.deliver(disbursed())
    await go(bank, sender(bank, Dying(gateway, after=after)))
    assert (await only(bank)).status == v1.NOTIFICATION_STATUS_SENDING
    await go(bank, sender(bank, gateway))
    assert await outcomes(bank) == []
    bank.door.now(bank.door.clock.instant + LEASE)
    await go(bank, sender(bank, gateway), steps=3, each=timedelta(minutes=1))
    assert await outcomes(bank) == (["ask DELIVERED"] if after else ["ask UNAVAILABLE", "ACCEPTED"])
    assert (await only(bank)).status == v1.NOTIFICATION_STATUS_DELIVERED
    assert list(gateway.carried.values()) == [1]


async def test_two_senders_take_a_message_once_and_a_late_answer_changes_nothing(
    bank: Bank, gateway: SimulatedSmsGateway
) -> None:
    await tell(bank)
    await bank.door.deliver(disbursed())
    held, free = asyncio.Event(), asyncio.Event()

    class Slow(SimulatedSmsGateway):
        async def send(self, message: Outgoing, now: datetime) -> Answer:
            held.set()
            await free.wait()
            return await gateway.send(message, now)

    slow, quick = sender(bank, Slow()), sender(bank, gateway)
    await slow.look()
    await held.wait()
    assert await quick.look() == 0
    bank.door.now(MORNING + LEASE)
    await go(bank, quick)
    free.set()
    await slow.settled()
    # The first was given up for dead and asked about: its own answer comes over another attempt, and is dropped.
    assert await outcomes(bank) == ["ask UNAVAILABLE"]
    assert (await only(bank)).status == v1.NOTIFICATION_STATUS_QUEUED


async def test_a_consent_taken_back_while_a_message_waits_holds_it_back(
    bank: Bank, gateway: SimulatedSmsGateway
) -> None:
    await tell(bank)
    await consent(bank, allowed=True)
    bank.door.now(MORNING + timedelta(hours=14))
    await bank.door.deliver(granted())
    await consent(bank, allowed=False)
    bank.door.now(MORNING + timedelta(hours=24))
    await go(bank, sender(bank, gateway))
    found = await only(bank)
    assert (found.status, found.reason) == (v1.NOTIFICATION_STATUS_SUPPRESSED, v1.NOTIFICATION_REASON_NO_CONSENT)
    assert not gateway.carried


async def test_a_report_of_a_channel_is_written_once(bank: Bank) -> None:
    await tell(bank, phone="", email=EMAIL)
    await bank.door.deliver(disbursed())
    await go(bank, sender(bank, NoChannel("-"), Mailbox()))
    found = await only(bank)
    for request_id in ("1", "2"):
        report = v1.ReportDeliveryRequest(
            request_id=request_id,
            channel=template_v1.NOTIFICATION_CHANNEL_EMAIL,
            provider_reference=found.notification_id,
            delivered=True,
        )
        assert (await bank.door.call(report)).notification_id == found.notification_id
    assert len(await bank.door.facts(v1.NotificationDelivered)) == 1
    report.request_id, report.provider_reference = "3", "nobody"
    assert (await bank.door.call(report)).notification_id == ""


async def ask_for(bank: Bank) -> None:
    request = v1.QueueNotificationRequest(
        request_id=bank.request_id(),
        template_id="loan_paid_off",
        customer_id="cus_1",
        channels=[template_v1.NOTIFICATION_CHANNEL_SMS],
        values={"on": "2026-05-06", "loan_id": "loan_1"},
    )
    await bank.door.call(request)


async def consent(bank: Bank, *, allowed: bool) -> None:
    request = consent_v1.SetNotificationConsentRequest(
        request_id=bank.request_id(),
        customer_id="cus_1",
        category="offer",
        channel=template_v1.NOTIFICATION_CHANNEL_SMS,
        allowed=allowed,
    )
    await bank.door.call(request)
