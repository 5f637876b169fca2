"""Pledges: what they cover, and when cover is lacking."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.credit.collateral.items import house
from tests.credit.examples import TODAY, cny
from zhongtai.credit.collateral.domain import CollateralMustBeHeld, CollateralStatus
from zhongtai.credit.loan.domain import LoanStatus
from zhongtai.credit.pledge import domain
from zhongtai.credit.pledge.domain import (
    COVER_IS_BROUGHT_WITHIN,
    Borrowing,
    CollateralShortfallCalled,
    CollateralShortfallMet,
    CoverLine,
    LoanMustBeOwedOrPending,
    Pledge,
    PledgeMustBeWithinValue,
    PledgeStillNeeded,
    Proceeds,
    ShortfallStatus,
    TooManyPledges,
    coverage,
)
from zhongtai.kernel.money import CurrencyMustMatch, Money


def pledge(secured: int, rank: int = 1, loan_id: str = "loan_1", collateral_id: str = "col_1") -> Pledge:
    return Pledge(collateral_id, f"pledge_{rank}", loan_id, cny(secured), rank)


@given(
    st.integers(0, 10**12),
    st.decimals(0, 1, places=4),
    st.lists(st.integers(1, 10**12), max_size=8),
)
def test_pledges_cover_no_more_than_the_lendable_value_and_the_first_in_line_come_first(
    value: int, haircut: Decimal, secured: list[int]
) -> None:
    item = house(value, str(haircut))
    pledges = [pledge(amount, rank) for rank, amount in enumerate(secured, 1)]
    covered = domain.covers(item, reversed(pledges))
    assert sum(amount.minor_units for amount in covered.values()) == min(item.lendable.minor_units, sum(secured))
    lacking = [one for one in pledges if covered[one.pledge_id] < one.secured]
    assert all(not covered[one.pledge_id] for one in lacking[1:]), "who stands behind one that lacks gets nothing"


def test_a_new_pledge_finds_its_amount_free_and_stands_behind_the_others() -> None:
    item, first, loan = house(secured=500_000), pledge(500_000), Borrowing("loan_2", LoanStatus.PENDING, cny(900_000))
    secured, second, fact = domain.pledge(item, "pledge_2", loan, cny(200_000), on_item=[first], of_loan=0)
    assert (second.rank, fact.rank, fact.secured, secured.secured) == (2, 2, cny(200_000), cny(700_000))
    with pytest.raises(PledgeMustBeWithinValue) as refused:
        domain.pledge(item, "pledge_2", loan, cny(200_001), on_item=[first], of_loan=0)
    assert refused.value.metadata["free"] == str(cny(200_000))
    with pytest.raises(CurrencyMustMatch):
        domain.pledge(item, "pledge_2", loan, Money("USD", 1), on_item=[first], of_loan=0)
    with pytest.raises(TooManyPledges):
        domain.pledge(item, "pledge_2", loan, cny(1), on_item=[first], of_loan=domain.PLEDGES_MAX)
    paid_off = Borrowing("loan_2", LoanStatus.PAID_OFF, cny(0))
    with pytest.raises(LoanMustBeOwedOrPending):
        domain.pledge(item, "pledge_2", paid_off, cny(1), on_item=[first], of_loan=0)


def test_cover_that_falls_is_called_once_and_met_when_it_is_back() -> None:
    first = coverage("loan_1", cny(650_000), [(house(), [pledge(700_000)])])
    assert (first.required, first.covered, first.shortfall) == (cny(650_000), cny(700_000), cny(0))
    assert first.loan_to_value == Decimal("0.6500")
    assert first.review(None, TODAY) == (None, None)
    fallen = coverage("loan_1", cny(650_000), [(house(800_000), [pledge(700_000)])])
    called, fact = fallen.review(None, TODAY)
    assert fact == CollateralShortfallCalled("loan_1", cny(90_000), TODAY + COVER_IS_BROUGHT_WITHIN)
    assert fallen.review(called, TODAY + timedelta(days=3)) == (called, None)
    worse = coverage("loan_1", cny(650_000), [(house(700_000), [pledge(700_000)])])
    again, fact = worse.review(called, TODAY + timedelta(days=3))
    assert fact == CollateralShortfallCalled("loan_1", cny(160_000), TODAY + COVER_IS_BROUGHT_WITHIN)
    met, told = first.review(again, TODAY + timedelta(days=4))
    assert met is not None
    assert (met.status, told) == (ShortfallStatus.MET, CollateralShortfallMet("loan_1"))
    assert first.review(met, TODAY + timedelta(days=5)) == (met, None)


def test_what_a_pledge_never_secured_is_not_called() -> None:
    partly = coverage("loan_1", cny(5_000_000), [(house(), [pledge(700_000)])])
    assert (partly.required, partly.shortfall) == (cny(700_000), cny(0))
    nothing = coverage("loan_1", cny(5_000_000), [])
    assert (nothing.shortfall, nothing.loan_to_value, nothing.lines) == (cny(0), None, ())


def test_a_pledge_goes_only_when_the_loan_stays_covered() -> None:
    mine = pledge(700_000)
    alone = coverage("loan_1", cny(650_000), [(house(), [mine])])
    with pytest.raises(PledgeStillNeeded) as refused:
        alone.must_do_without(mine)
    assert refused.value.metadata["shortfall"] == str(cny(650_000))
    other = pledge(650_000, 2, collateral_id="col_2")
    both = coverage("loan_1", cny(650_000), [(house(), [mine]), (house(collateral_id="col_2"), [other])])
    both.must_do_without(mine)
    coverage("loan_1", cny(0), [(house(), [mine])]).must_do_without(mine)
    assert both.lines[1] == CoverLine("col_2", "pledge_2", 2, cny(650_000), cny(650_000))


def test_proceeds_go_down_the_ranks_no_further_than_what_is_owed() -> None:
    item = house()
    pledges = [pledge(300_000, 2, "loan_2"), pledge(400_000, 1, "loan_1")]
    realised, fact = domain.realise(
        item, cny(650_000), "pay_1", pledges, {"loan_1": cny(350_000), "loan_2": cny(500_000)}
    )
    assert fact.proceeds == (
        Proceeds("loan_1", "pledge_1", cny(350_000)),
        Proceeds("loan_2", "pledge_2", cny(300_000)),
    )
    assert fact.surplus == cny(0)
    assert (realised.status, realised.lendable) == (CollateralStatus.REALISED, cny(0))
    with pytest.raises(CollateralMustBeHeld):
        realised.give_back()


@given(st.integers(1, 10**9), st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 10**9)), max_size=6))
def test_proceeds_and_surplus_are_all_there_is(proceeds: int, pledged: list[tuple[int, int]]) -> None:
    pledges = [pledge(secured, rank, f"loan_{rank % 3}") for rank, (secured, _) in enumerate(pledged, 1)]
    owed = {f"loan_{rank % 3}": cny(amount) for rank, (_, amount) in enumerate(pledged, 1)}
    _, fact = domain.realise(house(), cny(proceeds), "pay_1", pledges, owed)
    assert sum(one.amount.minor_units for one in fact.proceeds) + fact.surplus.minor_units == proceeds
    for loan_id, amount in owed.items():
        assert sum(one.amount.minor_units for one in fact.proceeds if one.loan_id == loan_id) <= amount.minor_units
