"""Interest on demand deposits (活期存款计息): an account's product of balances and days (积数), and what is paid of
it.

The rules are those of 《中国人民银行关于人民币存贷款计结息问题的通知》 (银发〔2005〕129号): demand deposits are
settled by the quarter on the 20th of its last month; those of persons at the rate listed on that day, those of firms
day by day at the rate of each day (分段计息); interest = 累计计息积数 × 日利率, a day's rate is the yearly one over
360. A balance counts by value date: the day it arrives earns, the day it leaves does not (算头不算尾). What was
settled is a movement of the next day, so it earns from then on (复利).

Always true: an account's product is the sum of its daily balances since it was last settled, whatever the order in
which its movements were booked.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from zhongtai.kernel.money import Money, rounded
from zhongtai.kernel.refusals import Invalid
from zhongtai.operations.deposit_rate.domain import DepositRate, in_force
from zhongtai.operations.interest_tax.domain import Earned, InterestTaxRate, paid_and_withheld

DAY = timedelta(days=1)
# A day's movement of an account by value date, in minor units.
Move = tuple[date, int]


class AccountMustEarnInterest(Invalid):
    """The account {account_id} is not kept under a plan of interest: name a demand deposit.

    账户{account_id}未适用计息方案：请填写活期存款账户。
    """

    account_id: str


class RateChoice(StrEnum):
    """Which rate a day earns."""

    AT_SETTLEMENT = "AT_SETTLEMENT"
    """The rate listed on the day of settlement, for all days (个人活期)."""
    AS_IT_RUNS = "AS_IT_RUNS"
    """The rate of each day (单位活期，分段计息)."""


class TierChoice(StrEnum):
    """How the tiers of a rate share a balance."""

    EACH_PART = "EACH_PART"
    """Each part of the balance earns the rate of its tier (分段累进)."""
    WHOLE_BALANCE = "WHOLE_BALANCE"
    """The whole balance earns the rate of the tier it reaches (靠档)."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A leg of an entry on an account, in minor units; credits above zero."""

    number: int
    value_date: date
    minor: int


@dataclass(frozen=True, slots=True)
class DepositPlan:
    """How the accounts of a product earn interest; `settles_on` are days of the year, "03-20"."""

    plan: str
    name: str
    name_zh: str
    account_product: str
    rate_code: str
    rate_choice: RateChoice
    tier_choice: TierChoice
    days_in_year: int
    settles_on: tuple[str, ...]
    counts_from_minor: int
    source: str
    confirm: bool = False

    def settles(self, on: date) -> bool:
        """Whether the day is one of settlement (结息日)."""
        return on.strftime("%m-%d") in self.settles_on


@dataclass(frozen=True, slots=True)
class DayProduct:
    """The sum of daily balances in one tier from `effective_on` on, all at one rate and one tax (积数)."""

    effective_on: date
    tier: int
    amount: int


