"""What others call before they change what is known of a loan, so that the close of a day sees it as of its date."""

from collections.abc import Iterable
from datetime import date, timedelta

from zhongtai.credit.classification import store as classification_store
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan.domain import LoanStatus, LoanSummary
from zhongtai.credit.loan_risk import circumstances, reading, store
from zhongtai.credit.loan_risk.domain import Probation, Undrawn
from zhongtai.kernel.money import Money
from zhongtai.runtime.unit import Unit

_DAY = timedelta(days=1)


def note(unit: Unit, loan_ids: Iterable[str]) -> None:
    """Notes that what is known of loans is about to change: to be called before it is written."""
    for loan_id in dict.fromkeys(loan_ids):
        note_loan(unit, loan_store.summaries.load(unit, loan_id))


def note_loan(unit: Unit, loan: LoanSummary) -> None:
    """The same of a loan at hand."""
    before = circumstances.of_loans(unit, [loan])[loan.loan_id]
    store.note(unit, loan.loan_id, before, unit.business_date)


def note_customer(unit: Unit, customer_id: str) -> None:
    """The same of all loans that a customer owes."""
    for loan in circumstances.owed_by(unit, customer_id):
        note_loan(unit, loan)


def look_again(unit: Unit, loan_id: str, on: date) -> None:
    """Has the close of a day look at a loan because time alone will have changed something by then."""
    if on > unit.business_date:
        store.note(unit, loan_id, None, on)


def ends_after(unit: Unit, loan_id: str, last: date) -> None:
    """Has the close look at a loan on the day behind the last on which something holds."""
    look_again(unit, loan_id, last + _DAY)


def arrears(unit: Unit, before: LoanSummary, after: LoanSummary) -> None:
    """Keeps that arrears were cleared: to be called by whoever saves a loan whose oldest unpaid due date may move."""
    missed = before.oldest_due_date
    if missed is None or missed >= unit.business_date or before.status is not LoanStatus.ACTIVE:
        return
    if after.oldest_due_date is not None and after.oldest_due_date < unit.business_date:
        return
    note_loan(unit, before)
    store.keep_probation(unit, Probation(before.loan_id, missed_on=missed, cleared_on=unit.business_date))
    observe(unit, after)


def observe(unit: Unit, loan: LoanSummary) -> None:
    """Has the close look at a restructured loan on the day its observation will be over if it keeps its word."""
    known = reading.known_on(unit, [loan], unit.business_date)[loan.loan_id]
    if known.observed_from is not None:
        rules = classification_store.in_force(unit, classification_store.DECREE, unit.business_date)
        over = known.kept_through(known.observed_from, rules.observation_months, rules.observation_payments)
        if over is not None:
            look_again(unit, loan.loan_id, over)


def undrawn(unit: Unit, loan: LoanSummary, minor_units: int) -> None:
    """Keeps what of a loan may still be drawn from today on."""
    note_loan(unit, loan)
    store.keep_undrawn(unit, Undrawn(loan.loan_id, Money(loan.principal.currency, minor_units)))
