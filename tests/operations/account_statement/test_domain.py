"""Pages of a statement, held to running sums."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.operations.account.domain import Account, AccountClass, AccountStatus, Side
from zhongtai.operations.account_statement import domain
from zhongtai.operations.account_statement.domain import Movement, Period, Position, Sums

START = date(2026, 6, 1)


def account(side: Side) -> Account:
    nothing = Money("CNY", 0)
    return Account(
        "acc_1", "cus_1", AccountClass.CUSTOMER, "demand_deposit", "2011", side, "CNY", nothing,
        AccountStatus.ACTIVE, nothing, (),
    )  # fmt: skip


def sums(movements: list[Movement]) -> Sums:
    return Sums(
        sum(each.amount.minor_units for each in movements if each.side is Side.DEBIT),
        sum(each.amount.minor_units for each in movements if each.side is Side.CREDIT),
    )


@given(
    amounts=st.lists(st.tuples(st.sampled_from(Side), st.integers(1, 1_000)), max_size=20),
    opened=st.integers(0, 20),
    size=st.integers(1, 7),
    side=st.sampled_from(Side),
)
def test_each_page_opens_with_what_the_one_before_closed_with(
    amounts: list[tuple[Side, int]], opened: int, size: int, side: Side
) -> None:
    movements = [
        Movement(
            Position(START.isoformat(), number, 0), START, START, f"ent_{number}", "", "", moved, Money("CNY", fen)
        )
        for number, (moved, fen) in enumerate(amounts)
    ]
    earlier, rest = movements[:opened], movements[opened:]
    period, done, closed = Period(START, START), 0, None
    while True:
        found = domain.page(
            account(side),
            period,
            before=sums(earlier),
            within=sums(rest),
            to_page=sums(rest[:done]),
            movements=rest[done : done + size + 1],
            size=size,
        )
        assert found.page_opening == (found.opening if closed is None else closed)
        assert found.page_closing == (found.lines[-1].balance if found.lines else found.page_opening)
        signed = found.credits - found.debits if side is Side.CREDIT else found.debits - found.credits
        assert found.opening + signed == found.closing
        closed, done = found.page_closing, done + size
        if not found.next_position:
            break
        assert Position.of(found.next_position) == rest[done - 1].position
    assert closed == found.closing


def test_a_period_and_a_position_are_what_they_should_be() -> None:
    for last in (START - timedelta(days=1), START + timedelta(days=domain.DAYS_MAX)):
        with pytest.raises(domain.StatementPeriodMustBeInOrder):
            Period(START, last).must_be_in_order()
    for text in ("x", "2026-06-01_1", "2026-06-01_1_x", "1_1_1"):
        with pytest.raises(domain.StatementPositionUnknown):
            Position.of(text)
    assert Position.of("") is None
