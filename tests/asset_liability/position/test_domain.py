"""What is left of a loan, and what a ledger entry moves."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.asset_liability.position.domain import (
    CashFlow,
    Leg,
    LoanTerms,
    Movement,
    Position,
    PositionKind,
    PositionSide,
    Side,
    deposit_changes,
    remaining,
)
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.schedule import Amortisation, repayment_schedule

START = date(2026, 3, 2)


def yuan(minor_units: int) -> Money:
    return Money("CNY", minor_units)


SCHEDULE = repayment_schedule(
    principal=yuan(300_000),
    nominal_interest_rate=Decimal("0.12"),
    term_months=3,
    start=START,
    day_count=DayCount.THIRTY_E_360,
    amortisation=Amortisation.EQUAL_PRINCIPAL,
)
TERMS = LoanTerms("cus_1", "consumer_instalment", yuan(300_000), Decimal("0.12"), Decimal("0.03"), START)
# 3,000.00 in three equal parts at 1 % a month: interest 30.00, 20.00, 10.00.
FLOWS = [CashFlow(due.number, due.due_date, due.principal, due.interest) for due in SCHEDULE]
BLANK = Position.blank("loan_1", PositionKind.LOAN, "CNY")
LOAN, DISBURSED = BLANK.disbursed(TERMS, "e1")


def test_a_loan_paid_out_is_an_asset() -> None:
    assert (LOAN.side, LOAN.outstanding, LOAN.start_date) == (PositionSide.ASSET, yuan(300_000), START)
    assert Movement("loan_1", "e1", START, yuan(300_000), yuan(0), yuan(0)) == DISBURSED


def test_a_repayment_settles_the_oldest_first() -> None:
    loan, movement = LOAN.repaid(yuan(150_000), yuan(3_500), date(2026, 4, 2), "e2")
    assert loan.outstanding == yuan(150_000)
    assert movement == Movement("loan_1", "e2", date(2026, 4, 2), yuan(-150_000), yuan(150_000), yuan(3_500))
    left = [(flow.number, flow.principal.minor_units, flow.interest.minor_units) for flow in remaining(loan, FLOWS)]
    assert left == [(2, 50_000, 1_500), (3, 100_000, 1_000)]


def test_interest_that_is_late_stays_where_it_was_due() -> None:
    loan, _ = LOAN.repaid(yuan(100_000), yuan(0), date(2026, 4, 2), "e2")
    assert [(flow.number, flow.interest.minor_units) for flow in remaining(loan, FLOWS)] == [
        (1, 3_000),
        (2, 2_000),
        (3, 1_000),
    ]


def test_a_loan_paid_back_whole_owes_no_interest() -> None:
    loan, _ = LOAN.repaid(yuan(300_000), yuan(1_000), date(2026, 3, 9), "e2")
    assert remaining(loan, FLOWS) == ()


def test_a_repayment_that_overtakes_its_loan_leaves_the_same() -> None:
    after, _ = LOAN.repaid(yuan(100_000), yuan(3_000), date(2026, 4, 2), "e2")
    before, _ = BLANK.repaid(yuan(100_000), yuan(3_000), date(2026, 4, 2), "e2")
    assert before.disbursed(TERMS, "e1")[0] == after


def test_a_grant_moves_what_is_undrawn() -> None:
    limit = Position.blank("lim_1", PositionKind.UNDRAWN_LIMIT, "CNY")
    limit, _ = limit.regranted(yuan(500), START, "e1")
    limit, _ = limit.moved(yuan(-300), START, "e2")
    limit, lowered = limit.regranted(yuan(400), START, "e3")
    assert (limit.outstanding, limit.contracted, lowered.amount) == (yuan(100), yuan(400), yuan(-100))


@pytest.mark.parametrize(
    ("legs", "changes"),
    [
        ([("1303", "", Side.DEBIT, 5), ("2011", "acc_1", Side.CREDIT, 5)], {"acc_1": 5}),
        ([("2011", "acc_1", Side.DEBIT, 5), ("2011", "acc_2", Side.CREDIT, 5)], {"acc_1": -5, "acc_2": 5}),
        ([("2011", "acc_1", Side.CREDIT, 5), ("2011", "acc_1", Side.DEBIT, 2)], {"acc_1": 3}),
        ([("2011", "", Side.CREDIT, 5), ("1001", "acc_9", Side.DEBIT, 5)], {}),
    ],
)
def test_only_deposit_accounts_move(legs: list[tuple[str, str, Side, int]], changes: dict[str, int]) -> None:
    moved = deposit_changes(Leg(code, account, side, yuan(amount)) for code, account, side, amount in legs)
    assert {account: amount.minor_units for account, amount in moved.items()} == changes


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 300_000), st.integers(0, 6_000))
def test_what_is_left_is_what_is_not_repaid(principal: int, interest: int) -> None:
    loan, _ = LOAN.repaid(yuan(principal), yuan(interest), START, "e2")
    left = remaining(loan, FLOWS)
    assert sum(flow.principal.minor_units for flow in left) == 300_000 - principal
    assert sum(flow.interest.minor_units for flow in left) == (6_000 - interest if principal < 300_000 else 0)
    assert [flow.number for flow in left] == sorted(flow.number for flow in left)
