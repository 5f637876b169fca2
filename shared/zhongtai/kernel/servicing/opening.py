"""From application to money paid out: approval, tranches, disbursements, and the undo of each."""

from dataclasses import replace
from datetime import date

from zhongtai.kernel.servicing.books import Books, Status
from zhongtai.kernel.servicing.charging import reckon_again
from zhongtai.kernel.servicing.entries import Entry
from zhongtai.kernel.servicing.instalments import INTEREST, PRINCIPAL, parts
from zhongtai.kernel.servicing.levies import Levy, figure, percentage
from zhongtai.kernel.servicing.operations import (
    AddExpectedTranche,
    Approve,
    ChangeApprovedAmount,
    ChangeAvailableAmount,
    ChangeRate,
    Disburse,
    Reject,
    UndoApproval,
    UndoDisbursal,
    UndoLastDisbursal,
    Withdraw,
)
from zhongtai.kernel.servicing.refusals import (
    AmountExceedsApproved,
    AmountMustBePositive,
    DateInFuture,
    DateTooEarly,
    LoanIsChargedOff,
    LoanIsTerminated,
    NothingToUndo,
    OperationUnsupported,
    TrancheNotExpected,
    TranchesNotAllowed,
)
from zhongtai.kernel.servicing.terms import ChargeTime, Convention, Tranche
from zhongtai.kernel.servicing.transacting import down_payment_of
from zhongtai.kernel.servicing.transactions import TransactionType

T = TransactionType


def approve(books: Books, operation: Approve) -> None:
    """The application is granted, up to what was applied for or the product's excess of it."""
    books.require(Status.SUBMITTED_AND_PENDING_APPROVAL)
    books.require_day(operation.dated)
    books.require_amount(operation.amount)
    if operation.dated < books.terms.submitted_on:
        raise DateTooEarly(dated=operation.dated, earliest=books.terms.submitted_on)
    if operation.amount > most_lent(books, books.terms.principal):
        raise AmountExceedsApproved(amount=operation.amount, available=most_lent(books, books.terms.principal))
    books.approved, books.approved_on = operation.amount, operation.dated
    books.change_terms(expected_disbursement_on=operation.expected_disbursement_on)
    books.status = Status.APPROVED


def most_lent(books: Books, granted: int) -> int:
    """The most that may be approved or paid out where `granted` was applied for or approved."""
    over = books.terms.over_applied
    if over is None:
        return granted
    applied = books.terms.principal
    if over.percent is not None:
        return applied + percentage(applied, over.percent)
    return applied + (over.amount or 0)


def reject(books: Books, operation: Reject) -> None:
    """The application is refused."""
    books.require(Status.SUBMITTED_AND_PENDING_APPROVAL)
    books.require_day(operation.dated)
    books.status = Status.REJECTED


def withdraw(books: Books, operation: Withdraw) -> None:
    """The customer takes the application back."""
    books.require(Status.SUBMITTED_AND_PENDING_APPROVAL)
    books.require_day(operation.dated)
    books.status = Status.WITHDRAWN


def undo_approval(books: Books, operation: UndoApproval) -> None:
    """The application is pending again."""
    books.require(Status.APPROVED)
    books.approved = 0
    books.status = Status.SUBMITTED_AND_PENDING_APPROVAL


def disburse(books: Books, operation: Disburse) -> None:
    """Money is paid out; charges due then are taken from it, and a down payment may be taken at once."""
    _may_disburse(books, operation)
    first = not books.standing(T.DISBURSEMENT)
    entry = books.entry(T.DISBURSEMENT, operation.dated, operation.amount)
    if books.terms.convention is Convention.PROGRESSIVE and books.work is not None and books.work.overpaid > 0:
        entry.overpaid, entry.fresh = min(books.work.overpaid, operation.amount), False
    if first:
        books.status = Status.ACTIVE
        _date_from(books, operation.dated)
    awaited = _awaited(books)
    if awaited is not None:
        books.expected.remove(awaited)
    books.book(entry)
    taken = _charges_taken(books, operation, first=first)
    if taken is not None:
        books.book(taken)
    books.settle_status(operation.dated)
    if books.terms.down_payment is not None and books.terms.down_payment.automatic:
        standing = books.find(entry.id)
        amount = down_payment_of(books.terms, operation.amount)
        amount = max(amount - standing.overpaid, 0) if not _still_overpaid(books) else 0
        if amount > 0:
            books.book(books.entry(T.DOWN_PAYMENT, operation.dated, amount))
            books.settle_status(operation.dated)


