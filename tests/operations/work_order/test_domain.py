"""Work orders: one person at a time, decided once, by the right person."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.delegation.domain import Person
from zhongtai.operations.opening_rule.domain import Wish
from zhongtai.operations.work_order.domain import (
    DueTimeMustBeAhead,
    FourEyesMustDiffer,
    RoleMustBeHeld,
    WorkOrder,
    WorkOrderAlreadyClaimed,
    WorkOrderDecided,
    WorkOrderMustBeOpen,
    WorkOrderOutcome,
    WorkOrderStatus,
)

NOW = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)
OFFICER = frozenset({"credit_officer"})
ANN, BOB = Person("ann", OFFICER), Person("bob", OFFICER)
ASKER, CLERK = Person("asker", OFFICER), Person("clerk", OFFICER)
STRANGER = Person("stranger", frozenset({"teller"}))
APPROVED = WorkOrderOutcome.APPROVED


def order(*, four_eyes: bool = True, due_at: datetime | None = None) -> WorkOrder:
    wish = Wish(
        kind="credit_referral",
        role="credit_officer",
        four_eyes=four_eyes,
        subject="run_1",
        title="Decide on a loan",
        title_zh="贷款审批",
        details={"amount": "CNY 100.00"},
        requested_by="asker",
        due_at=due_at,
    )
    opened, _ = WorkOrder.open("wo_1", wish, None, opened_by="clerk", now=NOW)
    return opened


def test_an_order_is_claimed_and_decided_by_one_person() -> None:
    claimed, fact = order().claim(ANN, NOW)
    assert fact is not None
    assert (claimed.status, claimed.claimed_by) == (WorkOrderStatus.CLAIMED, "ann")
    assert claimed.claim(ANN, NOW) == (claimed, None)
    for verb in (lambda: claimed.claim(BOB, NOW), lambda: claimed.decide(BOB, APPROVED, "", NOW)):
        with pytest.raises(WorkOrderAlreadyClaimed) as refused:
            verb()
        assert refused.value.claimed_by == "ann"
    decided, told = claimed.decide(ANN, APPROVED, "fine", NOW)
    assert isinstance(told, WorkOrderDecided)
    assert (decided.status, decided.outcome, told.decided_by) == (WorkOrderStatus.DECIDED, APPROVED, "ann")
    for verb in (lambda: decided.decide(ANN, APPROVED, "", NOW), lambda: decided.claim(ANN, NOW)):
        with pytest.raises(WorkOrderMustBeOpen):
            verb()


def test_deciding_an_open_order_claims_it() -> None:
    decided, _ = order().decide(BOB, WorkOrderOutcome.REJECTED, "no", NOW)
    assert (decided.claimed_by, decided.claimed_at, decided.outcome) == ("bob", NOW, WorkOrderOutcome.REJECTED)


def test_only_the_role_may_touch_it() -> None:
    for verb in (lambda: order().claim(STRANGER, NOW), lambda: order().decide(STRANGER, APPROVED, "", NOW)):
        with pytest.raises(RoleMustBeHeld):
            verb()


def test_under_four_eyes_whoever_asked_or_opened_does_not_decide() -> None:
    for person in (ASKER, CLERK):
        with pytest.raises(FourEyesMustDiffer):
            order().claim(person, NOW)
        with pytest.raises(FourEyesMustDiffer):
            order().decide(person, APPROVED, "", NOW)
    assert order(four_eyes=False).decide(ASKER, APPROVED, "", NOW)[0].outcome is APPROVED


def test_a_cancelled_order_cannot_be_decided_and_a_decided_one_not_cancelled() -> None:
    cancelled, fact = order().cancel()
    assert fact is not None
    assert cancelled.cancel() == (cancelled, None)
    with pytest.raises(WorkOrderMustBeOpen):
        cancelled.decide(ANN, APPROVED, "", NOW)
    decided, _ = order().decide(ANN, APPROVED, "", NOW)
    assert decided.cancel() == (decided, None)


def test_a_claimed_order_is_given_back_by_its_holder_alone() -> None:
    claimed, _ = order().claim(ANN, NOW)
    assert claimed.release(BOB) == (claimed, None)
    free, fact = claimed.release(ANN)
    assert fact is not None
    assert free.release(ANN) == (free, None)
    assert free.claim(BOB, NOW)[0].claimed_by == "bob"


def test_an_order_is_overdue_past_its_time_until_it_is_decided() -> None:
    assert order().due_at == NOW + timedelta(days=1)
    due = order(due_at=NOW + timedelta(hours=1))
    assert not due.overdue(NOW + timedelta(hours=1))
    late = NOW + timedelta(hours=1, seconds=1)
    assert due.overdue(late)
    assert due.claim(ANN, NOW)[0].overdue(late)
    assert not due.decide(ANN, APPROVED, "", late)[0].overdue(late)
    assert not due.cancel()[0].overdue(late)
    with pytest.raises(DueTimeMustBeAhead):
        order(due_at=NOW)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["claim", "release", "decide", "cancel"]), st.sampled_from([ANN, BOB, ASKER, CLERK, STRANGER])
    ),
    max_size=12,
)


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_whoever_does_what_it_is_decided_once_and_by_the_right_person(steps: list[tuple[str, Person]]) -> None:
    found, decisions = order(), 0
    for verb, person in steps:
        before = found
        try:
            match verb:
                case "claim":
                    found, _ = found.claim(person, NOW)
                case "release":
                    found, _ = found.release(person)
                case "decide":
                    found, _ = found.decide(person, APPROVED, "", NOW)
                    decisions += 1
                    assert before.claimed_by in ("", person.subject)
                case "cancel":
                    found, _ = found.cancel()
        except Refusal:
            assert found is before
        assert found.claimed_by in ("", "ann", "bob")
    assert decisions <= 1
    assert (decisions == 1) == (found.status is WorkOrderStatus.DECIDED)
