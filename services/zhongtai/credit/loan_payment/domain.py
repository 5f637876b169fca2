"""Payments on an account (贷款收付): what a pay-off must be. How money is shared out is the account's own rule."""

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Unmet


class AccountPayOffMustBeExact(Unmet):
    """The loan is paid off on that day by exactly {expected}, not by {amount}: ask with QuoteAccountPayOff.

    当日结清金额为{expected}，而非{amount}：请通过QuoteAccountPayOff查询。
    """

    expected: Money
    amount: Money


def must_pay_off(expected: Money, amount: Money) -> None:
    """Refuses to pay a loan off by another amount than the one quoted."""
    if amount != expected:
        raise AccountPayOffMustBeExact(expected=expected, amount=amount)
