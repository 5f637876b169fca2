"""What an account shows, and what an operation changed of it: the engine's tables as the values that rest and are told.

Pure: the account in, frozen values out. Which transactions were reverted, booked or replayed is found by comparing what
stood before with what stands after, so that no change of a replay is ever silent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from zhongtai.credit.loan.domain import Instalment, LoanDisbursed, LoanStatus, LoanSummary
from zhongtai.credit.loan_account.domain import (
    Changes,
    LoanAccountChanged,
    LoanCharge,
    LoanOperation,
    LoanTransaction,
    Performed,
    PlanDetail,
    PlanLine,
    PlanRow,
    Posting,
    Tables,
)
from zhongtai.credit.repayment.domain import LoanOwedAgain, LoanPaidOff, LoanRepaid
from zhongtai.kernel.money import Money
from zhongtai.kernel.servicing.terms import Terms
from zhongtai.kernel.servicing.transactions import ChargeRow, ScheduleRow, Transaction, TransactionType

_LENT = (TransactionType.DISBURSEMENT.name, TransactionType.CAPITALIZED_INCOME.name)
_STATUSES = {
    "SUBMITTED_AND_PENDING_APPROVAL": LoanStatus.SUBMITTED,
    "APPROVED": LoanStatus.PENDING,
    "ACTIVE": LoanStatus.ACTIVE,
    "CLOSED_OBLIGATIONS_MET": LoanStatus.PAID_OFF,
    "OVERPAID": LoanStatus.OVERPAID,
    "CLOSED_WRITTEN_OFF": LoanStatus.WRITTEN_OFF,
    "REJECTED": LoanStatus.REJECTED,
    "WITHDRAWN": LoanStatus.CANCELLED,
}


def status_of(name: str) -> LoanStatus:
    """How a loan stands whose account has the status of that name."""
    return _STATUSES[name]


def tables_of(
    loan_id: str,
    currency: str,
    plan: Iterable[ScheduleRow],
    transactions: Iterable[Transaction],
    charges: Iterable[ChargeRow],
    *,
    before: Sequence[LoanTransaction],
) -> Tables:
    """What an account shows; a transaction that stood in `before` keeps its number, new ones are counted on.

    One that the account no longer tells of was replaced: it stays, and is marked.
    """
    count = len(before)
    untold = {one.transaction_id: one for one in before}
    booked = []
    for transaction in transactions:
        old = untold.pop(transaction.id, None)
        if old is None:
            count += 1
            booked.append(_transaction(loan_id, currency, count, transaction))
        else:
            booked.append(
                old if _stands(old, transaction) else _transaction(loan_id, currency, old.number, transaction)
            )
    booked += [one if one.replaced else replace(one, reverted=True, replaced=True) for one in untold.values()]
    return Tables(
        plan=_plan(loan_id, currency, plan),
        transactions=tuple(sorted(booked, key=lambda one: one.number)),
        charges=tuple(_charge(loan_id, currency, row) for row in charges),
    )


def plan_lines(loan_id: str, currency: str, rows: Iterable[ScheduleRow]) -> tuple[PlanLine, ...]:
    """The lines of a plan as they are told."""
    return tuple(row.line() for row in _plan(loan_id, currency, rows))


def changes(loan_id: str, before: Tables, after: Tables) -> Changes:
    """What differs between what an account showed and what it shows."""
    known = {one.transaction_id: one for one in before.transactions}
    booked, reverted, amended = [], [], []
    for one in after.transactions:
        old = known.pop(one.transaction_id, None)
        if old is None:
            booked.append(one)
        elif one.reverted and not old.reverted:
            reverted.append(one)
        elif one is not old and one != old:
            amended.append(one)
    assert not known, "what was booked stays"
    lines = {line.number: line for line in before.plan}
    plan = tuple(line for line in after.plan if lines.pop(line.number, None) != line)
    charges = {charge.charge_id: charge for charge in before.charges}
    return Changes(
        loan_id=loan_id,
        booked=tuple(booked),
        reverted=tuple(reverted),
        amended=tuple(amended),
        plan=plan,
        dropped=tuple(lines),
        charges=tuple(charge for charge in after.charges if charges.pop(charge.charge_id, None) != charge),
        dropped_charges=tuple(charges),
    )


def changed(
    loan: LoanSummary, operation: LoanOperation, made: Changes, posted: tuple[Posting, ...], returned_by: int
) -> LoanAccountChanged:
    """The fact of an operation; `returned_by` is the principal that came back by it, in minor units."""
    return LoanAccountChanged(
        loan_id=loan.loan_id,
        customer_id=loan.customer_id,
        product_id=loan.product_id,
        limit_id=loan.limit_id,
        operation_id=operation.operation_id,
        operation=operation.kind,
        booked_on=operation.booked_on,
        status=loan.status,
        outstanding=loan.outstanding,
        principal_returned=Money(loan.principal.currency, returned_by),
        booked=made.booked,
        reverted=made.reverted,
        plan=tuple(row.line() for row in made.plan),
        dropped=made.dropped,
        charges=made.charges,
        postings=posted,
    )


def facts(
    before: LoanSummary, after: LoanSummary, told: int, earlier: Tables, later: Tables, *, line: int | None = None
) -> tuple[int, tuple[LoanDisbursed | LoanRepaid | LoanOwedAgain | LoanPaidOff, ...]]:
    """What every loan tells when it is disbursed, repaid and paid off; and the principal told to have come back.

    What was lent less what was told is what is owed, so that limits use what loans owe: below zero, where more is owed
    than was lent.

    A loan is told to be disbursed once, with the plan of its first disbursement. The ledger books nothing of these
    facts of a serviced loan: it books its transactions. Of a revolving line no more is lent than the line, `line`,
    however often it is drawn.
    """
    found: list[LoanDisbursed | LoanRepaid | LoanOwedAgain | LoanPaidOff] = []
    if not earlier.transactions and _lent(later):
        found.append(_disbursed(after, later))
    lent = _lent(later) if line is None else min(_lent(later), line)
    back = lent - after.outstanding.minor_units if lent else 0
    on = max((one.booked_on for one in later.transactions), default=after.start_date)
    if back > told:
        interest = max(_interest_paid(later) - _interest_paid(earlier), 0)
        found.append(_repaid(after, back - told, interest, on))
    elif back < told:
        found.append(_owed_again(after, told - back, on))
    if after.status is LoanStatus.PAID_OFF and before.status is not LoanStatus.PAID_OFF:
        found.append(LoanPaidOff(after.loan_id, after.customer_id, after.product_id, after.limit_id, on))
    return back, tuple(found)


def line_of(terms: Terms) -> int | None:
    """The amount of a revolving line, in minor units; None where what was repaid is not drawn again."""
    return terms.principal if terms.tranches is not None and terms.tranches.revolving else None


def instalments(loan_id: str, plan: Iterable[PlanRow]) -> tuple[Instalment, ...]:
    """The instalments of a plan as those of any loan are told: charges stand in their totals alone."""
    return tuple(
        Instalment(
            loan_id=loan_id,
            number=row.number,
            due_date=row.due_date,
            principal=row.principal,
            interest=row.interest,
            total=row.total,
            balance=row.balance,
            principal_paid=row.principal_paid,
            interest_paid=row.interest_paid,
        )
        for row in plan
        if row.number > 0
    )


def _lent(tables: Tables) -> int:
    kind = TransactionType.DISBURSEMENT.name
    return sum(one.amount.minor_units for one in tables.transactions if one.kind == kind and not one.reverted)


def _interest_paid(tables: Tables) -> int:
    return sum(row.interest_paid.minor_units for row in tables.plan if row.number > 0)


def _disbursed(loan: LoanSummary, tables: Tables) -> LoanDisbursed:
    return LoanDisbursed(
        loan_id=loan.loan_id,
        customer_id=loan.customer_id,
        product_id=loan.product_id,
        account_id=loan.account_id,
        limit_id=loan.limit_id,
        grade=loan.grade,
        principal=Money(loan.principal.currency, _lent(tables)),
        nominal_interest_rate=loan.nominal_interest_rate,
        transfer_rate=loan.transfer_rate,
        day_count=loan.day_count,
        start_date=min(one.dated for one in tables.transactions),
        instalments=instalments(loan.loan_id, tables.plan),
        payment_id=loan.disbursement_payment_id,
        serviced=True,
    )


def _repaid(loan: LoanSummary, principal_minor: int, interest_minor: int, on: date) -> LoanRepaid:
    return LoanRepaid(
        loan_id=loan.loan_id,
        customer_id=loan.customer_id,
        product_id=loan.product_id,
        limit_id=loan.limit_id,
        principal=Money(loan.principal.currency, principal_minor),
        interest=Money(loan.principal.currency, interest_minor),
        outstanding=loan.outstanding,
        paid_on=on,
        payment_id="",
        hold_id=loan.hold_id,
        serviced=True,
    )


def _owed_again(loan: LoanSummary, principal_minor: int, on: date) -> LoanOwedAgain:
    return LoanOwedAgain(
        loan_id=loan.loan_id,
        customer_id=loan.customer_id,
        product_id=loan.product_id,
        limit_id=loan.limit_id,
        hold_id=loan.hold_id,
        principal=Money(loan.principal.currency, principal_minor),
        outstanding=loan.outstanding,
        owed_on=on,
    )


def performed(loan: LoanSummary, operation_id: str, made: Changes) -> Performed:
    """The answer to an operation."""
    return Performed(
        loan_id=loan.loan_id,
        operation_id=operation_id,
        charge_id=operation_id,
        pause_id=operation_id,
        transaction_id=made.booked[0].transaction_id if made.booked else "",
        status=loan.status,
        outstanding=loan.outstanding,
        booked=made.booked,
        reverted=made.reverted,
    )


def returned(tables: Tables, outstanding: Money) -> int:
    """The principal that came back, in minor units: what was lent and added to the balance, less what is owed."""
    lent = sum(one.amount.minor_units for one in tables.transactions if one.kind in _LENT and not one.reverted)
    return lent - outstanding.minor_units


def summary_of(before: LoanSummary, status: LoanStatus, tables: Tables, principal: int) -> LoanSummary:
    """The row of a loan after an operation: how it stands, what is owed, when the oldest of it was due."""
    instalments = [line for line in tables.plan if line.number > 0]
    return replace(
        before,
        status=status,
        outstanding=Money(before.principal.currency, principal),
        maturity_date=max((line.due_date for line in instalments), default=before.maturity_date),
        oldest_due_date=min((line.due_date for line in instalments if line.unpaid > 0), default=None),
        accrued_through=max((one.dated for one in tables.transactions if _accrues(one)), default=None),
    )


def _accrues(one: LoanTransaction) -> bool:
    return one.kind == TransactionType.ACCRUAL.name and not one.reverted


def _stands(old: LoanTransaction, one: Transaction) -> bool:
    """Whether a transaction is told as it was: of the thousands of an account an operation changes few."""
    return (
        (old.reverted, old.replayed, old.replaced, old.balance.minor_units, old.amount.minor_units)
        == (one.reverted, one.replayed, False, one.balance, one.amount)
        and (old.principal.minor_units, old.interest.minor_units, old.fee.minor_units, old.penalty.minor_units)
        == (one.portions.principal, one.portions.interest, one.portions.fee, one.portions.penalty)
        and (old.overpaid.minor_units, old.booked_on, old.dated, old.kind, old.of)
        == (one.overpaid, one.booked_on, one.dated, one.type.name, one.of or "")
        and (old.charged_off, old.fraud, old.operation_id) == (one.charged_off, one.fraud, one.operation)
    )


def _transaction(loan_id: str, currency: str, number: int, one: Transaction) -> LoanTransaction:
    return LoanTransaction(
        loan_id=loan_id,
        number=number,
        transaction_id=one.id,
        operation_id=one.operation,
        kind=one.type.name,
        dated=one.dated,
        booked_on=one.booked_on,
        amount=Money(currency, one.amount),
        principal=Money(currency, one.portions.principal),
        interest=Money(currency, one.portions.interest),
        fee=Money(currency, one.portions.fee),
        penalty=Money(currency, one.portions.penalty),
        overpaid=Money(currency, one.overpaid),
        balance=Money(currency, one.balance),
        reverted=one.reverted,
        replayed=one.replayed,
        replaced=False,
        charged_off=one.charged_off,
        fraud=one.fraud,
        of=one.of or "",
    )


def _plan(loan_id: str, currency: str, rows: Iterable[ScheduleRow]) -> tuple[PlanRow, ...]:
    lines, disbursements = [], 0
    for row in rows:
        number = row.number
        if number is None:
            disbursements += 1
            number = -disbursements
        detail = PlanDetail(
            start_on=row.start_on,
            paid_on=row.paid_on,
            due=row.due,
            paid=row.paid,
            waived=row.waived,
            written_off=row.written_off,
            in_advance=row.in_advance,
            late=row.late,
            disbursed=row.disbursed,
            down_payment=row.down_payment,
        )
        lines.append(
            PlanRow(
                loan_id=loan_id,
                number=number,
                due_date=row.due_on,
                principal=Money(currency, row.due.principal),
                interest=Money(currency, row.due.interest),
                total=Money(currency, row.due.total),
                balance=Money(currency, row.balance),
                principal_paid=Money(currency, row.paid.principal),
                interest_paid=Money(currency, row.paid.interest),
                detail=detail,
            )
        )
    return tuple(lines)


def _charge(loan_id: str, currency: str, row: ChargeRow) -> LoanCharge:
    due, paid, waived, outstanding = (Money(currency, one) for one in (row.due, row.paid, row.waived, row.outstanding))
    return LoanCharge(loan_id, row.id, row.name, row.penalty, row.due_on, due, paid, waived, outstanding)
