"""Tax on savings interest: each day's interest at the rate of that day, as 财税〔2008〕132号 lists them."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.operations.deposit_interest.domain import DepositInterest, Terms
from zhongtai.operations.deposit_interest.store import PLANS
from zhongtai.operations.deposit_rate.domain import DepositRate, DepositRateTier
from zhongtai.operations.interest_tax.domain import Earned, InterestTaxRate, paid_and_withheld
from zhongtai.operations.interest_tax.store import RATES, rates_for
from zhongtai.operations.term_deposit import store as term_store
from zhongtai.operations.term_deposit.domain import MaturityInstruction, TermDeposit, WithdrawalRates

DAY = timedelta(days=1)
YEAR = term_store.product("fixed_1y")


def withheld(first: date, days: int, fen: int = 10_000) -> int:
    """The tax of an amount earned evenly on days."""
    return paid_and_withheld("CNY", [Earned(first, days, Fraction(fen))], RATES)[1].minor_units


@pytest.mark.parametrize(
    ("first", "last", "tax"),
    [
        (date(1999, 1, 1), date(1999, 10, 31), 0),
        (date(1999, 11, 1), date(2007, 8, 14), 2_000),
        (date(2007, 8, 15), date(2008, 10, 8), 500),
        (date(2008, 10, 9), date(2026, 11, 23), 0),
        # One day on either side of each change.
        (date(1999, 10, 31), date(1999, 11, 1), 1_000),
        (date(2007, 8, 14), date(2007, 8, 15), 1_250),
        (date(2008, 10, 8), date(2008, 10, 9), 250),
    ],
)
def test_the_periods_of_the_notice(first: date, last: date, tax: int) -> None:
    assert withheld(first, (last - first).days + 1) == tax


def test_a_quarter_of_demand_interest_is_split_at_the_change() -> None:
    """The quarter that the People's Bank explained on 26 July 2007: paid on 20 September at 0.81 % for all its days,
    taxed at 20 % for those until 14 August (55) and at 5 % from the 15th on (37).

    10,000 yuan: 20.70 yuan of interest, of which 20.70 × (55 × 20 % + 37 × 5 %) ÷ 92 = 2.89 is withheld.
    """
    rates = tuple(
        DepositRate("demand", "CNY", on, (DepositRateTier(0, Decimal(rate)),), "")
        for on, rate in ((date(2002, 2, 21), "0.0072"), (date(2007, 7, 21), "0.0081"))
    )
    terms = Terms(PLANS["personal_demand"], rates, RATES)
    begun = DepositInterest.begin("acc_1", "personal_demand", "CNY", date(2007, 6, 21))
    paid_in = [(date(2007, 6, 21), 1_000_000)]
    account = begun.moved(paid_in, paid_in, 1, date(2007, 9, 20), terms)
    after, interest, tax = account.settled(terms, date(2007, 9, 20))
    assert (interest, tax) == (Money("CNY", 2_070), Money("CNY", 289))
    # It does not matter how often the days were counted.
    rolled = begun.moved(paid_in, paid_in, 1, date(2007, 8, 1), terms)
    for days in range(1, 51):
        rolled = rolled.rolled(date(2007, 8, 1) + days * DAY, paid_in, terms)
    assert rolled.settled(terms, date(2007, 9, 20)) == (after, interest, tax)
    # What a firm is paid is its own to tax.
    assert rates_for("corporate_demand_deposit") == ()
    assert account.settled(Terms(terms.plan, rates), date(2007, 9, 20))[1:] == (interest, interest.nothing)


def test_a_term_deposit_is_taxed_by_the_days_of_its_term_and_after() -> None:
    """10,000 yuan for a year at 3.06 % from 15 May 2007: 306.00 yuan, 92 of 366 days at 20 % and 274 at 5 %."""
    rates = WithdrawalRates(Decimal("0.0072"), Decimal("0.0414"), RATES)
    deposit, _ = TermDeposit.open(
        ("tdp_1", "acc_2"),
        ("cus_1", "acc_1"),
        YEAR,
        Money("CNY", 1_000_000),
        rate=Decimal("0.0306"),
        instruction=MaturityInstruction.RENEW_ALL,
        on=date(2007, 5, 15),
    )
    _, paid = deposit.withdrawn(None, YEAR, date(2008, 5, 15), rates)
    assert (paid.interest, paid.tax) == (Money("CNY", 30_600), Money("CNY", 2_684))
    # Early, at the demand rate: 100 days are 20.00 yuan, 92 of them at 20 %.
    _, paid = deposit.withdrawn(None, YEAR, date(2007, 8, 23), rates)
    assert (paid.interest, paid.tax) == (Money("CNY", 2_000), Money("CNY", 376))
    # A year after its term: 366 days that end on 15 May 2009, 147 of them taxed at 5 %.
    _, paid = deposit.withdrawn(None, YEAR, date(2009, 5, 15), rates)
    assert (paid.interest, paid.tax) == (Money("CNY", 30_600 + 7_300), Money("CNY", 2_684 + 147))
    # Only what is left of the interest is added to the principal.
    after, paid, renewed = deposit.matured(YEAR, rates)
    assert paid.tax == Money("CNY", 2_684)
    assert after.principal == renewed.principal == Money("CNY", 1_000_000 + 30_600 - 2_684)


@given(
    parts=st.lists(
        st.tuples(st.dates(date(1999, 1, 1), date(2010, 1, 1)), st.integers(0, 200), st.integers(-1_000, 100_000)),
        max_size=3,
    ),
    rates=st.lists(st.decimals(0, 1, places=2), max_size=4),
)
def test_tax_is_between_nothing_and_the_interest_and_adds_up_by_day(
    parts: list[tuple[date, int, int]], rates: list[Decimal]
) -> None:
    taxes = tuple(InterestTaxRate(date(2000 + 2 * year, 3, 1), rate, "") for year, rate in enumerate(rates))
    earned = [Earned(first, days, Fraction(fen if days else 0)) for first, days, fen in parts]
    interest, tax = paid_and_withheld("CNY", earned, taxes)
    assert Money("CNY", 0) <= tax <= interest
    by_day = [Earned(part.first + day * DAY, 1, part.amount / part.days) for part in earned for day in range(part.days)]
    assert paid_and_withheld("CNY", by_day, taxes) == (interest, tax)
