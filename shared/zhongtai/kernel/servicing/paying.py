"""Payments, what is given back of them, and the undo of each."""

from zhongtai.kernel.servicing.books import REPAID, Books, Status
from zhongtai.kernel.servicing.entries import Entry
from zhongtai.kernel.servicing.operations import (
    AdjustTransaction,
    ChargeBack,
    CreditBalanceRefund,
    Pay,
    PaymentType,
    PayOff,
    RefundInterest,
    UndoTransaction,
)
from zhongtai.kernel.servicing.quoting import payoff_amount
from zhongtai.kernel.servicing.refusals import (
    AlreadyDone,
    AmountExceedsOverpaid,
    AmountExceedsTransaction,
    DateTooEarly,
    FeatureNotInTerms,
    TransactionNotReversible,
)
from zhongtai.kernel.servicing.terms import Convention
from zhongtai.kernel.servicing.transactions import TransactionType

T = TransactionType

_REFUNDS = (T.MERCHANT_ISSUED_REFUND, T.PAYOUT_REFUND)
_UNDOABLE = (
    T.CREDIT_BALANCE_REFUND,
    T.REFUND,
    T.WAIVE_CHARGES,
    T.ACCRUAL,
    T.CAPITALIZED_INCOME,
    T.BUY_DOWN_FEE,
    T.BUY_DOWN_FEE_ADJUSTMENT,
    T.RECOVERY,
)
_OPEN = (Status.ACTIVE, *REPAID)


def pay(books: Books, operation: Pay) -> None:
    """A payment; with some refunds the interest they bore is refunded too."""
    type_ = TransactionType[operation.type.name]
    if operation.type is PaymentType.RECOVERY:
        books.require(Status.CLOSED_WRITTEN_OFF)
    else:
        books.require_open()
    _may_date(books, operation)
    books.require_amount(operation.amount)
    if operation.type is PaymentType.REFUND:
        _may_refund(books, operation)
    entry = books.entry(type_, operation.dated, operation.amount)
    booked = [entry]
    if type_ in _REFUNDS and _refunds_interest(books, operation):
        booked.append(books.entry(T.INTEREST_REFUND, operation.dated, 0, of=entry.root))
    books.book(*booked)
    books.entries = [each for each in books.entries if not (each in booked and each.reverted)]
    books.settle_status(operation.dated)


def _may_date(books: Books, operation: Pay | PayOff | CreditBalanceRefund) -> None:
    """A payment may be backdated; not where a cumulative plan follows what was paid, and no refund before a payment."""
    books.require_day(operation.dated)
    follows = books.terms.convention is Convention.CUMULATIVE and books.workings.recalculates
    earlier = [each.dated for each in books.entries if each.told_in_replay and (follows or each.pays)]
    if (follows or isinstance(operation, CreditBalanceRefund)) and operation.dated < max(
        earlier, default=operation.dated
    ):
        raise DateTooEarly(dated=operation.dated, earliest=max(earlier))


def _may_refund(books: Books, operation: Pay) -> None:
    """Money is refunded of a running loan, no more than was paid of it."""
    books.require(Status.ACTIVE)
    paid = sum(each.total_paid for each in books.workings.instalments)
    if operation.amount > paid:
        raise AmountExceedsTransaction(amount=operation.amount, available=paid)


def _refunds_interest(books: Books, operation: Pay) -> bool:
    if books.terms.convention is not Convention.PROGRESSIVE or not books.workings.recalculates:
        return False
    if operation.interest_refund is not None:
        return operation.interest_refund
    return operation.type.name in books.terms.interest_refund_for


def pay_off(books: Books, operation: PayOff) -> None:
    """A repayment of exactly what is quoted for the day."""
    books.require_open()
    _may_date(books, operation)
    amount = payoff_amount(books, operation.dated)
    books.require_amount(amount)
    books.book(books.entry(T.REPAYMENT, operation.dated, amount))
    books.settle_status(operation.dated)


