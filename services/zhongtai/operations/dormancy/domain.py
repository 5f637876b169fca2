"""Dormant accounts (睡眠户、久悬户): when an account was last used, when by its rule it falls asleep.

Of a firm's settlement account 《人民币银行结算账户管理办法》 (中国人民银行令〔2003〕第5号) article 56 rules: after one
year without receipt or payment, where the firm owes the bank nothing, the bank tells it to close the account within 30
days from the notice; later it counts as closed by its owner, and what is left goes to 久悬未取专户. Here it falls
dormant, and its money stays on it until it is paid out. For persons no article rules: months and balance are what banks
announce for themselves (长期不动户). Interest, fees and tax are no use of an account (非客户主动发起的收支).

Always true: no account falls dormant before its months and the days of its notice are over, nor in use meanwhile.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Missing
from zhongtai.kernel.schedule import months_later
from zhongtai.operations.account.domain import Account, AccountStatus

# Months differ by so many days, so a search by date asks for those earlier, and the rule decides.
_UNEVEN = timedelta(days=3)


class DormancyNotFound(Missing):
    """There is no customer's account {account_id} whose use is noted: check the id.

    没有账户{account_id}的使用记录：请核对编号。
    """

    account_id: str


class DormancyStatus(StrEnum):
    """Whether an account sleeps."""

    AWAKE = "AWAKE"
    NOTICED = "NOTICED"
    DORMANT = "DORMANT"


@dataclass(frozen=True, slots=True)
class DormancyRule:
    """When the accounts of a product fall dormant: `at_most` is the balance they have then, None any.

    `notice_days` are those the owner has after being told; 0 tells nobody before.
    """

    account_product: str
    months: int
    notice_days: int
    owing_nothing: bool
    source: str
    at_most: Money | None = None
    confirm: bool = False

    def used_by(self, today: date) -> date:
        """The day by which accounts that may be due were used last; some of them are not due yet."""
        return months_later(today, -self.months) + _UNEVEN

    def lets_sleep(self, account: Account, *, owing: bool, now: datetime) -> bool:
        """Whether an account that is not used may fall dormant: active, nothing of it held, and as the rule says."""
        small = self.at_most is None or (
            account.currency_code == self.at_most.currency and account.balance <= self.at_most
        )
        free = account.status is AccountStatus.ACTIVE and not account.held(now)
        return free and small and not (owing and self.owing_nothing)


@dataclass(frozen=True, slots=True)
class DormancyNoticed:
    """The owner of an account is to be told that it falls dormant."""

    account_id: str
    last_used_on: date
    until: date


@dataclass(frozen=True, slots=True)
class AccountFellDormant:
    """An account fell dormant."""

    account_id: str
    last_used_on: date
    balance: Money


@dataclass(frozen=True, slots=True)
class AccountWoken:
    """An account was woken, or a notice was answered for it."""

    account_id: str
    woken_by: str
    proof: str


@dataclass(frozen=True, slots=True)
class Dormancy:
    """When an account was last used, and whether it sleeps."""

    account_id: str
    product: str
    last_used_on: date
    status: DormancyStatus = DormancyStatus.AWAKE
    noticed_on: date | None = None
    dormant_since: date | None = None
    woken_on: date | None = None
    woken_by: str = ""
    proof: str = ""

    def swept(
        self, rule: DormancyRule, account: Account, *, owing: bool, now: datetime, today: date
    ) -> tuple["Dormancy", DormancyNoticed | AccountFellDormant | None]:
        """How the account stands by its rule today, and what is to be told of it."""
        if self.status is DormancyStatus.DORMANT:
            return self, None
        due = months_later(self.last_used_on, rule.months) <= today
        if not (due and rule.lets_sleep(account, owing=owing, now=now)):
            return replace(self, status=DormancyStatus.AWAKE, noticed_on=None), None
        if rule.notice_days:
            noticed_on = self.noticed_on or today
            until = noticed_on + timedelta(days=rule.notice_days)
            if today <= until:
                noticed = replace(self, status=DormancyStatus.NOTICED, noticed_on=noticed_on)
                told = None if self.noticed_on else DormancyNoticed(self.account_id, self.last_used_on, until)
                return noticed, told
        asleep = replace(self, status=DormancyStatus.DORMANT, dormant_since=today)
        return asleep, AccountFellDormant(self.account_id, self.last_used_on, account.balance)

    def woken(self, woken_by: str, proof: str, today: date) -> tuple["Dormancy", AccountWoken | None]:
        """The account awake and used today; one that is awake stays as it is."""
        if self.status is DormancyStatus.AWAKE:
            return self, None
        awake = Dormancy(self.account_id, self.product, today, woken_on=today, woken_by=woken_by, proof=proof)
        return awake, AccountWoken(self.account_id, woken_by, proof)
