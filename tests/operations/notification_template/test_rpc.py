"""Templates through the door: proposed by one, released by another, in force from then on."""

from typing import Any

from tests.operations.bank import Bank
from zhongtai.operations.v1 import notification_pb2
from zhongtai.operations.v1 import notification_template_pb2 as v1

SMS = v1.NOTIFICATION_CHANNEL_SMS
ZH, EN = v1.NOTIFICATION_LANGUAGE_ZH, v1.NOTIFICATION_LANGUAGE_EN


def template(**change: Any) -> v1.NotificationTemplate:
    fields: dict[str, Any] = {
        "template_id": "account_frozen",
        "title": "An account was frozen",
        "title_zh": "账户冻结",
        "category": "security",
        "variables": [{"name": "account", "kind": v1.TEMPLATE_VARIABLE_KIND_TEXT, "longest": 64}],
        "texts": [
            {"channel": SMS, "language": ZH, "body": "账户{account}冻结了"},
            {"channel": SMS, "language": EN, "body": "Account {account} is frozen"},
        ],
    }
    return v1.NotificationTemplate(**{**fields, **change})


def propose(bank: Bank, **change: Any) -> v1.ProposeNotificationTemplateRequest:
    return v1.ProposeNotificationTemplateRequest(request_id=bank.request_id(), template=template(**change))


async def test_a_version_is_in_force_when_another_has_released_it(bank: Bank) -> None:
    bank.door.as_caller("li")
    version = (await bank.door.call(propose(bank))).version
    assert version == 1
    assert (await bank.door.call(v1.GetNotificationTemplateRequest(template_id="account_frozen"))).template.version == 0
    release = v1.ReleaseNotificationTemplateRequest(request_id="own", template_id="account_frozen", version=version)
    assert (await bank.door.refused(release)).reason == "AUTHOR_MUST_NOT_RELEASE"
    bank.door.as_caller("wang", client_id="other")
    for request_id in ("first", "again"):
        release.request_id = request_id
        released = (await bank.door.call(release)).template
    assert (released.proposed_by, released.released_by) == ("li", "wang")
    assert len(await bank.door.facts(v1.NotificationTemplateReleased)) == 1
    preview = await bank.door.call(v1.PreviewNotificationTemplateRequest(template_id="account_frozen"))
    assert preview.texts[0].body == "账户[account]冻结了"
    # 64 characters that may be pairs of units, and some beside them: above 132 units.
    assert dict(preview.sms_parts) == {"ZH": 3, "EN": 3}
    queued = await bank.door.call(
        notification_pb2.QueueNotificationRequest(
            request_id="q", template_id="account_frozen", customer_id="cus_1", values={"account": "acc_1"}
        )
    )
    assert (queued.notification.template_version, queued.notification.body) == (1, "账户acc_1冻结了")


async def test_a_version_must_be_filled_by_the_rules_that_write_by_it(bank: Bank) -> None:
    extra = [*template().variables, {"name": "reason", "kind": v1.TEMPLATE_VARIABLE_KIND_TEXT, "longest": 5}]
    texts = [{"channel": SMS, "language": each, "body": "{account}{reason}"} for each in (ZH, EN)]
    assert (
        await bank.door.refused(propose(bank, variables=extra, texts=texts))
    ).reason == "TEMPLATE_MUST_FIT_ITS_RULES"
    mail = [
        {"channel": v1.NOTIFICATION_CHANNEL_EMAIL, "language": each, "subject": "x", "body": "{account}"}
        for each in (ZH, EN)
    ]
    unheard = propose(bank, template_id="account_interest_paid", texts=mail)
    assert (await bank.door.refused(unheard)).reason == "TEMPLATE_MUST_WRITE_FOR_CHANNEL"
    assert (await bank.door.refused(propose(bank, category="gossip"))).reason == "NOTIFICATION_CATEGORY_NOT_FOUND"
    assert (await bank.door.refused(propose(bank, texts=texts[:1] * 2))).reason == "TEMPLATE_VARIABLES_MUST_STAND_ONCE"


async def test_versions_are_listed_behind_the_shipped_ones(bank: Bank) -> None:
    shipped = (await bank.door.call(v1.ListNotificationTemplatesRequest())).templates
    await bank.door.call(propose(bank))
    asked = v1.ListNotificationTemplatesRequest(status=v1.NOTIFICATION_TEMPLATE_STATUS_PROPOSED)
    (proposed,) = (await bank.door.call(asked)).templates
    every = (await bank.door.call(v1.ListNotificationTemplatesRequest())).templates
    assert list(every) == [*shipped, proposed]
    unknown = v1.GetNotificationTemplateRequest(template_id="account_frozen", version=9)
    assert (await bank.door.refused(unknown)).reason == "NOTIFICATION_TEMPLATE_NOT_FOUND"
