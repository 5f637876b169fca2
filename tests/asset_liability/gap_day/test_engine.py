"""The change of economic value, worked by hand."""

import math
from datetime import date
from decimal import Decimal

import pytest

from zhongtai.asset_liability.gap import engine as gap_engine
from zhongtai.asset_liability.gap import store as gap_store
from zhongtai.asset_liability.gap.domain import Gap, GapMethod
from zhongtai.asset_liability.gap.engine import Balances
from zhongtai.asset_liability.gap_day import engine
from zhongtai.asset_liability.transfer_price.domain import Curve, CurvePoint
from zhongtai.kernel.irrbb import ShockScenario, prescribed_shock

FLAT = Curve("flat", 3, "flat", "水平", "CNY", date(2020, 1, 1), (CurvePoint(1, Decimal("0.03")),))
CNY = prescribed_shock("2016", "CNY")
BUCKETS = 19


def flows(**by_place: int) -> list[int]:
    return [by_place.get(f"at_{place}", 0) for place in range(BUCKETS)]


# BCBS 368: 250, 300 and 150 basis points; midpoints of 2.5 years (2 to 3 years, the ninth) and 25 (over 20, the last).
@pytest.mark.parametrize(
    ("scenario", "rise_at_2_5"),
    [
        (ShockScenario.PARALLEL_UP, 250.0),
        (ShockScenario.PARALLEL_DOWN, -250.0),
        (ShockScenario.SHORT_UP, 300 * math.exp(-2.5 / 4)),
        (ShockScenario.SHORT_DOWN, -300 * math.exp(-2.5 / 4)),
        (ShockScenario.STEEPENER, -0.65 * 300 * math.exp(-2.5 / 4) + 0.9 * 150 * (1 - math.exp(-2.5 / 4))),
        (ShockScenario.FLATTENER, 0.8 * 300 * math.exp(-2.5 / 4) - 0.6 * 150 * (1 - math.exp(-2.5 / 4))),
    ],
)
def test_a_flow_is_discounted_before_and_after_a_shock(scenario: ShockScenario, rise_at_2_5: float) -> None:
    found = engine.change(flows(at_8=1_000_000), FLAT, CNY, scenario)
    expected = 1_000_000 * (math.exp(-(0.03 + rise_at_2_5 / 10_000) * 2.5) - math.exp(-0.03 * 2.5))
    assert found == round(expected)


def test_flows_add_up_and_opposite_ones_cancel() -> None:
    up = ShockScenario.PARALLEL_UP
    both = engine.change(flows(at_8=1_000_000, at_18=-400_000), FLAT, CNY, up)
    alone = engine.change(flows(at_8=1_000_000), FLAT, CNY, up), engine.change(flows(at_18=-400_000), FLAT, CNY, up)
    assert abs(both - sum(alone)) <= 1
    assert engine.change(flows(), FLAT, CNY, up) == 0


def gap(as_of: date, currency: str = "CNY") -> Gap:
    return gap_engine.gap(
        GapMethod.REPRICING,
        [],
        Balances(1_000_000, 0),
        as_of=as_of,
        currency_code=currency,
        buckets=gap_store.buckets(),
        assumptions=gap_store.assumptions(),
    )


def test_the_version_in_force_prescribes_the_shock_and_where_there_is_none_nothing_is_told() -> None:
    old, new = date(2025, 12, 31), date(2026, 1, 1)
    versions = {
        (day, currency): engine.shocked(gap(day, currency), gap(day, currency), FLAT).shock_version
        for day in (old, new)
        for currency in ("CNY", "USD", "KWD")
    }
    assert versions == {
        (old, "CNY"): "2016", (old, "USD"): "2016", (old, "KWD"): "",
        (new, "CNY"): "2016", (new, "USD"): "2024", (new, "KWD"): "",
    }  # fmt: skip
    assert engine.shocked(gap(new), gap(new), None).value_changes == ()
