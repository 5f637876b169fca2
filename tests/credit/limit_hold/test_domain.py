"""A hold as it is given back: never more than was in use, the oldest first."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.credit.examples import cny
from zhongtai.credit.limit_hold.domain import Hold, HoldStatus, give_back

LATER = datetime(2026, 1, 6, tzinfo=UTC)


def committed(number: int, amount: int) -> Hold:
    return Hold("lim_1", f"hold_{number}", cny(amount), LATER, HoldStatus.COMMITTED)


def test_what_a_hold_asks_for_follows_its_life() -> None:
    held = Hold("lim_1", "hold_1", cny(100), LATER)
    assert (held.claim.held, held.claim.used) == (cny(100), cny(0))
    used = committed(1, 100)
    assert (used.claim.held, used.claim.used) == (cny(0), cny(100))
    ((_, part),) = give_back([used], cny(30))
    assert part.claim.used == cny(70)
    for status in (HoldStatus.RELEASED, HoldStatus.LAPSED):
        assert not Hold("lim_1", "hold_1", cny(100), LATER, status).claim.total


def test_more_than_was_in_use_is_a_defect() -> None:
    with pytest.raises(AssertionError):
        give_back([committed(1, 10)], cny(11))
    with pytest.raises(AssertionError):
        give_back([Hold("lim_1", "hold_1", cny(100), LATER)], cny(1))


@given(st.lists(st.integers(1, 1_000), min_size=1, max_size=6), st.data())
def test_every_minor_unit_is_given_back_once(amounts: list[int], data: st.DataObject) -> None:
    holds = {f"hold_{number}": committed(number, amount) for number, amount in enumerate(amounts)}
    left = sum(amounts)
    while left:
        amount = data.draw(st.integers(1, left))
        holds |= {one.hold_id: one for _, one in give_back(holds.values(), cny(amount))}
        left -= amount
        used = [one.claim.used.minor_units for one in holds.values()]
        assert sum(used) == left
        assert all(0 <= one <= whole for one, whole in zip(used, amounts, strict=True))
        first = next((place for place, one in enumerate(used) if one), len(used))
        assert used[first + 1 :] == amounts[first + 1 :], "the oldest first"
