"""The pages of notifications, on a platform whose runs have told customers: the log, replay, templates, consents."""

import asyncio
import re

from tests.gateway.console.conftest import SETTLED_WITHIN_S, Bank
from zhongtai.operations.v1 import notification_pb2 as v1


async def told(bank: Bank, rule_id: str) -> v1.Notification:
    """The first notification of a rule, once the events have come."""
    async with asyncio.timeout(SETTLED_WITHIN_S):
        while True:
            reply = await bank.call(v1.ListNotificationsRequest(rule_id=rule_id))
            if reply.notifications:
                found: v1.Notification = reply.notifications[0]
                return found
            await asyncio.sleep(0.05)


async def test_what_a_loan_told_its_customer_is_shown_and_sent_again(bank: Bank) -> None:
    found = await told(bank, "loan_disbursed")
    async with bank.signed_in(language="zh-CN") as http:
        listed = await http.get(f"/console/notifications?recipient={found.recipient_id}&status=DELIVERED")
        assert found.notification_id in listed.text
        assert "已送达" in listed.text
        address = f"/console/notifications/{found.notification_id}"
        page = await http.get(address)
        assert "站内信" in page.text
        assert f"/console/events/{found.event_id}" in page.text
        form = dict(re.findall(r'name="(form_token|request_id)" value="([^"]+)"', page.text.partition("/replay")[2]))
        for _ in range(2):
            again = await http.post(f"{address}/replay", data=form, headers={"origin": bank.home})
            assert again.status_code == 303, again.text
        new = await http.get(again.headers["location"])
        assert "已重新入队" in new.text
        assert found.notification_id in new.text
    replays = [each for each in (await bank.call(v1.ListNotificationsRequest())).notifications if each.replay_of]
    assert [each.replay_of for each in replays] == [found.notification_id]


async def test_marketing_nobody_agreed_to_is_shown_with_its_reason(bank: Bank) -> None:
    found = await told(bank, "limit_granted")
    async with bank.signed_in() as http:
        page = await http.get(f"/console/notifications/{found.notification_id}")
        assert "The customer did not agree" in page.text
        consents = await http.get(f"/console/notification-consents/{found.recipient_id}")
        assert "Offers and limits" in consents.text
        assert "Quiet from 22:00 to 08:00" in consents.text


async def test_templates_are_shown_with_examples_in_both_languages(bank: Bank) -> None:
    async with bank.signed_in() as http:
        assert "A loan was paid out" in (await http.get("/console/notification-templates")).text
        page = await http.get("/console/notification-templates/loan_disbursed/0")
        assert "Your loan of CNY 1,234.56 was paid out on 4 May 2026" in page.text
        # What is HTML in an e-mail is text on the page.
        assert "&lt;p&gt;您的贷款&lt;b&gt;人民币1,234.56元&lt;/b&gt;" in page.text
        assert (await http.get("/console/notification-templates/nothing/0")).status_code == 404


async def test_whoever_may_not_see_notifications_is_told_so(bank: Bank) -> None:
    async with bank.signed_in("guest") as http:
        for page in ("notifications", "notification-templates", "notification-consents/cus_1"):
            assert "SCOPE_MISSING" in (await http.get(f"/console/{page}")).text