def refund_interest(books: Books, operation: RefundInterest) -> None:
    """An interest refund by hand, once for a refund."""
    books.require(*_OPEN)
    refund = books.find(operation.transaction)
    if refund.type not in _REFUNDS or refund.reverted:
        raise FeatureNotInTerms(feature=f"an interest refund for {refund.type}")
    if any(each.of == refund.root for each in books.standing(T.INTEREST_REFUND)):
        raise AlreadyDone()
    books.require_amount(operation.amount)
    books.book(books.entry(T.INTEREST_REFUND, refund.dated, operation.amount, of=refund.root))
    books.settle_status(refund.dated)


def refund_credit_balance(books: Books, operation: CreditBalanceRefund) -> None:
    """Overpaid money is given back, no more than there is."""
    books.require(Status.OVERPAID)
    _may_date(books, operation)
    books.require_amount(operation.amount)
    overpaid = books.workings.overpaid
    if operation.amount > overpaid:
        raise AmountExceedsOverpaid(amount=operation.amount, overpaid=overpaid)
    books.book(books.entry(T.CREDIT_BALANCE_REFUND, operation.dated, operation.amount))
    books.settle_status(operation.dated)


def charge_back(books: Books, operation: ChargeBack) -> None:
    """A payment is taken back, wholly or in part."""
    books.require(*_OPEN)
    books.require_amount(operation.amount)
    payment = books.find(operation.transaction)
    if payment.reverted or not payment.pays:
        raise TransactionNotReversible(transaction=operation.transaction, because="it is no standing payment")
    taken = sum(each.amount for each in books.standing(T.CHARGEBACK) if each.of == payment.root)
    if operation.amount > payment.amount - taken:
        raise AmountExceedsTransaction(amount=operation.amount, available=payment.amount - taken)
    books.book(books.entry(T.CHARGEBACK, books.business_date, operation.amount, of=payment.root))
    books.settle_status(books.business_date)


def undo(books: Books, operation: UndoTransaction) -> None:
    """The transaction is reverted, with the interest refund that belongs to it."""
    entry = books.find(operation.transaction)
    _may_undo(books, entry)
    entry.reverted = True
    for each in books.entries:
        if not each.reverted and each.type is T.INTEREST_REFUND and each.of == entry.root:
            each.reverted = True
    if entry.type is T.WAIVE_CHARGES:
        _unwaive(books, entry)
    books.rework()
    books.settle_status(entry.dated)


def _unwaive(books: Books, entry: Entry) -> None:
    for (charge, number), amount in entry.charges.items():
        levy = next(each for each in books.levies if each.id == charge)
        levy.waived -= amount
        if number is not None and number in levy.slices:
            levy.slices[number].waived -= amount


def _may_undo(books: Books, entry: Entry) -> None:
    if books.status is Status.CLOSED_WRITTEN_OFF:
        raise TransactionNotReversible(transaction=entry.id, because="the loan is written off")
    if entry.reverted:
        raise TransactionNotReversible(transaction=entry.id, because="it is reverted already")
    if not (entry.pays or entry.type in _UNDOABLE):
        raise TransactionNotReversible(transaction=entry.id, because="transactions of its type are not undone")
    if any(each.of == entry.root for each in books.standing(T.CHARGEBACK)):
        raise TransactionNotReversible(transaction=entry.id, because="it was charged back")
    adjusted = (T.CAPITALIZED_INCOME_ADJUSTMENT, T.BUY_DOWN_FEE_ADJUSTMENT)
    if any(each.of == entry.root for each in books.standing(*adjusted)):
        raise TransactionNotReversible(transaction=entry.id, because="an adjustment of it exists")


def adjust(books: Books, operation: AdjustTransaction) -> None:
    """The transaction is reverted and booked again with another amount (none if it is zero)."""
    entry = books.find(operation.transaction)
    _may_undo(books, entry)
    books.require_day(operation.dated)
    entry.reverted = True
    if operation.amount > 0:
        books.entries.append(books.entry(entry.type, operation.dated, operation.amount))
    books.rework()
    books.settle_status(operation.dated)
