"""The pages of notifications, on a platform whose runs have told customers: the log, replay, templates, consents."""

import asyncio
import re

from tests.gateway.console.conftest import OFFICER, SETTLED_WITHIN_S, Bank
from zhongtai.operations.v1 import notification_pb2 as v1
from zhongtai.operations.v1 import notification_template_pb2 as template_v1
from zhongtai.runtime.call import Call, Caller


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
    listed = (await bank.call(v1.ListNotificationsRequest(recipient_id=found.recipient_id))).notifications
    replays = [each for each in listed if each.replay_of]
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


async def test_a_version_is_released_by_somebody_else_than_its_author(bank: Bank) -> None:
    shipped = await bank.call(template_v1.GetNotificationTemplateRequest(template_id="loan_paid_off"))
    for author, version in (("channel", 1), ("admin", 2)):
        proposal = template_v1.ProposeNotificationTemplateRequest(request_id=f"by-{author}", template=shipped.template)
        await bank.platform.calls.call(proposal, Call(Caller(author, "tests", frozenset({"*"}))))
        address = f"/console/notification-templates/loan_paid_off/{version}"
        async with bank.signed_in(language="zh-CN") as http:
            page = await http.get(address)
            form = dict(
                re.findall(r'name="(form_token|request_id)" value="([^"]+)"', page.text.partition("/release")[2])
            )
            released = await http.post(f"{address}/release", data=form, headers={"origin": bank.home})
            if author == "channel":
                assert released.status_code == 303, released.text
                page = await http.get(released.headers["location"])
                assert "已发布" in page.text
                assert "/release" not in page.text
            else:
                assert released.status_code == 403
                assert "须由他人发布" in released.text


async def test_staff_read_what_is_told_to_a_role_of_theirs_and_nobody_elses(bank: Bank) -> None:
    await bank.order()
    await told(bank, "work_order_opened")
    async with bank.signed_in(OFFICER.client_id, language="zh-CN") as http:
        page = await http.get("/console/messages")
        assert "新工单：credit_referral" in page.text
        after = page.text.partition("/console/messages/")[2]
        form = dict(re.findall(r'name="(form_token|request_id)" value="([^"]+)"', after))
        read = await http.post(
            f"/console/messages/{after.partition('/read')[0]}/read", data=form, headers={"origin": bank.home}
        )
        assert read.status_code == 303, read.text
        assert OFFICER.client_id in (await http.get("/console/messages?all=1")).text
    async with bank.signed_in() as http:
        assert "There is nothing to read." in (await http.get("/console/messages")).text


async def test_whoever_may_not_see_notifications_is_told_so(bank: Bank) -> None:
    async with bank.signed_in("guest") as http:
        for page in ("notifications", "notification-templates", "notification-consents/cus_1", "messages"):
            assert "SCOPE_MISSING" in (await http.get(f"/console/{page}")).text