@dataclass(frozen=True, slots=True)
class Terms:
    """A plan in one currency with all its rates, and those of the tax on what it pays, by the day they begin."""

    plan: DepositPlan
    rates: tuple[DepositRate, ...]
    taxes: tuple[InterestTaxRate, ...] = ()

    @property
    def starts(self) -> list[date]:
        """The days on which a rate begins, or a tax after the first rate."""
        rates = [rate.effective_on for rate in self.rates]
        taxes = [tax.effective_on for tax in self.taxes if rates and tax.effective_on > rates[0]]
        return sorted({*rates, *taxes}) if taxes else rates

    def bands(self, balance_minor: int) -> tuple[int, ...]:
        """What of a balance each tier earns on; nothing of one below zero, nothing below the unit that counts (元)."""
        unit = self.plan.counts_from_minor
        counted = max(balance_minor, 0) // unit * unit
        if not self.rates or len(self.rates[0].tiers) == 1:
            return (counted,)
        thresholds = self.rates[0].thresholds
        if self.plan.tier_choice is TierChoice.WHOLE_BALANCE:
            reached = max(tier for tier, start in enumerate(thresholds) if start <= counted)
            return tuple(counted if tier == reached else 0 for tier in range(len(thresholds)))
        ends = (*thresholds[1:], counted)
        return tuple(max(0, min(counted, end) - start) for start, end in zip(thresholds, ends, strict=True))

    def run(self, bands: Sequence[int], after: date, through: date) -> Counter[tuple[date, int]]:
        """The products of bands that stand from the day after `after` through `through`, by rate and tier.

        Where `through` lies before `after` it is what would have to be taken back. Days before the first rate earn
        nothing.
        """
        if through < after:
            taken_back = self.run(bands, through, after)
            return Counter({key: -amount for key, amount in taken_back.items()})
        products: Counter[tuple[date, int]] = Counter()
        starts = self.starts
        for position, start in enumerate(starts):
            ends = starts[position + 1] - DAY if position + 1 < len(starts) else date.max
            days = (min(through, ends) - max(start, after + DAY)).days + 1
            if days > 0:
                for tier, band in enumerate(bands):
                    if band:
                        products[start, tier] += band * days
        return products

    def interest(self, products: Iterable[DayProduct], on: date) -> Fraction:
        """What products earn in minor units, exactly, where they are settled on that day."""
        return sum((earned.amount for earned in self.earned(products, on)), Fraction(0))

    def earned(self, products: Iterable[DayProduct], on: date) -> list[Earned]:
        """What each product earns where they are settled on that day; one tax is for all days of a product."""
        listed, found = in_force(self.rates, on), []
        for product in products:
            of_days = in_force(self.rates, product.effective_on)
            rate = listed if self.plan.rate_choice is RateChoice.AT_SETTLEMENT else of_days
            if rate is not None:
                exact = product.amount * Fraction(rate.tiers[product.tier].rate) / self.plan.days_in_year
                found.append(Earned(product.effective_on, 1, exact))
        return found

    def first_rate(self, on: date) -> Decimal:
        """The yearly rate of the first tier on a day; zero before the first rate."""
        listed = in_force(self.rates, on)
        return listed.tiers[0].rate if listed else Decimal(0)


@dataclass(frozen=True, slots=True)
class DepositInterest:
    """What one account earned since `settled_through`, counted through `through`; balances are by value date.

    `adjustments` are products of movements valued before the last settlement (倒起息积数调整): what was settled then
    stays settled, and the difference is paid with the next. `seen_number` is the last entry of the ledger that is in
    it.
    """

    account_id: str
    plan: str
    currency_code: str
    settled_through: date
    opening_minor: int
    through: date
    balance_minor: int
    products: tuple[DayProduct, ...]
    adjustments: tuple[DayProduct, ...]
    seen_number: int

    @classmethod
    def begin(cls, account_id: str, plan: str, currency_code: str, first: date) -> "DepositInterest":
        """An account that earns from its first movement's value date on."""
        before = first - DAY
        return cls(account_id, plan, currency_code, before, 0, before, 0, (), (), 0)

    @property
    def all_products(self) -> tuple[DayProduct, ...]:
        """The products to be paid: those of the days since, and the adjustments."""
        return (*self.products, *self.adjustments)

    @property
    def product(self) -> int:
        """The sum of all products."""
        return sum(product.amount for product in self.all_products)

    def rolled(self, through: date, moves: Sequence[Move], terms: Terms) -> "DepositInterest":
        """The account counted on through a day; `moves` are its movements since `through`, by value date."""
        products = _counted(self.products)
        balance, at = self.balance_minor, self.through
        for value_date, minor in moves:
            if self.through < value_date <= through:
                products.update(terms.run(terms.bands(balance), at, value_date - DAY))
                balance, at = balance + minor, value_date - DAY
        products.update(terms.run(terms.bands(balance), at, through))
        return replace(self, through=through, balance_minor=balance, products=_products(products))

    def moved(
        self, new: Sequence[Move], since: Sequence[Move], number: int, through: date, terms: Terms
    ) -> "DepositInterest":
        """The account with new movements, counted through a day or as far as it was, if that is later.

        `since` are all its movements valued after `settled_through`, the new ones among them, by value date.
        """
        late = [move for move in new if move[0] <= self.settled_through]
        account = replace(self._adjusted(late, terms), seen_number=number)
        if late or any(value_date <= self.through for value_date, _ in new):
            account = replace(
                account, through=account.settled_through, balance_minor=account.opening_minor, products=()
            )
        return account.rolled(max(self.through, through), since, terms)

    def settled(self, terms: Terms, rate_on: date) -> "tuple[DepositInterest, Money, Money]":
        """The account paid through the day it is counted through, what it is paid and the tax withheld of that.

        The rate is that listed on `rate_on`. Adjustments may come to more than was earned: then nothing is paid.
        """
        earned = terms.earned(self.all_products, rate_on)
        after = replace(
            self, settled_through=self.through, opening_minor=self.balance_minor, products=(), adjustments=()
        )
        return after, *paid_and_withheld(self.currency_code, earned, terms.taxes)

    def _adjusted(self, late: Sequence[Move], terms: Terms) -> "DepositInterest":
        """Movements valued before the last settlement: the days they missed, in the first tier."""
        if not late:
            return self
        adjustments = _counted(self.adjustments)
        for value_date, minor in late:
            missed = terms.run((abs(minor),), value_date - DAY, self.settled_through)
            for key, amount in missed.items():
                adjustments[key] += amount if minor > 0 else -amount
        opening = self.opening_minor + sum(minor for _, minor in late)
        return replace(self, opening_minor=opening, adjustments=_products(adjustments))


