"""Overdrafts (账户透支): how far an account may stand below nothing, for how many days on end, and what that costs.

Interest is earned by the days the balance stood below nothing by value date (积数计息法), a day's rate being the yearly
one over 360; days beyond those agreed, and after the last day of the agreement, earn the overdue rate
(逾期贷款罚息利率, 银发〔2003〕251号: the rate of the contract and 30 to 50 % more). It is charged on the 20th of a
month and booked on the 21st, after which it is overdrawn like the rest (复利). A movement valued in days that were
charged counts from the first day that was not. What an account cannot bear stays due and is tried every night.

Always true: an account stands no lower than the amount agreed; overdue or ended, it is lent nothing more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from zhongtai.kernel.money import Money, Rounding, rounded
from zhongtai.kernel.refusals import Invalid, Missing, Unmet
from zhongtai.operations.account.domain import Account, AccountMustBeActive, AccountStatus

DAY = timedelta(days=1)
DAYS_IN_YEAR = 360
# The day of a month on which interest is charged.
CHARGED_ON = 20
Move = tuple[date, int]


class OverdraftNotFound(Missing):
    """No overdraft was agreed for the account {account_id}: agree one first.

    账户{account_id}未约定透支：请先约定。
    """

    account_id: str


class OverdraftMustBeOffered(Unmet):
    """Accounts of the product {product} take no overdraft: name another account.

    产品{product}的账户不提供透支：请更换账户。
    """

    product: str


class OverdraftMustBeInBounds(Invalid):
    """An overdraft is for {days_most} days on end and {months} months at most, its rates 0 or more and rising: mend it.

    透支须连续不超过{days_most}天、协议期不超过{months}个月，利率不为负且逾期利率不低于正常利率：请修改。
    """

    days_most: int
    months: int


class OverdraftRatesMustStay(Unmet):
    """The overdraft of {account_id} stands at other rates: keep them, or end it and agree anew once it is paid.

    账户{account_id}现行透支利率不同：请保持利率不变，或终止并结清后重新约定。
    """

    account_id: str


class MinimumBalanceMustBeLifted(Unmet):
    """The account {account_id} has to keep {minimum}: lift the minimum balance first.

    账户{account_id}须保留最低余额{minimum}：请先取消最低余额。
    """

    account_id: str
    minimum: Money


class OverdraftDayMustBeOver(Unmet):
    """{business_date} is not over, the business date is {today}: ask when the bank is on a later date.

    {business_date}尚未结束，当前营业日为{today}：请在切日后办理。
    """

    business_date: date
    today: date


class OverdraftStatus(StrEnum):
    """How an overdraft stands."""

    STANDING = "STANDING"
    OVERDUE = "OVERDUE"
    ENDED = "ENDED"
    SETTLED = "SETTLED"


@dataclass(frozen=True, slots=True)
class OverdraftOffer:
    """What may be agreed for accounts of a product."""

    account_product: str
    days_most: int
    months: int
    source: str
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class OverdraftAgreed:
    """An overdraft was agreed."""

    account_id: str
    customer_id: str
    agreed: Money
    ends_on: date


@dataclass(frozen=True, slots=True)
class OverdraftMoved:
    """An overdraft stands otherwise."""

    account_id: str
    status: OverdraftStatus
    days_overdrawn: int


@dataclass(frozen=True, slots=True)
class OverdraftInterestCharged:
    """Interest was charged."""

    account_id: str
    through: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Counted:
    """What days came to: interest in minor units exactly, the balance at their end, the days overdrawn on end."""

    interest: Fraction
    balance_minor: int
    days_overdrawn: int


@dataclass(frozen=True, slots=True)
class Overdraft:
    """An overdraft; `opening_minor` is the balance by value date at the end of `charged_through`.

    `seen_number` is the last entry of the ledger that is in the opening; `days_at_charge` were overdrawn on end there.
    """

    account_id: str
    customer_id: str
    agreed: Money
    rate: Decimal
    overdue_rate: Decimal
    days_most: int
    starts_on: date
    ends_on: date
    charged_through: date
    opening_minor: int
    seen_number: int
    days_at_charge: int
    accrued_through: date
    accrued: Money
    due: Money
    days_overdrawn: int
    status: OverdraftStatus

    def must_fit(self, offer: OverdraftOffer, latest: date) -> "Overdraft":
        """The overdraft itself; refuses what is not offered so."""
        fits = self.days_most <= offer.days_most and self.starts_on <= self.ends_on <= latest
        if not fits or not 0 <= self.rate <= self.overdue_rate:
            raise OverdraftMustBeInBounds(days_most=offer.days_most, months=offer.months)
        return self

    def agreed_anew(self, asked: "Overdraft") -> "Overdraft":
        """This overdraft with what is asked for now; one that is settled gives way to it."""
        if self.status is OverdraftStatus.SETTLED:
            return asked
        if (self.rate, self.overdue_rate) != (asked.rate, asked.overdue_rate):
            raise OverdraftRatesMustStay(account_id=self.account_id)
        within = self.days_overdrawn <= asked.days_most
        return replace(
            self,
            agreed=asked.agreed,
            days_most=asked.days_most,
            ends_on=asked.ends_on,
            status=OverdraftStatus.STANDING if within else OverdraftStatus.OVERDUE,
        )

    def agreement(self) -> OverdraftAgreed:
        """The fact that it was agreed."""
        return OverdraftAgreed(self.account_id, self.customer_id, self.agreed, self.ends_on)

    def moved(self) -> OverdraftMoved:
        """The fact of how it stands."""
        return OverdraftMoved(self.account_id, self.status, self.days_overdrawn)

    @property
    def floor(self) -> Money:
        """The least the account may be taken down to."""
        return -self.agreed if self.status is OverdraftStatus.STANDING else self.agreed.nothing

    def ended(self, today: date) -> "Overdraft":
        """The overdraft, over from tomorrow on and lent no more from now on."""
        over = self.status in (OverdraftStatus.ENDED, OverdraftStatus.SETTLED)
        return self if over else replace(self, status=OverdraftStatus.ENDED, ends_on=min(self.ends_on, today))

    def counted(self, moves: Sequence[Move], through: date) -> Counted:
        """What the days after `charged_through` came to; moves valued earlier count from the first of them."""
        product, balance, run = Fraction(0), self.opening_minor, self.days_at_charge
        waiting = sorted(moves)
        on = self.charged_through
        while on < through:
            on += DAY
            while waiting and waiting[0][0] <= on:
                balance += waiting.pop(0)[1]
            run = run + 1 if balance < 0 else 0
            late = run > self.days_most or on > self.ends_on
            product += max(-balance, 0) * Fraction(self.overdue_rate if late else self.rate)
        return Counted(product / DAYS_IN_YEAR, balance, run)

    def accrue(self, counted: Counted, through: date) -> "tuple[Overdraft, Money]":
        """The overdraft with what was earned through a day, and what that adds to what was accrued."""
        exact = counted.interest
        owed = Money(self.agreed.currency, rounded(exact.numerator, exact.denominator, Rounding.HALF_UP))
        after = replace(self, accrued_through=through, accrued=owed, days_overdrawn=counted.days_overdrawn)
        return after, owed - self.accrued

    def charges(self, counted: Counted, through: date) -> bool:
        """Whether a 20th has come since it was charged last, or it is over and the account no longer overdrawn."""
        before = through if through.day >= CHARGED_ON else through.replace(day=1) - DAY
        paid = through >= self.ends_on and counted.balance_minor >= 0
        return bool(self.accrued) and (paid or before.replace(day=CHARGED_ON) > self.charged_through)

    def charge(self, counted: Counted, through: date, number: int) -> "tuple[Overdraft, OverdraftInterestCharged]":
        """The overdraft with what it earned due, counted on from a day; entries through `number` are in its opening."""
        after = replace(
            self,
            charged_through=through,
            opening_minor=counted.balance_minor,
            seen_number=number,
            days_at_charge=counted.days_overdrawn,
            accrued=self.accrued.nothing,
            due=self.due + self.accrued,
        )
        return after, OverdraftInterestCharged(self.account_id, through, self.accrued)

    def taken(self) -> "Overdraft":
        """The overdraft after what was due was taken from the account."""
        return replace(self, due=self.due.nothing)

    def at(self, counted: Counted, through: date) -> "Overdraft":
        """The overdraft as it stands at the end of a day."""
        if self.status is OverdraftStatus.ENDED or through >= self.ends_on:
            paid = counted.balance_minor >= 0 and not self.due and not self.accrued
            return replace(self, status=OverdraftStatus.SETTLED if paid else OverdraftStatus.ENDED)
        late = counted.days_overdrawn > self.days_most
        return replace(self, status=OverdraftStatus.OVERDUE if late else OverdraftStatus.STANDING)


def must_take_overdraft(account: Account) -> Account:
    """The account itself; refuses one of the bank's own, one that is not active, and one that has to keep a balance."""
    if account.must_be_customers().status is not AccountStatus.ACTIVE:
        raise AccountMustBeActive(account_id=account.account_id, status=account.status)
    if account.floor is not None and account.floor.minor_units > 0:
        raise MinimumBalanceMustBeLifted(account_id=account.account_id, minimum=account.floor)
    return account


def must_be_over(business_date: date, today: date) -> date:
    """The date itself; refuses one that is not over."""
    if business_date >= today:
        raise OverdraftDayMustBeOver(business_date=business_date, today=today)
    return business_date
