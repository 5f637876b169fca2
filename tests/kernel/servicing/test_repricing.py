"""When a floating rate is re-priced and what it then is: worked days and bounds, and what holds of every rule."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from zhongtai.kernel.schedule import months_later
from zhongtai.kernel.servicing.repricing import next_repricing, rate_by
from zhongtai.kernel.servicing.terms import FloatingRate, RepricingRule

START = date(2026, 1, 31)
DUE = [months_later(START, number) for number in range(1, 37)]


def days(floating: FloatingRate) -> list[date]:
    """All re-pricing days of a loan of 36 months."""
    found: list[date] = []
    day = next_repricing(floating, START, DUE, START)
    while day is not None:
        found.append(day)
        day = next_repricing(floating, START, DUE, day)
    return found


def floating(rule: RepricingRule, months: int = 12, fixed: date | None = None) -> FloatingRate:
    return FloatingRate("1Y", Decimal("0.35"), months, rule=rule, fixed_day=fixed)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (floating(RepricingRule.EVERY_MONTHS), [date(2027, 1, 31), date(2028, 1, 31)]),
        (floating(RepricingRule.EVERY_MONTHS, 13), [date(2027, 2, 28), date(2028, 3, 31)]),
        (floating(RepricingRule.NEW_YEAR), [date(2027, 1, 1), date(2028, 1, 1), date(2029, 1, 1)]),
        (floating(RepricingRule.NEW_YEAR, 24), [date(2027, 1, 1), date(2029, 1, 1)]),
        (
            floating(RepricingRule.FIXED_DAY, fixed=date(2024, 2, 29)),
            [date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29)],
        ),
        (floating(RepricingRule.FIXED_DAY, fixed=date(2024, 1, 31)), [date(2027, 1, 31), date(2028, 1, 31)]),
        (floating(RepricingRule.NEXT_PERIOD, 1), DUE[:-1]),
        (FloatingRate("1Y", Decimal(0), 12, reprice_on_new_year=True), [date(y, 1, 1) for y in (2027, 2028, 2029)]),
    ],
)
def test_the_days_of_each_rule(told: FloatingRate, expected: list[date]) -> None:
    assert days(told) == expected


def test_the_rate_is_the_quote_with_its_spread_within_its_bounds() -> None:
    bounded = replace(floating(RepricingRule.NEW_YEAR), cap_percent=Decimal(4), floor_percent=Decimal(3))
    assert [rate_by(bounded, Decimal(quote)) for quote in ("2.5", "3.1", "3.8")] == [3, Decimal("3.45"), 4]
    assert rate_by(floating(RepricingRule.NEW_YEAR), Decimal(-1)) == 0


@given(some.sampled_from(RepricingRule), some.integers(1, 24), some.dates(date(2000, 1, 1), date(2000, 12, 31)))
def test_every_day_lies_within_the_life_of_the_loan_and_behind_the_one_before(
    rule: RepricingRule, months: int, fixed: date
) -> None:
    found = days(floating(rule, months, fixed))
    assert found == sorted(set(found))
    assert all(START < day < DUE[-1] for day in found)
    first = next_repricing(floating(rule, months, fixed), START, DUE, START - timedelta(days=400))
    assert first == (found[0] if found else None)
