"""The pages of what leaves the bank: partners' endpoints, the rules of notifications, what a customer agreed to."""

import asyncio
import html
import re

from standardwebhooks import Webhook

from tests.gateway.console.conftest import SETTLED_WITHIN_S, Bank
from tests.gateway.console.test_approvals import send
from tests.gateway.console.test_notifications import told
from tests.operations.webhook_endpoint.receiver import receiving
from zhongtai.operations.v1 import notification_consent_pb2 as consent_v1
from zhongtai.operations.v1 import notification_pb2 as v1
from zhongtai.operations.v1 import notification_rule_pb2 as rule_v1

PAGE = "/console/webhook-endpoints"
REPAID = "event:zhongtai.credit.v1.LoanRepaid"


async def last(bank: Bank, endpoint: str, *, ended: bool) -> v1.Notification:
    """What was sent to an endpoint last, once it stands so."""
    async with asyncio.timeout(SETTLED_WITHIN_S):
        while True:
            asked = v1.ListNotificationsRequest(recipient_id=endpoint)
            asked.page.newest_first = True
            found = (await bank.call(asked)).notifications
            if found and found[0].HasField("ended_at") == ended:
                return found[0]  # type: ignore[no-any-return]
            await asyncio.sleep(0.05)


async def test_an_endpoint_is_registered_tested_and_given_a_new_secret_by_its_pages(bank: Bank) -> None:
    async with receiving() as receiver, bank.signed_in(language="zh-CN") as http:
        form = {"partner_id": "partner_1", "url": receiver.url, "signature": "V1", REPAID: "1"}
        made = await send(http, PAGE, f"{PAGE}/register", **form)
        assert made.status_code == 200, made.text
        (secret,) = re.findall(r"whsec_[A-Za-z0-9+/=]+", html.unescape(made.text))
        (endpoint,) = set(re.findall(r"whe_[a-z0-9]+", made.text))
        one = f"{PAGE}/{endpoint}"
        assert secret not in (await http.get(one)).text
        assert receiver.url in (await http.get(f"{PAGE}?partner=partner_1")).text
        done = await send(http, one, f"{one}/test")
        assert "测试消息已入队" in (await http.get(done.headers["location"])).text
        await asyncio.wait_for(receiver.came.wait(), SETTLED_WITHIN_S)
        headers, body = receiver.received[0]
        assert Webhook(secret).verify(body, headers)["type"] == "zhongtai.operations.v1.WebhookTestAsked"
        sent = await last(bank, endpoint, ended=True)
        log = (await http.get(one)).text
        assert f"/console/notifications/{sent.notification_id}" in log
        assert "已送达" in log
        rotated = await send(http, one, f"{one}/rotate", overlap_hours="0")
        (fresh,) = re.findall(r"whsec_[A-Za-z0-9+/=]+", html.unescape(rotated.text))
        assert fresh != secret


async def test_an_endpoint_that_was_stopped_and_started_is_sent_again_what_failed(bank: Bank) -> None:
    async with receiving(*["410 Gone"]) as receiver, bank.signed_in() as http:
        form = {"partner_id": "partner_2", "url": receiver.url, "signature": "V1A", REPAID: "1"}
        made = await send(http, PAGE, f"{PAGE}/register", **form)
        assert "whpk_" in made.text
        assert "give the partner its public key" in made.text
        (endpoint,) = set(re.findall(r"whe_[a-z0-9]+", made.text))
        one = f"{PAGE}/{endpoint}"
        await send(http, one, f"{one}/test")
        failed = await last(bank, endpoint, ended=True)
        assert "disabled" in (await http.get(one)).text
        await send(http, one, f"{one}/enable")
        again = await send(http, one, f"{one}/replay")
        assert "queued again" in (await http.get(again.headers["location"])).text
        repeated = await last(bank, endpoint, ended=True)
        assert (repeated.replay_of, repeated.status) == (failed.notification_id, v1.NOTIFICATION_STATUS_DELIVERED)
        await send(http, one, f"{one}/disable")
        assert f'action="{one}/enable"' in (await http.get(one)).text
        assert (await http.post(f"{one}/explode", data={})).status_code == 403


async def test_an_address_nobody_may_be_sent_to_is_refused_and_the_form_keeps_what_was_written(bank: Bank) -> None:
    async with bank.signed_in() as http:
        form = {"partner_id": "partner_9", "url": "http://example.com/hook", "signature": "V1", REPAID: "1"}
        refused = await send(http, PAGE, f"{PAGE}/register", **form)
        assert refused.status_code == 400
        assert "WEBHOOK_URL_MUST_BE_HTTPS" in refused.text
        assert 'value="http://example.com/hook"' in refused.text
    async with bank.signed_in("guest") as http:
        assert "SCOPE_MISSING" in (await http.get(PAGE)).text
        assert 'action="/console/webhook-endpoints/register"' not in (await http.get(PAGE)).text


async def test_a_rule_is_shown_with_its_message_in_both_languages_stopped_and_started(bank: Bank) -> None:
    page = "/console/notification-rules/loan_disbursed"
    async with bank.signed_in() as http:
        assert "LoanDisbursed" in (await http.get("/console/notification-rules")).text
        text = (await http.get(page)).text
        assert "Your loan of CNY 1,234.56" in text
        assert "人民币1,234.56元" in text
        for verb, paused in (("pause", True), ("resume", False)):
            await send(http, page, f"{page}/{verb}")
            rules = (await bank.call(rule_v1.ListNotificationRulesRequest())).rules
            assert next(rule for rule in rules if rule.rule_id == "loan_disbursed").paused is paused
        assert (await http.get("/console/notification-rules/nothing")).status_code == 404


async def test_what_a_customer_says_is_recorded_and_what_must_be_told_has_no_button(bank: Bank) -> None:
    customer = (await told(bank, "limit_granted")).recipient_id
    page = f"/console/notification-consents/{customer}"
    async with bank.signed_in(language="zh-CN") as http:
        forms = re.findall(r"<form.*?/state.*?</form>", (await http.get(page)).text, re.DOTALL)
        hidden = [dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', form)) for form in forms]
        assert not {form["category"] for form in hidden} & {"security", "work", "alarm"}
        chosen = next(form for form in hidden if (form["category"], form["channel"]) == ("offer", "SMS"))
        answer = await http.post(f"{page}/state", data=chosen)
        assert "已记录" in (await http.get(answer.headers["location"])).text
        refused = await http.post(f"{page}/state", data={**chosen, "category": "security", "request_id": "other"})
        assert "NOTIFICATION_CATEGORY_MUST_BE_TOLD" in refused.text
    consents = (await bank.call(consent_v1.ListNotificationConsentsRequest(customer_id=customer))).consents
    assert [one.allowed for one in consents if one.stated] == [chosen["allowed"] == "1"]
