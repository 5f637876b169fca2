"""Repayment schedules: published figures, sums that hold to the minor unit, and the best level instalment."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhongtai.kernel.calendar import CHINA_INTERBANK, BusinessDayConvention, DateOutsideCalendar
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DatesMustBeInOrder, DayCount, PaymentsMustYieldRate, RateOutOfBounds
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.schedule import (
    Amortisation,
    Instalment,
    InstalmentMustNotBeZero,
    InstalmentMustRepayPrincipal,
    PrincipalMustBePositive,
    TermOutOfBounds,
    accrued_interest,
    annual_percentage_rate,
    due_up_to,
    months_later,
    repayment_schedule,
)

START = date(2026, 1, 15)


def plan(  # noqa: PLR0917 - a test reads best with the few terms it is about
    principal: int = 1_000_000,
    rate: str = "0.12",
    term_months: int = 12,
    start: date = START,
    day_count: DayCount = DayCount.THIRTY_E_360,
    amortisation: Amortisation = Amortisation.EQUAL_INSTALMENT,
) -> tuple[Instalment, ...]:
    return repayment_schedule(
        principal=Money("CNY", principal),
        nominal_interest_rate=Decimal(rate),
        term_months=term_months,
        start=start,
        day_count=day_count,
        amortisation=amortisation,
    )


def cents(money: Money) -> int:
    return money.minor_units


@pytest.mark.parametrize(
    ("principal", "rate", "term_months", "published"),
    [
        # Microsoft Excel function reference: PMT(8%/12, 10, 10000) = -1037.03.
        (1_000_000, "0.08", 10, 103_703),
        # CFPB model form H-25(B), sample Closing Disclosure: 162,000 at 3.875 % over 30 years.
        (16_200_000, "0.03875", 360, 76_178),
        # Compound interest tables: (A/P, 1 %, 12) = 0.088849, so 10,000 at 12 % is 888.49 a month.
        (1_000_000, "0.12", 12, 88_849),
    ],
)
def test_the_level_instalment_is_the_published_one(principal: int, rate: str, term_months: int, published: int) -> None:
    instalments = plan(principal, rate, term_months)
    assert {cents(each.total) for each in instalments[:-1]} == {published}


@pytest.mark.parametrize(
    ("principal", "rate", "term_months", "level", "last"),
    [
        (12_619, "0.0517", 3, 4_242, 4_243),
        (33_214, "0.1823", 3, 11_410, 11_409),
        # Apache Fineract acceptance suite, C3425 (Apache-2.0): 25.36 with a last of 25.38 is no better.
        (10_000, "0.07", 4, 2_537, 2_535),
    ],
    ids=["one below the rounded solution", "one above it", "the solution on a tie"],
)
def test_the_level_is_the_best_of_its_neighbours(
    principal: int, rate: str, term_months: int, level: int, last: int
) -> None:
    *others, final = [cents(each.total) for each in plan(principal, rate, term_months)]
    assert (set(others), final) == ({level}, last)


def test_the_first_interest_is_the_published_one() -> None:
    """Microsoft Excel function reference: IPMT(10%/12, 1, 36, 8000) = -66.67."""
    assert plan(800_000, "0.10", 36)[0].interest == Money("CNY", 6_667)


def test_the_second_year_of_a_mortgage_is_the_published_one() -> None:
    """Excel reference: CUMIPMT and CUMPRINC(9%/12, 360, 125000, 13, 24, 0) = -11135.23213, -934.1071234.

    Excel does not round the instalments; twelve of ours are within half a cent each.
    """
    year = plan(12_500_000, "0.09", 360)[12:24]
    assert abs(sum(cents(each.interest) for each in year) - Decimal("1113523.213")) <= 6
    assert abs(sum(cents(each.principal) for each in year) - Decimal("93410.71234")) <= 6


def test_a_schedule_day_by_day() -> None:
    """Worked by hand: 1,000.00 at 36.5 % ACT/365 is exactly 1.00 of interest a day at first."""
    instalments = plan(100_000, "0.365", 3, date(2026, 1, 31), DayCount.ACT_365, Amortisation.EQUAL_PRINCIPAL)
    rows = [
        (each.number, each.due_date, *map(cents, (each.principal, each.interest, each.total, each.balance)))
        for each in instalments
    ]
    assert rows == [
        (1, date(2026, 2, 28), 33_333, 2_800, 36_133, 66_667),
        (2, date(2026, 3, 31), 33_333, 2_067, 35_400, 33_334),
        (3, date(2026, 4, 30), 33_334, 1_000, 34_334, 0),
    ]


def test_interest_only_and_bullet() -> None:
    monthly = plan(amortisation=Amortisation.INTEREST_ONLY)
    assert [cents(each.total) for each in monthly] == [10_000] * 11 + [1_010_000]
    assert [cents(each.balance) for each in monthly] == [1_000_000] * 11 + [0]
    (bullet,) = plan(amortisation=Amortisation.BULLET)
    assert (bullet.due_date, cents(bullet.interest), cents(bullet.total)) == (date(2027, 1, 15), 120_000, 1_120_000)


def test_the_day_of_the_month_is_kept() -> None:
    dates = [each.due_date for each in plan(start=date(2027, 12, 31), term_months=4)]
    assert dates == [date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31), date(2028, 4, 30)]
    assert months_later(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months_later(date(2026, 3, 31), 0) == date(2026, 3, 31)


def test_due_dates_go_to_business_days_and_interest_with_them() -> None:
    adjusted = repayment_schedule(
        principal=Money("CNY", 1_000_000),
        nominal_interest_rate=Decimal("0.12"),
        term_months=3,
        start=date(2026, 1, 18),
        day_count=DayCount.ACT_365,
        amortisation=Amortisation.INTEREST_ONLY,
        calendar=CHINA_INTERBANK,
        convention=BusinessDayConvention.FOLLOWING,
    )
    # The Spring Festival of 2026 lasts to 23 February; 18 March is a Wednesday; 18 April a Saturday.
    assert [each.due_date for each in adjusted] == [date(2026, 2, 24), date(2026, 3, 18), date(2026, 4, 20)]
    assert [cents(each.interest) for each in adjusted] == [
        round(Fraction(1_000_000 * 12 * days, 36_500)) for days in (37, 22, 33)
    ]


def test_a_calendar_that_ends_too_early_refuses_the_loan() -> None:
    with pytest.raises(DateOutsideCalendar):
        repayment_schedule(
            principal=Money("CNY", 1_000_000),
            nominal_interest_rate=Decimal("0.12"),
            term_months=24,
            start=date(2026, 1, 18),
            day_count=DayCount.ACT_365,
            amortisation=Amortisation.EQUAL_INSTALMENT,
            calendar=CHINA_INTERBANK,
            convention=BusinessDayConvention.FOLLOWING,
        )


@pytest.mark.parametrize("amortisation", Amortisation)
def test_a_rate_of_zero_gives_back_the_principal(amortisation: Amortisation) -> None:
    instalments = plan(100_001, "0", 7, amortisation=amortisation)
    assert not any(each.interest for each in instalments)
    assert sum(cents(each.total) for each in instalments) == 100_001


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        ({"principal": 0}, PrincipalMustBePositive),
        ({"principal": -1}, PrincipalMustBePositive),
        ({"rate": "-0.0001"}, RateOutOfBounds),
        ({"rate": "10.0001"}, RateOutOfBounds),
        ({"term_months": 0}, TermOutOfBounds),
        ({"term_months": 601}, TermOutOfBounds),
        ({"start": date(9901, 1, 1)}, TermOutOfBounds),
        ({"principal": 5, "rate": "0"}, InstalmentMustNotBeZero),
        ({"principal": 5, "amortisation": Amortisation.EQUAL_PRINCIPAL}, InstalmentMustNotBeZero),
        ({"principal": 5, "amortisation": Amortisation.INTEREST_ONLY}, InstalmentMustNotBeZero),
        ({"rate": "3", "term_months": 360}, InstalmentMustRepayPrincipal),
    ],
)
def test_terms_that_cannot_be_are_refused(terms: dict[str, object], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        plan(**terms)  # type: ignore[arg-type]


loans = st.fixed_dictionaries(
    {
        "principal": st.one_of(st.integers(1, 5_000), st.integers(5_000, 10**12)),
        "rate": st.one_of(st.decimals(0, Decimal("0.36"), places=4), st.decimals(0, 10, places=2)).map(str),
        "term_months": st.one_of(st.integers(1, 72), st.integers(1, 600)),
        "start": st.dates(date(2000, 1, 1), date(2050, 12, 31)),
        "day_count": st.sampled_from(DayCount),
        "amortisation": st.sampled_from(Amortisation),
    }
)


@settings(max_examples=100, deadline=None)
@given(terms=loans)
def test_every_schedule_adds_up(terms: dict[str, object]) -> None:
    """What holds for every loan: principals add up, interest is as documented, dates rise, nothing is negative."""
    try:
        instalments = plan(**terms)  # type: ignore[arg-type]
    except (InstalmentMustNotBeZero, InstalmentMustRepayPrincipal):
        return
    rate, count = Decimal(str(terms["rate"])), terms["day_count"]
    assert isinstance(count, DayCount)
    balance, before = Money("CNY", int(str(terms["principal"]))), terms["start"]
    assert isinstance(before, date)
    for number, each in enumerate(instalments, start=1):
        assert each.number == number
        assert each.due_date > before
        exact = balance.minor_units * Fraction(rate) * count.year_fraction(before, each.due_date)
        assert cents(each.interest) == round(exact), "Python rounds a fraction half to even"
        assert each.interest == accrued_interest(balance, rate, before, each.due_date, count)
        assert each.total == each.principal + each.interest
        if terms["amortisation"] in {Amortisation.EQUAL_INSTALMENT, Amortisation.EQUAL_PRINCIPAL}:
            assert cents(each.principal) > 0, "an amortising loan repays principal every month"
        assert each.total or not rate
        assert each.balance == balance - each.principal
        balance, before = each.balance, each.due_date
    assert not balance


def last_difference(terms: dict[str, object], instalments: tuple[Instalment, ...], level: int) -> int | None:
    """How far the last total is from the level, paying `level` each month; None where that is no schedule."""
    rate, count = Fraction(str(terms["rate"])), terms["day_count"]
    balance, before = int(str(terms["principal"])), terms["start"]
    assert isinstance(count, DayCount)
    assert isinstance(before, date)
    for each in instalments:
        interest = round(balance * rate * count.year_fraction(before, each.due_date))
        if each is instalments[-1]:
            return abs(balance + interest - level)
        balance, before = balance + interest - level, each.due_date
        if balance <= 0 or interest >= level:
            return None
    raise AssertionError


@settings(max_examples=60, deadline=None)
@given(terms=loans)
def test_no_other_level_leaves_a_smaller_difference(terms: dict[str, object]) -> None:
    terms["amortisation"] = Amortisation.EQUAL_INSTALMENT
    try:
        instalments = plan(**terms)  # type: ignore[arg-type]
    except (InstalmentMustNotBeZero, InstalmentMustRepayPrincipal):
        return
    level = cents(instalments[0].total)
    assert {cents(each.total) for each in instalments[:-1]} <= {level}
    if len(instalments) > 1:
        best = last_difference(terms, instalments, level)
        assert best is not None
        for other in range(max(level - 6, 1), level + 7):
            difference = last_difference(terms, instalments, other)
            assert difference is None or difference >= best, other


@settings(max_examples=60)
@given(
    principal=st.integers(10_000, 10**10),
    term_months=st.integers(1, 72),
    rate=st.decimals(0, Decimal("0.36"), places=4),
)
def test_the_last_of_an_ordinary_loan_is_near_the_others(principal: int, term_months: int, rate: Decimal) -> None:
    """The difference is at most a minor unit a month, grown by the rate: a bound that is worked out exactly."""
    instalments = plan(principal, str(rate), term_months)
    grown = sum((1 + Fraction(rate) / 12) ** place for place in range(term_months))
    assert abs(cents(instalments[-1].total) - cents(instalments[0].total)) <= grown + 1


def test_annual_percentage_rate_of_a_published_loan() -> None:
    """FSharp.Finance.Personal, EU APR tests: 500 on 2012-10-10, 270 a month later and the next, 84.63 %."""
    nothing = Money("GBP", 0)
    payments = tuple(
        Instalment(number, due, nothing, nothing, Money("GBP", 27_000), nothing)
        for number, due in ((1, date(2012, 11, 10)), (2, date(2012, 12, 10)))
    )
    rate = annual_percentage_rate(Money("GBP", 50_000), payments, date(2012, 10, 10))
    assert abs(100 * rate - Decimal("84.63")) <= Decimal("0.005")


def test_annual_percentage_rate_of_a_bullet_is_its_rate() -> None:
    bullet = plan(amortisation=Amortisation.BULLET, day_count=DayCount.ACT_365)
    assert annual_percentage_rate(Money("CNY", 1_000_000), bullet, START) == Decimal("0.120000")
    assert annual_percentage_rate(Money("CNY", 1_000_000), plan(rate="0"), START) == 0


@settings(max_examples=40, deadline=None)
@given(rate=st.decimals(Decimal("0.01"), Decimal("0.36"), places=4), term_months=st.integers(1, 72))
def test_annual_percentage_rate_makes_the_payments_worth_the_loan(rate: Decimal, term_months: int) -> None:
    """Discounting at six-place neighbours brackets the principal; compounding makes it exceed the nominal rate."""
    principal = Money("CNY", 10_000_000)
    instalments = plan(10_000_000, str(rate), term_months, day_count=DayCount.ACT_365)
    found = annual_percentage_rate(principal, instalments, START)

    def worth(yearly: Decimal) -> Decimal:
        powers = [(1 + yearly) ** (-Decimal((each.due_date - START).days) / 365) for each in instalments]
        return sum((cents(each.total) * power for each, power in zip(instalments, powers, strict=True)), Decimal(0))

    half_step = Decimal("0.0000006")
    assert worth(found + half_step) < 10_000_000 < worth(found - half_step)
    assert found > rate - half_step


def test_annual_percentage_rate_refuses_what_bears_no_rate() -> None:
    with pytest.raises(PrincipalMustBePositive):
        annual_percentage_rate(Money("CNY", 0), plan(), START)
    with pytest.raises(PaymentsMustYieldRate):
        annual_percentage_rate(Money("CNY", 100), (), START)
    with pytest.raises(DatesMustBeInOrder):
        annual_percentage_rate(Money("CNY", 100), plan(), date(2030, 1, 1))


def test_accrued_interest_is_rounded_once_half_to_even() -> None:
    """One day of 10 % on 36.50 and 109.50 at ACT/365 is exactly 1.0 and 3.0 fen; on 18.25 and 54.75, 0.5 and 1.5."""
    tomorrow = START + timedelta(1)
    accrued = [
        cents(accrued_interest(Money("CNY", balance), Decimal("0.1"), START, tomorrow, DayCount.ACT_365))
        for balance in (3_650, 10_950, 1_825, 5_475, -5_475)
    ]
    assert accrued == [1, 3, 0, 2, -2]
    assert Decimal("0.5").quantize(Decimal(1), ROUND_HALF_EVEN) == 0
    nothing = accrued_interest(Money("CNY", 3_650), Decimal("0.1"), START, START, DayCount.ACT_365)
    assert nothing == Money("CNY", 0)


def test_due_up_to_a_day() -> None:
    instalments = plan()
    assert due_up_to(instalments, date(2026, 2, 14)) == ()
    assert due_up_to(instalments, date(2026, 2, 15)) == instalments[:1]
    assert due_up_to(instalments, date(2030, 1, 1)) == instalments


def test_a_schedule_is_a_value() -> None:
    assert plan() == plan()
    assert replace(plan()[0], number=2) != plan()[0]
