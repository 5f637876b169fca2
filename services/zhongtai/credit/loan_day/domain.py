"""The day of a loan (贷款日终明细): what a night adds to a contract, how late it is, what is set aside for it.

Always true: the interest recognised of a period is the instalment's to the minor unit, whatever days were closed on.
The night after a day belongs to it: the close of day D accrues from D (included) to D + 1 (not included), as a pay-off
on D + 1 owes. A row of a contract follows from its row of the day before and from what was booked on the day alone;
these functions tell the interest of one contract, `engine` the whole row of all contracts of a partition at once, and
tests hold the two together.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from functools import lru_cache

from zhongtai.credit.classification.domain import RiskCategory
from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import DayCount
from zhongtai.kernel.refusals import Missing

# Contracts past their last instalment accrue nothing more.
NEVER = date.max
# Sums of products stay below this in columns, so that they do not leave 64 bits.
SAFE = 2**62

_NIGHT = timedelta(days=1)
# The parts of a year that a night is a whole number of.
YEAR_PARTS = {DayCount.ACT_365: 365, DayCount.ACT_360: 360, DayCount.THIRTY_E_360: 360, DayCount.ACT_ACT: 365 * 366}

# The most of them that one night is: from 28 February to 1 March are three days of thirty-day months.
_MOST_PARTS = {DayCount.ACT_365: 1, DayCount.ACT_360: 1, DayCount.THIRTY_E_360: 3, DayCount.ACT_ACT: 366}


class LoanDayNotFound(Missing):
    """The loan {loan_id} has no row of {business_date}: it was not owed then, or the day is not closed.

    贷款{loan_id}在{business_date}没有日终明细：该日未用信，或日终尚未完成。
    """

    loan_id: str
    business_date: date


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that a row rests on: what it decides, what it says, where it comes from."""

    decides: str
    rule: str
    source: str
    confirm: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """What contracts that accrue and lose alike have in common; `grade` is today's, `agreed_grade` the loan's own."""

    product_id: str
    currency: str
    grade: str
    agreed_grade: str
    nominal_interest_rate: Decimal
    day_count: DayCount
    amortisation: str

    @property
    def unit(self) -> int:
        """How many parts a minor unit of interest is carried in: exact, whatever the nights."""
        return Fraction(self.nominal_interest_rate).denominator * YEAR_PARTS[self.day_count]

    def parts(self, start: date, end: date) -> int:
        """How many of these parts a stretch of days adds to each minor unit of balance."""
        share = self.day_count.year_fraction(start, end) * YEAR_PARTS[self.day_count]
        assert share.denominator == 1, "a stretch of days is a whole number of the parts of a year"
        return Fraction(self.nominal_interest_rate).numerator * share.numerator

    @property
    def widest(self) -> int:
        """The largest balance whose nights do not leave 64 bits; below zero where the unit alone does."""
        most = 2 * abs(Fraction(self.nominal_interest_rate).numerator) * _MOST_PARTS[self.day_count]
        room = SAFE - 2 * self.unit
        return room // most if most else room


@dataclass(frozen=True, slots=True)
class NightRates:
    """What a night makes of a profile: the parts a balance adds, the unit of parts, the widest balance for columns."""

    nightly: int
    unit: int
    widest: int


@lru_cache(maxsize=65_536)
def night_rates(profile: Profile, on: date) -> NightRates:
    """What the night after a day makes of a profile."""
    return NightRates(profile.parts(on, on + _NIGHT), profile.unit, profile.widest)


class RiskBit(IntEnum):
    """What is known of a contract beside its schedule, as a bit of `LoanDay.flags`."""

    CREDIT_IMPAIRED = 1
    WATCH_LIST = 2
    PURCHASED_IMPAIRED = 4
    SIMPLIFIED = 8
    TECHNICAL_DELAY = 16


