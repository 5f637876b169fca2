"""A cumulative plan that follows what was paid: figures of published schedules, and what such a plan conserves."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.servicing.cumulative.plan import plan
from zhongtai.kernel.servicing.cumulative.recalculation import paid_off, recalculated
from zhongtai.kernel.servicing.cumulative.rest import Told
from zhongtai.kernel.servicing.instalments import INTEREST, PRINCIPAL, Instalment
from zhongtai.kernel.servicing.refusals import OperationUnsupported
from zhongtai.kernel.servicing.terms import (
    Allocation,
    Compounding,
    Convention,
    Interest,
    InterestPeriod,
    InterestRecalculation,
    Recalculation,
    Repayment,
    Rest,
    Terms,
    Unit,
)

START = date(2022, 11, 1)
DUES = (date(2022, 12, 1), date(2023, 1, 1), date(2023, 2, 1), date(2023, 3, 1), date(2023, 4, 1), date(2023, 5, 1))
HOW = (
    Recalculation.REDUCE_EMI_AMOUNT,
    Recalculation.REDUCE_NUMBER_OF_INSTALLMENTS,
    Recalculation.RESCHEDULE_NEXT_REPAYMENTS,
)


def terms(how: Recalculation = Recalculation.REDUCE_EMI_AMOUNT, **recalculation: object) -> Terms:
    """5,000.00 over six months at 12 % a year by days, in instalments of whole euros."""
    return Terms(
        currency="EUR",
        principal=500_000,
        submitted_on=START,
        expected_disbursement_on=START,
        repayment=Repayment(instalments=6, multiples_of=100),
        interest=Interest(rate=Decimal(12), period=InterestPeriod.DAILY),
        convention=Convention.CUMULATIVE,
        allocation=Allocation(strategy="mifos-standard-strategy"),
        recalculation=InterestRecalculation(on_prepayment=how, **recalculation),  # type: ignore[arg-type]
    )


def told(*payments: tuple[date, int], today: date, **others: object) -> Told:
    return Told([(START, 500_000)], [], payments, [], today, **others)  # type: ignore[arg-type]


def figures(rows: list[Instalment]) -> list[tuple[int, int]]:
    return [(row.charged[PRINCIPAL], row.charged[INTEREST]) for row in rows]


def paid_twice(loan: Terms) -> list[Instalment]:
    """1,000.00 and 2,000.00 on the first two due dates, 862.00 being due."""
    first = recalculated(loan, told((DUES[0], 100_000), today=DUES[0], since=DUES[0]))
    both = ((DUES[0], 100_000), (DUES[1], 200_000))
    return recalculated(loan, told(*both, today=DUES[1], since=DUES[1], before=first))


def test_paid_more_the_loan_ends_earlier() -> None:
    """SOURCE: apache/fineract, scenario C2629."""
    assert figures(paid_twice(terms(Recalculation.REDUCE_NUMBER_OF_INSTALLMENTS))) == [
        (95_068, 4_932),
        (195_873, 4_127),
        (84_069, 2_131),
        (85_049, 1_151),
        (39_941, 407),
    ]


def test_paid_more_the_next_instalments_owe_less() -> None:
    """SOURCE: apache/fineract, scenario C2631."""
    assert figures(paid_twice(terms(Recalculation.RESCHEDULE_NEXT_REPAYMENTS)))[2:] == [
        (0, 2_131),
        (40_745, 1_924),
        (84_485, 1_715),
        (83_829, 827),
    ]


def test_overdue_principal_bears_interest_until_the_next_due_date() -> None:
    """SOURCE: apache/fineract, scenario C2632: 200.00 paid early and 200.00 late, interest as of due dates."""
    loan = terms(rest=Rest.SAME_AS_REPAYMENT)
    early, late = (date(2022, 11, 20), 20_000), (date(2023, 1, 4), 20_000)
    first = recalculated(loan, told(early, today=early[0], since=early[0]))
    rows = recalculated(loan, told(early, late, today=late[0], since=late[0], before=first))
    assert figures(rows) == [
        (81_268, 4_932),
        (81_932, 4_268),
        (81_258, 4_942),
        (83_848, 2_352),
        (84_450, 1_750),
        (87_244, 860),
    ]


def test_paid_more_the_equal_instalment_is_reckoned_anew() -> None:
    rows = paid_twice(terms(Recalculation.REDUCE_EMI_AMOUNT))
    monthly = Decimal(12) / 36_500 * 30
    annuity = 209_059 * monthly / (1 - (1 + monthly) ** -4)
    assert [row.total for row in rows[2:5]] == [round(annuity, -2)] * 3 == [53_600] * 3


def test_what_is_paid_within_a_period_bears_no_interest_from_that_day() -> None:
    """SOURCE: apache/fineract, scenario C3190: 150.00 of 1,000.00 on the third of five days."""
    on = START + timedelta(days=2)
    loan = replace(terms(), principal=100_000, repayment=Repayment(4, every=5, unit=Unit.DAYS, multiples_of=100))
    rows = recalculated(loan, Told([(START, 100_000)], [], [(on, 15_000)], [], on, since=on))
    assert figures(rows) == [(24_950, 150), (24_977, 123), (25_018, 82), (25_055, 41)]


def test_what_is_paid_within_a_period_beyond_its_principal_falls_due_with_it() -> None:
    """15 days on 5,000.00 and 15 on 3,500.00; the whole payment is principal of the period."""
    on = START + timedelta(days=15)
    rows = recalculated(terms(HOW[1]), told((on, 150_000), today=on, since=on))
    assert figures(rows)[0] == (150_000, 2_466 + 1_726)


@pytest.mark.parametrize("how", HOW)
def test_paid_as_planned_the_plan_stays(how: Recalculation) -> None:
    loan = terms(how)
    planned = plan(loan, [(START, 500_000)])
    payments = [(row.due, row.outstanding) for row in planned]
    rows = recalculated(loan, told(*payments, today=DUES[-1]))
    assert figures(rows) == figures(planned)
    assert paid_off(loan, told(*payments, today=DUES[-1])) == 0


@given(
    how=st.sampled_from(HOW),
    rest=st.sampled_from((Rest.DAILY, Rest.SAME_AS_REPAYMENT)),
    payments=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 200_000)), max_size=5),
)
def test_no_principal_is_lost(how: Recalculation, rest: Rest, payments: list[tuple[int, int]]) -> None:
    loan = terms(how, rest=rest)
    rows: list[Instalment] = []
    known: list[tuple[date, int]] = []
    for day, amount in sorted(payments):
        known.append((START + timedelta(days=day), amount))
        rows = recalculated(loan, told(*known, today=known[-1][0], since=known[-1][0], before=rows))
        assert sum(row.charged[PRINCIPAL] for row in rows) == 500_000
        assert all(row.charged[PRINCIPAL] >= 0 and row.charged[INTEREST] >= 0 for row in rows)


@given(day=st.integers(0, 180), rest=st.sampled_from((Rest.DAILY, Rest.SAME_AS_REPAYMENT)))
def test_the_pay_off_amount_pays_the_loan_off(day: int, rest: Rest) -> None:
    loan, on = terms(rest=rest), START + timedelta(days=day)
    amount = paid_off(loan, told(today=on, since=on, till=on))
    assert 500_000 <= amount <= sum(row.outstanding for row in recalculated(loan, told(today=on)))
    assert paid_off(loan, told((on, amount), today=on, since=on, till=on)) == 0


def test_interest_on_interest_is_refused() -> None:
    with pytest.raises(OperationUnsupported, match="compounding"):
        recalculated(terms(compounding=Compounding.INTEREST), told(today=START))
