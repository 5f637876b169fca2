"""The curve and the price of a schedule: figures worked by hand, and what must hold for any schedule."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.asset_liability.transfer_price.domain import (
    CashFlowMustFollowStart,
    Curve,
    CurvePoint,
    CurvePublished,
    CurveValidityAlreadyTaken,
    CurveVersionAlreadyPublished,
    TenorsMustRise,
    TransferCashFlow,
)
from zhongtai.kernel.money import CurrencyMustMatch, Money

START = date(2026, 3, 2)
CURVE = Curve(
    curve_id="cny_treasury",
    version=1,
    name="CNY treasury",
    name_zh="人民币资金曲线",
    currency_code="CNY",
    valid_from=date(2026, 1, 1),
    points=(
        CurvePoint(30, Decimal("0.02")),
        CurvePoint(90, Decimal("0.026")),
        CurvePoint(365, Decimal("0.031")),
    ),
)


def flow(days: int, minor_units: int, currency: str = "CNY") -> TransferCashFlow:
    return TransferCashFlow(START + timedelta(days=days), Money(currency, minor_units))


@pytest.mark.parametrize(
    ("tenor_days", "rate"),
    [
        (1, "0.02"),  # flat before the first term
        (30, "0.02"),
        (60, "0.023"),  # half way from 30 to 90 days
        (90, "0.026"),
        (145, "0.027"),  # a fifth of the way from 90 to 365 days
        (365, "0.031"),
        (3650, "0.031"),  # flat behind the last term
    ],
)
def test_rates_lie_on_straight_lines_and_are_flat_beyond_the_ends(tenor_days: int, rate: str) -> None:
    assert CURVE.rate(tenor_days) == Fraction(rate)


def test_one_piece_costs_what_its_own_term_costs() -> None:
    price = CURVE.price(START, [flow(60, 1_000_000)])
    assert price.rate == Decimal("0.023000")
    assert price.average_tenor_days == Decimal("60.00")


def test_pieces_are_weighted_by_principal_and_time() -> None:
    # 1,000.00 for 30 days at 2.0 % and 3,000.00 for 90 days at 2.6 %:
    # (1000 × 30 × 0.020 + 3000 × 90 × 0.026) / (1000 × 30 + 3000 × 90) = (600 + 7020) / 300000 = 0.0254
    price = CURVE.price(START, [flow(90, 300_000), flow(30, 100_000)])
    assert price.rate == Decimal("0.025400")
    assert price.average_tenor_days == Decimal("75.00")
    assert [(piece.tenor_days, piece.rate) for piece in price.pieces] == [
        (30, Decimal("0.020000")),
        (90, Decimal("0.026000")),
    ]


def test_the_rate_is_rounded_half_up_to_six_places() -> None:
    # 0.0200005 exactly: half way between two sixth places.
    curve = replace(CURVE, points=(CurvePoint(10, Decimal("0.02")), CurvePoint(20, Decimal("0.020001"))))
    assert curve.price(START, [flow(15, 100)]).rate == Decimal("0.020001")


def test_a_piece_of_nothing_changes_nothing() -> None:
    assert CURVE.price(START, [flow(30, 0), flow(90, 5)]).rate == Decimal("0.026000")


def test_cash_must_come_back_after_the_start_and_in_the_curves_currency() -> None:
    with pytest.raises(CashFlowMustFollowStart):
        CURVE.price(START, [flow(0, 100)])
    with pytest.raises(CurrencyMustMatch):
        CURVE.price(START, [flow(30, 100, "USD")])


def test_a_version_is_published_once_and_never_changes() -> None:
    assert CURVE.published([]) == CurvePublished("cny_treasury", 1, CURVE)
    assert CURVE.published([CURVE]) is None
    same_figures = replace(CURVE, points=(CurvePoint(30, Decimal("0.0200")), *CURVE.points[1:]))
    assert same_figures.published([CURVE]) is None
    with pytest.raises(CurveVersionAlreadyPublished):
        replace(CURVE, name="other").published([CURVE])
    with pytest.raises(CurveValidityAlreadyTaken):
        replace(CURVE, version=2).published([CURVE])
    with pytest.raises(TenorsMustRise):
        replace(CURVE, points=(CURVE.points[0], CURVE.points[0])).published([])


schedules = st.lists(st.tuples(st.integers(1, 5000), st.integers(0, 10**12)), min_size=1, max_size=40).filter(
    lambda pieces: any(amount for _, amount in pieces)
)


@settings(max_examples=100, deadline=None)
@given(schedules)
def test_the_treasury_earns_what_funding_each_piece_alone_would_earn(pieces: list[tuple[int, int]]) -> None:
    price = CURVE.price(START, [flow(days, amount) for days, amount in pieces])
    alone = sum(amount * days * CURVE.rate(days) for days, amount in pieces)
    whole = sum(amount * days for days, amount in pieces)
    assert abs(Fraction(price.rate) * whole - alone) <= Fraction(1, 2_000_000) * whole
    used = [CURVE.rate(days) for days, amount in pieces if amount]
    assert min(used) - Fraction(1, 10**6) <= Fraction(price.rate) <= max(used) + Fraction(1, 10**6)
