"""The chart of accounts (会计科目表): the codes that entries are posted to."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from zhongtai.kernel.refusals import Invalid, Missing
from zhongtai.operations.account.domain import Side


class AccountCodeNotFound(Missing):
    """There is no account code {account_code} in the chart of accounts: use one of the chart.

    会计科目{account_code}不存在：请使用科目表中的科目。
    """

    account_code: str


class AccountCodeMustTakePostings(Invalid):
    """{account_code} is a heading or controls accounts: post to a code or an account beneath it.

    科目{account_code}为汇总或统驭科目：请记入其下级科目或账户。
    """

    account_code: str


class AccountCategory(StrEnum):
    """What a general-ledger account stands for."""

    ASSET = "ASSET"
    LIABILITY = "LIABILITY"
    CLEARING = "CLEARING"
    EQUITY = "EQUITY"
    INCOME = "INCOME"
    EXPENSE = "EXPENSE"


@dataclass(frozen=True, slots=True)
class GeneralAccount:
    """A line of the chart of accounts; headings and control accounts take no postings themselves."""

    account_code: str
    name: str
    name_zh: str
    category: AccountCategory
    side: Side
    takes_postings: bool = True


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart of accounts, by code."""

    accounts: Mapping[str, GeneralAccount]

    def account(self, account_code: str) -> GeneralAccount:
        """The general-ledger account of a code."""
        if account_code not in self.accounts:
            raise AccountCodeNotFound(account_code=account_code)
        return self.accounts[account_code]

    def must_take_postings(self, account_code: str) -> None:
        """Refuses a code that is not there, a heading, and a code that is posted through its accounts."""
        if not self.account(account_code).takes_postings:
            raise AccountCodeMustTakePostings(account_code=account_code)
