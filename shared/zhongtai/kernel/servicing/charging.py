"""Charges raised, waived, credited and taken away."""

from dataclasses import replace
from datetime import date, timedelta

from zhongtai.kernel.servicing.books import REPAID, Books, Status
from zhongtai.kernel.servicing.instalments import INTEREST, PENALTY, PRINCIPAL, parts
from zhongtai.kernel.servicing.levies import Levy, figure
from zhongtai.kernel.servicing.operations import (
    AddCharge,
    AdjustCharge,
    DeleteCharge,
    UndoTransaction,
    UndoWaiveCharge,
    WaiveCharge,
)
from zhongtai.kernel.servicing.paying import undo
from zhongtai.kernel.servicing.refusals import (
    AmountExceedsTransaction,
    ChargeUnknown,
    LoanIsChargedOff,
    LoanStatusForbids,
    TransactionNotReversible,
)
from zhongtai.kernel.servicing.telling import expected_instalments, expected_tranches
from zhongtai.kernel.servicing.terms import Charge, ChargeBasis, ChargeTime
from zhongtai.kernel.servicing.transactions import TransactionType

T = TransactionType


def new_levy(books: Books, name: str, charge: Charge) -> Levy:
    """The charge as the account keeps it, with the amount it comes to now."""
    return Levy(name, charge, books.business_date, books.next_sequence(), amount_of(books, charge))


def amount_of(books: Books, charge: Charge) -> int:
    """What the charge comes to: of the principal lent (or applied for), and the interest of the schedule."""
    if charge.basis is ChargeBasis.FLAT and charge.time is not ChargeTime.INSTALMENT:
        return charge.amount
    instalments = expected_instalments(books) if books.work is None else books.work.instalments
    if charge.time is ChargeTime.INSTALMENT:
        regular = [each for each in instalments if each.regular]
        return sum(figure(charge, each.charged[PRINCIPAL], each.charged[INTEREST]) for each in regular)
    first = expected_tranches(books)[0][1]
    principal = first if charge.time is ChargeTime.DISBURSEMENT else books.lent or books.approved or first
    return figure(charge, principal, sum(each.charged[INTEREST] for each in instalments))


def add(books: Books, operation: AddCharge) -> None:
    """A charge is raised; on a repaid loan it opens the loan again."""
    if books.status in (Status.REJECTED, Status.WITHDRAWN, Status.CLOSED_WRITTEN_OFF):
        raise LoanStatusForbids(status=books.status)
    if books.charged_off:
        raise LoanIsChargedOff()
    levy = new_levy(books, operation.reference, operation.charge)
    books.levies.append(levy)
    if books.work is not None:
        backdated = levy.due_on is not None and levy.due_on < books.business_date
        maturity = max(each.due for each in books.work.instalments if not each.additional)
        books.rework(reckons=backdated)
        books.settle_status(books.business_date)
        if books.terms.charge_accrual_after_maturity and books.business_date > maturity:
            accrue_at_once(books, levy)


def penalise(books: Books, day: date) -> None:
    """At the close of a day the terms' late fees are raised, once for each instalment unpaid for long enough.

    Such a fee is due with its instalment, and stays as it was reckoned on the day it was raised.
    """
    fees = [charge for charge in books.terms.charges if charge.time is ChargeTime.OVERDUE]
    if not fees or books.charged_off:
        return
    before = day - timedelta(days=books.terms.penalty_after_days)
    raised = {levy.id for levy in books.levies}
    found = []
    for instalment in books.workings.instalments:
        if instalment.met or instalment.due >= before:
            continue
        for charge in fees:
            name = f"{charge.name}/{instalment.due}"
            amount = figure(charge, instalment.owed(PRINCIPAL), instalment.owed(INTEREST))
            if amount > 0 and name not in raised:
                due = replace(charge, due_on=instalment.due)
                found.append(Levy(name, due, day, books.next_sequence(), amount))
    if found:
        books.levies += found
        books.rework()
        books.settle_status(books.business_date)


def accrue_at_once(books: Books, levy: Levy) -> None:
    """Tells the whole charge as income on the day it is raised: there is no instalment left to earn it by."""
    part = "penalty" if levy.component is PENALTY else "fee"
    made = books.note(T.ACCRUAL, books.business_date, {part: levy.amount})
    made.charges[levy.id, books.workings.instalments[-1].number] = levy.amount


def reckon_again(books: Books) -> None:
    """Charges that are a share of the plan follow it until money is paid out."""
    for levy in books.active_levies():
        levy.amount = amount_of(books, levy.charge)


def levy_named(books: Books, name: str) -> Levy:
    """The charge of that name."""
    for levy in books.levies:
        if levy.id == name and levy.active:
            return levy
    raise ChargeUnknown(charge=name)


def waive(books: Books, operation: WaiveCharge) -> None:
    """What is unpaid of the charge is given up; the transaction tells the part of it that was accrued."""
    books.require(Status.ACTIVE, *REPAID)
    levy = levy_named(books, operation.charge)
    number: int | None = None
    if levy.by_instalment:
        unpaid = [key for key in sorted(levy.slices) if levy.slices[key].outstanding > 0]
        if not unpaid:
            raise TransactionNotReversible(transaction=levy.id, because="nothing of it is unpaid")
        number = operation.instalment or unpaid[0]
        amount = levy.slices[number].outstanding
        levy.slices[number].waived += amount
    else:
        amount = levy.outstanding
    if amount <= 0:
        raise TransactionNotReversible(transaction=levy.id, because="nothing of it is unpaid")
    levy.waived += amount
    dated = min(levy.due_on, books.business_date) if levy.on_a_day and levy.due_on else books.business_date
    entry = books.entry(T.WAIVE_CHARGES, dated, amount)
    recognised = min(amount, max(_accrued(books, levy, number) - levy.paid, 0))
    entry.amounts = parts(penalty=recognised) if levy.component is PENALTY else parts(fee=recognised)
    entry.charges[levy.id, number] = amount
    books.book(entry)
    books.settle_status(books.business_date)


def _accrued(books: Books, levy: Levy, number: int | None) -> int:
    """What was accrued of the charge: only that part of a waiver gives income up."""
    accrued = 0
    for entry in books.standing(T.ACCRUAL, T.ACCRUAL_ADJUSTMENT):
        for (charge, at), amount in entry.charges.items():
            if charge == levy.id and (number is None or at == number):
                accrued += amount if entry.type is T.ACCRUAL else -amount
    return accrued


def undo_waive(books: Books, operation: UndoWaiveCharge) -> None:
    """The waiver is taken back."""
    undo(
        books,
        UndoTransaction(
            reference=operation.reference, booked_on=operation.booked_on, transaction=operation.transaction
        ),
    )


def adjust(books: Books, operation: AdjustCharge) -> None:
    """A credit for a charge, shared out like a payment; no more than the charge."""
    books.require(Status.ACTIVE, *REPAID)
    levy = levy_named(books, operation.charge)
    books.require_amount(operation.amount)
    credited = sum(each.amount for each in books.standing(T.CHARGE_ADJUSTMENT) if each.of == levy.id)
    if operation.amount > levy.amount - credited:
        raise AmountExceedsTransaction(amount=operation.amount, available=levy.amount - credited)
    books.book(books.entry(T.CHARGE_ADJUSTMENT, books.business_date, operation.amount, of=levy.id))
    books.settle_status(books.business_date)


def delete(books: Books, operation: DeleteCharge) -> None:
    """A charge is taken away before the money is paid out."""
    books.require(Status.SUBMITTED_AND_PENDING_APPROVAL, Status.APPROVED)
    levy_named(books, operation.charge).active = False
