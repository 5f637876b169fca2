"""Rates, payments and bonds against figures printed by regulators, standards and the makers of spreadsheets."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from zhongtai.kernel import spreadsheet
from zhongtai.kernel.actual_actual import afb_fraction, icma_fraction
from zhongtai.kernel.apr import (
    Transfer,
    UnitKind,
    UnitPeriod,
    UnitTime,
    actuarial_rate,
    internal_rate,
    schedule_rate,
    unit_of_single_payment,
    unit_time,
)
from zhongtai.kernel.bond import Basis, Bond, perpetual_duration
from zhongtai.kernel.rates import DatesMustBeInOrder, PaymentsMustYieldRate
from zhongtai.kernel.schedule import months_later

MONTH = UnitPeriod(UnitKind.MONTH)


def near(value: Decimal | Fraction, figure: str) -> bool:
    """Whether a value rounds to a printed figure."""
    exact = Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else value
    return exact.quantize(Decimal(figure)) == Decimal(figure)


@pytest.mark.parametrize(
    ("start", "end", "unit", "whole", "part"),
    [
        # 12 CFR 1026, appendix J (c)(1)(ii) to (iv), (c)(2)(ii), (c)(4)(ii).
        ("1978-02-10", "1978-04-01", MONTH, 1, "19/30"),
        ("1978-02-23", "1978-03-01", UnitPeriod(UnitKind.SEMIMONTH), 0, "6/15"),
        ("1978-05-23", "1978-10-01", UnitPeriod(UnitKind.MONTH, 3), 1, "39/90"),
        ("1978-03-18", "1978-04-20", UnitPeriod(UnitKind.WEEK, 4), 1, "5/28"),
        ("1978-01-10", "1978-03-01", UnitPeriod(UnitKind.MONTH, 2), 0, "52/60"),
        ("2024-01-31", "2024-02-29", MONTH, 1, "0"),
        ("2024-01-31", "2024-03-31", MONTH, 2, "0"),
        ("2024-01-10", "2024-01-10", UnitPeriod(UnitKind.DAY), 0, "0"),
    ],
)
def test_unit_periods_are_counted_back_from_the_end(
    start: str, end: str, unit: UnitPeriod, whole: int, part: str
) -> None:
    counted = unit_time(date.fromisoformat(start), date.fromisoformat(end), unit)
    assert counted == UnitTime(whole, Fraction(part))


def test_unit_periods_do_not_run_backwards() -> None:
    with pytest.raises(DatesMustBeInOrder):
        unit_time(date(2024, 2, 1), date(2024, 1, 31), MONTH)


@pytest.mark.parametrize(
    ("start", "end", "paid", "rate"),
    [
        ("1978-01-03", "1978-09-15", "1080", "0.1145"),  # appendix J (c)(5)(i): 255 days
        ("1978-07-15", "1979-01-15", "1044", "0.0880"),  # (c)(5)(ii): six months
        ("1978-01-17", "1979-07-17", "1135.19", "0.0876"),  # (c)(5)(iii): a year and six months
    ],
)
def test_one_payment_is_a_unit_period_of_its_own(start: str, end: str, paid: str, rate: str) -> None:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    unit = unit_of_single_payment(first, last)
    payments = [Transfer(Decimal(paid), unit_time(first, last, unit))]
    found = actuarial_rate([Transfer(Decimal(1000), UnitTime(0))], payments, unit)
    assert found.quantize(Decimal("0.0001")) == Decimal(rate)


def test_the_days_of_a_broken_year_are_days_over_365() -> None:
    unit = unit_of_single_payment(date(1978, 1, 10), date(1979, 2, 4))
    assert unit_time(date(1978, 1, 10), date(1979, 2, 4), unit) == UnitTime(1, Fraction(25, 365))
    with pytest.raises(DatesMustBeInOrder):
        unit_of_single_payment(date(1978, 1, 10), date(1978, 1, 10))


def test_several_advances_are_one_transaction() -> None:
    # The general equation of appendix J (b)(8): 1,000 now and 1,000 a month later, repaid by one payment.
    advances = [Transfer(Decimal(1000), UnitTime(0)), Transfer(Decimal(1000), UnitTime(1))]
    repaid = Decimal(1000) * Decimal("1.01") ** 2 + Decimal(1000) * Decimal("1.01")
    assert near(actuarial_rate(advances, [Transfer(repaid, UnitTime(2))], MONTH), "0.1200000000")


def test_without_interest_the_rate_is_zero_and_without_payments_there_is_none() -> None:
    advance = [Transfer(Decimal(500), UnitTime(0))]
    assert actuarial_rate(advance, [Transfer(Decimal(500), UnitTime(5))], MONTH) == 0
    with pytest.raises(PaymentsMustYieldRate):
        actuarial_rate(advance, [], MONTH)


@settings(max_examples=50)
@given(some.decimals(Decimal("-0.5"), 5, places=4), some.lists(some.integers(1, 10_000), min_size=1, max_size=20))
def test_the_internal_rate_is_the_one_that_made_the_flows(rate: Decimal, amounts: list[int]) -> None:
    paid = sum((Decimal(it) / (1 + rate) ** place for place, it in enumerate(amounts, 1)), Decimal(0))
    flows = [(Fraction(0), -paid), *((Fraction(place), Decimal(it)) for place, it in enumerate(amounts, 1))]
    assert abs(internal_rate(flows) - rate) < Decimal("1e-9")


# Microsoft, Excel functions (financial), reference: the examples on the pages of the functions.
FLOWS = [
    (date(2008, 1, 1), Decimal(-10000)),
    (date(2008, 3, 1), Decimal(2750)),
    (date(2008, 10, 30), Decimal(4250)),
    (date(2009, 2, 15), Decimal(3250)),
    (date(2009, 4, 1), Decimal(2750)),
]


def numbers(*values: str) -> list[Decimal]:
    return [Decimal(value) for value in values]


def test_growth_and_straight_lines_give_the_figures_of_their_pages() -> None:
    straight = spreadsheet.interest_on_straight_line(Decimal("0.1") / 12, 1, Decimal(36), Decimal(8_000_000))
    assert round(straight, 1) == Decimal("-64814.8")
    assert round(spreadsheet.growth_rate(Decimal(96), Decimal(10000), Decimal(11000)), 7) == Decimal("0.0009933")
    assert round(spreadsheet.periods_of_growth(Decimal("0.025"), Decimal(2000), Decimal(2200)), 2) == Decimal("3.86")


def test_the_functions_of_spreadsheets_give_the_figures_of_their_pages() -> None:
    monthly = Decimal("0.1") / 12
    rate, present = Decimal("0.12") / 12, Decimal("0.08") / 12
    for value, figure in (
        (spreadsheet.rate_per_period(*numbers("48", "-200", "8000")), "0.007701472"),
        (spreadsheet.number_of_periods(rate, *numbers("-100", "-1000", "10000"), due=True), "59.6738657"),
        (spreadsheet.number_of_periods(rate, *numbers("-100", "-1000", "10000")), "60.0821229"),
        (spreadsheet.number_of_periods(Decimal(0), *numbers("-100", "1000")), "10.0"),
        (spreadsheet.present_value(present, *numbers("240", "500")), "-59777.15"),
        (spreadsheet.future_value(Decimal("0.005"), *numbers("10", "-200", "-500"), due=True), "2581.40"),
        (spreadsheet.future_value(rate, *numbers("12", "-1000")), "12682.50"),
        (spreadsheet.principal_payment(monthly, 1, *numbers("24", "2000")), "-75.62"),
        (spreadsheet.level_payment(Decimal("0.06") / 12, *numbers("216", "0", "50000")), "-129.08"),
        (spreadsheet.internal_rate_of_return(numbers("-70000", "12000", "15000", "18000", "21000")), "-0.0212"),
        (
            spreadsheet.internal_rate_of_return(numbers("-70000", "12000", "15000", "18000", "21000", "26000")),
            "0.0866",
        ),
        (spreadsheet.internal_rate_of_return_dated(FLOWS), "0.37336253"),
        (
            spreadsheet.modified_internal_rate_of_return(
                numbers("-120000", "39000", "30000", "21000", "37000", "46000"), *numbers("0.1", "0.12")
            ),
            "0.1261",
        ),
        (spreadsheet.net_present_value(Decimal("0.1"), numbers("-10000", "3000", "4200", "6800")), "1188.44"),
        (spreadsheet.effective_rate(Decimal("0.0525"), 4), "0.0535427"),
        (spreadsheet.nominal_rate(Decimal("0.053543"), 4), "0.05250032"),
    ):
        assert near(value, figure), (value, figure)


@settings(max_examples=30)
@given(some.integers(1, 36), some.booleans(), some.decimals(0, 1, places=3))
def test_interest_and_principal_are_the_payment(period: int, due: bool, rate: Decimal) -> None:
    present, periods = Decimal(10_000), Decimal(36)
    payment = spreadsheet.level_payment(rate, periods, present, due=due)
    interest = spreadsheet.cumulative_interest(rate, periods, present, 1, period, due=due)
    principal = spreadsheet.cumulative_principal(rate, periods, present, 1, period, due=due)
    assert abs(interest + principal - payment * period) < Decimal("1e-9")
    assert abs(spreadsheet.future_value(rate, periods, payment, present, due=due)) < Decimal("1e-9")
    repaid = spreadsheet.cumulative_principal(rate, periods, present, 1, 36, due=due)
    assert abs(repaid + present) < Decimal("1e-9")
    assert not due or not spreadsheet.interest_payment(rate, 1, periods, present, due=True)


def test_a_bond_has_the_price_the_yield_and_the_duration_of_the_pages() -> None:
    bond = Bond(date(2008, 2, 15), date(2017, 11, 15), Decimal("0.0575"), 2)
    assert near(bond.price(Decimal("0.065")), "94.63436")
    other = Bond(date(2008, 2, 15), date(2016, 11, 15), Decimal("0.0575"), 2)
    assert near(other.yield_at(Decimal("95.04287")), "0.065000")
    # In its last half year a bond is discounted simply: 102.5 ÷ (1 + 6 % ÷ 2 × ½) − 1.25.
    last = Bond(date(2024, 2, 15), date(2024, 5, 15), Decimal("0.05"), 2)
    assert near(last.price(Decimal("0.06")), "99.735222")
    assert perpetual_duration(Decimal("0.08")) == Decimal("13.5")
    with pytest.raises(DatesMustBeInOrder):
        Bond(date(2008, 2, 15), date(2008, 2, 15), Decimal(0), 1)


@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("frequency", [1, 2, 4])
def test_a_price_gives_its_yield_back(basis: Basis, frequency: int) -> None:
    for maturity in (date(2024, 8, 31), date(2031, 5, 17)):
        bond = Bond(date(2024, 2, 29), maturity, Decimal("0.05"), frequency, basis)
        assert abs(bond.yield_at(bond.price(Decimal("0.07"))) - Decimal("0.07")) < Decimal("1e-9")
        assert 0 <= bond.gone < 1


# QuantLib, test-suite/daycounters.cpp, after the EMU memo of ISDA (1998).
@pytest.mark.parametrize(
    ("start", "end", "reference", "icma", "afb"),
    [
        ("2003-11-01", "2004-05-01", ("2003-11-01", "2004-05-01"), "0.500000000000", "0.497267759563"),
        ("1999-02-01", "1999-07-01", ("1998-07-01", "1999-07-01"), "0.410958904110", "0.410958904110"),
        ("1999-07-01", "2000-07-01", ("1999-07-01", "2000-07-01"), "1.000000000000", "1.000000000000"),
        ("2002-08-15", "2003-07-15", ("2003-01-15", "2003-07-15"), "0.915760869565", "0.915068493151"),
        ("2003-07-15", "2004-01-15", ("2003-07-15", "2004-01-15"), "0.500000000000", "0.504109589041"),
        ("1999-07-30", "2000-01-30", ("1999-07-30", "2000-01-30"), "0.500000000000", "0.504109589041"),
        ("2000-01-30", "2000-06-30", ("2000-01-30", "2000-07-30"), "0.417582417582", "0.415300546448"),
    ],
)
def test_the_days_of_bonds(start: str, end: str, reference: tuple[str, str], icma: str, afb: str) -> None:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    assert near(icma_fraction(first, last, *map(date.fromisoformat, reference)), icma)
    assert near(afb_fraction(first, last), afb)


def test_afb_counts_whole_years_back_and_looks_for_the_leap_day() -> None:
    assert afb_fraction(date(2024, 2, 29), date(2028, 2, 29)) == 4
    assert afb_fraction(date(2023, 2, 28), date(2024, 2, 28)) == 1
    for start in (28, 29):
        assert afb_fraction(date(2024, 2, start), date(2024, 3, 1)) == Fraction(30 - start, 366)
    for backwards in (afb_fraction, lambda start, end: icma_fraction(start, end, end, start)):
        with pytest.raises(DatesMustBeInOrder):
            backwards(date(2024, 3, 1), date(2024, 2, 1))


@settings(max_examples=40)
@given(
    some.integers(1, 48), some.integers(1, 3), some.integers(101, 150), some.dates(date(2024, 1, 1), date(2030, 12, 31))
)
def test_a_schedule_of_whole_unit_periods_bears_the_actuarial_rate(
    count: int, every: int, percent: int, start: date
) -> None:
    """Found as a compound rate or by the general equation, it is the same to the sixth place."""
    unit = UnitPeriod(UnitKind.MONTH, every)
    advance = 1_000_000
    total = -(-advance * percent // (100 * count))
    payments = [(months_later(start, every * number), total) for number in range(1, count + 1)]
    transfers = [Transfer(Decimal(amount), unit_time(start, day, unit)) for day, amount in payments]
    exact = actuarial_rate([Transfer(Decimal(advance), UnitTime(0))], transfers, unit)
    assert abs(schedule_rate(advance, payments, start, unit) - exact) <= Decimal("0.0000005")


def test_a_payment_on_the_first_day_is_not_advanced() -> None:
    start, month = date(2026, 1, 5), UnitPeriod(UnitKind.MONTH)
    later = [(date(2026, 2, 5), 505)]
    assert schedule_rate(1000, [(start, 500), *later], start, month) == Decimal("0.120000")
    assert schedule_rate(500, later, start, month) == Decimal("0.120000")
