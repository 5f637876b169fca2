"""Classes of personal accounts (个人账户分类管理): what an account of class Ⅰ, Ⅱ or Ⅲ may pay, receive and hold.

After 银发〔2015〕392号 (the classes), 银发〔2016〕261号 (one Ⅰ类户 for a person at a bank), 银发〔2016〕302号 (the
limits) and 银发〔2018〕16号 (Ⅲ类户 holds 2,000 yuan at most); the figures and their articles are in `rules.json`. What
goes between an account and those it is bound to uses no limit.

Always true: what is used of a day or a year is the sum of what was counted in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Missing, Taken, Unmet


class AccountNotClassified(Missing):
    """The account {account_id} has no class: classify it first.

    账户{account_id}尚未分类：请先确定账户类别。
    """

    account_id: str


class AccountClassRuleNotFound(Missing):
    """There is no rule for {use} of class {tier}: use a class of the rules.

    {tier}类户无{use}规则：请使用规则中的账户类别。
    """

    tier: str
    use: str


class FirstClassAccountMustBeOnlyOne(Taken):
    """The customer has the Ⅰ class account {account_id} already: open one of class Ⅱ or Ⅲ.

    客户已有Ⅰ类户{account_id}：请开立Ⅱ类户或Ⅲ类户。
    """

    account_id: str


class BoundAccountMustBeNamed(Unmet):
    """An account of class Ⅱ or Ⅲ is bound to an account that it is verified by: name one.

    Ⅱ类户、Ⅲ类户须绑定账户核验身份：请填写绑定账户。
    """


class AccountClassMustAllowKind(Unmet):
    """An account of class {tier} does not do this ({use}): use the bound account or another class.

    {tier}类户不能办理该业务（{use}）：请通过绑定账户或其他类别账户办理。
    """

    tier: str
    use: str


class TransactionLimitExceeded(Unmet):
    """One payment of an account of this class is {limit} at the most: pay less.

    该类账户单笔限额为{limit}：请减少金额。
    """

    limit: Money


class DayLimitExceeded(Unmet):
    """Of the day's {limit} only {left} is left on this account: pay less, or tomorrow.

    该账户日累计限额{limit}仅余{left}：请减少金额或次日办理。
    """

    limit: Money
    left: Money


class YearLimitExceeded(Unmet):
    """Of the year's {limit} only {left} is left on this account: pay less, or by another account.

    该账户年累计限额{limit}仅余{left}：请减少金额或使用其他账户。
    """

    limit: Money
    left: Money


class BalanceLimitExceeded(Unmet):
    """An account of this class holds {limit} at the most: pay less in, or use another account.

    该类账户余额不得超过{limit}：请减少入账金额或使用其他账户。
    """

    limit: Money


class AccountTier(StrEnum):
    """The class of a personal account."""

    FIRST = "FIRST"
    SECOND = "SECOND"
    THIRD = "THIRD"


class AccountUse(StrEnum):
    """Which way money goes."""

    OUTWARD = "OUTWARD"
    INWARD = "INWARD"


@dataclass(frozen=True, slots=True)
class AccountClassRule:
    """The limits of a class in one direction; None is no limit."""

    tier: AccountTier
    use: AccountUse
    source: str
    allowed: bool = True
    per_transaction: Money | None = None
    per_day: Money | None = None
    per_year: Money | None = None
    balance: Money | None = None
    confirm: bool = False

    def must_allow(self, amount: Money, used: "Used", balance: Money) -> None:
        """Refuses an amount beyond a limit; `used` was counted before, `balance` is what the account would hold."""
        if not self.allowed:
            raise AccountClassMustAllowKind(tier=self.tier, use=self.use)
        if self.per_transaction and amount > self.per_transaction:
            raise TransactionLimitExceeded(limit=self.per_transaction)
        if self.per_day and used.day + amount > self.per_day:
            raise DayLimitExceeded(limit=self.per_day, left=_left(self.per_day, used.day))
        if self.per_year and used.year + amount > self.per_year:
            raise YearLimitExceeded(limit=self.per_year, left=_left(self.per_year, used.year))
        if self.balance and balance > self.balance:
            raise BalanceLimitExceeded(limit=self.balance)


@dataclass(frozen=True, slots=True)
class AccountClassified:
    """An account was put into a class."""

    account_id: str
    customer_id: str
    tier: AccountTier
    bound_accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountClassification:
    """The class of an account and the accounts it is bound to."""

    account_id: str
    customer_id: str
    tier: AccountTier
    bound_accounts: tuple[str, ...]

    def classified(self, others: Sequence["AccountClassification"]) -> AccountClassified:
        """The fact of it; `others` are the customer's other accounts that have a class."""
        if self.tier is AccountTier.FIRST:
            for other in others:
                if other.tier is AccountTier.FIRST and other.account_id != self.account_id:
                    raise FirstClassAccountMustBeOnlyOne(account_id=other.account_id)
        elif not self.bound_accounts:
            raise BoundAccountMustBeNamed()
        return AccountClassified(self.account_id, self.customer_id, self.tier, self.bound_accounts)


@dataclass(frozen=True, slots=True)
class Used:
    """What of the limits of a direction is used on a day and in its year, in one currency."""

    day: Money
    year: Money


@dataclass(frozen=True, slots=True)
class AccountUsage:
    """What an account used in one direction, on the last day and in the last year that something was counted in."""

    account_id: str
    use: AccountUse
    on: date
    day: Money
    year: Money

    def used(self, on: date) -> Used:
        """What is used on a day: nothing of a day or a year in which nothing was counted."""
        nothing = self.day.nothing
        return Used(
            self.day if self.on == on else nothing,
            self.year if self.on.year == on.year else nothing,
        )

    def counted(self, amount: Money, on: date) -> "AccountUsage":
        """The usage with an amount counted on a day."""
        used = self.used(on)
        return replace(self, on=on, day=used.day + amount, year=used.year + amount)


def _left(limit: Money, used: Money) -> Money:
    return max(limit - used, limit.nothing)
