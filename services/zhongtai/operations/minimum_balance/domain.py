"""Minimum balances (最低余额): what has to stay on an account; it is the floor of the account, above nothing."""

from dataclasses import dataclass, replace

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Unmet
from zhongtai.operations.account.domain import Account, AccountMustBeOpen, AccountStatus


class OverdraftMustBeEnded(Unmet):
    """The account {account_id} may be overdrawn: end the overdraft first.

    账户{account_id}约定了透支：请先终止透支。
    """

    account_id: str


@dataclass(frozen=True, slots=True)
class MinimumBalanceSet:
    """What has to stay on an account was set."""

    account_id: str
    minimum: Money


def keeping(account: Account, minimum: Money) -> tuple[Account, MinimumBalanceSet | None]:
    """The account with what has to stay on it; None where it was so already."""
    if account.must_be_customers().status is AccountStatus.CLOSED:
        raise AccountMustBeOpen(account_id=account.account_id)
    floor = Money(account.currency_code, 0) + minimum
    if account.floor is None or account.floor.minor_units < 0:
        raise OverdraftMustBeEnded(account_id=account.account_id)
    if account.floor == floor:
        return account, None
    return replace(account, floor=floor), MinimumBalanceSet(account.account_id, floor)