@dataclass(frozen=True, slots=True)
class LoanDay:
    """A contract's row of one day; amounts are minor units of its partition's currency.

    `number` and `ends_on` name the period that accrues, on `accruing_minor`; `accrued_minor` is what the period has
    so far, and `remainder` what of it is less, or more, than a whole minor unit, in parts of the profile's unit.
    `recognised_minor` is all interest ever recognised. The two postings of the row are `accrual_minor` and
    `allowance_change_minor`. A contract that is owed no more has a last row, whose `ends_on` is None. `category` is a
    `RiskCategory.code`; `stage` is 1 to 3, 4 for what was impaired when it was bought, 5 for the simplified approach.
    `category_at_least` is the worst category of all rules that do not count days past due, `flags` are `RiskBit`s,
    `clean_since` the first day on which no reason for the stage held any more.
    """

    business_date: date
    place: int
    number: int
    ends_on: date | None
    accruing_minor: int
    accrued_minor: int
    remainder: int
    recognised_minor: int
    accrual_minor: int
    outstanding_minor: int
    oldest_due_date: date | None
    days_past_due: int
    category: int
    stage: int
    allowance_minor: int
    allowance_change_minor: int
    flags: int
    category_at_least: int
    clean_since: date | None


@dataclass(frozen=True, slots=True)
class LoanReclassified:
    """A close moved a loan to another category or stage."""

    loan_id: str
    business_date: date
    days_past_due: int
    category: RiskCategory
    category_before: RiskCategory
    stage: int
    stage_before: int
    allowance: Money


@dataclass(frozen=True, slots=True)
class Period:
    """A period of a schedule: from the due date before to its own, on the principal owed between."""

    number: int
    starts_on: date
    ends_on: date
    balance_minor: int


@dataclass(frozen=True, slots=True)
class Accrual:
    """How far a contract's interest is: the fields of `LoanDay` of the same names."""

    number: int
    ends_on: date | None
    accruing_minor: int
    accrued_minor: int
    remainder: int
    recognised_minor: int


def carried(before: Accrual, rates: NightRates) -> Accrual:
    """One more night of the same period: the remainder of the nights before is carried, nothing is rounded twice."""
    parts = before.remainder + before.accruing_minor * rates.nightly
    night = whole(before.accrued_minor, parts, rates.unit)
    return Accrual(
        before.number,
        before.ends_on,
        before.accruing_minor,
        before.accrued_minor + night,
        parts - night * rates.unit,
        before.recognised_minor + night,
    )


def rolled(before: Accrual, ended_interest_minor: int, begun: Period | None, rates: NightRates) -> Accrual:
    """The first night of the next period, or none behind the last; the period that ended is made its instalment's."""
    recognised = before.recognised_minor + ended_interest_minor - before.accrued_minor
    if begun is None:
        return Accrual(before.number, NEVER, 0, 0, 0, recognised)
    parts = begun.balance_minor * rates.nightly
    night = whole(0, parts, rates.unit)
    remainder = parts - night * rates.unit
    return Accrual(begun.number, begun.ends_on, begun.balance_minor, night, remainder, recognised + night)


def opened(profile: Profile, due_interest_minor: int, last: int, running: Period | None, on: date) -> Accrual:
    """From the schedule itself: what fell due by the day, and the running period up to the night after it.

    `last` is the number of the last instalment, for a schedule none of whose periods runs any more.
    """
    if running is None:
        return Accrual(last, NEVER, 0, 0, 0, due_interest_minor)
    begins = min(running.starts_on, on + _NIGHT)
    parts = running.balance_minor * profile.parts(begins, on + _NIGHT)
    accrued = whole(0, parts, profile.unit)
    remainder = parts - accrued * profile.unit
    recognised = due_interest_minor + accrued
    return Accrual(running.number, running.ends_on, running.balance_minor, accrued, remainder, recognised)


def whole(accrued_minor: int, parts: int, unit: int) -> int:
    """How many minor units parts come to, so that the sum is what the period's parts come to, half to even."""
    found, left = divmod(2 * parts + unit, 2 * unit)
    return found - 1 if not left and (accrued_minor + found) % 2 else found
