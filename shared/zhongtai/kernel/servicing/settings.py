"""Changes of conventions on a running account: told as operations, so that a replay tells them too."""

from dataclasses import replace
from datetime import timedelta

from zhongtai.kernel.servicing.books import Books, Status
from zhongtai.kernel.servicing.operations import (
    ChangeChargeAccrual,
    ChangeEndedPayments,
    ChangeFutureRule,
    ChangeMaturityAccrual,
    ChangeOverdueInterest,
    EndDelinquencyPause,
    PauseDelinquency,
)
from zhongtai.kernel.servicing.refusals import DateTooEarly, NothingToUndo, PausesOverlap


def change_future_rule(books: Books, operation: ChangeFutureRule) -> None:
    """One waterfall takes another rule for instalments in advance."""
    allocation = books.terms.allocation
    waterfall = replace(allocation.waterfall(operation.type), future_rule=operation.rule)
    waterfalls = {**allocation.waterfalls, operation.type: waterfall}
    books.change_terms(allocation=replace(allocation, waterfalls=waterfalls))


def change_charge_accrual(books: Books, operation: ChangeChargeAccrual) -> None:
    """Charges are earned on another day."""
    books.change_terms(charge_accrual=operation.rule)


def change_overdue_interest(books: Books, operation: ChangeOverdueInterest) -> None:
    """Overdue principal bears interest, or not."""
    rules = books.terms.recalculation
    if rules is not None:
        books.change_terms(recalculation=replace(rules, overdue_principal_bears_interest=operation.bears_interest))


def change_maturity_accrual(books: Books, operation: ChangeMaturityAccrual) -> None:
    """Charges raised after maturity are earned at once, or not."""
    books.change_terms(charge_accrual_after_maturity=operation.at_once)


def change_ended_payments(books: Books, operation: ChangeEndedPayments) -> None:
    """A repaid or overpaid loan takes further payments, or not."""
    books.change_terms(payments_after_end=operation.allowed)


def pause_delinquency(books: Books, operation: PauseDelinquency) -> None:
    """No day counts as overdue from the first to the last."""
    books.require(Status.ACTIVE)
    if operation.start_on < books.disbursed_on:
        raise DateTooEarly(dated=operation.start_on, earliest=books.disbursed_on)
    if operation.end_on <= operation.start_on:
        raise DateTooEarly(dated=operation.end_on, earliest=operation.start_on + timedelta(days=1))
    for start, end in books.delinquency_pauses:
        if operation.start_on < end and operation.end_on > start:
            raise PausesOverlap(start_on=operation.start_on, end_on=operation.end_on)
    books.delinquency_pauses.append((operation.start_on, operation.end_on))


def end_delinquency_pause(books: Books, operation: EndDelinquencyPause) -> None:
    """The pause that is running ends today."""
    books.require(Status.ACTIVE)
    for place, (start, end) in enumerate(books.delinquency_pauses):
        if start <= books.business_date <= end:
            books.delinquency_pauses[place] = (start, books.business_date)
            return
    raise NothingToUndo()
