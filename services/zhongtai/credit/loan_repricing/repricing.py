"""How a loan takes the quotes of its re-pricing days: one operation of its account for each day the rate changes on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan.domain import LoanStatus, LoanSummary
from zhongtai.credit.loan_account import store as account_store
from zhongtai.credit.loan_account.performing import apply, asked
from zhongtai.credit.loan_repricing import domain, store
from zhongtai.credit.loan_repricing.domain import FloatingLoan, LoanNotRepriced, LoanRepriced, LoanRepricing
from zhongtai.credit.reference_rate import store as rate_store
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.servicing.account import Account
from zhongtai.kernel.servicing.operations import Reschedule
from zhongtai.kernel.servicing.repricing import HUNDRED, next_repricing, rate_by
from zhongtai.kernel.servicing.terms import FloatingRate
from zhongtai.runtime.unit import Unit, View

_REPRICED = (LoanStatus.ACTIVE, LoanStatus.PAID_OFF, LoanStatus.OVERPAID)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Swept:
    """What was done of the loans that were due; `more` are left."""

    repriced: int
    refused: int
    more: bool


def begin(unit: Unit, loan: LoanSummary) -> None:
    """Looks out for the re-pricing days of a loan that was disbursed, where its rate floats."""
    kept = account_store.accounts.load(unit, loan.loan_id)
    floating = asked(unit, loan, kept, lambda account: account.terms.interest.floating)
    if floating is not None and store.floating_loans.find(unit, loan.loan_id) is None:
        next_on = _next(unit, loan, loan.start_date)
        store.floating_loans.add(unit, FloatingLoan(loan.loan_id, floating.market, next_on, ""))


def sweep(unit: Unit, maximum: int) -> Swept:
    """Re-prices what is due; a loan that is refused is told, and left aside until the next quote."""
    due = store.due(unit, unit.business_date, maximum)
    refused = 0
    for one in due:
        standing = one
        try:
            while _is_due(unit, standing):
                standing, _ = _step(unit, standing)
        except Refusal as refusal:
            refused += 1
            store.floating_loans.save(unit, replace(standing, refused=refusal.reason))
            assert standing.next_on is not None, "what is due has its day"
            unit.record(LoanNotRepriced(one.loan_id, standing.next_on, refusal.reason, refusal.sentence()))
    return Swept(len(due) - refused, refused, len(due) == maximum)


def catch_up(unit: Unit, one: FloatingLoan) -> tuple[FloatingLoan, tuple[LoanRepricing, ...]]:
    """Lets one loan pass all its re-pricing days up to today."""
    passed: tuple[LoanRepricing, ...] = ()
    while _is_due(unit, one):
        one, made = _step(unit, one)
        passed += made
    return one, passed


def _is_due(unit: Unit, one: FloatingLoan) -> bool:
    return one.next_on is not None and one.next_on <= unit.business_date


def _step(unit: Unit, one: FloatingLoan) -> tuple[FloatingLoan, tuple[LoanRepricing, ...]]:
    """Passes the next re-pricing day of a loan; one that is not in force waits, one that has ended has none left."""
    loan = loan_store.summaries.load(unit, one.loan_id)
    assert one.next_on is not None, "there is a day to pass"
    made: tuple[LoanRepricing, ...] = ()
    if loan.status in _REPRICED:
        made = (_take(unit, loan, one.next_on),)
        further = _next(unit, loan, one.next_on)
    else:
        further = unit.business_date + _ONE_DAY if loan.status is LoanStatus.PENDING else None
    following = replace(one, next_on=further, refused="")
    store.floating_loans.save(unit, following)
    return following, made


def _take(unit: Unit, loan: LoanSummary, on: date) -> LoanRepricing:
    """Takes the quote in force on a day; the account changes where it bears another rate."""
    kept = account_store.accounts.load(unit, loan.loan_id)
    floating, borne, before = asked(unit, loan, kept, lambda account: _rates(account, on))
    quote = rate_store.in_force(unit, floating.market, on)
    rate, operation_id = rate_by(floating, quote.rate * HUNDRED), ""
    if rate != borne:
        operation_id = unit.new_id("lop")
        change = Reschedule(
            reference=operation_id,
            booked_on=unit.business_date,
            from_on=domain.told_from(on),
            rate=rate,
            because=domain.explained(quote, floating.spread_percent),
        )
        done = apply(unit, loan, kept, change)
        loan_store.save_summary(unit, done.loan, replace(done.loan, nominal_interest_rate=rate / HUNDRED))
    made = LoanRepricing(
        loan_id=loan.loan_id,
        repriced_on=on,
        benchmark=quote.benchmark,
        quoted_on=quote.effective_on,
        quote_version=quote.version,
        quote=quote.rate,
        rate_before=before / HUNDRED,
        rate=rate / HUNDRED,
        operation_id=operation_id,
    )
    earlier = store.repricings.find(unit, loan.loan_id, on.isoformat())
    (store.repricings.save if earlier else store.repricings.add)(unit, made)
    unit.record(LoanRepriced(loan.loan_id, loan.customer_id, loan.product_id, loan.limit_id, made))
    return made


def _rates(account: Account, on: date) -> tuple[FloatingRate, Decimal, Decimal]:
    """What the rate follows, and what it is from a day on and was until then, in per cent a year."""
    floating = account.terms.interest.floating
    assert floating is not None, "only a floating loan is re-priced"
    return floating, account.rate_on(domain.told_from(on)), account.rate_on(on)


def _next(view: View, loan: LoanSummary, after: date) -> date | None:
    """The first re-pricing day of a loan after a day."""
    kept = account_store.accounts.load(view, loan.loan_id)
    return asked(view, loan, kept, lambda account: _next_of(account, after))


def _next_of(account: Account, after: date) -> date | None:
    floating, rows = account.terms.interest.floating, account.schedule()
    assert floating is not None, "only a floating loan is re-priced"
    due_dates = _sorted(row.due_on for row in rows if row.number is not None)
    return next_repricing(floating, min(row.due_on for row in rows), due_dates, after)


def _sorted(days: Iterable[date]) -> list[date]:
    return sorted(set(days))