# An account before and after a change; None where it was not there.
Change = tuple[DepositInterest | None, DepositInterest]


@dataclass(frozen=True, slots=True)
class DepositTotal:
    """All accounts of a plan and currency together, counted through a day; `payable_minor` is accrued and not yet
    paid.

    `bands` are what of all balances each tier earns on. It follows every change of an account, so that a night costs
    what changed and not what there is.
    """

    plan: str
    currency_code: str
    through: date
    products: tuple[DayProduct, ...]
    bands: tuple[int, ...]
    payable_minor: int

    def rolled(self, through: date, terms: Terms) -> "DepositTotal":
        """The total counted on through a day."""
        products = _counted(self.products)
        products.update(terms.run(self.bands, self.through, through))
        return replace(self, through=through, products=_products(products))

    def changed(self, changes: Iterable[Change], terms: Terms) -> "DepositTotal":
        """The total where accounts were one thing (None: not there) and are another, counted through any days."""
        products, bands = _counted(self.products), list(self.bands or terms.bands(0))
        for before, after in changes:
            for account, sign in ((before, -1), (after, 1)):
                if account is None:
                    continue
                standing = terms.bands(account.balance_minor)
                for product in account.all_products:
                    products[product.effective_on, product.tier] += sign * product.amount
                for key, amount in terms.run(standing, account.through, self.through).items():
                    products[key] += sign * amount
                for tier, part in enumerate(standing):
                    bands[tier] += sign * part
        return replace(self, products=_products(products), bands=tuple(bands))

    def paid(self, amount: Money) -> "DepositTotal":
        """The total after an account was paid."""
        return replace(self, payable_minor=self.payable_minor - amount.minor_units)

    def accrued(self, terms: Terms) -> "tuple[DepositTotal, Money]":
        """The total with what is owed on the day it is counted through, and what that adds to what was accrued."""
        exact = terms.interest(self.products, self.through)
        owed = rounded(exact.numerator, exact.denominator)
        return replace(self, payable_minor=owed), Money(self.currency_code, owed - self.payable_minor)


@dataclass(frozen=True, slots=True)
class DepositInterestPaid:
    """An account was paid its interest, of which `tax` was withheld."""

    account_id: str
    plan: str
    from_day: date
    through: date
    amount: Money
    tax: Money


@dataclass(frozen=True, slots=True)
class DepositInterestAccrued:
    """What the accounts of a plan earned on a day was posted."""

    plan: str
    currency_code: str
    business_date: date
    accrued: Money
    payable: Money


def _counted(products: Iterable[DayProduct]) -> Counter[tuple[date, int]]:
    counted: Counter[tuple[date, int]] = Counter()
    for product in products:
        counted[product.effective_on, product.tier] += product.amount
    return counted


def _products(counted: Counter[tuple[date, int]]) -> tuple[DayProduct, ...]:
    return tuple(
        DayProduct(effective_on, tier, amount) for (effective_on, tier), amount in sorted(counted.items()) if amount
    )
