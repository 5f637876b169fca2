"""How interest of a product's loans is reckoned (计息约定), and what a floating rate follows."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from zhongtai.kernel.servicing import terms as kernel
from zhongtai.kernel.servicing.terms import (
    DaysInMonth,
    DaysInYear,
    InterestMethod,
    InterestPeriod,
    LeapYear,
    RepricingRule,
    Unit,
)

HUNDRED = Decimal(100)
LOAN_PRIME_RATE = "LPR"


@dataclass(frozen=True, slots=True)
class FloatingRate:
    """A rate that follows a benchmark; `spread` is added to the quote, 0.0035 = 35 basis points."""

    tenor: str
    spread: Decimal
    reprice_every_months: int
    reprice_on_new_year: bool
    benchmark: str = ""
    rule: RepricingRule | None = None
    fixed_day: date | None = None
    cap: Decimal | None = None
    floor: Decimal | None = None

    def rate(self) -> kernel.FloatingRate:
        """The same in per cent, as the engine takes it."""
        return kernel.FloatingRate(
            tenor=self.tenor,
            spread_percent=self.spread * HUNDRED,
            reprice_every_months=self.reprice_every_months,
            benchmark=self.benchmark or LOAN_PRIME_RATE,
            rule=self.repricing,
            fixed_day=self.fixed_day,
            cap_percent=None if self.cap is None else self.cap * HUNDRED,
            floor_percent=None if self.floor is None else self.floor * HUNDRED,
        )

    @property
    def repricing(self) -> RepricingRule:
        """The rule of its re-pricing days, however it was stated."""
        by_year = RepricingRule.NEW_YEAR if self.reprice_on_new_year else RepricingRule.EVERY_MONTHS
        return self.rule or by_year


@dataclass(frozen=True, slots=True)
class InterestConvention:
    """How interest is reckoned; the rate itself is the product's or the loan's."""

    rate_unit: Unit
    method: InterestMethod
    period: InterestPeriod
    partial_periods: bool
    days_in_month: DaysInMonth
    days_in_year: DaysInYear
    leap_year: LeapYear
    charge_from_disbursement: bool
    on_disbursement_day: bool
    on_past_due: bool
    floating: FloatingRate | None

    def interest(self, rate: Decimal) -> kernel.Interest:
        """The same with a nominal rate for the unit: 0.12 = 12 %."""
        own: dict[str, Any] = {
            field.name: getattr(self, field.name) for field in fields(self) if field.name != "floating"
        }
        return kernel.Interest(
            rate=rate * HUNDRED,
            floating=None if self.floating is None else self.floating.rate(),
            **own,
        )
