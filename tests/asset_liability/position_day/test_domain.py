"""Lines of positions do not depend on how the positions were cut, and their charge is rounded once."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from zhongtai.asset_liability.position.domain import PositionKind
from zhongtai.asset_liability.position_day.domain import Group, Line, added, totals

ON = date(2026, 3, 2)

groups = st.builds(
    Group,
    kind=st.sampled_from(PositionKind),
    product_id=st.sampled_from(["", "a", "b"]),
    currency_code=st.sampled_from(["CNY", "USD"]),
    transfer_rate=st.none() | st.decimals("-1", "1", places=10),
    positions=st.integers(0, 10**6),
    outstanding_minor=st.integers(-(10**16), 10**16),
)


@given(st.lists(groups, max_size=12), st.data())
def test_pieces_of_any_size_give_the_same_lines(found: list[Group], data: st.DataObject) -> None:
    lines: list[Line] = []
    left = found
    while left:
        size = data.draw(st.integers(1, len(left)))
        lines, left = added(ON, lines, left[:size]), left[size:]
    assert lines == added(ON, [], found)
    for line in lines:
        own = [each for each in found if (each.kind, each.product_id, each.currency_code) == _key(line)]
        exact = sum((each.outstanding_minor * Fraction(each.transfer_rate or 0) for each in own), Fraction(0)) / 365
        charge = line.told().transfer_charge.minor_units
        assert abs(charge - exact) <= Fraction(1, 2)
        assert line.outstanding_minor == sum(each.outstanding_minor for each in own)
    told = [line.told() for line in lines]
    for total in totals(told):
        sides = total.assets.minor_units + total.liabilities.minor_units + total.off_balance_sheet.minor_units
        own_lines = [line for line in told if line.outstanding.currency == total.assets.currency]
        assert sides == sum(line.outstanding.minor_units for line in own_lines)


def test_a_position_without_a_rate_costs_nothing() -> None:
    group = Group(PositionKind.DEPOSIT, "a", "CNY", None, 1, 36_500)
    (line,) = added(ON, [], [group, Group(PositionKind.DEPOSIT, "a", "CNY", Decimal("0.015"), 1, 36_500)])
    assert line.told().transfer_charge.minor_units == 2, "1.5 fen, half to even"


def _key(line: Line) -> tuple[PositionKind, str, str]:
    return line.kind, line.product_id, line.currency_code
