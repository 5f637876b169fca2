"""Notifications through the door: what an event makes, for whom, once; what keeps it back; and replay."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from tests.operations.bank import Bank
from tests.operations.notification.parts import EMAIL, PHONE, disbursed, granted, listed, repaid, tell
from zhongtai.marketing.v1 import customer_pb2 as marketing_v1
from zhongtai.operations.v1 import account_pb2
from zhongtai.operations.v1 import notification_consent_pb2 as consent_v1
from zhongtai.operations.v1 import notification_contact_pb2 as contact_v1
from zhongtai.operations.v1 import notification_inbox_pb2 as inbox_v1
from zhongtai.operations.v1 import notification_pb2 as v1
from zhongtai.operations.v1 import notification_rule_pb2 as rule_v1
from zhongtai.operations.v1 import notification_template_pb2 as template_v1
from zhongtai.runtime.logs import loggable

# 09:00 on Wednesday 6 May 2026 in China.
MORNING = datetime(2026, 5, 6, 1, 0, tzinfo=UTC)
SMS, EMAIL_CHANNEL, APP = (
    template_v1.NOTIFICATION_CHANNEL_SMS,
    template_v1.NOTIFICATION_CHANNEL_EMAIL,
    template_v1.NOTIFICATION_CHANNEL_IN_APP,
)


@pytest.fixture(autouse=True)
def morning(bank: Bank) -> None:
    bank.door.now(MORNING)


async def test_an_event_makes_one_message_in_the_language_and_on_the_first_channel_of_the_customer(bank: Bank) -> None:
    await tell(bank)
    await tell(bank, "cus_2", phone="", email=EMAIL, language=template_v1.NOTIFICATION_LANGUAGE_EN)
    for _ in range(2):
        await bank.door.deliver(disbursed("cus_1"), event_id="evt_1")
    await bank.door.deliver(disbursed("cus_2"), event_id="evt_2")
    await bank.door.deliver(disbursed("cus_3"), event_id="evt_3")
    first, second, third = await listed(bank)
    assert (first.channel, first.status, first.sms_parts) == (SMS, v1.NOTIFICATION_STATUS_QUEUED, 1)
    assert (
        first.body
        == "您的贷款人民币12,000.00元已于2026年5月6日发放到账。贷款编号loan_1。如非本人办理，请立即联系本行。"
    )
    assert first.due_at.ToDatetime(tzinfo=UTC) == MORNING
    assert (second.channel, second.subject) == (EMAIL_CHANNEL, "Your loan was paid out: CNY 12,000.00")
    # Nobody told where the third is reached: the app knows everybody.
    assert (third.channel, third.status) == (APP, v1.NOTIFICATION_STATUS_DELIVERED)
    assert [fact.notification_id for fact in await bank.door.facts(v1.NotificationDelivered)] == [third.notification_id]


async def test_a_message_in_the_app_is_read_once(bank: Bank) -> None:
    await bank.door.deliver(repaid())
    inbox = await bank.door.call(inbox_v1.ListInboxMessagesRequest(customer_id="cus_1"))
    (message,) = inbox.messages
    assert (inbox.unread, message.subject) == (1, "还款已入账")
    for _ in range(2):
        request = inbox_v1.MarkInboxMessageReadRequest(
            request_id=bank.request_id(), customer_id="cus_1", notification_id=message.notification_id
        )
        read = await bank.door.call(request)
    assert read.message.HasField("read_at")
    assert len(await bank.door.facts(inbox_v1.InboxMessageRead)) == 1
    assert (await bank.door.call(inbox_v1.ListInboxMessagesRequest(customer_id="cus_1", unread=True))).unread == 0
    other = inbox_v1.MarkInboxMessageReadRequest(
        request_id=bank.request_id(), customer_id="cus_2", notification_id=message.notification_id
    )
    assert (await bank.door.refused(other)).reason == "INBOX_MESSAGE_NOT_FOUND"


async def test_marketing_waits_for_a_yes_stops_at_its_cap_and_ends_with_the_consent(bank: Bank) -> None:
    await tell(bank)
    await bank.door.deliver(granted())
    for channel in (SMS, APP):
        await bank.door.call(
            consent_v1.SetNotificationConsentRequest(
                request_id=bank.request_id(), customer_id="cus_1", category="offer", channel=channel, allowed=True
            )
        )
    for _ in range(5):
        await bank.door.deliver(granted())
    await bank.door.deliver(
        marketing_v1.ConsentWithdrawn(customer_id="cus_1", consent_id="con_1", purpose="marketing_messages")
    )
    await bank.door.deliver(granted())
    found = [(each.channel, v1.NotificationReason.Name(each.reason)[20:]) for each in await listed(bank)]
    # One SMS and three in the app a day; an SMS that is queued counts.
    assert found == [
        (SMS, "NO_CONSENT"),
        (SMS, "UNSPECIFIED"),
        (APP, "UNSPECIFIED"),
        (APP, "UNSPECIFIED"),
        (APP, "UNSPECIFIED"),
        (SMS, "CAP_REACHED"),
        (SMS, "NO_CONSENT"),
    ]
    assert len(await bank.door.facts(v1.NotificationSuppressed)) == 3
    bank.door.now(MORNING + timedelta(days=1))
    stated = await bank.door.call(consent_v1.ListNotificationConsentsRequest(customer_id="cus_1"))
    assert {(each.category, each.allowed) for each in stated.consents if each.stated} == {("offer", False)}


async def test_what_must_be_told_cannot_be_refused_and_reaches_the_owner_of_an_account(bank: Bank) -> None:
    await tell(bank)
    account_id = await bank.deposit()
    refusal = await bank.door.refused(
        consent_v1.SetNotificationConsentRequest(
            request_id=bank.request_id(), customer_id="cus_1", category="security", channel=SMS
        )
    )
    assert refusal.reason == "NOTIFICATION_CATEGORY_MUST_BE_TOLD"
    bank.door.now(MORNING + timedelta(hours=14))
    await bank.door.deliver(account_pb2.AccountFrozen(account_id=account_id, reason="x"))
    await bank.door.deliver(account_pb2.AccountFrozen(account_id="acc_nobody", reason="x"))
    (found,) = await listed(bank)
    # At eleven in the evening, and at once.
    assert found.due_at.ToDatetime(tzinfo=UTC) == MORNING + timedelta(hours=14)
    assert (found.recipient_id, found.category) == ("cus_1", "security")


async def test_a_service_message_of_the_evening_waits_for_the_morning(bank: Bank) -> None:
    await tell(bank)
    bank.door.now(MORNING + timedelta(hours=14))
    await bank.door.deliver(disbursed())
    (found,) = await listed(bank)
    assert found.due_at.ToDatetime(tzinfo=UTC) == MORNING + timedelta(hours=23)


async def test_a_rule_that_is_paused_passes_its_events_over(bank: Bank) -> None:
    for _ in range(2):
        paused = rule_v1.PauseNotificationRuleRequest(request_id=bank.request_id(), rule_id="loan_repaid")
        assert (await bank.door.call(paused)).rule.paused
    await bank.door.deliver(repaid())
    resumed = rule_v1.ResumeNotificationRuleRequest(request_id=bank.request_id(), rule_id="loan_repaid")
    await bank.door.call(resumed)
    await bank.door.deliver(repaid())
    assert len(await listed(bank)) == 1
    assert len(await bank.door.facts(rule_v1.NotificationRulePaused)) == 1
    assert len(await bank.door.facts(rule_v1.NotificationRuleResumed)) == 1
    rules = (await bank.door.call(rule_v1.ListNotificationRulesRequest())).rules
    assert [rule.rule_id for rule in rules] == sorted(rule.rule_id for rule in rules)
    unknown = rule_v1.PauseNotificationRuleRequest(request_id=bank.request_id(), rule_id="nothing")
    assert (await bank.door.refused(unknown)).reason == "NOTIFICATION_RULE_NOT_FOUND"


async def test_a_product_may_ask_for_a_message(bank: Bank) -> None:
    values = {"account": "acc_1】【银行"}
    request = v1.QueueNotificationRequest(
        request_id="q", template_id="account_frozen", customer_id="cus_1", channels=[SMS], values=values
    )
    nowhere = (await bank.door.call(request)).notification
    assert (nowhere.status, nowhere.reason) == (v1.NOTIFICATION_STATUS_SUPPRESSED, v1.NOTIFICATION_REASON_NO_CONTACT)
    await tell(bank)
    request.request_id = "q2"
    assert (await bank.door.call(request)).notification.body.startswith("您尾号][银行的账户已被冻结")
    changes: tuple[tuple[dict[str, Any], str], ...] = (
        ({"template_id": "nothing"}, "NOTIFICATION_TEMPLATE_NOT_FOUND"),
        ({"values": {}}, "TEMPLATE_VALUE_MUST_BE_GIVEN"),
        ({"template_id": "work_order_late", "values": {"work_order_id": "1"}}, "TEMPLATE_MUST_WRITE_FOR_CHANNEL"),
    )
    for change, reason in changes:
        fields: dict[str, Any] = {"template_id": "account_frozen", "channels": [SMS], "values": values, **change}
        refused = v1.QueueNotificationRequest(request_id=bank.request_id(), customer_id="cus_1", **fields)
        assert (await bank.door.refused(refused)).reason == reason


async def test_those_of_a_period_are_replayed_once(bank: Bank) -> None:
    for number in range(3):
        await bank.door.deliver(granted(f"cus_{number}"))
        bank.door.now(bank.door.clock.instant + timedelta(minutes=1))
    period: dict[str, Any] = {"from_time": stamp(MORNING), "to_time": stamp(MORNING + timedelta(minutes=2))}
    for expected in (2, 0):
        request = v1.ReplayNotificationsRequest(
            request_id=bank.request_id(), status=v1.NOTIFICATION_STATUS_SUPPRESSED, **period
        )
        reply = await bank.door.call(request)
        assert (reply.replayed, reply.more) == (expected, False)
    found = await listed(bank)
    assert [bool(each.replayed_by) for each in found] == [True, True, False, False, False]
    assert [each.replay_of for each in found[3:]] == [found[0].notification_id, found[1].notification_id]
    changes: tuple[tuple[dict[str, Any], str], ...] = (
        ({"to_time": period["from_time"]}, "REPLAY_PERIOD_MUST_BE_AHEAD_OF_ITS_END"),
        ({"status": v1.NOTIFICATION_STATUS_QUEUED}, "REPLAYED_STATUS_MUST_BE_FINAL"),
    )
    for change, reason in changes:
        fields = {**period, "status": v1.NOTIFICATION_STATUS_FAILED, **change}
        refusal = await bank.door.refused(v1.ReplayNotificationsRequest(request_id=bank.request_id(), **fields))
        assert refusal.reason == reason


async def test_what_is_under_way_is_not_replayed(bank: Bank) -> None:
    await tell(bank)
    await bank.door.deliver(disbursed())
    (queued,) = await listed(bank)
    request = v1.ReplayNotificationRequest(request_id=bank.request_id(), notification_id=queued.notification_id)
    assert (await bank.door.refused(request)).reason == "NOTIFICATION_MUST_HAVE_ENDED"
    request = v1.ReplayNotificationRequest(request_id=bank.request_id(), notification_id="ntf_none")
    assert (await bank.door.refused(request)).reason == "NOTIFICATION_NOT_FOUND"


async def test_telephone_numbers_and_texts_reach_no_event_and_no_log(bank: Bank) -> None:
    await tell(bank, email=EMAIL)
    await bank.door.deliver(disbursed())
    (found,) = await listed(bank)
    assert loggable(found)["body"] == "[C2]"
    told = contact_v1.TellNotificationContactRequest(phone=PHONE, email=EMAIL)
    assert loggable(told) == {"phone": "[C2]", "email": "[C2]"}
    everything = b"".join(envelope.payload for envelope in await bank.door.envelopes())
    assert PHONE.encode() not in everything
    assert EMAIL.encode() not in everything


async def test_a_contact_is_told_once_and_read_back(bank: Bank) -> None:
    asked = contact_v1.GetNotificationContactRequest(customer_id="cus_1")
    assert (await bank.door.refused(asked)).reason == "NOTIFICATION_CONTACT_NOT_FOUND"
    for phone in (PHONE, PHONE, ""):
        await tell(bank, phone=phone)
    assert (await bank.door.call(asked)).contact.phone == ""
    assert len(await bank.door.facts(contact_v1.NotificationContactChanged)) == 2


def stamp(instant: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(instant)
    return made
