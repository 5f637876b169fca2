"""Income that is earned over the life of the loan: capitalised income and buy-down fees.

The amount is earned in equal parts of days until maturity; an adjustment takes from what is not earned yet, and
what goes beyond it from what was.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from zhongtai.kernel.servicing.books import REPAID, Books, Status
from zhongtai.kernel.servicing.entries import Entry
from zhongtai.kernel.servicing.instalments import FEE, INTEREST
from zhongtai.kernel.servicing.interest.factors import CONTEXT, rounded
from zhongtai.kernel.servicing.opening import available_amount
from zhongtai.kernel.servicing.operations import AdjustBuyDownFee, AdjustCapitalizedIncome, BuyDownFee, CapitalizeIncome
from zhongtai.kernel.servicing.refusals import (
    AmountExceedsApproved,
    AmountExceedsTransaction,
    DateTooEarly,
    FeatureNotInTerms,
    LoanIsChargedOff,
    LoanIsTerminated,
)
from zhongtai.kernel.servicing.terms import DeferredIncome, IncomeKind
from zhongtai.kernel.servicing.transactions import TransactionType

T = TransactionType


@dataclass(frozen=True, slots=True)
class Kind:
    """The transactions of one kind of deferred income."""

    income: TransactionType
    adjustment: TransactionType
    amortisation: TransactionType
    amortisation_adjustment: TransactionType


CAPITALISED = Kind(
    T.CAPITALIZED_INCOME,
    T.CAPITALIZED_INCOME_ADJUSTMENT,
    T.CAPITALIZED_INCOME_AMORTIZATION,
    T.CAPITALIZED_INCOME_AMORTIZATION_ADJUSTMENT,
)
BOUGHT_DOWN = Kind(
    T.BUY_DOWN_FEE, T.BUY_DOWN_FEE_ADJUSTMENT, T.BUY_DOWN_FEE_AMORTIZATION, T.BUY_DOWN_FEE_AMORTIZATION_ADJUSTMENT
)


def capitalise(books: Books, operation: CapitalizeIncome) -> None:
    """Income is added to the balance, within what may still be lent."""
    _may_defer(books, books.terms.capitalized_income, "capitalised income", *REPAID)
    books.require_day(operation.dated)
    books.require_amount(operation.amount)
    given_back = sum(each.amount for each in books.standing(T.CAPITALIZED_INCOME_ADJUSTMENT))
    available = available_amount(books) - given_back
    if operation.amount > available:
        raise AmountExceedsApproved(amount=operation.amount, available=available)
    books.book(books.entry(T.CAPITALIZED_INCOME, operation.dated, operation.amount))
    books.settle_status(operation.dated)


def adjust_capitalised(books: Books, operation: AdjustCapitalizedIncome) -> None:
    """Part of a capitalised income is given back, as a payment."""
    income = _to_adjust(books, CAPITALISED, operation)
    books.book(books.entry(T.CAPITALIZED_INCOME_ADJUSTMENT, operation.dated, operation.amount, of=income.root))
    books.settle_status(operation.dated)


def buy_down(books: Books, operation: BuyDownFee) -> None:
    """A fee for a lower rate: earned like capitalised income, owed by nobody here."""
    _may_defer(books, books.terms.buy_down_fee, "a buy-down fee")
    books.require_day(operation.dated)
    books.require_amount(operation.amount)
    _fill(_book_memorandum(books, T.BUY_DOWN_FEE, operation.dated, operation.amount, None), books.terms.buy_down_fee)


def adjust_bought_down(books: Books, operation: AdjustBuyDownFee) -> None:
    """Part of a buy-down fee is given back."""
    income = _to_adjust(books, BOUGHT_DOWN, operation)
    entry = _book_memorandum(books, T.BUY_DOWN_FEE_ADJUSTMENT, operation.dated, operation.amount, income.root)
    _fill(entry, books.terms.buy_down_fee)


def _book_memorandum(books: Books, type_: TransactionType, on: date, amount: int, of: str | None) -> Entry:
    entry = books.entry(type_, on, amount, of=of)
    entry.fresh = False
    books.entries.append(entry)
    return entry


def _fill(entry: Entry, terms: DeferredIncome | None) -> None:
    """The whole amount is interest, or a fee, as the terms earn it."""
    if terms is not None:
        entry.amounts[INTEREST if terms.kind is IncomeKind.INTEREST else FEE] = entry.amount


def _may_defer(books: Books, terms: DeferredIncome | None, feature: str, *statuses: Status) -> None:
    if terms is None:
        raise FeatureNotInTerms(feature=feature)
    books.require(Status.ACTIVE, *statuses)
    if books.charged_off:
        raise LoanIsChargedOff()
    if books.terminated:
        raise LoanIsTerminated()


def _to_adjust(books: Books, kind: Kind, operation: AdjustCapitalizedIncome | AdjustBuyDownFee) -> Entry:
    books.require(Status.ACTIVE, *REPAID)
    books.require_day(operation.dated)
    books.require_amount(operation.amount)
    income = books.find(operation.transaction)
    if operation.dated < income.dated:
        raise DateTooEarly(dated=operation.dated, earliest=income.dated)
    given = sum(each.amount for each in books.standing(kind.adjustment) if each.of == income.root)
    if operation.amount > income.amount - given:
        raise AmountExceedsTransaction(amount=operation.amount, available=income.amount - given)
    return income


def earned_until(income: Entry, adjustments: list[Entry], till: date, maturity: date) -> int:
    """What of the income is earned until the day, in minor units."""
    left, earned, correction = Decimal(income.amount), Decimal(0), Decimal(0)
    cursor = income.dated
    for each in sorted(adjustments, key=lambda each: each.dated):
        part = _part(left, cursor, each.dated, maturity)
        earned += part
        left = left - part - each.amount
        if left < 0:
            correction += left
            left = Decimal(0)
        cursor = each.dated
    if cursor < till:
        earned += _part(left, cursor, till, maturity)
    elif income.dated == maturity:
        earned += left
    return rounded(earned + correction)


def _part(left: Decimal, start: date, end: date, maturity: date) -> Decimal:
    days = (maturity - start).days
    return CONTEXT.divide(left * (end - start).days, Decimal(days)) if days else Decimal(0)


def amortise_at_charge_off(books: Books, on: date, of: str) -> None:
    """What the days until then earned; then at once what is not earned yet."""
    amortise(books, on, of=of)
    amortise(books, on, fully=True, of=of)


def amortise(books: Books, on: date, *, fully: bool = False, of: str | None = None) -> None:
    """Books what was earned since the last time; `fully`: everything, for the loan ends on the day."""
    for kind, terms in ((CAPITALISED, books.terms.capitalized_income), (BOUGHT_DOWN, books.terms.buy_down_fee)):
        if terms is not None and books.work is not None:
            _amortise(books, kind, terms, on, fully=fully, of=of)


def _amortise(books: Books, kind: Kind, terms: DeferredIncome, on: date, *, fully: bool, of: str | None) -> None:
    if not any(each.type is kind.income for each in books.entries):
        return
    maturity = books.contract_end
    till = min(on + timedelta(days=1), maturity)
    earned = 0
    for income in books.standing(kind.income):
        if fully:
            books.closed_incomes.add(income.root)
        given_back = [each for each in books.standing(kind.adjustment) if each.of == income.root]
        until = maturity if income.root in books.closed_incomes else till
        earned += earned_until(income, given_back, until, maturity)
    booked = sum(each.amount for each in books.standing(kind.amortisation)) - sum(
        each.amount for each in books.standing(kind.amortisation_adjustment)
    )
    if earned == booked:
        return
    type_ = kind.amortisation if earned > booked else kind.amortisation_adjustment
    entry = _book_memorandum(books, type_, on, abs(earned - booked), of)
    _fill(entry, terms)
