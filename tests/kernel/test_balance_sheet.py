"""The shocks of the standard on interest rate risk, and programmes of a bank's loan policy."""

from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from zhongtai.kernel.irrbb import Shock, ShockNotPrescribed, ShockScenario, parameters, prescribed_shock
from zhongtai.kernel.linear_program import Limit, ProgrammeMustBeBounded, maximum


def test_the_curve_turns_as_the_annex_works_it_out() -> None:
    # BCBS 368, annex 2: shocks of 100 basis points at 3.5 years.
    shock = Shock(Decimal(100), Decimal(100), Decimal(100))
    tenth = Decimal("0.1")
    assert shock.at(ShockScenario.STEEPENER, Decimal("3.5")).quantize(tenth) == Decimal("25.4")
    assert shock.at(ShockScenario.FLATTENER, Decimal("3.5")).quantize(tenth) == Decimal("-1.6")
    assert shock.at(ShockScenario.SHORT_UP, Decimal(0)) == 100
    assert shock.at(ShockScenario.SHORT_DOWN, Decimal(0)) == -shock.at(ShockScenario.PARALLEL_UP, Decimal(0))
    assert shock.at(ShockScenario.PARALLEL_DOWN, Decimal(9)) == -100


def test_a_shock_has_a_version_and_a_currency() -> None:
    assert prescribed_shock("2016", "CNY") == Shock(Decimal(250), Decimal(300), Decimal(150))
    for version, currency in (("2016", "XAU"), ("2020", "CNY")):
        with pytest.raises(ShockNotPrescribed):
            prescribed_shock(version, currency)
    for part in (*parameters()["shocks"], *(parameters()[name] for name in ("buckets", "core_deposits", "behaviour"))):
        assert part["source"]
        assert isinstance(part["confirm"], bool)


coefficients = some.tuples(*(some.integers(0, 5) for _ in range(2)))


@settings(max_examples=60)
@given(some.tuples(some.integers(-3, 5), some.integers(-3, 5)), some.lists(coefficients, min_size=1, max_size=3))
def test_the_optimum_keeps_the_limits_and_no_whole_amounts_are_better(
    gains: tuple[int, int], rows: list[tuple[int, int]]
) -> None:
    limits = [Limit(tuple(Fraction(it) for it in row), Fraction(12)) for row in [*rows, (1, 0), (0, 1)]]
    best = maximum([Fraction(it) for it in gains], limits)
    for limit in limits:
        assert sum(map(Fraction.__mul__, limit.coefficients, best.amounts)) <= limit.bound
    assert min(best.amounts) >= 0
    assert best.value == sum(map(Fraction.__mul__, map(Fraction, gains), best.amounts))
    for amounts in product(range(13), repeat=2):
        if all(sum(a * b for a, b in zip(limit.coefficients, amounts, strict=True)) <= 12 for limit in limits):
            assert sum(a * b for a, b in zip(gains, amounts, strict=True)) <= best.value


def test_what_has_no_limit_is_refused() -> None:
    with pytest.raises(ProgrammeMustBeBounded):
        maximum([Fraction(1), Fraction(1)], [Limit((Fraction(1), Fraction(0)), Fraction(5))])
