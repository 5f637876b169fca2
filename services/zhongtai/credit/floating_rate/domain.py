"""A floating rate (浮动利率): the benchmark it follows, what is added, on which days it is looked up, its bounds."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from zhongtai.kernel.servicing import terms as kernel
from zhongtai.kernel.servicing.terms import RepricingRule

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
