"""Day counts and business days, with figures worked out by hand."""

from datetime import datetime
from fractions import Fraction

import pytest

from zhongtai.kernel.actus.codes import BusinessDayConvention, Calendar, DayCountConvention
from zhongtai.kernel.actus.conventions import calculated, shifted, year_fraction
from zhongtai.kernel.rates import DatesMustBeInOrder

Y = DayCountConvention


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("convention", "start", "end", "expected"),
    [
        (Y.AA, "2011-12-31", "2012-07-01", Fraction(1, 365) + Fraction(182, 366)),
        (Y.A360, "2012-01-31", "2012-03-01", Fraction(30, 360)),
        (Y.A365, "2012-01-31", "2012-03-01", Fraction(30, 365)),
        (Y.THIRTY_E_360, "2011-01-31", "2011-02-28", Fraction(28, 360)),
        (Y.THIRTY_E_360, "2011-02-28", "2011-03-31", Fraction(32, 360)),
        (Y.THIRTY_E_360_ISDA, "2011-01-31", "2011-02-28", Fraction(30, 360)),
        (Y.THIRTY_E_360_ISDA, "2011-02-28", "2011-03-31", Fraction(30, 360)),
        (Y.TWENTY_EIGHT_E_336, "2011-01-01", "2011-02-28", Fraction(28 + 27, 336)),
        (Y.TWENTY_EIGHT_E_336, "2011-01-31", "2011-03-30", Fraction(56, 336)),
        (Y.AA, "2013-11-01", "2013-12-31T23:59:59", Fraction(61, 365)),
    ],
)
def test_a_part_of_a_year(convention: DayCountConvention, start: str, end: str, expected: Fraction) -> None:
    assert year_fraction(at(start), at(end), convention) == expected


def test_february_is_no_thirtieth_at_the_maturity() -> None:
    maturity = at("2011-02-28")
    found = year_fraction(at("2011-01-31"), maturity, Y.THIRTY_E_360_ISDA, maturity=maturity)
    assert found == Fraction(28, 360)


def test_business_days_are_counted_from_the_first_to_before_the_last() -> None:
    friday, monday = at("2024-03-01"), at("2024-03-11")
    assert year_fraction(friday, monday, Y.BUS_252, calendar=Calendar.MF) == Fraction(6, 252)
    assert year_fraction(friday, monday, Y.BUS_252) == Fraction(10, 252)


@pytest.mark.parametrize("convention", DayCountConvention)
def test_time_does_not_run_backwards(convention: DayCountConvention) -> None:
    with pytest.raises(DatesMustBeInOrder):
        year_fraction(at("2024-01-02"), at("2024-01-01"), convention)


# 31 August 2024 and 1 September 2024 are a Saturday and a Sunday.
@pytest.mark.parametrize(
    ("convention", "saturday_becomes", "sunday_becomes"),
    [
        ("NOS", "2024-08-31", "2024-09-01"),
        ("SCF", "2024-09-02", "2024-09-02"),
        ("SCMF", "2024-08-30", "2024-09-02"),
        ("SCP", "2024-08-30", "2024-08-30"),
        ("SCMP", "2024-08-30", "2024-09-02"),
        ("CSF", "2024-09-02", "2024-09-02"),
        ("CSMF", "2024-08-30", "2024-09-02"),
        ("CSP", "2024-08-30", "2024-08-30"),
        ("CSMP", "2024-08-30", "2024-09-02"),
    ],
)
def test_an_event_moves_off_a_weekend(convention: str, saturday_becomes: str, sunday_becomes: str) -> None:
    rule = BusinessDayConvention(convention)
    saturday, sunday = at("2024-08-31"), at("2024-09-01")
    moved = [shifted(saturday, rule, Calendar.MF), shifted(sunday, rule, Calendar.MF)]
    assert moved == [at(saturday_becomes), at(sunday_becomes)]
    reckoned = [calculated(saturday, rule, Calendar.MF), calculated(sunday, rule, Calendar.MF)]
    assert reckoned == ([saturday, sunday] if convention.startswith("C") else moved)
    assert shifted(saturday, rule, Calendar.NC) == saturday
