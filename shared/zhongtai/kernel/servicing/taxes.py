"""Taxes of what an account posts: income apart from its value added tax, and the stamp duty of what is lent.

Which lines hold tax is data: the roles of income. The tax within an amount g at the rate r is g × r ÷ (1 + r), rounded
to the minor unit, half to even, line by line; an entry that is taken back takes back the same tax.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from zhongtai.kernel.money import rounded
from zhongtai.kernel.servicing.postings import Line, Role
from zhongtai.kernel.servicing.terms import Taxes
from zhongtai.kernel.servicing.transactions import Transaction, TransactionType

TAXED = frozenset(
    {
        Role.INTEREST_INCOME,
        Role.FEE_INCOME,
        Role.PENALTY_INCOME,
        Role.CAPITALIZATION_INCOME,
        Role.CHARGE_OFF_INTEREST,
        Role.CHARGE_OFF_FEE,
        Role.CHARGE_OFF_PENALTY,
    }
)
"""The roles whose lines hold value added tax; what takes income back takes its tax back."""


def tax_within(amount: int, rate: Decimal) -> int:
    """The value added tax within an amount in minor units that holds it."""
    part = Fraction(amount) * Fraction(rate) / (1 + Fraction(rate))
    return rounded(part.numerator, part.denominator)


def taxed(transaction: Transaction, lines: Iterable[Line], taxes: Taxes) -> tuple[Line, ...]:
    """The lines of a transaction, named by their roles, with its taxes apart; debits and credits stay equal."""
    found: list[Line] = []
    for line in lines:
        tax = 0
        if line.account in TAXED:
            tax = tax_within(line.debit or line.credit, taxes.value_added)
        if not tax:
            found.append(line)
        elif line.debit:
            found += [Line(line.account, line.debit - tax, 0), Line(Role.VALUE_ADDED_TAX, tax, 0)]
        else:
            found += [Line(line.account, 0, line.credit - tax), Line(Role.VALUE_ADDED_TAX, 0, tax)]
    if transaction.type is TransactionType.DISBURSEMENT:
        duty = int((transaction.amount * taxes.stamp_duty).to_integral_value(ROUND_HALF_EVEN))
        if duty:
            found += [Line(Role.STAMP_DUTY_EXPENSE, duty, 0), Line(Role.STAMP_DUTY, 0, duty)]
    return tuple(line for line in found if line.debit or line.credit)
