"""The books of one loan account: what was booked, and the schedule that follows from it.

`Books` holds the state that operations change and the few verbs they all need; what an operation may do stands in
the modules named after it.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from zhongtai.kernel.servicing.cumulative.recalculation import paid_off, recalculated
from zhongtai.kernel.servicing.cumulative.rest import Told
from zhongtai.kernel.servicing.entries import ACCRUALS, BALANCED, PAYMENTS, Entry, balance_after, chronological
from zhongtai.kernel.servicing.history import (
    go_on,
    happenings,
    open_workings,
    opening,
    paid_out,
    plan_changes,
    retell,
    told_of,
)
from zhongtai.kernel.servicing.instalments import PRINCIPAL as _PRINCIPAL
from zhongtai.kernel.servicing.instalments import Instalment, parts
from zhongtai.kernel.servicing.levies import Levy
from zhongtai.kernel.servicing.milestone import Milestone
from zhongtai.kernel.servicing.operations import ChargeOff, Disburse, EndOfDay, Operation
from zhongtai.kernel.servicing.refusals import (
    AmountMustBePositive,
    DateInFuture,
    DateTooEarly,
    LoanStatusForbids,
    TransactionUnknown,
)
from zhongtai.kernel.servicing.terms import Convention, PreClosure, Terms, Tranche
from zhongtai.kernel.servicing.transactions import TransactionType
from zhongtai.kernel.servicing.workings import Variation, Workings

T = TransactionType


class Status(StrEnum):
    """Where the loan stands."""

    SUBMITTED_AND_PENDING_APPROVAL = "SUBMITTED_AND_PENDING_APPROVAL"
    APPROVED = "APPROVED"
    ACTIVE = "ACTIVE"
    CLOSED_OBLIGATIONS_MET = "CLOSED_OBLIGATIONS_MET"
    OVERPAID = "OVERPAID"
    CLOSED_WRITTEN_OFF = "CLOSED_WRITTEN_OFF"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


_GO_ON = (T.RE_AGE, T.RE_AMORTIZE)
REPAID = (Status.CLOSED_OBLIGATIONS_MET, Status.OVERPAID)


@dataclass(slots=True, eq=False)
class Books:
    """The state of one account. `work` is the schedule as of the last operation; None before disbursement."""

    terms: Terms
    status: Status = Status.SUBMITTED_AND_PENDING_APPROVAL
    approved: int = 0
    approved_on: date | None = None
    entries: list[Entry] = field(default_factory=list)
    levies: list[Levy] = field(default_factory=list)
    variations: list[Variation] = field(default_factory=list)
    expected: list[Tranche] = field(default_factory=list)
    work: Workings | None = None
    business_date: date = date.min
    reckoned_till: date = date.min
    operation: Operation | None = None
    sequence: int = 0
    booked: int = 0
    accrued_till: date | None = None
    closed_till: date | None = None
    charged_off_on: date | None = None
    terminated: bool = False
    fraud: bool = False
    repaid_on: date | None = None
    planned: list[Instalment] | None = None
    recalculated_on: date | None = None
    milestone: Milestone | None = None
    closed_incomes: set[str] = field(default_factory=set)
    delinquency_pauses: list[tuple[date, date]] = field(default_factory=list)

    @property
    def workings(self) -> Workings:
        """The schedule of a disbursed loan."""
        assert self.work is not None, "only a disbursed loan has workings"
        return self.work

    @property
    def charged_off(self) -> bool:
        """Whether the loan is charged off."""
        return self.charged_off_on is not None

    @property
    def disbursed_on(self) -> date:
        """The day of the first disbursement."""
        return min(each.dated for each in self.standing(T.DISBURSEMENT))

    @property
    def lent(self) -> int:
        """What was disbursed and not taken back."""
        return sum(each.amount for each in self.standing(T.DISBURSEMENT))

    @property
    def maturity(self) -> date:
        """The due date of the last instalment."""
        return self.workings.instalments[-1].due

    @property
    def contract_end(self) -> date:
        """The due date of the last instalment of the contract, additional ones apart."""
        return max(each.due for each in self.workings.instalments if not each.additional)

    def standing(self, *types: TransactionType) -> list[Entry]:
        """The transactions of these types that are not reverted, in order of booking."""
        return [each for each in self.entries if not each.reverted and each.type in types]

    def next_sequence(self) -> int:
        """The next place in the order of booking."""
        self.sequence += 1
        return self.sequence

    def entry(self, type_: TransactionType, dated: date, amount: int, *, of: str | None = None) -> Entry:
        """A new transaction of the running operation; not booked yet."""
        assert self.operation is not None, "transactions are booked by operations"
        name = self.operation.reference if self.booked == 0 else f"{self.operation.reference}/{self.booked}"
        self.booked += 1
        return Entry(
            id=name,
            type=type_,
            dated=dated,
            booked_on=self.business_date,
            sequence=self.next_sequence(),
            amount=amount,
            cause=None if isinstance(self.operation, EndOfDay) else self.operation,
            of=of,
            charged_off=self.charged_off,
            fraud=self.fraud,
        )

    def note(self, type_: TransactionType, dated: date, amounts: dict[str, int]) -> Entry:
        """Books a transaction that moves nothing owed: an accrual, an amortisation."""
        made = self.entry(type_, dated, 0)
        made.set_components(parts(**amounts))
        made.fresh = False
        self.entries.append(made)
        return made

    @property
    def charge_off_reason(self) -> str | None:
        """Why the loan was charged off last; None where it never was."""
        given = [each.cause.reason for each in self.entries if isinstance(each.cause, ChargeOff)]
        return given[-1] if given else None

    def find(self, transaction: str) -> Entry:
        """The standing transaction of that name (a replayed one keeps the name of the first)."""
        root = transaction.partition("@")[0]
        for each in reversed(self.entries):
            if each.root == root and not each.reverted:
                return each
        for each in self.entries:
            if each.id == transaction:
                return each
        raise TransactionUnknown(transaction=transaction)

    def book(self, *entries: Entry) -> None:
        """Books new transactions: history is told again, or goes on where they are payments of today.

        Told again, a change of terms comes in its day's turn; going on, one of a later day has been worked already.
        The two differ only then, so only then does it go on.
        """
        if self.work is None or not self._go_on(self.work, entries):
            self.entries.extend(entries)
            self.rework()
            return
        self.reckoned_till = self.business_date
        self.entries.extend(entries)
        go_on(self.work, list(entries), self.business_date)
        self._take(self.work)

    def _go_on(self, work: Workings, entries: tuple[Entry, ...]) -> bool:
        today = self.business_date
        latest = all(each.dated <= today for each in self.entries if each.told_in_replay)
        ahead = any(each.from_on > today for each in self.variations)
        goes_on = all((each.pays or each.type in _GO_ON) and each.dated == today for each in entries)
        return work.model is not None and latest and ahead and goes_on

    def rework(self, *, reckons: bool = True) -> None:
        """Tells history again and books what came out otherwise.

        What is overdue is reckoned into interest until the business date, or as far as it was before.
        """
        if reckons:
            self.reckoned_till = self.business_date
        if not self.standing(T.DISBURSEMENT):
            self.work = None
            return
        if reckons and self.recalculates_plan:
            since = self._planned_anew_since()
            till = since if self._pays_off(since) else None
            self.planned = recalculated(self.terms, self.told_for_plan(since, till))
            self.recalculated_on = self.business_date
        levies = self.active_levies()
        told = happenings(self.variations, levies, told_of(self.entries))
        before = self.milestone
        if before is not None and before.begins(self.terms, self.variations, told):
            place = len(before.signs)
            anew = opening(self.terms, self.entries, self.variations, self.business_date, self.planned)
            work = before.resumed(levies, self.business_date, anew)
        else:
            place = 0
            work = open_workings(
                self.terms, self.entries, levies, self.variations, self.business_date, planned=self.planned
            )
        self.milestone = retell(work, self.entries, self.reckoned_till, told, place)
        self._take(work)

    @property
    def recalculates_plan(self) -> bool:
        """Whether the loan has a cumulative plan that follows what was paid."""
        terms = self.terms
        rules = terms.recalculation
        return rules is not None and terms.convention is Convention.CUMULATIVE and not self.charged_off

    def _pays_off(self, since: date | None) -> bool:
        """Whether the payment being booked is no less than what the loan costs on its day."""
        rules = self.terms.recalculation
        if since is None or rules is None or rules.pre_closure is not PreClosure.TILL_PRE_CLOSURE_DATE:
            return False
        paid = sum(each.amount for each in self.entries if each.fresh and _met(each))
        return paid > 0 and paid >= paid_off(self.terms, self.told_for_plan(since, since, booked=False))

    def told_for_plan(self, since: date | None, till: date | None = None, *, booked: bool = True) -> Told:
        """What a cumulative plan is written from; `booked`: with the payments being booked."""
        payments = [
            each for each in sorted(self.entries, key=chronological) if _met(each) and (booked or not each.fresh)
        ]
        return Told(
            disbursements=paid_out(self.entries),
            changes=plan_changes(self.variations, self.entries),
            payments=[(each.dated, each.amount) for each in sorted(payments, key=chronological)],
            levies=self.active_levies(),
            today=self.business_date,
            before=self.planned or (),
            since=since,
            till=till,
        )

    def _planned_anew_since(self) -> date | None:
        """The day of the operation; at the close of the day, the day of the last plan.

        A disbursement, and what has no day of its own, lets all be planned anew.
        """
        if isinstance(self.operation, EndOfDay):
            return self.recalculated_on or self.disbursed_on
        dated = None if isinstance(self.operation, Disburse) else getattr(self.operation, "dated", None)
        return dated if isinstance(dated, date) else None

    def _take(self, work: Workings) -> None:
        """Takes what was worked: what changed is booked, what came to nothing is left out."""
        for change in work.changes:
            self._book_change(change.old, change.new)
        for each in self.entries:
            each.fresh = False
        self.entries = [each for each in self.entries if not (each.reverted and each.amount == 0 and each.replayed)]
        work.history = [each for each in work.history if not each.reverted]
        self.work = work
        self.charged_off_on = max((each.dated for each in self.standing(T.CHARGE_OFF)), default=None)
        self.terminated = bool(self.standing(T.CONTRACT_TERMINATION))

    def _book_change(self, old: Entry | None, new: Entry) -> None:
        if old is not None:
            old.replace()
            old.charges = {}
            new.replayed = True
        if not new.reverted:
            count = sum(each.root == new.root for each in self.entries)
            new.id = f"{new.root}@{count}" if count else new.root
            new.booked_on, new.sequence, new.fresh = self.business_date, self.next_sequence(), False
            self.entries.append(new)

    def active_levies(self) -> list[Levy]:
        """The charges that were not taken away."""
        return [levy for levy in self.levies if levy.active]

    def settle_status(self, on: date) -> None:
        """Active, overpaid or closed: what the schedule says after an operation that counts for the day."""
        if self.work is None or self.status not in (Status.ACTIVE, *REPAID):
            return
        owed = sum(each.outstanding for each in self.work.instalments)
        if self.work.overpaid > 0 and owed == 0:
            status = Status.OVERPAID
        elif owed == 0:
            status = Status.CLOSED_OBLIGATIONS_MET
        else:
            status = Status.ACTIVE
        if status is not self.status:
            self.repaid_on = None if status is Status.ACTIVE else on
            self.status = status

    def instalment_due(self, on: date) -> Instalment | None:
        """The instalment due on the day."""
        return next((each for each in self.workings.instalments if each.due == on and not each.down_payment), None)

    # -- what operations ask before they act --

    def require(self, *statuses: Status) -> None:
        """Refuses unless the loan stands so."""
        if self.status not in statuses:
            raise LoanStatusForbids(status=self.status)

    def require_open(self) -> None:
        """Refuses unless the loan takes payments: it is active, or ended and its terms take them still."""
        self.require(Status.ACTIVE, *(REPAID if self.terms.payments_after_end else ()))

    def require_day(self, dated: date) -> None:
        """Refuses a day after the business date, or before the loan was paid out."""
        if dated > self.business_date:
            raise DateInFuture(dated=dated, business_date=self.business_date)
        if self.work is not None and dated < self.disbursed_on:
            raise DateTooEarly(dated=dated, earliest=self.disbursed_on)

    def require_amount(self, amount: int) -> None:
        """Refuses an amount that is not above zero."""
        if amount <= 0:
            raise AmountMustBePositive(amount=amount)

    def last_dated(self) -> date:
        """The day of the latest transaction that moves what is owed."""
        return max((each.dated for each in self.entries if each.told_in_replay), default=date.min)

    def change_terms(self, **changes: object) -> None:
        """Takes other terms from now on."""
        self.terms = replace(self.terms, **changes)  # type: ignore[arg-type]

    def balances(self) -> None:
        """Says of every transaction that moves principal what is outstanding after it."""
        outstanding = 0
        for each in sorted([each for each in self.entries if each.type not in ACCRUALS], key=chronological):
            if not each.reverted:
                outstanding = balance_after(each, outstanding, by_order=bool(self.terms.allocation.chargeback))
                if each.type in BALANCED or each.pays:
                    each.balance = max(outstanding, 0)


_LENT = (T.DISBURSEMENT, T.CAPITALIZED_INCOME)
_LENT_AGAIN = (T.CREDIT_BALANCE_REFUND, T.CHARGEBACK, T.REFUND)
_GIVEN_BACK = (*PAYMENTS, T.WRITE_OFF)


def adds_up(books: Books) -> bool:
    """Whether the principal owed is what was lent and not given back.

    A disbursement that met an overpaid loan is not looked into: what was overpaid pays interest too, untold.
    """
    if books.work is None or any(each.overpaid for each in books.standing(*_LENT)):
        return True
    lent = sum(each.amount for each in books.standing(*_LENT))
    again = sum(_owed_again(each) for each in books.standing(*_LENT_AGAIN))
    back = sum(each.amounts[_PRINCIPAL] for each in books.standing(*_GIVEN_BACK))
    return books.work.outstanding()[_PRINCIPAL] == lent + again - back


def _owed_again(entry: Entry) -> int:
    """The principal an entry put back, less what of it was paid at once by what was overpaid before."""
    principal = entry.amounts[_PRINCIPAL]
    if entry.type is T.CHARGEBACK and entry.overpaid and sum(entry.amounts.values()) == entry.amount:
        return principal - sum(met.amounts[_PRINCIPAL] for met in entry.met)
    return principal


def _met(entry: Entry) -> bool:
    """Whether a plan is written from the payment."""
    return entry.pays and not entry.reverted
