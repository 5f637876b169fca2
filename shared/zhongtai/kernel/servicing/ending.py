"""The ends of a loan other than repayment: charge-off, write-off, termination of the contract, and the undo of each."""

from zhongtai.kernel.servicing.books import Books, Status
from zhongtai.kernel.servicing.deferring import BOUGHT_DOWN, CAPITALISED, amortise_at_charge_off
from zhongtai.kernel.servicing.operations import (
    ChargeOff,
    SetFraud,
    TerminateContract,
    UndoChargeOff,
    UndoTermination,
    UndoWriteOff,
    WriteOff,
)
from zhongtai.kernel.servicing.refusals import (
    AlreadyDone,
    DateTooEarly,
    LaterTransactionsExist,
    LoanIsChargedOff,
    LoanNotChargedOff,
    NothingToUndo,
)
from zhongtai.kernel.servicing.transactions import TransactionType

T = TransactionType


def charge_off(books: Books, operation: ChargeOff) -> None:
    """What is owed leaves the performing books; nothing may be dated after the day."""
    books.require(Status.ACTIVE)
    books.require_day(operation.dated)
    if books.charged_off:
        raise AlreadyDone()
    if books.last_dated() > operation.dated:
        raise LaterTransactionsExist(dated=operation.dated)
    entry = books.entry(T.CHARGE_OFF, operation.dated, 0)
    books.book(entry)
    if not entry.reverted:
        amortise_at_charge_off(books, operation.dated, entry.root)
    books.settle_status(operation.dated)


def undo_charge_off(books: Books, operation: UndoChargeOff) -> None:
    """The loan is performing again."""
    books.require(Status.ACTIVE)
    standing = books.standing(T.CHARGE_OFF)
    if not standing:
        raise LoanNotChargedOff()
    last = standing[-1]
    if any(
        each.sequence > last.sequence and not each.replayed and not each.reverted for each in books.entries if each.pays
    ):
        raise LaterTransactionsExist(dated=last.dated)
    last.reverted = True
    for kind in (CAPITALISED, BOUGHT_DOWN):
        for each in books.standing(kind.amortisation, kind.amortisation_adjustment):
            if each.of == last.root:
                each.replace()
    books.closed_incomes.clear()
    books.rework()
    books.settle_status(books.business_date)


def set_fraud(books: Books, operation: SetFraud) -> None:
    """Marks the account, or takes the mark away."""
    books.require(Status.ACTIVE)
    books.fraud = operation.fraud


def write_off(books: Books, operation: WriteOff) -> None:
    """What is owed is given up and the account closed."""
    books.require(Status.ACTIVE)
    books.require_day(operation.dated)
    if books.last_dated() > operation.dated:
        raise DateTooEarly(dated=operation.dated, earliest=books.last_dated())
    books.book(books.entry(T.WRITE_OFF, operation.dated, 0))
    books.status = Status.CLOSED_WRITTEN_OFF
    books.repaid_on = operation.dated


def undo_write_off(books: Books, operation: UndoWriteOff) -> None:
    """The account is open again."""
    books.require(Status.CLOSED_WRITTEN_OFF)
    for each in books.standing(T.WRITE_OFF):
        each.reverted = True
    books.status, books.repaid_on = Status.ACTIVE, None
    books.rework()
    books.settle_status(books.business_date)


def terminate(books: Books, operation: TerminateContract) -> None:
    """Everything owed until today falls due at once."""
    books.require(Status.ACTIVE)
    if books.terminated:
        raise AlreadyDone()
    if books.charged_off:
        raise LoanIsChargedOff()
    books.book(books.entry(T.CONTRACT_TERMINATION, books.business_date, 0))
    books.settle_status(books.business_date)


def undo_termination(books: Books, operation: UndoTermination) -> None:
    """The contract runs on."""
    standing = books.standing(T.CONTRACT_TERMINATION)
    if not standing:
        raise NothingToUndo()
    last = standing[-1]
    if any(
        each.sequence > last.sequence and not each.replayed and not each.reverted for each in books.entries if each.pays
    ):
        raise LaterTransactionsExist(dated=last.dated)
    last.reverted = True
    books.rework()
    books.settle_status(books.business_date)
