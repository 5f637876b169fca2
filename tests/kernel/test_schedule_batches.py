"""Schedules of a batch are those of each loan by itself, whatever its dates, terms and rate."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.schedule import Amortisation, repayment_schedule
from zhongtai.kernel.schedule_batches import Terms, schedules

RATES = st.sampled_from(("0", "0.0001", "0.0345", "0.12", "0.123456789012", "0.36", "2.4", "9.99"))


@st.composite
def loans(draw: st.DrawFn) -> Terms:
    """A loan, mostly ordinary, some of them tiny, huge, nearly over or at usury."""
    term = draw(st.integers(1, 120))
    return Terms(
        principal=draw(st.one_of(st.integers(1, 400), st.integers(10_000, 500_000_000), st.integers(1, 10**15))),
        nominal_interest_rate=Decimal(draw(RATES)),
        term_months=term,
        start=draw(st.dates(date(1999, 1, 1), date(2031, 12, 31))),
        elapsed_months=draw(st.integers(0, term - 1)),
    )


def one_by_one(loan: Terms, day_count: DayCount, amortisation: Amortisation) -> list[tuple[date, int, int]] | str:
    """The instalments as the scalar tells them, or the reason it refuses."""
    try:
        found = repayment_schedule(
            principal=Money("CNY", loan.principal),
            nominal_interest_rate=loan.nominal_interest_rate,
            term_months=loan.term_months,
            start=loan.start,
            day_count=day_count,
            amortisation=amortisation,
            elapsed_months=loan.elapsed_months,
        )
    except Refusal as refusal:
        return refusal.reason
    return [(one.due_date, one.principal.minor_units, one.interest.minor_units) for one in found]


@pytest.mark.parametrize("amortisation", Amortisation)
@given(st.lists(loans(), min_size=1, max_size=12), st.sampled_from(DayCount))
def test_a_batch_tells_what_each_loan_is_told(
    amortisation: Amortisation, batch: list[Terms], day_count: DayCount
) -> None:
    found = schedules(batch, day_count, amortisation)
    for place, loan in enumerate(batch):
        expected = one_by_one(loan, day_count, amortisation)
        if isinstance(expected, str):
            assert found.refusals[place].reason == expected
            assert found.first[place] == found.first[place + 1]
            continue
        at = slice(found.first[place], found.first[place + 1])
        columns = (found.due[at].tolist(), found.principal[at].tolist(), found.interest[at].tolist())
        assert list(zip(*columns, strict=True)) == expected


def test_what_remains_of_a_schedule_is_the_schedule_where_nothing_was_rounded_away() -> None:
    whole = one_by_one(
        Terms(1_200_000, Decimal(0), 12, date(2026, 1, 31)), DayCount.ACT_365, Amortisation.EQUAL_PRINCIPAL
    )
    rest = Terms(700_000, Decimal(0), 12, date(2026, 1, 31), elapsed_months=5)
    assert one_by_one(rest, DayCount.ACT_365, Amortisation.EQUAL_PRINCIPAL) == whole[5:]