def _still_overpaid(books: Books) -> bool:
    return books.terms.convention is Convention.CUMULATIVE and books.workings.overpaid > 0


def _date_from(books: Books, on: date) -> None:
    books.change_terms(expected_disbursement_on=on)


def _may_disburse(books: Books, operation: Disburse) -> None:
    tranches = books.terms.tranches
    if books.status is Status.APPROVED:
        pass
    elif tranches is None:
        books.require(Status.APPROVED)
    else:
        books.require(Status.ACTIVE, Status.CLOSED_OBLIGATIONS_MET, Status.OVERPAID)
    if operation.dated > books.business_date:
        raise DateInFuture(dated=operation.dated, business_date=books.business_date)
    if books.approved_on is not None and operation.dated < books.approved_on:
        raise DateTooEarly(dated=operation.dated, earliest=books.approved_on)
    books.require_amount(operation.amount)
    if books.charged_off:
        raise LoanIsChargedOff()
    if books.terminated:
        raise LoanIsTerminated()
    disbursed = books.standing(T.DISBURSEMENT)
    if disbursed and tranches is not None and len(disbursed) >= tranches.maximum:
        raise TranchesNotAllowed()
    if tranches is not None and tranches.revolving and disbursed and operation.dated >= books.contract_end:
        raise OperationUnsupported(operation="disburse", because="the line has ended, nothing is drawn on its last day")
    if _tranches_expected(books) and not books.expected:
        raise TrancheNotExpected(on=operation.dated)
    awaited = _awaited(books)
    still_to_come = sum(each.amount for each in books.expected if each is not awaited)
    available = available_amount(books) - (still_to_come if _tranches_expected(books) else 0)
    if tranches is not None and tranches.outstanding_limit is not None:
        available = min(available, tranches.outstanding_limit - _owed(books))
    if operation.amount > available:
        raise AmountExceedsApproved(amount=operation.amount, available=available)


def _capitalised(books: Books) -> int:
    """The income capitalised, less what was given back of it."""
    given_back = sum(each.amount for each in books.standing(T.CAPITALIZED_INCOME_ADJUSTMENT))
    return sum(each.amount for each in books.standing(T.CAPITALIZED_INCOME)) - given_back


def available_amount(books: Books) -> int:
    """What may still be paid out."""
    granted = books.approved if books.terms.over_applied is None else most_lent(books, books.approved)
    return granted - drawn(books)


def _owed(books: Books) -> int:
    """The principal still owed; nothing before the first disbursement."""
    return 0 if books.work is None else books.work.outstanding()[PRINCIPAL]


def drawn(books: Books) -> int:
    """What counts against what was approved: all that was lent, or of a revolving line the principal still owed."""
    tranches = books.terms.tranches
    if tranches is not None and tranches.revolving:
        return _owed(books)
    return books.lent + _capitalised(books)


def _tranches_expected(books: Books) -> bool:
    """Whether every disbursement must be foreseen in the contract."""
    tranches = books.terms.tranches
    return tranches is not None and not tranches.expected_forbidden and bool(tranches.expected or books.expected)


def _awaited(books: Books) -> Tranche | None:
    """The tranche the next disbursement pays out, on whichever day: the one foreseen first."""
    return min(books.expected, key=lambda each: each.on, default=None)


