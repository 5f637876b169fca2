"""Changes of the plan of a running loan: re-age, re-amortise, reschedule, interest pauses."""

from datetime import date

from zhongtai.kernel.servicing.books import REPAID, Books, Status
from zhongtai.kernel.servicing.instalments import PRINCIPAL
from zhongtai.kernel.servicing.operations import (
    DeletePause,
    Operation,
    PauseInterest,
    ReAge,
    ReAmortize,
    ReAmortizeInterest,
    Reschedule,
    UndoReAge,
    UndoReAmortize,
)
from zhongtai.kernel.servicing.refusals import (
    AlreadyDoneToday,
    DateTooEarly,
    InstalmentUnknown,
    LoanIsChargedOff,
    LoanIsTerminated,
    NothingToSpread,
    NothingToUndo,
    OperationUnsupported,
    PauseOutOfTerm,
    PausesOverlap,
    PauseUnknown,
)
from zhongtai.kernel.servicing.transactions import TransactionType
from zhongtai.kernel.servicing.workings import Variation, VariationKind

T = TransactionType


def _may_reshape(books: Books) -> None:
    books.require(Status.ACTIVE)
    if books.charged_off:
        raise LoanIsChargedOff()
    if books.terminated:
        raise LoanIsTerminated()


def re_age(books: Books, operation: ReAge) -> None:
    """What is outstanding is spread over new instalments, as of the first one's day where that is past."""
    _may_reshape(books)
    if books.terms.holidays is not None:
        raise OperationUnsupported(operation="re-age", because="its new due dates would not keep off holidays")
    if operation.start_on < books.disbursed_on:
        raise DateTooEarly(dated=operation.start_on, earliest=books.disbursed_on)
    _once_a_day(books, T.RE_AGE)
    if operation.start_on >= books.business_date and books.workings.outstanding()[PRINCIPAL] == 0:
        raise NothingToSpread()
    books.book(books.entry(T.RE_AGE, min(books.business_date, operation.start_on), 0))
    books.settle_status(books.business_date)


def undo_re_age(books: Books, operation: UndoReAge) -> None:
    """The last re-age is taken back."""
    _undo_last(books, T.RE_AGE)


def re_amortise(books: Books, operation: ReAmortize) -> None:
    """What is past due is spread over the instalments to come."""
    _may_reshape(books)
    if operation.interest is ReAmortizeInterest.WAIVE_INTEREST:
        raise OperationUnsupported(operation="re-amortise", because="interest is not waived by it")
    _once_a_day(books, T.RE_AMORTIZE)
    if not any(each.due > books.business_date and each.regular for each in books.workings.instalments):
        raise InstalmentUnknown(on=books.business_date)
    if not any(each.due <= books.business_date for each in books.workings.instalments):
        raise InstalmentUnknown(on=books.business_date)
    books.book(books.entry(T.RE_AMORTIZE, books.business_date, 0))
    books.settle_status(books.business_date)


def undo_re_amortise(books: Books, operation: UndoReAmortize) -> None:
    """The last re-amortisation is taken back."""
    _undo_last(books, T.RE_AMORTIZE)


def _once_a_day(books: Books, type_: TransactionType) -> None:
    if any(each.dated == books.business_date for each in books.standing(type_)):
        raise AlreadyDoneToday(on=books.business_date)


def _undo_last(books: Books, type_: TransactionType) -> None:
    books.require(Status.ACTIVE, Status.CLOSED_OBLIGATIONS_MET, Status.OVERPAID)
    standing = books.standing(type_)
    if not standing:
        raise NothingToUndo()
    last = max(standing, key=lambda each: (each.dated, each.sequence))
    last.reverted = True
    books.rework()
    books.settle_status(books.business_date)


def reschedule(books: Books, operation: Reschedule) -> None:
    """Another due date, rate or more instalments, from an instalment on; a repaid loan's rate may change too."""
    from_on = operation.from_on
    books.require(Status.ACTIVE, *(REPAID if operation.rate is not None else ()))
    holidays = books.terms.holidays
    if operation.adjusted_due_on is not None and holidays is not None and holidays.by_agreed_days:
        raise OperationUnsupported(operation="reschedule", because="interest counts the days agreed at first")
    if operation.adjusted_due_on is not None and books.instalment_due(from_on) is None:
        raise InstalmentUnknown(on=from_on)
    if books.workings.instalment_at(from_on) is None:
        raise InstalmentUnknown(on=from_on)
    if operation.rate is not None:
        same_day = [each for each in books.variations if each.kind is VariationKind.RATE and each.from_on == from_on]
        books.variations = [each for each in books.variations if each not in same_day]
        _vary(books, operation, VariationKind.RATE, from_on, rate=operation.rate)
    if operation.extra_instalments:
        _vary(books, operation, VariationKind.EXTENSION, from_on, extra=operation.extra_instalments)
    if operation.adjusted_due_on is not None:
        _vary(books, operation, VariationKind.DUE_DATE, from_on, until=operation.adjusted_due_on)
    if operation.grace_principal or operation.grace_interest:
        _vary(
            books,
            operation,
            VariationKind.GRACE,
            from_on,
            grace_principal=operation.grace_principal,
            grace_interest=operation.grace_interest,
        )
    books.rework()
    books.settle_status(books.last_dated())


def _vary(books: Books, operation: Operation, kind: VariationKind, from_on: date, **values: object) -> None:
    books.variations.append(
        Variation(kind, from_on, operation.reference, books.next_sequence(), **values)  # type: ignore[arg-type]
    )


def pause(books: Books, operation: PauseInterest) -> None:
    """No interest is earned from the first day to the last, both counted."""
    _may_reshape(books)
    first, last = books.disbursed_on, books.maturity
    start, end = operation.start_on, operation.end_on
    if not books.workings.recalculates:
        raise OperationUnsupported(operation="interest pause", because="interest is not recalculated on this loan")
    if not first <= start <= end <= last or start > end:
        raise PauseOutOfTerm(start_on=start, end_on=end, first_on=first, last_on=last)
    for each in books.variations:
        if each.kind is VariationKind.PAUSE and each.until is not None and start <= each.until and end >= each.from_on:
            raise PausesOverlap(start_on=start, end_on=end)
    _vary(books, operation, VariationKind.PAUSE, start, until=end)
    books.rework()
    books.settle_status(books.last_dated())


def delete_pause(books: Books, operation: DeletePause) -> None:
    """A pause is taken back."""
    found = [
        each for each in books.variations if each.kind is VariationKind.PAUSE and each.operation == operation.pause
    ]
    if not found:
        raise PauseUnknown(pause=operation.pause)
    books.variations.remove(found[0])
    books.rework()
    books.settle_status(books.last_dated())
