"""Taxes (税费) of a product's loans: value added tax (增值税) on what is earned, stamp duty (印花税) on what is lent.

Rates are data of the product. In 2026 lending bears value added tax of 6 % (财税〔2016〕36号; 增值税法, in force
2026-01-01) and stamp duty of 0.005 % (《印花税法》, in force 2022-07-01, 税目税率表: 借款合同, 借款金额的万分之零点五).
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from zhongtai.kernel.money import Money
from zhongtai.kernel.rates import RATE_DECIMALS_MAX
from zhongtai.kernel.servicing.taxes import tax_within
from zhongtai.kernel.servicing.terms import Taxes

_PLACES = Decimal(1).scaleb(-RATE_DECIMALS_MAX)


@dataclass(frozen=True, slots=True)
class TaxRule:
    """The taxes of a product; `exclusive`: its rates and charges are told without value added tax."""

    value_added_rate: Decimal | None
    exclusive: bool
    stamp_duty_rate: Decimal | None

    def taxes(self) -> Taxes:
        """The same as an account keeps it."""
        return Taxes(self.value_added_rate or Decimal(0), self.stamp_duty_rate or Decimal(0))

    def owed(self, told: Decimal) -> Decimal:
        """A rate or percentage the customer owes, for the one that is told: with the tax where it is told without."""
        if not self.exclusive or self.value_added_rate is None:
            return told
        return (told * (1 + self.value_added_rate)).quantize(_PLACES, ROUND_HALF_EVEN).normalize()

    def owed_amount(self, told: Money) -> Money:
        """An amount the customer owes, for the one that is told; rounded once, half to even."""
        owed = self.owed(Decimal(told.minor_units))
        return Money(told.currency, int(owed.to_integral_value(ROUND_HALF_EVEN)))

    def within(self, earned: Money) -> Money:
        """The value added tax within an amount that is owed; rounded once, half to even."""
        return Money(earned.currency, tax_within(earned.minor_units, self.taxes().value_added))

    def stamp_duty(self, lent: Money) -> Money:
        """The stamp duty of an amount lent; rounded once, half to even."""
        duty = Decimal(lent.minor_units) * self.taxes().stamp_duty
        return Money(lent.currency, int(duty.to_integral_value(ROUND_HALF_EVEN)))
