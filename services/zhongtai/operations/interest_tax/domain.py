"""Tax on savings interest (储蓄存款利息所得税): what is withheld of interest when it is paid, by when it was earned.

Interest of persons' savings is taxed at the rate of the days it was earned on (孳生), whenever it is paid
(《对储蓄存款利息所得征收个人所得税的实施办法》, 国务院令第272号, 1999, amended by 国务院令第502号, 2007): earned by
1999-10-31 not at all, from 1999-11-01 20 %, from 2007-08-15 5 %, and from 2008-10-09 on the tax is suspended
(财税〔2008〕132号). The rates and the account products that are savings of persons are data (`rates.json`); firms pay
their own income tax, and nothing is withheld from them.

Always true: the tax is nothing less than nothing and never more than the interest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from zhongtai.kernel.money import Money, Rounding, rounded


@dataclass(frozen=True, slots=True)
class InterestTaxRate:
    """The share of interest earned from a day on that is withheld, until a later rate begins."""

    effective_on: date
    rate: Decimal
    source: str
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class Earned:
    """Interest in minor units, exactly, earned evenly on so many days from the first on."""

    first: date
    days: int
    amount: Fraction


def paid_and_withheld(currency: str, earned: Iterable[Earned], rates: Sequence[InterestTaxRate]) -> tuple[Money, Money]:
    """What is paid for interest, and what of it is withheld, each rounded half up once; `rates` by the day they begin.

    Interest that comes to less than nothing, where days were counted too much before, pays nothing.
    """
    parts = tuple(earned)
    interest = _rounded(max(Fraction(0), sum((part.amount for part in parts), Fraction(0))))
    tax = _rounded(sum((part.amount * _share(part, rates) for part in parts), Fraction(0))) if rates else 0
    return Money(currency, interest), Money(currency, max(0, min(tax, interest)))


def _share(earned: Earned, rates: Sequence[InterestTaxRate]) -> Fraction:
    """The share of what was earned that is withheld: each day at its rate, days before the first at none."""
    total, end = Fraction(0), earned.first + timedelta(days=earned.days)
    for position, rate in enumerate(rates):
        ends = rates[position + 1].effective_on if position + 1 < len(rates) else end
        days = (min(end, ends) - max(earned.first, rate.effective_on)).days
        if days > 0:
            total += Fraction(rate.rate) * days
    return total / earned.days if earned.days else total


def _rounded(exact: Fraction) -> int:
    return rounded(exact.numerator, exact.denominator, Rounding.HALF_UP)
