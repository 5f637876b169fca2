"""Freezes in their order, held to a plain account of who comes first."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.operations.account_freeze import domain, store
from zhongtai.operations.account_freeze.domain import AccountFreeze, FreezeKind, FreezeStatus

TODAY = date(2026, 6, 1)


def cny(fen: int) -> Money:
    return Money("CNY", fen)


def freeze(number: int, fen: int | None, kind: FreezeKind = FreezeKind.JUDICIAL) -> AccountFreeze:
    return AccountFreeze(
        f"frz_{number:02}",
        "acc_1",
        kind,
        "上海市浦东新区人民法院",
        "(2026)沪0115执1号",
        cny(fen) if fen is not None else None,
        "execution",
        TODAY,
        date(2027, 6, 1),
        0,
        cny(0),
        FreezeStatus.STANDING,
    )


def test_a_later_freeze_covers_what_the_earlier_ones_leave() -> None:
    standing = [freeze(1, 100), freeze(2, 100), freeze(3, None), freeze(4, 10)]
    found = domain.covered(standing, cny(150))
    assert [each.minor_units for each in found.values()] == [100, 50, 0, 0]
    found = domain.covered(standing[1:], cny(150))
    assert [each.minor_units for each in found.values()] == [100, 50, 0]


def test_a_court_freezes_for_a_year_and_a_year_again() -> None:
    rule = store.RULES[FreezeKind.JUDICIAL]
    assert rule.ends_on(None, TODAY) == date(2027, 6, 1)
    for ends_on in (TODAY, date(2027, 6, 2)):
        with pytest.raises(domain.FreezeMustEndInTime):
            rule.ends_on(ends_on, TODAY)
    renewed = freeze(1, 100).renewed(rule.ends_on(None, date(2027, 5, 20)))
    assert (renewed.ends_on, renewed.renewals) == (date(2028, 5, 20), 1)
    over, fact = renewed.ended(FreezeStatus.EXPIRED)
    assert fact
    assert over.ended(FreezeStatus.LIFTED) == (over, None)
    with pytest.raises(domain.FreezeMustStand):
        over.renewed(date(2028, 6, 1))


def test_only_what_an_authority_froze_is_deducted_and_no_more_than_it_covers() -> None:
    after = freeze(1, 100).reduced(cny(60), cny(80))
    assert (after.amount, after.deducted) == (cny(40), cny(60))
    with pytest.raises(domain.FrozenAmountExhausted):
        freeze(1, 100).reduced(cny(81), cny(80))
    with pytest.raises(domain.FreezeMustBeJudicial):
        freeze(1, 100, FreezeKind.BANK).reduced(cny(1), cny(80))
    with pytest.raises(domain.FreezesExhausted):
        freeze(30, 1).served([freeze(number, 1) for number in range(domain.FREEZES_MAX)])


@given(st.lists(st.none() | st.integers(1, 1_000), max_size=8), st.integers(0, 5_000))
def test_freezes_cover_no_more_than_there_is_and_leave_nothing_uncovered(
    amounts: Sequence[int | None], balance: int
) -> None:
    standing = [freeze(number, fen) for number, fen in enumerate(amounts)]
    found = [each.minor_units for each in domain.covered(standing, cny(balance)).values()]
    asked = balance if None in amounts else sum(fen for fen in amounts if fen)
    assert sum(found) == min(balance, asked)
    waiting = [each for each, fen in zip(found, amounts, strict=True) if fen is not None and each < fen]
    assert not waiting or sum(found) == balance
