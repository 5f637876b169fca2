"""Receivables (应收账款): invoices that sellers assign to the bank, and what their debtors promised.

Always true: one invoice backs one receivable, and what its debtor promised never exceeds what the invoice is of.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet


class ReceivableNotFound(Missing):
    """There is no receivable {receivable_id}: check the id.

    应收账款{receivable_id}不存在：请核对编号。
    """

    receivable_id: str


class InvoiceAlreadyAssigned(Taken):
    """The invoice {invoice_number} is assigned as {receivable_id}: an invoice is financed once.

    发票{invoice_number}已作为应收账款{receivable_id}转让：同一发票不得重复融资。
    """

    invoice_number: str
    receivable_id: str


class SellerMustNotBeDebtor(Invalid):
    """{seller_id} sells to itself: name the one who owes.

    {seller_id}不能同时为卖方和债务人：请填写实际付款方。
    """

    seller_id: str


class DueDateMustBeAhead(Invalid):
    """{due_date} is not after today, {today}: what is due already is collected, not assigned.

    到期日{due_date}不晚于今日{today}：已到期的账款请直接收款。
    """

    due_date: date
    today: date


class ReceivableMustBeAssigned(Unmet):
    """The receivable {receivable_id} is {status}: its debtor answers once, while it is assigned.

    应收账款{receivable_id}状态为{status}：仅已转让待确认的账款可确认或拒绝。
    """

    receivable_id: str
    status: str


class ReceivableMustNotBeConfirmed(Unmet):
    """The receivable {receivable_id} is {status}: others may rely on it, so it is not given back.

    应收账款{receivable_id}状态为{status}：已确权的账款不可撤回。
    """

    receivable_id: str
    status: str


class ReceivableMustBeConfirmed(Unmet):
    """The receivable {receivable_id} is {status}: only what its debtor confirmed and owes is used.

    应收账款{receivable_id}状态为{status}：仅已确权且未结清的账款可用。
    """

    receivable_id: str
    status: str


class ConfirmedMustNotExceedFace(Invalid):
    """The invoice is of {face}, {amount} is more: confirm at most that.

    发票金额为{face}，{amount}超出：确权金额不得超过发票金额。
    """

    face: Money
    amount: Money


class ReceivableStatus(StrEnum):
    """How a receivable stands."""

    ASSIGNED = "ASSIGNED"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    SETTLED = "SETTLED"


@dataclass(frozen=True, slots=True)
class ReceivableAssigned:
    """An invoice was assigned to the bank."""

    receivable_id: str
    seller_id: str
    debtor_id: str
    face: Money
    due_date: date


@dataclass(frozen=True, slots=True)
class ReceivableWithdrawn:
    """An invoice went back to its seller."""

    receivable_id: str


@dataclass(frozen=True, slots=True)
class ReceivableRejected:
    """A debtor disputes an invoice."""

    receivable_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Invoice:
    """The one receivable an invoice backs; kept under the invoice's own number."""

    invoice_code: str
    invoice_number: str
    receivable_id: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a seller assigns."""

    seller_id: str
    debtor_id: str
    invoice_code: str
    invoice_number: str
    face: Money
    due_date: date


@dataclass(frozen=True, slots=True)
class Receivable:
    """An assigned invoice; `confirmed` is what the debtor promised, less dilution, and nothing before."""

    receivable_id: str
    seller_id: str
    debtor_id: str
    invoice_code: str
    invoice_number: str
    face: Money
    due_date: date
    confirmed: Money
    status: ReceivableStatus
    settlement_payment_id: str

    def __post_init__(self) -> None:
        assert Money(self.face.currency, 0) <= self.confirmed <= self.face, "a promise is within the invoice"

    def withdraw(self) -> tuple["Receivable", tuple[ReceivableWithdrawn, ...]]:
        """The receivable back with its seller; no fact where it is back already."""
        if self.status is ReceivableStatus.WITHDRAWN:
            return self, ()
        if self.status not in (ReceivableStatus.ASSIGNED, ReceivableStatus.REJECTED):
            raise ReceivableMustNotBeConfirmed(receivable_id=self.receivable_id, status=self.status)
        return replace(self, status=ReceivableStatus.WITHDRAWN), (ReceivableWithdrawn(self.receivable_id),)

    def reject(self, reason: str) -> tuple["Receivable", tuple[ReceivableRejected, ...]]:
        """The receivable once its debtor disputed it; no fact where it did already."""
        if self.status is ReceivableStatus.REJECTED:
            return self, ()
        self._must_be_assigned()
        return replace(self, status=ReceivableStatus.REJECTED), (ReceivableRejected(self.receivable_id, reason),)

    def confirm(self, amount: Money) -> "Receivable":
        """The receivable with its debtor's promise."""
        self._must_be_assigned()
        if amount > self.face:
            raise ConfirmedMustNotExceedFace(face=self.face, amount=amount)
        return replace(self, status=ReceivableStatus.CONFIRMED, confirmed=amount)

    def dilute(self, amount: Money) -> "Receivable":
        """The receivable of which the debtor owes less; who holds that much is not asked here."""
        self.must_be_confirmed()
        return replace(self, confirmed=self.confirmed - amount)

    def settle(self, payment_id: str) -> "Receivable":
        """The receivable once its debtor paid."""
        self.must_be_confirmed()
        return replace(self, status=ReceivableStatus.SETTLED, settlement_payment_id=payment_id)

    def must_be_confirmed(self) -> None:
        """Refuses to build on what its debtor does not owe."""
        if self.status is not ReceivableStatus.CONFIRMED:
            raise ReceivableMustBeConfirmed(receivable_id=self.receivable_id, status=self.status)

    def _must_be_assigned(self) -> None:
        if self.status is not ReceivableStatus.ASSIGNED:
            raise ReceivableMustBeAssigned(receivable_id=self.receivable_id, status=self.status)


def assign(
    receivable_id: str, assignment: Assignment, *, assigned: Invoice | None, today: date
) -> tuple[Receivable, Invoice, ReceivableAssigned]:
    """A receivable on an invoice; `assigned` is what the invoice backs already, if anything."""
    if assigned is not None:
        raise InvoiceAlreadyAssigned(invoice_number=assigned.invoice_number, receivable_id=assigned.receivable_id)
    if assignment.seller_id == assignment.debtor_id:
        raise SellerMustNotBeDebtor(seller_id=assignment.seller_id)
    if assignment.due_date <= today:
        raise DueDateMustBeAhead(due_date=assignment.due_date, today=today)
    receivable = Receivable(
        receivable_id=receivable_id,
        seller_id=assignment.seller_id,
        debtor_id=assignment.debtor_id,
        invoice_code=assignment.invoice_code,
        invoice_number=assignment.invoice_number,
        face=assignment.face,
        due_date=assignment.due_date,
        confirmed=Money(assignment.face.currency, 0),
        status=ReceivableStatus.ASSIGNED,
        settlement_payment_id="",
    )
    invoice = Invoice(assignment.invoice_code, assignment.invoice_number, receivable_id)
    fact = ReceivableAssigned(
        receivable_id, receivable.seller_id, receivable.debtor_id, receivable.face, receivable.due_date
    )
    return receivable, invoice, fact
