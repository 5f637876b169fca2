"""Consents: what each purpose needs, when it is quiet, and how often is enough."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.operations.notification_consent.domain import (
    Consent,
    NotificationCategoryMustBeTold,
    NotificationCategoryNotFound,
    Verdict,
    verdict,
)
from zhongtai.operations.notification_consent.store import POLICY
from zhongtai.operations.notification_template.domain import NotificationChannel
from zhongtai.operations.notification_template.store import SHIPPED

CHINA = ZoneInfo("Asia/Shanghai")
SMS = NotificationChannel.SMS


def said(allowed: bool) -> Consent:
    return Consent("cus_1", "offer", SMS, allowed, datetime(2026, 5, 6, tzinfo=UTC))


@pytest.mark.parametrize(
    ("category", "unsaid", "agreed", "refused"),
    [("security", True, True, True), ("loan", True, True, False), ("offer", False, True, False)],
)
def test_marketing_needs_a_yes_a_service_message_no_no(
    category: str, unsaid: bool, agreed: bool, refused: bool
) -> None:
    found = POLICY.category(category)
    assert (found.allows(None), found.allows(said(True)), found.allows(said(False))) == (unsaid, agreed, refused)


def test_what_must_be_told_cannot_be_refused() -> None:
    with pytest.raises(NotificationCategoryMustBeTold):
        POLICY.category("security").must_be_refusable()
    with pytest.raises(NotificationCategoryNotFound):
        POLICY.category("gossip")


@pytest.mark.parametrize(
    ("made", "due"),
    [
        # Wednesday 6 May 2026 is a business day; Friday 1 May is a holiday, Saturday 9 May is worked.
        ("2026-05-06T21:59", "2026-05-06T21:59"),
        ("2026-05-06T22:00", "2026-05-07T08:00"),
        ("2026-05-07T07:59", "2026-05-07T08:00"),
        ("2026-05-07T08:00", "2026-05-07T08:00"),
        ("2026-04-30T23:00", "2026-05-01T09:30"),
        ("2026-05-01T09:00", "2026-05-01T09:30"),
        ("2026-05-08T23:00", "2026-05-09T08:00"),
        # No calendar knows 2031 yet: then the later hour holds.
        ("2031-01-06T23:00", "2031-01-07T09:30"),
    ],
)
def test_quiet_hours_end_in_the_morning_later_on_a_holiday(made: str, due: str) -> None:
    at, wanted = (datetime.fromisoformat(text).replace(tzinfo=CHINA) for text in (made, due))
    assert POLICY.due(POLICY.category("loan"), at) == wanted
    assert POLICY.due(POLICY.category("security"), at) == at


@given(st.integers(0, 364 * 24 * 60))
def test_what_waits_is_never_due_in_a_quiet_hour_nor_before_it_was_made(minutes: int) -> None:
    made = datetime(2026, 1, 1, tzinfo=CHINA) + timedelta(minutes=minutes)
    due = POLICY.due(POLICY.category("offer"), made)
    assert due >= made
    assert POLICY.quiet_hours.end(due) is None


def test_the_first_reason_counts_and_a_cap_only_where_there_is_one() -> None:
    loan, security = POLICY.category("loan"), POLICY.category("security")

    def asked(category: object = loan, address: str = "+86", stated: Consent | None = None, sent: int = 0) -> Verdict:
        return verdict(category, SMS, address=address, stated=stated, sent_today=lambda: sent)  # type: ignore[arg-type]

    assert asked(address="", stated=said(False)) is Verdict.NO_CONTACT
    assert asked(stated=said(False), sent=99) is Verdict.NO_CONSENT
    assert (asked(sent=9), asked(sent=10)) == (Verdict.ALLOWED, Verdict.CAP_REACHED)
    assert asked(security, sent=10_000) is Verdict.ALLOWED


def test_the_shipped_policy_knows_the_category_of_every_shipped_template() -> None:
    assert {template.category for template in SHIPPED.values()} <= {each.category for each in POLICY.categories}
