"""Payment limits: whatever is paid in whatever order, the bounds hold."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.payment_limit.domain import (
    UNBOUNDED,
    LimitUse,
    PaymentLimit,
    PaymentLimitAmountExhausted,
    PaymentLimitCountExhausted,
    PaymentLimitMustBound,
    PaymentLimitSingleExceeded,
)

DAY = date(2026, 5, 8)
LIMIT = PaymentLimit("daily", "", "", False, "CNY", single_minor=50, daily_minor=100, daily_count=3)
NONE = LimitUse("daily", "cus_1", DAY)


def cny(minor: int) -> Money:
    return Money("CNY", minor)


def test_each_bound_refuses_by_its_own_name() -> None:
    with pytest.raises(PaymentLimitSingleExceeded):
        NONE.spend(LIMIT, cny(51))
    twice = NONE.spend(LIMIT, cny(50)).spend(LIMIT, cny(49))
    with pytest.raises(PaymentLimitAmountExhausted) as refused:
        twice.spend(LIMIT, cny(2))
    assert refused.value.left == cny(1)
    full = twice.spend(LIMIT, cny(1))
    with pytest.raises(PaymentLimitCountExhausted):
        full.spend(LIMIT, cny(1))
    assert (full.left(LIMIT), full.count_left(LIMIT)) == (cny(0), 0)


def test_a_limit_bounds_something_and_counts_alone_or_together() -> None:
    with pytest.raises(PaymentLimitMustBound):
        PaymentLimit("x", "", "", False, "CNY", 0, 0, 0).must_bound()
    assert LIMIT.counted_for("cus_1") == "cus_1"
    together = PaymentLimit("channel", "", "app", True, "CNY", 0, 10, 0)
    assert together.counted_for("cus_1") == ""
    assert NONE.count_left(together) == UNBOUNDED
    assert NONE.left(PaymentLimit("x", "", "", False, "CNY", 1, 0, 0)) is None


@given(st.lists(st.integers(1, 60), max_size=12))
def test_whatever_is_paid_stays_within_the_bounds(amounts: list[int]) -> None:
    use, paid = NONE, []
    for amount in amounts:
        try:
            use = use.spend(LIMIT, cny(amount))
        except Refusal:
            continue
        paid.append(amount)
    assert (use.count, use.amount_minor) == (len(paid), sum(paid))
    assert len(paid) <= 3
    assert sum(paid) <= 100
    assert max(paid, default=0) <= 50
