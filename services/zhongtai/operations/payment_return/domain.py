"""How a settled payment is given back: returned over its rail, reversed inside the bank, or refunded in parts.

A return gives a part back or all that is left. Of a payment of ours that comes back the other bank may keep charges,
which it tells; of one that we send back the rail's rule says what this bank keeps (pacs.004, ChrgsInf).

Always true: a payment is reversed once at the most, and its refunds or returns with their charges never come to more
than was paid; a return under the same reference is the same return.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Unmet
from zhongtai.operations.payment.domain import EndToEndIdMustBeUnique, Order, Payment, PaymentKind
from zhongtai.operations.payment_status.domain import PaymentStatus
from zhongtai.operations.rail.domain import ChargesMustLeaveAnAmount

INTERBANK = (PaymentKind.OUTGOING, PaymentKind.INCOMING)
INTERNAL = (PaymentKind.DISBURSEMENT, PaymentKind.COLLECTION, PaymentKind.TRANSFER)


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


class PaymentMustBeTransfer(Unmet):
    """The payment {payment_id} is no transfer: give it back with ReturnPayment or ReversePayment.

    支付{payment_id}不是转账：请使用ReturnPayment或ReversePayment退回。
    """

    payment_id: str


class PaymentMustNotBeRefunded(Unmet):
    """{refunded} of the payment {payment_id} was refunded: refund the rest instead of reversing it.

    支付{payment_id}已退款{refunded}：请对余额退款，不可冲正。
    """

    payment_id: str
    refunded: Money


class RefundMustNotExceedPaid(Unmet):
    """Only {left} of the payment {payment_id} is left to refund: refund that or less.

    支付{payment_id}可退余额仅{left}：请减少退款金额。
    """

    payment_id: str
    left: Money


class ReturnMustNotExceedPaid(Unmet):
    """Only {left} of the payment {payment_id} is left to return, charges included: return that or less.

    支付{payment_id}可退余额（含手续费）仅{left}：请减少退汇金额。
    """

    payment_id: str
    left: Money


class ReturnChargesMustBeByRule(Invalid):
    """What this bank keeps of the payment {payment_id} follows from its rail's rule: state no charges.

    退回支付{payment_id}的手续费由渠道规则确定：请勿填写手续费。
    """

    payment_id: str


@dataclass(frozen=True, slots=True)
class PaymentReturned:
    """A payment over a rail was given back, in part or in full."""

    payment_id: str
    return_payment_id: str
    amount: Money
    charges: Money
    returned: Money
    reason_code: str
    entry_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What is to be given back: an amount or all that is left, what another bank kept, and the return's own reference.

    The amount is the one between the banks where a payment of ours comes back (RtrdIntrBkSttlmAmt), and what the
    customer gives where we send one back.
    """

    reason_code: str
    amount: Money | None = None
    charges: Money | None = None
    return_id: str = ""

    def party(self, payment_id: str) -> str:
        """Whose reference the return's own is: unique for each payment."""
        return f"{payment_id}/return"


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
class PaymentRefunded:
    """A part of a transfer was given back."""

    payment_id: str
    refund_payment_id: str
    amount: Money
    refunded: Money
    reason_code: str
    entry_id: str


def returned(
    payment: Payment, asked: Return, kept_by_rule: Money, payment_id: str, now: datetime
) -> tuple[Payment, Payment]:
    """The payment as returned so far (pacs.004), and the payment that returns a part or the rest of it.

    `kept_by_rule` is what this bank keeps of a payment that it sends back.
    """
    if payment.kind not in INTERBANK:
        raise PaymentMustBeInterbank(payment_id=payment.payment_id)
    _must_be_settled(payment)
    if payment.undone_by:
        raise PaymentAlreadyReturned(payment_id=payment.payment_id, undone_by=payment.undone_by)
    left = _left(payment)
    if payment.kind is PaymentKind.OUTGOING:
        charges = asked.charges or left.nothing
        taken = asked.amount + charges if asked.amount else left
    else:
        if asked.charges:
            raise ReturnChargesMustBeByRule(payment_id=payment.payment_id)
        charges, taken = kept_by_rule, asked.amount or left
    if taken > left:
        raise ReturnMustNotExceedPaid(payment_id=payment.payment_id, left=left)
    if charges >= taken:
        raise ChargesMustLeaveAnAmount(charges=charges)
    original, back = _undone(payment, PaymentKind.RETURN, payment_id, asked.reason_code, now)
    back = replace(
        back,
        amount=taken - charges,
        charges=charges or None,
        end_to_end_id=asked.return_id or payment_id,
        initiating_party=asked.party(payment.payment_id) if asked.return_id else payment.initiating_party,
    )
    given_back = payment.amount - left + taken
    return replace(original, undone_by=payment_id if taken == left else "", refunded=given_back), back


