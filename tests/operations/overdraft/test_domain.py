"""What overdrafts earn by the day, and how they stand."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.overdraft.domain import (
    Overdraft,
    OverdraftMustBeInBounds,
    OverdraftRatesMustStay,
    OverdraftStatus,
)
from zhongtai.operations.overdraft.store import OFFERS, RULES

FIRST = date(2026, 6, 1)
DAY = timedelta(days=1)
NOTHING = Money("CNY", 0)


def overdraft(**other: object) -> Overdraft:
    parts: dict[str, object] = {
        "account_id": "acc_1",
        "customer_id": "cus_1",
        "agreed": Money("CNY", 200_000_000),
        "rate": Decimal("0.06"),
        "overdue_rate": Decimal("0.09"),
        "days_most": 30,
        "starts_on": FIRST,
        "ends_on": date(2026, 12, 31),
        "charged_through": FIRST - DAY,
        "opening_minor": 0,
        "seen_number": 0,
        "days_at_charge": 0,
        "accrued_through": FIRST - DAY,
        "accrued": NOTHING,
        "due": NOTHING,
        "days_overdrawn": 0,
        "status": OverdraftStatus.STANDING,
    }
    return Overdraft(**parts | other)  # type: ignore[arg-type]


def test_ten_days_of_a_million_at_six_percent() -> None:
    counted = overdraft().counted([(FIRST, -100_000_000), (FIRST + 10 * DAY, 100_000_000)], FIRST + 19 * DAY)
    # 1,000,000.00 × 6 % × 10 / 360 = 1,666.67
    after, added = overdraft().accrue(counted, FIRST + 19 * DAY)
    assert added == after.accrued == Money("CNY", 166_667)
    assert (counted.balance_minor, counted.days_overdrawn) == (0, 0)


def test_days_beyond_those_agreed_earn_the_overdue_rate() -> None:
    within = overdraft(days_most=4).counted([(FIRST, -36_000)], FIRST + 3 * DAY)
    beyond = overdraft(days_most=4).counted([(FIRST, -36_000)], FIRST + 5 * DAY)
    assert within.interest == 4 * 6
    assert beyond.interest == 4 * 6 + 2 * 9
    assert overdraft(days_most=4).at(within, FIRST).status is OverdraftStatus.STANDING
    late = overdraft(days_most=4).at(beyond, FIRST)
    assert (late.status, late.floor) == (OverdraftStatus.OVERDUE, NOTHING)
    paid = replace(beyond, balance_minor=0, days_overdrawn=0)
    assert late.at(paid, FIRST).floor == Money("CNY", -200_000_000)


def test_an_overdraft_that_is_over_earns_the_overdue_rate_and_is_settled_once_paid() -> None:
    over = overdraft().ended(FIRST)
    counted = over.counted([(FIRST, -36_000)], FIRST + DAY)
    assert counted.interest == 6 + 9
    assert over.at(counted, FIRST + DAY).status is OverdraftStatus.ENDED
    paid = over.counted([(FIRST, -36_000), (FIRST + DAY, 36_000)], FIRST + DAY)
    accrued, _ = over.accrue(paid, FIRST + DAY)
    assert accrued.charges(paid, FIRST + DAY)
    charged, fact = accrued.charge(paid, FIRST + DAY, 7)
    assert fact.amount == charged.due == Money("CNY", 6)
    assert charged.at(paid, FIRST + DAY).status is OverdraftStatus.ENDED
    assert charged.taken().at(paid, FIRST + DAY).status is OverdraftStatus.SETTLED


def test_it_is_charged_once_when_a_twentieth_has_come() -> None:
    counted = overdraft().counted([(FIRST, -36_000)], date(2026, 6, 19))
    accrued, _ = overdraft().accrue(counted, date(2026, 6, 19))
    assert not accrued.charges(counted, date(2026, 6, 19))
    assert accrued.charges(counted, date(2026, 6, 20))
    # Where the night of the twentieth was left out, the next one charges.
    assert accrued.charges(counted, date(2026, 7, 3))
    charged, _ = accrued.charge(counted, date(2026, 6, 20), 7)
    assert not replace(charged, accrued=Money("CNY", 1)).charges(counted, date(2026, 7, 19))
    assert replace(charged, accrued=Money("CNY", 1)).charges(counted, date(2026, 7, 20))


_MOVES = st.lists(st.tuples(st.integers(0, 29).map(lambda days: FIRST + days * DAY), st.integers(-(10**9), 10**9)))


@given(moves=_MOVES, cut=st.integers(0, 29))
def test_charging_in_between_changes_nothing_of_what_days_earn(moves: list[tuple[date, int]], cut: int) -> None:
    whole = overdraft().counted(moves, FIRST + 29 * DAY)
    until = FIRST + cut * DAY
    first = overdraft().counted([move for move in moves if move[0] <= until], until)
    charged, _ = overdraft().charge(first, until, 1)
    second = charged.counted([move for move in moves if move[0] > until], FIRST + 29 * DAY)
    assert first.interest + second.interest == whole.interest
    assert (second.balance_minor, second.days_overdrawn) == (whole.balance_minor, whole.days_overdrawn)


@given(moves=_MOVES)
def test_interest_is_never_less_than_nothing_and_needs_an_overdrawn_day(moves: list[tuple[date, int]]) -> None:
    counted = overdraft().counted(moves, FIRST + 29 * DAY)
    lowest = min(sum(minor for value_date, minor in moves if value_date <= FIRST + days * DAY) for days in range(30))
    assert counted.interest >= 0
    assert (counted.interest > 0) is (lowest < 0)
    assert counted.interest <= Fraction(30 * max(-lowest, 0)) * Fraction("0.06") / 360


def test_terms_are_held_to_what_is_offered() -> None:
    offer = OFFERS["corporate_demand_deposit"]
    latest = date(2027, 6, 1)
    assert overdraft().must_fit(offer, latest)
    for wrong in (
        {"days_most": 91},
        {"ends_on": date(2027, 6, 2)},
        {"ends_on": FIRST - DAY},
        {"rate": Decimal("0.10")},
        {"rate": Decimal("-0.01")},
    ):
        with pytest.raises(OverdraftMustBeInBounds):
            overdraft(**wrong).must_fit(offer, latest)
    with pytest.raises(OverdraftRatesMustStay):
        overdraft().agreed_anew(overdraft(rate=Decimal("0.05")))
    settled = overdraft(status=OverdraftStatus.SETTLED)
    assert settled.agreed_anew(overdraft(rate=Decimal("0.05"))).rate == Decimal("0.05")


def test_what_ships_is_for_products_there_are() -> None:
    assert set(OFFERS) <= {product.product for product in account_store.products()}
    assert set(RULES) == {"ACCRUED", "CHARGED"}
