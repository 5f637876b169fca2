"""The cumulative convention: figures of published schedules, what a plan conserves, and how payments are shared out."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.servicing.accruals import interest_until
from zhongtai.kernel.servicing.cumulative.payments import STRATEGIES, work
from zhongtai.kernel.servicing.cumulative.plan import Change, plan
from zhongtai.kernel.servicing.entries import Entry
from zhongtai.kernel.servicing.instalments import FEE, INTEREST, PENALTY, PRINCIPAL, Instalment, parts
from zhongtai.kernel.servicing.refusals import OperationUnsupported
from zhongtai.kernel.servicing.terms import (
    Allocation,
    Convention,
    DownPayment,
    Interest,
    InterestMethod,
    InterestPeriod,
    Repayment,
    Terms,
    Unit,
)
from zhongtai.kernel.servicing.transactions import TransactionType
from zhongtai.kernel.servicing.workings import Workings

START = date(2024, 6, 1)
STANDARD = "mifos-standard-strategy"


def terms(rate: str = "12", count: int = 3, *, interest: dict[str, Any] | None = None, **others: Any) -> Terms:
    """A loan of 1,000.00 over months, by the cumulative convention."""
    repayment = others.pop("repayment", {})
    strategy = others.pop("strategy", STANDARD)
    return Terms(
        currency="EUR",
        principal=100_000,
        submitted_on=START,
        expected_disbursement_on=START,
        repayment=Repayment(instalments=count, **repayment),
        interest=Interest(rate=Decimal(rate), **(interest or {})),
        convention=Convention.CUMULATIVE,
        allocation=Allocation(strategy=strategy),
        **others,
    )


def figures(rows: list[Instalment]) -> list[tuple[int, int]]:
    return [(row.charged[PRINCIPAL], row.charged[INTEREST]) for row in rows]


def working(loan: Terms, rows: list[Instalment]) -> Workings:
    return Workings(
        terms=loan, model=None, variations=[], business_date=START, instalments=rows, levies=[], disbursed_on=START
    )


def entry(type_: TransactionType, on: date, amount: int) -> Entry:
    return Entry("op1", type_, on, on, 1, amount, None)


# -- figures --


def test_a_down_payment_comes_first_and_instalments_are_whole_euros() -> None:
    """SOURCE: apache/fineract, scenario C3989: 12 % by days, a quarter down, three instalments of 255.00."""
    loan = terms(down_payment=DownPayment(Decimal(25)), repayment={"multiples_of": 100})
    rows = plan(loan, [(START, 100_000)])
    assert figures(rows) == [(25_000, 0), (24_760, 740), (24_988, 512), (25_252, 257)]
    assert [row.down_payment for row in rows] == [True, False, False, False]
    assert rows[0].due == rows[0].start == START


def test_flat_interest_is_shared_equally_and_a_later_tranche_raises_all_of_it() -> None:
    """SOURCE: apache/fineract, scenario C4119: 7 % flat, 1,000.00 and then 500.00."""
    loan = terms("7", interest={"method": InterestMethod.FLAT, "period": InterestPeriod.SAME_AS_REPAYMENT_PERIOD})
    assert figures(plan(loan, [(START, 100_000)])) == [(33_333, 583), (33_333, 583), (33_334, 584)]
    later = plan(loan, [(START, 100_000), (date(2024, 7, 15), 50_000)])
    assert figures(later) == [(33_333, 875), (50_000, 875), (66_667, 875)]


def test_grace_of_principal_and_of_interest_put_off_what_they_name() -> None:
    free = plan(terms(count=4, repayment={"grace_principal": 2}), [(START, 100_000)])
    assert [row.charged[PRINCIPAL] for row in free][:2] == [0, 0]
    put_off = plan(terms(count=4, repayment={"grace_interest_payment": 2}), [(START, 100_000)])
    assert [row.charged[INTEREST] for row in put_off][:2] == [0, 0]
    assert put_off[2].charged[INTEREST] > 2_200


def test_a_moved_due_date_moves_those_behind_it() -> None:
    rows = plan(terms("0"), [(START, 100_000)], [Change(date(2024, 7, 1), due_on=date(2024, 7, 20))])
    assert [row.due for row in rows] == [date(2024, 7, 20), date(2024, 8, 20), date(2024, 9, 20)]


def test_extra_instalments_make_the_rest_smaller() -> None:
    rows = plan(terms("0"), [(START, 90_000)], [Change(date(2024, 8, 1), extra=2)])
    assert figures(rows) == [(30_000, 0), (15_000, 0), (15_000, 0), (15_000, 0), (15_000, 0)]


def test_interest_is_earned_in_equal_parts_a_day() -> None:
    row = Instalment(1, START, START + timedelta(days=30), parts(interest=3_000))
    assert [interest_until(row, START + timedelta(days=days)) for days in (0, 1, 15, 30)] == [0, 100, 1500, 3000]


# -- what holds --


@given(
    amount=st.integers(1_000, 9_000_000),
    count=st.integers(1, 36),
    rate=st.integers(0, 3600),
    unit=st.sampled_from([Unit.DAYS, Unit.WEEKS, Unit.MONTHS]),
    method=st.sampled_from(InterestMethod),
    period=st.sampled_from(InterestPeriod),
    grace=st.integers(0, 3),
    multiples=st.sampled_from([None, 100]),
)
def test_a_plan_repays_exactly_what_was_lent(
    *,
    amount: int,
    count: int,
    rate: int,
    unit: Unit,
    method: InterestMethod,
    period: InterestPeriod,
    grace: int,
    multiples: int | None,
) -> None:
    loan = terms(
        str(Decimal(rate) / 100),
        count,
        interest={"method": method, "period": period},
        repayment={"unit": unit, "grace_principal": min(grace, count - 1), "multiples_of": multiples},
    )
    rows = plan(loan, [(START, amount)])
    assert sum(row.charged[PRINCIPAL] for row in rows) == amount
    assert all(row.charged[INTEREST] >= 0 for row in rows)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert all(before.due == after.start for before, after in pairwise(rows))


@given(strategy=st.sampled_from(sorted(STRATEGIES)), amount=st.integers(1, 200_000), day=st.integers(0, 120))
def test_nothing_of_a_payment_is_lost(strategy: str, amount: int, day: int) -> None:
    loan = terms(strategy=strategy)
    rows = plan(loan, [(START, 100_000)])
    rows[1].charged[FEE] = 1_000
    rows[2].charged[PENALTY] = 500
    owed = sum(row.outstanding for row in rows)
    paid = entry(TransactionType.REPAYMENT, START + timedelta(days=day), amount)
    workings = working(loan, rows)
    work(workings, paid)
    assert sum(paid.amounts.values()) + paid.overpaid == amount
    assert sum(row.outstanding for row in rows) == owed - sum(paid.amounts.values())
    assert paid.overpaid == max(amount - owed, 0) == workings.overpaid


# -- orders --


def test_a_strategy_decides_what_is_met_first() -> None:
    met = {}
    for name in (STANDARD, "principal-interest-penalties-fees-order-strategy"):
        loan = terms(strategy=name)
        rows = plan(loan, [(START, 100_000)])
        rows[0].charged[FEE] = 1_000
        paid = entry(TransactionType.REPAYMENT, rows[0].due, 500)
        work(working(loan, rows), paid)
        met[name] = max(paid.amounts, key=lambda part: paid.amounts[part])
    assert list(met.values()) == [FEE, PRINCIPAL]


def test_principal_in_advance_comes_before_interest_where_the_strategy_says_so() -> None:
    name = "due-penalty-fee-interest-principal-in-advance-principal-penalty-fee-interest-strategy"
    loan = terms(strategy=name)
    rows = plan(loan, [(START, 100_000)])
    early = entry(TransactionType.REPAYMENT, START, 10_000)
    work(working(loan, rows), early)
    assert (early.amounts[PRINCIPAL], early.amounts[INTEREST]) == (10_000, 0)
    on_time = entry(TransactionType.REPAYMENT, rows[0].due, 1_000)
    work(working(loan, rows), on_time)
    assert (on_time.amounts[PRINCIPAL], on_time.amounts[INTEREST]) == (14, 986)


def test_a_charge_back_after_the_last_due_date_makes_an_instalment() -> None:
    loan = terms("0")
    rows = plan(loan, [(START, 90_000)])
    workings = working(loan, rows)
    work(workings, entry(TransactionType.REPAYMENT, rows[0].due, 90_000))
    back = entry(TransactionType.CHARGEBACK, rows[-1].due + timedelta(days=10), 20_000)
    work(workings, back)
    assert (len(rows), rows[-1].additional, rows[-1].outstanding) == (4, True, 20_000)
    assert back.amounts == parts(principal=20_000)


def test_a_strategy_we_do_not_have_is_named() -> None:
    loan = terms(strategy="creocore-strategy")
    rows = plan(loan, [(START, 100_000)])
    with pytest.raises(OperationUnsupported, match="creocore"):
        work(working(loan, rows), entry(TransactionType.REPAYMENT, START, 1))


def test_an_agreed_instalment_takes_a_small_rest_along() -> None:
    assert figures(plan(terms("0", repayment={"fixed_instalment": 35_000}), [(START, 100_000)])) == [
        (35_000, 0),
        (35_000, 0),
        (30_000, 0),
    ]
    assert figures(plan(terms("0", repayment={"fixed_instalment": 45_000}), [(START, 100_000)])) == [
        (45_000, 0),
        (55_000, 0),
    ]


def test_an_instalment_agreed_on_with_a_tranche_holds_from_then_on() -> None:
    tranche = date(2024, 7, 10)
    rows = plan(terms("0"), [(START, 60_000), (tranche, 40_000)], [Change(tranche, instalment=50_000)])
    assert figures(rows) == [(33_333, 0), (50_000, 0), (16_667, 0)]
