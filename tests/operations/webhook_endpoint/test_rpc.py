"""Endpoints through the door, and messages to a real receiver: signed, tried again, given up, replayed."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.operations.bank import Bank
from tests.operations.notification.parts import disbursed, listed, repaid, tries
from tests.operations.webhook_endpoint.receiver import receiving
from zhongtai.operations.notification.channels import Channel, NoChannel
from zhongtai.operations.notification.domain import LEASE
from zhongtai.operations.notification.sending import Sender
from zhongtai.operations.notification.webhook import Webhooks
from zhongtai.operations.notification_template.domain import NotificationChannel
from zhongtai.operations.v1 import notification_pb2
from zhongtai.operations.v1 import webhook_endpoint_pb2 as v1

REPAID = "zhongtai.credit.v1.LoanRepaid"


async def register(bank: Bank, url: str, **fields: object) -> v1.RegisterWebhookEndpointResponse:
    asked = {"partner_id": "partner_1", "events": [REPAID], "signature": v1.WEBHOOK_SIGNATURE_V1, **fields}
    request = v1.RegisterWebhookEndpointRequest(request_id=bank.request_id(), url=url, **asked)  # type: ignore[arg-type]
    reply: v1.RegisterWebhookEndpointResponse = await bank.door.call(request)
    return reply


async def rotate(bank: Bank, endpoint_id: str, overlap_seconds: int) -> str:
    request = v1.RotateWebhookSecretRequest(
        request_id=bank.request_id(), endpoint_id=endpoint_id, overlap_seconds=overlap_seconds
    )
    return str((await bank.door.call(request)).secret)


async def sent(bank: Bank, webhooks: Webhooks, steps: int = 1) -> None:
    channels: dict[NotificationChannel, Channel] = {
        NotificationChannel.WEBHOOK: webhooks,
        NotificationChannel.SMS: NoChannel("-"),
    }
    given = Sender(bank.door.service, channels, chance=lambda: 0)
    for _ in range(steps):
        await given.look()
        await given.settled()


async def webhooks_of(bank: Bank) -> list[notification_pb2.Notification]:
    return await listed(bank, rule_id="webhook")


@pytest.fixture
async def webhooks():  # type: ignore[no-untyped-def]  # an async generator of a fixture
    made = Webhooks(private=True)
    yield made
    await made.close()


@pytest.fixture(autouse=True)
def now(bank: Bank) -> None:
    bank.door.now(datetime.now(UTC))


async def test_a_partner_verifies_what_it_is_sent_and_hears_of_what_it_asked_for(
    bank: Bank, webhooks: Webhooks
) -> None:
    async with receiving() as receiver:
        secret = (await register(bank, receiver.url)).secret
        for _ in range(2):
            await bank.door.deliver(repaid(), event_id="evt_1")
        await bank.door.deliver(disbursed())
        await sent(bank, webhooks)
        ((headers, body),) = receiver.received
        said = Webhook(secret).verify(body, headers)
        assert said["type"] == REPAID
        assert said["data"] == {
            "loanId": "loan_1",
            "customerId": "cus_1",
            "principal": {"currencyCode": "CNY", "minorUnits": "100"},
            "interest": {"currencyCode": "CNY", "minorUnits": "1"},
            "outstanding": {"currencyCode": "CNY", "minorUnits": "900"},
            "serviced": True,
        }
        (found,) = await webhooks_of(bank)
        assert headers["webhook-id"] == found.notification_id
        assert found.status == notification_pb2.NOTIFICATION_STATUS_DELIVERED
        with pytest.raises(WebhookVerificationError):
            Webhook("whsec_" + "A" * 32).verify(body, headers)


async def test_a_secret_is_told_once_and_changed_with_an_overlap(bank: Bank, webhooks: Webhooks) -> None:
    async with receiving() as receiver:
        registered = await register(bank, receiver.url)
        again = v1.RegisterWebhookEndpointRequest(
            request_id="r1", partner_id="partner_1", url=receiver.url, events=[REPAID], signature="WEBHOOK_SIGNATURE_V1"
        )
        repeated = await bank.door.call(again)
        assert (repeated.endpoint_id, repeated.secret) == (registered.endpoint_id, "")
        second = await rotate(bank, registered.endpoint_id, 60)
        await bank.door.deliver(repaid())
        await sent(bank, webhooks)
        bank.door.now(bank.door.clock.instant + timedelta(seconds=60))
        await bank.door.deliver(repaid())
        await sent(bank, webhooks)
        (during, body), (after, last) = receiver.received
        for secret in (registered.secret, second):
            Webhook(secret).verify(body, during)
        Webhook(second).verify(last, after)
        with pytest.raises(WebhookVerificationError):
            Webhook(registered.secret).verify(last, after)
        everything = b"".join(envelope.payload for envelope in await bank.door.envelopes())
        assert second.removeprefix("whsec_").encode() not in everything


async def test_a_failure_is_tried_again_by_the_schedule_of_the_standard_under_the_same_id(
    bank: Bank, webhooks: Webhooks
) -> None:
    answers = ["500 Oops", "302 Found", "429 Too Many Requests\r\nretry-after: 4000", *["503 Busy"] * 6, "200 OK"]
    waits = []
    async with receiving(*answers) as receiver:
        await register(bank, receiver.url)
        await bank.door.deliver(repaid())
        while True:
            await sent(bank, webhooks)
            (found,) = await webhooks_of(bank)
            if not found.HasField("due_at"):
                break
            due = found.due_at.ToDatetime(tzinfo=UTC)
            waits.append(round((due - bank.door.clock.instant).total_seconds()))
            bank.door.now(due)
    assert waits == [5, 300, 4000, 7200, 18000, 36000, 50400, 72000, 86400]
    assert found.status == notification_pb2.NOTIFICATION_STATUS_DELIVERED
    assert {headers["webhook-id"] for headers, _ in receiver.received} == {found.notification_id}
    assert len({headers["webhook-timestamp"] for headers, _ in receiver.received}) == 10
    assert [each.detail for each in await tries(bank, found.notification_id)][:3] == ["500", "302", "429"]


async def test_an_endpoint_that_is_gone_is_disabled_and_what_it_missed_is_replayed_with_its_id(
    bank: Bank, webhooks: Webhooks
) -> None:
    async with receiving("410 Gone") as receiver:
        endpoint_id = (await register(bank, receiver.url)).endpoint_id
        await bank.door.deliver(repaid())
        await bank.door.deliver(repaid())
        await sent(bank, webhooks)
        (disabled,) = await bank.door.facts(v1.WebhookEndpointDisabled)
        assert disabled.reason == "GONE"
        await bank.door.deliver(repaid())
        assert len(await webhooks_of(bank)) == 2
        enable = v1.EnableWebhookEndpointRequest(request_id=bank.request_id(), endpoint_id=endpoint_id)
        assert (await bank.door.call(enable)).endpoint.status == v1.WEBHOOK_ENDPOINT_STATUS_ENABLED
        (gone,) = [
            each for each in await webhooks_of(bank) if each.status == notification_pb2.NOTIFICATION_STATUS_FAILED
        ]
        replay = notification_pb2.ReplayNotificationRequest(
            request_id=bank.request_id(), notification_id=gone.notification_id
        )
        await bank.door.call(replay)
        await sent(bank, webhooks)
        ids = [headers["webhook-id"] for headers, _ in receiver.received]
        assert ids.count(gone.notification_id) == 2


async def test_what_waits_for_a_disabled_endpoint_is_suppressed(bank: Bank, webhooks: Webhooks) -> None:
    async with receiving() as receiver:
        endpoint_id = (await register(bank, receiver.url)).endpoint_id
        await bank.door.deliver(repaid())
        for _ in range(2):
            disable = v1.DisableWebhookEndpointRequest(request_id=bank.request_id(), endpoint_id=endpoint_id)
            await bank.door.call(disable)
        await sent(bank, webhooks)
    (found,) = await webhooks_of(bank)
    assert found.reason == notification_pb2.NOTIFICATION_REASON_ENDPOINT_DISABLED
    assert not receiver.received
    assert len(await bank.door.facts(v1.WebhookEndpointDisabled)) == 1


async def test_a_sender_that_died_with_a_message_out_sends_it_again_under_its_id(
    bank: Bank, webhooks: Webhooks
) -> None:
    async with receiving() as receiver:
        receiver.silent = True
        await register(bank, receiver.url)
        await bank.door.deliver(repaid())
        died = Sender(bank.door.service, {NotificationChannel.WEBHOOK: Webhooks(private=True)})
        await died.look()
        await receiver.came.wait()
        await died.close()
        receiver.silent = False
        bank.door.now(bank.door.clock.instant + LEASE)
        await sent(bank, webhooks)
    assert len({headers["webhook-id"] for headers, _ in receiver.received}) == 1
    assert len(receiver.received) == 2
    (found,) = await webhooks_of(bank)
    assert found.status == notification_pb2.NOTIFICATION_STATUS_DELIVERED
    assert len(await tries(bank, found.notification_id)) == 1


async def test_what_may_not_be_registered_is_refused(bank: Bank) -> None:
    for change, reason in (
        ({"url": "http://partner.example/"}, "WEBHOOK_URL_MUST_BE_HTTPS"),
        ({"events": ["zhongtai.operations.v1.EntryPosted"]}, "WEBHOOK_EVENT_MUST_BE_OPEN"),
    ):
        fields: dict[str, object] = {"url": "https://partner.example/", "events": [REPAID], **change}
        request = v1.RegisterWebhookEndpointRequest(
            request_id=bank.request_id(),
            partner_id="partner_1",
            signature=v1.WEBHOOK_SIGNATURE_V1A,
            **fields,  # type: ignore[arg-type]
        )
        assert (await bank.door.refused(request)).reason == reason
    for unknown in (
        v1.GetWebhookEndpointRequest(endpoint_id="whe_none"),
        v1.RotateWebhookSecretRequest(request_id="r", endpoint_id="whe_none"),
    ):
        assert (await bank.door.refused(unknown)).reason == "WEBHOOK_ENDPOINT_NOT_FOUND"


async def test_an_endpoint_is_read_without_its_secrets(bank: Bank) -> None:
    secret = (await register(bank, "https://a.example/")).secret
    asymmetric = await register(bank, "https://b.example/", signature=v1.WEBHOOK_SIGNATURE_V1A, partner_id="partner_2")
    assert asymmetric.secret == ""
    assert asymmetric.endpoint.public_key.startswith("whpk_")
    found = (await bank.door.call(v1.ListWebhookEndpointsRequest(partner_id="partner_1"))).endpoints
    assert [each.url for each in found] == ["https://a.example/"]
    assert secret.removeprefix("whsec_") not in str(found[0])
    got = await bank.door.call(v1.GetWebhookEndpointRequest(endpoint_id=asymmetric.endpoint_id))
    assert got.endpoint == asymmetric.endpoint
    events = (await bank.door.call(v1.ListWebhookEventsRequest())).events
    assert REPAID in events
    assert json.dumps(list(events)) == json.dumps(sorted(events))


async def test_a_test_message_reaches_an_endpoint_whatever_it_subscribed_to(bank: Bank, webhooks: Webhooks) -> None:
    async with receiving() as receiver:
        registered = await register(bank, receiver.url)
        asked = notification_pb2.SendTestWebhookRequest(
            request_id=bank.request_id(), endpoint_id=registered.endpoint_id
        )
        replies = [await bank.door.call(asked) for _ in range(2)]
        assert replies[0] == replies[1]
        await sent(bank, webhooks)
        ((headers, body),) = receiver.received
        said = Webhook(registered.secret).verify(body, headers)
        assert (said["type"], said["data"]) == (
            "zhongtai.operations.v1.WebhookTestAsked",
            {"endpointId": registered.endpoint_id},
        )
        assert headers["webhook-id"] == replies[0].notification_id
        await bank.door.call(
            v1.DisableWebhookEndpointRequest(request_id=bank.request_id(), endpoint_id=registered.endpoint_id)
        )
        late = notification_pb2.SendTestWebhookRequest(request_id=bank.request_id(), endpoint_id=registered.endpoint_id)
        found = (await bank.door.call(late)).notification
        assert found.reason == notification_pb2.NOTIFICATION_REASON_ENDPOINT_DISABLED
    missing = notification_pb2.SendTestWebhookRequest(request_id=bank.request_id(), endpoint_id="whe_0")
    assert (await bank.door.refused(missing)).reason == "WEBHOOK_ENDPOINT_NOT_FOUND"
    assert len(await bank.door.facts(notification_pb2.WebhookTestAsked)) == 2