def same_return(back: Payment, payment: Payment, asked: Return) -> Payment:
    """The return that is there under the reference of the one asked for; refuses another amount or other charges."""
    charges = back.charges or back.amount.nothing
    told = back.amount if payment.kind is PaymentKind.OUTGOING else back.amount + charges
    same_charges = asked.charges is None or asked.charges == charges
    if asked.amount not in (None, told) or not same_charges:
        raise EndToEndIdMustBeUnique(end_to_end_id=asked.return_id, payment_id=back.payment_id)
    return back


def reversed_(payment: Payment, payment_id: str, reason_code: str, now: datetime) -> tuple[Payment, Payment]:
    """The payment as reversed, and the payment that takes it back."""
    if payment.kind not in INTERNAL:
        raise PaymentMustBeInternal(payment_id=payment.payment_id)
    _must_be_settled(payment)
    _must_not_be_reversed(payment)
    if payment.refunded:
        raise PaymentMustNotBeRefunded(payment_id=payment.payment_id, refunded=payment.refunded)
    return _undone(payment, PaymentKind.REVERSAL, payment_id, reason_code, now)


def refund_of(payment: Payment, amount: Money, end_to_end_id: str, initiating_party: str) -> Order:
    """What gives a part of a transfer back: its creditor pays its debtor."""
    if payment.kind is not PaymentKind.TRANSFER:
        raise PaymentMustBeTransfer(payment_id=payment.payment_id)
    return Order(
        kind=PaymentKind.REFUND,
        end_to_end_id=end_to_end_id,
        initiating_party=initiating_party,
        amount=amount,
        debtor_account_id=payment.creditor_account_id,
        creditor_account_id=payment.debtor_account_id,
        remittance_information=payment.remittance_information,
    )


def refunded(payment: Payment, amount: Money) -> Payment:
    """The payment after one more refund; refuses what would come to more than was paid."""
    _must_be_settled(payment)
    _must_not_be_reversed(payment)
    left = _left(payment)
    if amount > left:
        raise RefundMustNotExceedPaid(payment_id=payment.payment_id, left=left)
    return replace(payment, refunded=payment.amount - left + amount)


def returned_fact(payment: Payment, back: Payment) -> PaymentReturned:
    """What there is to tell of the payment that `back` returned; `payment` is as it stands after it."""
    assert payment.refunded is not None, "a payment that was returned says how much"
    return PaymentReturned(
        payment.payment_id,
        back.payment_id,
        back.amount,
        back.charges or back.amount.nothing,
        payment.refunded,
        back.reason_code,
        back.entry_ids[-1],
    )


def reversed_fact(payment: Payment, back: Payment) -> PaymentReversed:
    """What there is to tell of the payment that `back` reversed."""
    return PaymentReversed(
        payment.payment_id,
        back.payment_id,
        payment.kind,
        payment.loan_id,
        payment.amount,
        back.reason_code,
        back.entry_ids[-1],
    )


def refunded_fact(payment: Payment, back: Payment) -> PaymentRefunded:
    """What there is to tell of the payment that `back` refunds in part; `payment` is as it stands after it."""
    assert payment.refunded is not None, "a payment that was refunded says how much"
    return PaymentRefunded(
        payment.payment_id,
        back.payment_id,
        back.amount,
        payment.refunded,
        back.reason_code,
        back.entry_ids[-1],
    )


def _left(payment: Payment) -> Money:
    """What of a payment was not given back yet."""
    return payment.amount - payment.refunded if payment.refunded else payment.amount


def _must_be_settled(payment: Payment) -> None:
    if payment.status is not PaymentStatus.ACSC:
        raise PaymentMustBeSettled(payment_id=payment.payment_id, status=payment.status)


def _must_not_be_reversed(payment: Payment) -> None:
    if payment.undone_by:
        raise PaymentAlreadyReversed(payment_id=payment.payment_id, undone_by=payment.undone_by)


def _undone(
    payment: Payment, kind: PaymentKind, payment_id: str, reason_code: str, now: datetime
) -> tuple[Payment, Payment]:
    back = replace(
        payment,
        payment_id=payment_id,
        kind=kind,
        # Its own reference: the original's stays that of the original alone.
        end_to_end_id=payment_id,
        debtor_account_id=payment.creditor_account_id,
        creditor_account_id=payment.debtor_account_id,
        reason_code=reason_code,
        original_payment_id=payment.payment_id,
        entry_ids=(),
        created_at=now,
        settled_at=now,
        # What the charges paid for was done; only the amount comes back.
        charges=None,
        correspondent_charges=None,
        refunded=None,
        contradiction="",
        inquiries=0,
        inquire_at=None,
    )
    return replace(payment, undone_by=payment_id), back
