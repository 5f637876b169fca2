"""Templates: the parts of an SMS, what a value may do to a text, and what does not go together."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.refusals import Invalid
from zhongtai.operations.notification_template.domain import (
    AuthorMustNotRelease,
    Draft,
    NotificationChannel,
    NotificationLanguage,
    NotificationTemplate,
    NotificationTemplateStatus,
    TemplateText,
    TemplateVariable,
    TemplateVariableKind,
    TemplateVersionMustBeNewer,
    escaped,
)
from zhongtai.operations.notification_template.store import SHIPPED

SMS, EMAIL, APP = NotificationChannel.SMS, NotificationChannel.EMAIL, NotificationChannel.IN_APP
ZH, EN = NotificationLanguage.ZH, NotificationLanguage.EN


def template(*texts: TemplateText, longest: int = 20, **fields: object) -> NotificationTemplate:
    found = texts or (TemplateText(SMS, ZH, "", "您好{name}"), TemplateText(SMS, EN, "", "Hello {name}"))
    variables = (TemplateVariable("name", TemplateVariableKind.TEXT, longest),)
    return NotificationTemplate("greeting", 1, "Greeting", "问候", "loan", variables, found, **fields)  # type: ignore[arg-type]


@given(st.text(max_size=200))
def test_whatever_a_value_says_it_adds_no_line_no_markup_and_no_signature(value: str) -> None:
    (sms,) = template().drafts([SMS], ZH, {"name": value})
    assert not set("\r\n\t【】\x00") & set(sms.body)
    mail = TemplateText(EMAIL, ZH, "致{name}", "<p>{name}</p>").filled({"name": value})
    assert mail.body.count("<") == 2
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
    assert not set("<>\"'") & set(escaped(value, EMAIL))


@given(st.text(max_size=300), st.integers(1, 200))
def test_no_value_makes_an_sms_longer_than_its_template_was_checked_for(value: str, longest: int) -> None:
    made = template(longest=longest)
    for language, text in zip((ZH, EN), made.texts, strict=True):
        (draft,) = made.drafts([SMS], language, {"name": value})
        assert draft.sms_parts <= made.longest_sms(text)


def test_of_an_account_the_end_is_written_and_a_rate_in_per_cent() -> None:
    account = TemplateVariable("account", TemplateVariableKind.ACCOUNT, 4)
    assert account.written("acc_01ke5tp1m0mgr8d57efzhrkqvh", ZH) == "kqvh"
    rate = TemplateVariable("rate", TemplateVariableKind.RATE, 12)
    assert [rate.written(value, EN) for value in (Decimal("0.0365"), "")] == ["3.65%", ""]


def both(channel: NotificationChannel, subject: str, body: str) -> NotificationTemplate:
    return template(TemplateText(channel, ZH, subject, body), TemplateText(channel, EN, subject, body))


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (template(TemplateText(SMS, ZH, "", "{name}")), "TEMPLATE_MUST_SPEAK_BOTH_LANGUAGES"),
        (both(SMS, "", "{name}{age}"), "TEMPLATE_VARIABLE_MUST_BE_DECLARED"),
        (both(SMS, "", "{name.upper}"), "TEMPLATE_VARIABLE_MUST_BE_DECLARED"),
        (both(SMS, "", "."), "TEMPLATE_VARIABLE_MUST_BE_USED"),
        (both(SMS, "", "{name"), "TEMPLATE_TEXT_MUST_BE_WELL_FORMED"),
        (both(SMS, "", "{name!r}"), "TEMPLATE_TEXT_MUST_BE_WELL_FORMED"),
        (both(SMS, "", "{name:>9999999}"), "TEMPLATE_TEXT_MUST_BE_WELL_FORMED"),
        (both(SMS, "x", "{name}"), "TEMPLATE_SUBJECT_MUST_FIT_CHANNEL"),
        (both(APP, " ", "{name}"), "TEMPLATE_SUBJECT_MUST_FIT_CHANNEL"),
        (both(SMS, "", "x" * 651 + "{name}"), "SMS_MUST_FIT_ITS_PARTS"),
        (template(*[TemplateText(SMS, ZH, "", "{name}")] * 2), "TEMPLATE_VARIABLES_MUST_STAND_ONCE"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_go_together_is_refused(made: NotificationTemplate, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        made.checked()
    assert refused.value.reason == reason


def test_braces_are_written_twice() -> None:
    made = template(TemplateText(SMS, ZH, "", "{{{name}}}"), TemplateText(SMS, EN, "", "{name}")).checked()
    assert made.drafts([SMS], ZH, {"name": "x"}) == (Draft(SMS, "", "{x}"),)


def test_a_version_is_released_once_by_another_and_never_backwards() -> None:
    proposed = template(status=NotificationTemplateStatus.PROPOSED, proposed_by="li")
    with pytest.raises(AuthorMustNotRelease):
        proposed.release("li", 0)
    with pytest.raises(TemplateVersionMustBeNewer):
        proposed.release("wang", 2)
    released, fact = proposed.release("wang", 0)
    assert fact is not None
    assert (fact.proposed_by, fact.released_by) == ("li", "wang")
    assert released.release("li", 1) == (released, None)


@pytest.mark.parametrize("shipped", SHIPPED.values(), ids=lambda shipped: shipped.template_id)
def test_every_shipped_template_goes_together(shipped: NotificationTemplate) -> None:
    assert shipped.checked().version == 0
    assert all(text.body for text in shipped.examples())


@pytest.mark.parametrize(
    ("kind", "text"), [("MONEY", "CNY 1.234"), ("DATE", "2026-02-30"), ("NUMBER", "NaN"), ("NUMBER", "1" * 65)]
)
def test_a_value_that_is_not_of_its_kind_is_refused(kind: str, text: str) -> None:
    with pytest.raises(Invalid, match="TEMPLATE_VALUE_MUST_FIT"):
        TemplateVariableKind(kind).read("x", text)
