"""A payment (支付): money from a debtor to a creditor, inside the bank or over a rail, in the terms of ISO 20022.

Always true: a payment is settled, rejected, returned or reversed once at the most; what a rail has not answered is
pending (PDNG) until it answers; one reference of one initiating party (EndToEndId) is one payment.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet


class PaymentNotFound(Missing):
    """There is no payment {payment_id}: check the id.

    支付{payment_id}不存在：请核对编号。
    """

    payment_id: str


class EndToEndIdMustBeUnique(Taken):
    """The reference {end_to_end_id} is that of payment {payment_id}, which differs: use another reference.

    端到端标识{end_to_end_id}已用于内容不同的支付{payment_id}：请更换标识。
    """

    end_to_end_id: str
    payment_id: str


class AccountsMustDiffer(Invalid):
    """The debtor and the creditor are the same account: name two accounts.

    付款账户与收款账户相同：请填写两个不同的账户。
    """


class PaymentMustBeSent(Unmet):
    """The payment {payment_id} did not go out over a rail: there is no outcome to tell.

    支付{payment_id}并非汇出支付：没有可确认的结果。
    """

    payment_id: str


class OutcomeMustBeFinal(Invalid):
    """{status} is no outcome: tell ACSC (settled) or RJCT (rejected).

    {status}不是最终结果：请填写ACSC（已清算）或RJCT（已拒绝）。
    """

    status: str


class OutcomeMustNotChange(Unmet):
    """The payment {payment_id} is {status} already: give it back with ReturnPayment instead.

    支付{payment_id}已为{status}：如需退回请使用ReturnPayment。
    """

    payment_id: str
    status: str


class PaymentMustBeSettled(Unmet):
    """The payment {payment_id} is {status}: only a settled one (ACSC) is given back.

    支付{payment_id}状态为{status}：仅已清算（ACSC）的支付可退回。
    """

    payment_id: str
    status: str


class PaymentMustBeInterbank(Unmet):
    """The payment {payment_id} stayed inside the bank: take it back with ReversePayment.

    支付{payment_id}为行内支付：请使用ReversePayment冲正。
    """

    payment_id: str


class PaymentMustBeInternal(Unmet):
    """The payment {payment_id} went over a rail: give it back with ReturnPayment.

    支付{payment_id}经由支付渠道：请使用ReturnPayment退回。
    """

    payment_id: str


class PaymentAlreadyReturned(Unmet):
    """The payment {payment_id} was returned by {undone_by}: nothing is left to give back.

    支付{payment_id}已由{undone_by}退回：不可重复退回。
    """

    payment_id: str
    undone_by: str


class PaymentAlreadyReversed(Unmet):
    """The payment {payment_id} was reversed by {undone_by}: nothing is left to take back.

    支付{payment_id}已由{undone_by}冲正：不可重复冲正。
    """

    payment_id: str
    undone_by: str


class PaymentKind(StrEnum):
    """What kind of payment it is."""

    DISBURSEMENT = "DISBURSEMENT"
    COLLECTION = "COLLECTION"
    TRANSFER = "TRANSFER"
    OUTGOING = "OUTGOING"
    INCOMING = "INCOMING"
    RETURN = "RETURN"
    REVERSAL = "REVERSAL"


class PaymentStatus(StrEnum):
    """How a payment stands, by the codes of ISO 20022 (ExternalPaymentTransactionStatus1Code)."""

    ACSP = "ACSP"
    ACSC = "ACSC"
    RJCT = "RJCT"
    PDNG = "PDNG"


FINAL = (PaymentStatus.ACSC, PaymentStatus.RJCT)
INTERBANK = (PaymentKind.OUTGOING, PaymentKind.INCOMING)
INTERNAL = (PaymentKind.DISBURSEMENT, PaymentKind.COLLECTION, PaymentKind.TRANSFER)


@dataclass(frozen=True, slots=True)
class OutsideParty:
    """A party at another bank."""

    name: str
    account: str
    agent: str


@dataclass(frozen=True, slots=True)
class PaymentSent:
    """A payment was given to its rail; the debtor has paid."""

    payment_id: str
    end_to_end_id: str
    rail: str
    debtor_account_id: str
    amount: Money
    entry_id: str


@dataclass(frozen=True, slots=True)
class PaymentPending:
    """The rail has the payment and has not told the outcome."""

    payment_id: str
    end_to_end_id: str
    rail: str


@dataclass(frozen=True, slots=True)
class PaymentSettled:
    """A payment is settled."""

    payment_id: str
    kind: PaymentKind
    end_to_end_id: str
    loan_id: str
    debtor_account_id: str
    creditor_account_id: str
    amount: Money
    entry_id: str


@dataclass(frozen=True, slots=True)
class PaymentRejected:
    """A payment was rejected by its rail; the debtor has the money again."""

    payment_id: str
    end_to_end_id: str
    debtor_account_id: str
    amount: Money
    reason_code: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class PaymentReturned:
    """A payment over a rail was given back."""

    payment_id: str
    return_payment_id: str
    amount: Money
    reason_code: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class PaymentReversed:
    """A payment inside the bank was taken back."""

    payment_id: str
    reversal_payment_id: str
    kind: PaymentKind
    loan_id: str
    amount: Money
    reason_code: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rail says of a payment: settled, rejected and why, or that it does not know yet."""

    status: PaymentStatus
    reason_code: str = ""

    def must_be_final(self) -> "Answer":
        """The answer itself; refuses one that leaves the outcome open."""
        if self.status not in FINAL:
            raise OutcomeMustBeFinal(status=self.status)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for: who pays whom how much, under whose reference."""

    kind: PaymentKind
    end_to_end_id: str
    initiating_party: str
    amount: Money
    debtor_account_id: str = ""
    creditor_account_id: str = ""
    outside_party: OutsideParty | None = None
    loan_id: str = ""
    rail: str = ""
    settlement_account_id: str = ""
    remittance_information: str = ""
    hold_id: str = ""

    def __post_init__(self) -> None:
        if self.debtor_account_id and self.debtor_account_id == self.creditor_account_id:
            raise AccountsMustDiffer()


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment(Order):
    """An order that was taken: how it stands, and the ledger entries it made."""

    payment_id: str
    status: PaymentStatus
    reason_code: str = ""
    original_payment_id: str = ""
    undone_by: str = ""
    entry_ids: tuple[str, ...] = ()
    created_at: datetime
    settled_at: datetime | None

    @classmethod
    def ordered(cls, payment_id: str, order: Order, now: datetime) -> "Payment":
        """A new payment: settled at once, but for an outgoing one, whose rail has to answer."""
        sent = order.kind is PaymentKind.OUTGOING
        return cls(
            payment_id=payment_id,
            status=PaymentStatus.ACSP if sent else PaymentStatus.ACSC,
            created_at=now,
            settled_at=None if sent else now,
            **{name: getattr(order, name) for name in Order.__slots__},
        )

    def must_carry(self, order: Order) -> "Payment":
        """The payment itself; refuses an order that is another one under the same reference."""
        if any(getattr(self, name) != getattr(order, name) for name in Order.__slots__):
            raise EndToEndIdMustBeUnique(end_to_end_id=self.end_to_end_id, payment_id=self.payment_id)
        return self

    def booked(self, entry_id: str) -> "Payment":
        """The payment with one more of its ledger entries."""
        return replace(self, entry_ids=(*self.entry_ids, entry_id))

    def answered(self, answer: Answer, now: datetime) -> "Payment":
        """The payment after its rail's answer; the same answer again, or PDNG after an outcome, changes nothing."""
        if self.kind is not PaymentKind.OUTGOING:
            raise PaymentMustBeSent(payment_id=self.payment_id)
        if answer.status == self.status or (self.status in FINAL and answer.status not in FINAL):
            return self
        if self.status in FINAL:
            raise OutcomeMustNotChange(payment_id=self.payment_id, status=self.status)
        settled_at = now if answer.status in FINAL else None
        return replace(self, status=answer.status, reason_code=answer.reason_code, settled_at=settled_at)

    def returned(self, payment_id: str, reason_code: str, now: datetime) -> tuple["Payment", "Payment"]:
        """The payment as returned (pacs.004), and the payment that returns it."""
        if self.kind not in INTERBANK:
            raise PaymentMustBeInterbank(payment_id=self.payment_id)
        self._must_be_settled()
        if self.undone_by:
            raise PaymentAlreadyReturned(payment_id=self.payment_id, undone_by=self.undone_by)
        return self._undone(PaymentKind.RETURN, payment_id, reason_code, now)

    def reversed(self, payment_id: str, reason_code: str, now: datetime) -> tuple["Payment", "Payment"]:
        """The payment as reversed, and the payment that takes it back."""
        if self.kind not in INTERNAL:
            raise PaymentMustBeInternal(payment_id=self.payment_id)
        self._must_be_settled()
        if self.undone_by:
            raise PaymentAlreadyReversed(payment_id=self.payment_id, undone_by=self.undone_by)
        return self._undone(PaymentKind.REVERSAL, payment_id, reason_code, now)

    def _must_be_settled(self) -> None:
        if self.status is not PaymentStatus.ACSC:
            raise PaymentMustBeSettled(payment_id=self.payment_id, status=self.status)

    def _undone(
        self, kind: PaymentKind, payment_id: str, reason_code: str, now: datetime
    ) -> tuple["Payment", "Payment"]:
        back = replace(
            self,
            payment_id=payment_id,
            kind=kind,
            # Its own reference: the original's stays that of the original alone.
            end_to_end_id=payment_id,
            debtor_account_id=self.creditor_account_id,
            creditor_account_id=self.debtor_account_id,
            reason_code=reason_code,
            original_payment_id=self.payment_id,
            entry_ids=(),
            created_at=now,
            settled_at=now,
        )
        return replace(self, undone_by=payment_id), back

    @property
    def posting(self) -> str:
        """The name of the rule that books where the payment stands now; "" where that books nothing."""
        if self.kind is PaymentKind.RETURN:
            return f"{self.kind}.{PaymentKind.OUTGOING if self.creditor_account_id else PaymentKind.INCOMING}"
        if self.kind is not PaymentKind.OUTGOING or self.status is PaymentStatus.ACSP:
            return self.kind
        return "" if self.status is PaymentStatus.PDNG else f"{self.kind}.{self.status}"

    def returned_fact(self, back: "Payment") -> PaymentReturned:
        """What there is to tell of the payment that `back` returned."""
        return PaymentReturned(self.payment_id, back.payment_id, self.amount, back.reason_code, back.entry_ids[-1])

    def reversed_fact(self, back: "Payment") -> PaymentReversed:
        """What there is to tell of the payment that `back` reversed."""
        return PaymentReversed(
            self.payment_id,
            back.payment_id,
            self.kind,
            self.loan_id,
            self.amount,
            back.reason_code,
            back.entry_ids[-1],
        )

    def fact(self) -> PaymentSent | PaymentPending | PaymentSettled | PaymentRejected:
        """What there is to tell of where the payment stands now."""
        entry_id = self.entry_ids[-1]
        match self.status:
            case PaymentStatus.ACSP:
                return PaymentSent(
                    self.payment_id, self.end_to_end_id, self.rail, self.debtor_account_id, self.amount, entry_id
                )
            case PaymentStatus.PDNG:
                return PaymentPending(self.payment_id, self.end_to_end_id, self.rail)
            case PaymentStatus.RJCT:
                return PaymentRejected(
                    self.payment_id,
                    self.end_to_end_id,
                    self.debtor_account_id,
                    self.amount,
                    self.reason_code,
                    entry_id,
                )
            case PaymentStatus.ACSC:
                return PaymentSettled(
                    self.payment_id,
                    self.kind,
                    self.end_to_end_id,
                    self.loan_id,
                    self.debtor_account_id,
                    self.creditor_account_id,
                    self.amount,
                    entry_id,
                )
