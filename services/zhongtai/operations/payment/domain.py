"""A payment (支付): money from a debtor to a creditor, inside the bank or over a rail, in the terms of ISO 20022.

Always true: a payment is settled or rejected once; what a rail has not answered is pending (PDNG) until it answers, and
what it answers later against that moves nothing; one reference of one initiating party (EndToEndId) is one payment.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet
from zhongtai.operations.payment_status.domain import NEXT, OUTCOMES, Answer, PaymentStatus


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


class PaymentKind(StrEnum):
    """What kind of payment it is."""

    DISBURSEMENT = "DISBURSEMENT"
    COLLECTION = "COLLECTION"
    TRANSFER = "TRANSFER"
    OUTGOING = "OUTGOING"
    INCOMING = "INCOMING"
    RETURN = "RETURN"
    REVERSAL = "REVERSAL"
    REFUND = "REFUND"


class ChargeBearer(StrEnum):
    """Who bears the charges (ChargeBearerType1Code)."""

    DEBT = "DEBT"
    CRED = "CRED"
    SHAR = "SHAR"
    SLEV = "SLEV"


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
class PaymentContradicted:
    """A rail said something else of a payment than its outcome that is known."""

    payment_id: str
    end_to_end_id: str
    rail: str
    status: PaymentStatus
    contradiction: str


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
    uetr: str = ""
    instruction_id: str = ""
    requested_execution_date: date | None = None
    charge_bearer: ChargeBearer | None = None
    purpose_code: str = ""
    charges: Money | None = None
    correspondent_charges: Money | None = None

    def __post_init__(self) -> None:
        if self.debtor_account_id and self.debtor_account_id == self.creditor_account_id:
            raise AccountsMustDiffer()

    @property
    def debited(self) -> Money:
        """What the debtor pays in all."""
        return self.amount + self.charges if self.charges else self.amount

    @property
    def own_charges(self) -> Money:
        """What of the charges the bank earns; the rest it owes to the correspondents."""
        charges = self.charges or self.amount.nothing
        return charges - self.correspondent_charges if self.correspondent_charges else charges


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
    refunded: Money | None = None
    contradiction: str = ""
    inquiries: int = 0
    inquire_at: datetime | None = None

    @classmethod
    def ordered(cls, payment_id: str, order: Order, now: datetime) -> "Payment":
        """A new payment: settled at once, but for an outgoing one, whose rail has to answer."""
        sent = order.kind is PaymentKind.OUTGOING
        parts = {name: getattr(order, name) for name in Order.__slots__} | {"uetr": order.uetr or uetr_of(payment_id)}
        return cls(
            payment_id=payment_id,
            status=PaymentStatus.ACSP if sent else PaymentStatus.ACSC,
            created_at=now,
            settled_at=None if sent else now,
            **parts,
        )

    def must_carry(self, order: Order) -> "Payment":
        """The payment itself; refuses an order that is another one under the same reference."""
        names = [name for name in Order.__slots__ if name != "uetr" or order.uetr]
        if any(getattr(self, name) != getattr(order, name) for name in names):
            raise EndToEndIdMustBeUnique(end_to_end_id=self.end_to_end_id, payment_id=self.payment_id)
        return self

    def booked(self, entry_id: str) -> "Payment":
        """The payment with one more of its ledger entries."""
        return replace(self, entry_ids=(*self.entry_ids, entry_id))

    def answered(self, answer: Answer, now: datetime) -> "Payment":
        """The payment after its rail's answer; the same answer again, or PDNG after an outcome, changes nothing.

        An outcome that is known never changes: what contradicts it is kept beside it, the first time.
        """
        if self.kind is not PaymentKind.OUTGOING:
            raise PaymentMustBeSent(payment_id=self.payment_id)
        if answer.status == self.status or (self.status in OUTCOMES and answer.status not in OUTCOMES):
            return self
        if self.status in OUTCOMES:
            said = f"{answer.status} {answer.reason_code}".strip()
            return self if self.contradiction else replace(self, contradiction=said)
        assert answer.status in NEXT[self.status], "a rail answers ACSC, RJCT or PDNG"
        known = answer.status in OUTCOMES
        return replace(
            self,
            status=answer.status,
            reason_code=answer.reason_code,
            settled_at=now if known else None,
            inquire_at=None if known else self.inquire_at,
        )

    @property
    def to_be_submitted(self) -> bool:
        """Whether its rail is to be given it: not where an outcome is known, nor where an inquiry came first."""
        return self.status is PaymentStatus.ACSP

    def asked(self, inquire_at: datetime) -> "Payment":
        """The payment after its rail was asked and did not know: asked again at that moment."""
        return replace(self, inquiries=self.inquiries + 1, inquire_at=inquire_at)

    @property
    def posting(self) -> str:
        """The name of the rule that books where the payment stands now; "" where that books nothing."""
        if self.kind is PaymentKind.RETURN:
            return f"{self.kind}.{PaymentKind.OUTGOING if self.creditor_account_id else PaymentKind.INCOMING}"
        if self.kind is not PaymentKind.OUTGOING or self.status is PaymentStatus.ACSP:
            return self.kind
        return "" if self.status is PaymentStatus.PDNG else f"{self.kind}.{self.status}"

    def fact(self) -> PaymentSent | PaymentPending | PaymentSettled | PaymentRejected | PaymentContradicted:
        """What there is to tell of where the payment stands now."""
        if self.contradiction:
            return PaymentContradicted(self.payment_id, self.end_to_end_id, self.rail, self.status, self.contradiction)
        entry_id = self.entry_ids[-1]
        if self.status is PaymentStatus.ACSP:
            return PaymentSent(
                self.payment_id, self.end_to_end_id, self.rail, self.debtor_account_id, self.amount, entry_id
            )
        if self.status is PaymentStatus.PDNG:
            return PaymentPending(self.payment_id, self.end_to_end_id, self.rail)
        if self.status is PaymentStatus.RJCT:
            return PaymentRejected(
                self.payment_id, self.end_to_end_id, self.debtor_account_id, self.amount, self.reason_code, entry_id
            )
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


def uetr_of(payment_id: str) -> str:
    """The UETR of a payment that came without one: a UUID of version 4 (RFC 9562, 5.4) made of the payment's own id.

    The same payment always gets the same one, so whoever carries it knows it again.
    """
    digits = sha256(payment_id.encode()).hexdigest()
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"