def _charges_taken(books: Books, operation: Disburse, *, first: bool) -> Entry | None:
    """The charges taken from the money paid out, as one transaction; None where there is none."""
    interest = sum(each.charged[INTEREST] for each in books.workings.instalments)
    taken: list[tuple[Levy, int]] = []
    for levy in books.active_levies():
        time = levy.charge.time
        if levy.outstanding > 0 and (
            time is ChargeTime.TRANCHE_DISBURSEMENT or (time is ChargeTime.DISBURSEMENT and first)
        ):
            levy.amount = figure(levy.charge, operation.amount, interest)
            taken.append((levy, levy.outstanding))
    total = sum(amount for _, amount in taken)
    if total == 0:
        return None
    entry = books.entry(T.REPAYMENT_AT_DISBURSEMENT, operation.dated, total)
    entry.amounts = parts(fee=total)
    for levy, amount in taken:
        entry.charges[levy.id, None] = amount
        levy.at_disbursement = True
        levy.paid = amount
    return entry


def undo_disbursal(books: Books, operation: UndoDisbursal) -> None:
    """Every disbursement is taken back; what depends on them goes with them."""
    books.require(Status.ACTIVE, Status.CLOSED_OBLIGATIONS_MET, Status.OVERPAID)
    disbursed = [Tranche(each.dated, each.amount) for each in books.standing(T.DISBURSEMENT)]
    for entry in books.entries:
        entry.replace()
    for levy in books.levies:
        levy.paid = levy.waived = levy.written_off = 0
        levy.slices.clear()
        levy.at_disbursement = False
        levy.active = levy.active and levy.charge.time is not ChargeTime.OVERDUE
    books.planned, books.recalculated_on = None, None
    books.variations.clear()
    books.closed_incomes.clear()
    books.work, books.accrued_till, books.charged_off_on, books.repaid_on = None, None, None, None
    books.terminated = False
    if _tranches_expected(books):
        books.expected = sorted([*disbursed, *books.expected], key=lambda each: each.on)
    books.status = Status.APPROVED
    reckon_again(books)


def undo_last_disbursal(books: Books, operation: UndoLastDisbursal) -> None:
    """The last of several disbursements is taken back, with what was booked on and after its day."""
    books.require(Status.ACTIVE, Status.CLOSED_OBLIGATIONS_MET, Status.OVERPAID)
    disbursed = sorted(books.standing(T.DISBURSEMENT), key=lambda each: (each.dated, each.sequence))
    if len(disbursed) < 2:
        raise NothingToUndo()
    last = disbursed[-1]
    for entry in books.entries:
        if not entry.reverted and entry.cause is last.cause:
            entry.replace()
    books.rework()
    books.settle_status(books.business_date)


def add_tranche(books: Books, operation: AddExpectedTranche) -> None:
    """One more tranche is foreseen."""
    if books.terms.tranches is None:
        raise TranchesNotAllowed()
    books.require_amount(operation.amount)
    books.expected.append(Tranche(operation.dated, operation.amount))


def change_available(books: Books, operation: ChangeAvailableAmount) -> None:
    """What may still be paid out is set, within what was applied for."""
    books.require(Status.APPROVED, Status.ACTIVE, Status.CLOSED_OBLIGATIONS_MET, Status.OVERPAID)
    if operation.amount < 0 or (operation.amount == 0 and not books.lent):
        raise AmountMustBePositive(amount=operation.amount)
    bound = drawn(books) + sum(each.amount for each in books.expected)
    approved = operation.amount + bound
    most = most_lent(books, books.terms.principal)
    if approved > most:
        raise AmountExceedsApproved(amount=operation.amount, available=most - bound)
    books.approved = approved


def change_approved(books: Books, operation: ChangeApprovedAmount) -> None:
    """The approved amount is set, not below what was lent and not above what may be."""
    books.require(Status.APPROVED, Status.ACTIVE, Status.CLOSED_OBLIGATIONS_MET, Status.OVERPAID)
    books.require_amount(operation.amount)
    most = most_lent(books, books.terms.principal)
    least = drawn(books) + sum(each.amount for each in books.expected)
    if not least <= operation.amount <= most or operation.amount == books.approved:
        raise AmountExceedsApproved(amount=operation.amount, available=most)
    books.approved = operation.amount


def change_rate(books: Books, operation: ChangeRate) -> None:
    """The rate of the application, before it is approved."""
    books.require(Status.SUBMITTED_AND_PENDING_APPROVAL)
    books.change_terms(interest=replace(books.terms.interest, rate=operation.rate))
    reckon_again(books)
