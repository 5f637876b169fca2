"""One loan account: operations in, schedule and transactions out.

    account = Account(terms)
    account.apply(Approve(...))
    account.apply(Disburse(...))
    account.schedule()

An operation that is refused leaves no trace. `replay.replay` folds operations over terms; `Account.woken` opens an
account on the bytes of its last checkpoint.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from zhongtai.kernel.servicing import (
    accruals,
    charging,
    deferring,
    ending,
    opening,
    operations,
    paying,
    quoting,
    reshaping,
    settings,
    telling,
)
from zhongtai.kernel.servicing.books import REPAID, Books, Status, adds_up
from zhongtai.kernel.servicing.checkpoint import read, written
from zhongtai.kernel.servicing.instalments import parts, portions
from zhongtai.kernel.servicing.operations import Operation
from zhongtai.kernel.servicing.refusals import OperationUnsupported
from zhongtai.kernel.servicing.terms import ChargeTime, Convention, Terms
from zhongtai.kernel.servicing.transactions import ChargeRow, Portions, ScheduleRow, Transaction

_CLOSED_DAILY = (Status.SUBMITTED_AND_PENDING_APPROVAL, Status.APPROVED, Status.ACTIVE)


def end_of_day(books: Books, operation: operations.EndOfDay) -> None:
    """The close of business for every day since the last close, up to the day before.

    An account closed for the first time is closed for that one day; so what was earned before is accrued at once.
    A loan repaid or ended is not closed; opened again, it is closed for all days since.
    """
    if books.status not in _CLOSED_DAILY:
        return
    yesterday = operation.booked_on - timedelta(days=1)
    day = yesterday if books.closed_till is None else books.closed_till + timedelta(days=1)
    while day <= yesterday:
        if books.status is Status.ACTIVE:
            _close(books, day)
        books.closed_till = day
        day += timedelta(days=1)


def _close(books: Books, day: date) -> None:
    """Late fees, then everything earned until the day; then interest on what is overdue as of the business date.

    A cumulative plan is written anew before: its instalments say what a day earns.
    """
    follows = books.terms.convention is Convention.CUMULATIVE
    charging.penalise(books, day)
    if not follows:
        accruals.accrue(books, day)
    work = books.workings
    overdue = any(each.due < books.business_date and not each.met for each in work.instalments)
    if work.recalculates and overdue and work.business_date < books.business_date:
        books.rework()
    if follows:
        accruals.accrue(books, day)
    accruals.sum_up(books, day)
    if not books.charged_off:
        deferring.amortise(books, day)


def accrue_periodically(books: Books, operation: operations.AccruePeriodically) -> None:
    """Accruals alone, until a day."""
    accruals.accrue(books, operation.until)


VERBS: dict[type[Operation], Callable[[Books, Any], None]] = {
    operations.Approve: opening.approve,
    operations.Reject: opening.reject,
    operations.Withdraw: opening.withdraw,
    operations.UndoApproval: opening.undo_approval,
    operations.Disburse: opening.disburse,
    operations.UndoDisbursal: opening.undo_disbursal,
    operations.UndoLastDisbursal: opening.undo_last_disbursal,
    operations.AddExpectedTranche: opening.add_tranche,
    operations.ChangeAvailableAmount: opening.change_available,
    operations.ChangeApprovedAmount: opening.change_approved,
    operations.ChangeRate: opening.change_rate,
    operations.Pay: paying.pay,
    operations.PayOff: paying.pay_off,
    operations.RefundInterest: paying.refund_interest,
    operations.UndoTransaction: paying.undo,
    operations.AdjustTransaction: paying.adjust,
    operations.CreditBalanceRefund: paying.refund_credit_balance,
    operations.ChargeBack: paying.charge_back,
    operations.AddCharge: charging.add,
    operations.WaiveCharge: charging.waive,
    operations.UndoWaiveCharge: charging.undo_waive,
    operations.AdjustCharge: charging.adjust,
    operations.DeleteCharge: charging.delete,
    operations.CapitalizeIncome: deferring.capitalise,
    operations.AdjustCapitalizedIncome: deferring.adjust_capitalised,
    operations.BuyDownFee: deferring.buy_down,
    operations.AdjustBuyDownFee: deferring.adjust_bought_down,
    operations.ReAge: reshaping.re_age,
    operations.UndoReAge: reshaping.undo_re_age,
    operations.ReAmortize: reshaping.re_amortise,
    operations.UndoReAmortize: reshaping.undo_re_amortise,
    operations.PauseInterest: reshaping.pause,
    operations.DeletePause: reshaping.delete_pause,
    operations.Reschedule: reshaping.reschedule,
    operations.ChargeOff: ending.charge_off,
    operations.UndoChargeOff: ending.undo_charge_off,
    operations.SetFraud: ending.set_fraud,
    operations.WriteOff: ending.write_off,
    operations.UndoWriteOff: ending.undo_write_off,
    operations.TerminateContract: ending.terminate,
    operations.UndoTermination: ending.undo_termination,
    operations.PauseDelinquency: settings.pause_delinquency,
    operations.EndDelinquencyPause: settings.end_delinquency_pause,
    operations.ChangeFutureRule: settings.change_future_rule,
    operations.ChangeChargeAccrual: settings.change_charge_accrual,
    operations.ChangeOverdueInterest: settings.change_overdue_interest,
    operations.ChangeMaturityAccrual: settings.change_maturity_accrual,
    operations.ChangeEndedPayments: settings.change_ended_payments,
    operations.EndOfDay: end_of_day,
    operations.AccruePeriodically: accrue_periodically,
}


def _accrue_anew(books: Books, operation: Operation) -> None:
    """A cumulative plan came out otherwise: where interest follows what is paid it is accrued anew at once."""
    if books.terms.convention is Convention.PROGRESSIVE or books.work is None:
        return
    if books.work.recalculates:
        accruals.reconsider(books)
        if books.accrued_till is not None:
            accruals.accrue(books, books.accrued_till)
    elif isinstance(operation, operations.UndoTransaction | operations.AdjustTransaction):
        accruals.reconsider(books)


def _through_model(operation: Operation) -> bool:
    """A re-age through the interest model: what was told of past instalments stands until the close of the day."""
    return isinstance(operation, operations.ReAge) and operation.interest is operations.ReAgeInterest.DEFAULT


CHECKPOINT_EVERY = 16
"""Operations from one checkpoint to the next: as many are told again at most to open an account or after a refusal."""


class Account:
    """A loan account under its terms. `apply` changes it; every other method only tells.

    `operations` are those applied since it was opened or woken.
    """

    def __init__(self, terms: Terms, state: bytes | None = None) -> None:
        self._opened_with = terms
        self.operations: list[Operation] = []
        self._state = state
        self._since: list[Operation] = []
        self._books = self._open()

    @classmethod
    def woken(cls, terms: Terms, state: bytes) -> "Account":
        """The account as it stood when the bytes were written. Raises what unreadable bytes raise."""
        return cls(terms, state)

    def _open(self) -> Books:
        """The books as they stood at the last checkpoint, or before anything happened."""
        if self._state is not None:
            return read(self._state)
        books = Books(self._opened_with, business_date=self._opened_with.submitted_on)
        if self._opened_with.tranches is not None:
            books.expected = list(self._opened_with.tranches.expected)
        for number, charge in enumerate(self._opened_with.charges, start=1):
            if charge.time is not ChargeTime.OVERDUE:
                books.levies.append(charging.new_levy(books, f"terms/{number}", charge))
        return books

    def apply(self, operation: Operation) -> None:
        """Lets the operation act, or raises the refusal and leaves the account as it was."""
        try:
            self._act(operation)
        except BaseException:
            self._books = self._open()
            for each in self._since:
                self._act(each)
            raise
        self.operations.append(operation)
        self._since.append(operation)
        if len(self._since) >= CHECKPOINT_EVERY:
            self._state = written(self._books)
            self._since.clear()

    def checkpoint(self) -> bytes | None:
        """The account as bytes, where one was written after its last operation."""
        return None if self._since else self._state

    def _act(self, operation: Operation) -> None:
        books = self._books
        verb = VERBS.get(type(operation))
        if verb is None:
            raise OperationUnsupported(operation=type(operation).__name__, because="it is not known")
        books.operation, books.booked, books.business_date = operation, 0, operation.booked_on
        before, work = books.status, books.work
        verb(books, operation)
        if books.work is not work and before is Status.ACTIVE and not _through_model(operation):
            accruals.sum_up_anew(books)
        if books.work is not work and not isinstance(operation, operations.EndOfDay):
            _accrue_anew(books, operation)
        self._earn_at_end(before)
        books.balances()
        if books.work is not work and not adds_up(books):
            raise OperationUnsupported(operation=type(operation).__name__, because="its outcome would not add up")

    def _earn_at_end(self, before: Status) -> None:
        """A repaid loan has earned everything; one opened again earns by days again."""
        books = self._books
        if books.status in REPAID and books.work is not None and books.repaid_on is not None:
            accruals.accrue(books, books.maturity, final=True)
            accruals.sum_up_at_end(books)
            if not books.charged_off:
                deferring.amortise(books, books.repaid_on, fully=True)
        elif before in REPAID and books.status is Status.ACTIVE:
            accruals.sum_up_again(books)

    # -- what the account tells --

    @property
    def terms(self) -> Terms:
        """The terms as they are now."""
        return self._books.terms

    @property
    def status(self) -> Status:
        """Where the loan stands."""
        return self._books.status

    @property
    def charged_off(self) -> bool:
        """Whether the loan is charged off."""
        return self._books.charged_off

    @property
    def terminated(self) -> bool:
        """Whether the contract is terminated."""
        return self._books.terminated

    @property
    def fraud(self) -> bool:
        """Whether the account is marked as fraud."""
        return self._books.fraud

    @property
    def business_date(self) -> date:
        """The business date of the last operation."""
        return self._books.business_date

    @property
    def charge_off_reason(self) -> str | None:
        """Why the loan was charged off last; None where it never was."""
        return self._books.charge_off_reason

    @property
    def delinquency_pauses(self) -> tuple[tuple[date, date], ...]:
        """The days that do not count as overdue, both ends counted."""
        return tuple(self._books.delinquency_pauses)

    def schedule(self) -> tuple[ScheduleRow, ...]:
        """The repayment plan, in order; before disbursement the one that is expected."""
        return telling.schedule(self._books)

    def transactions(self) -> tuple[Transaction, ...]:
        """The transactions in the order of history: what stands, and what an operation reverted."""
        return telling.transactions(self._books, replaced=False)

    def replaced(self) -> tuple[Transaction, ...]:
        """The transactions that a replay reverted because they came out otherwise; another stands for each."""
        return telling.transactions(self._books, replaced=True)

    def charges(self) -> tuple[ChargeRow, ...]:
        """Every charge that was not taken away."""
        return telling.charges(self._books)

    def outstanding(self) -> Portions:
        """What is owed in all."""
        work = self._books.work
        return portions(work.outstanding() if work is not None else parts())

    def undrawn(self) -> int:
        """What the customer may still draw: of a running loan in tranches, what was granted and not paid out."""
        books = self._books
        if books.terms.tranches is None or books.status is not Status.ACTIVE or books.terminated or books.charged_off:
            return 0
        return max(opening.available_amount(books), 0)

    def overpaid(self) -> int:
        """What was paid beyond what is owed."""
        work = self._books.work
        return work.overpaid if work is not None else 0

    def rate_on(self, on: date) -> Decimal:
        """The rate of the night that ends on a day, in per cent as the terms have it: of the latest change by then."""
        changes = [each for each in self._books.variations if each.rate is not None and each.from_on <= on]
        latest = max(changes, key=lambda each: (each.from_on, each.sequence), default=None)
        return self.terms.interest.rate if latest is None or latest.rate is None else latest.rate

    def payoff(self, on: date) -> int:
        """The amount that pays everything off on the day."""
        return quoting.payoff_amount(self._books, on)

    def preview(self, operation: Operation) -> tuple[ScheduleRow, ...]:
        """The plan as the operation would leave it; the account stays as it is."""
        twin = Account(self._opened_with, self._state)
        for each in (*self._since, operation):
            twin._act(each)
        return twin.schedule()
