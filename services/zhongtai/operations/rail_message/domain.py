"""A message from a rail (渠道报文): transfers to us (pacs.008), and what became of ours (pacs.002, pacs.004).

Always true: a transfer is booked once, however often its message comes, and so is a return; what is reported on,
or comes back in part or in full, is one of our own payments over that rail; an outcome that is known stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from zhongtai.kernel.refusals import Invalid, Missing, Unmet
from zhongtai.operations.iso_message.domain import IsoMessage, MessageKind, MessageTransaction
from zhongtai.operations.payment.domain import Order, OutsideParty, Payment, PaymentKind, PaymentMustBeSent
from zhongtai.operations.payment_return.domain import Return
from zhongtai.operations.payment_status.domain import Answer, PaymentStatus
from zhongtai.operations.rail.domain import Rail, SimulatedRail

_REMITTANCE_MAX = 140
# Why a rail that states no reason rejects a payment (ExternalStatusReason1Code: MS03, not specified by the agent).
UNSTATED = "MS03"


class RailMessageMustMoveMoney(Invalid):
    """The message is a {message_kind}: a rail sends pacs.008 (a transfer), pacs.002 (a report) or pacs.004 (a return).

    报文为{message_kind}：渠道来报应为pacs.008（汇入）、pacs.002（状态报告）或pacs.004（退汇）。
    """

    message_kind: str


class ReturnedPaymentNotFound(Missing):
    """{payment_id} is no payment of ours over {rail}: look for its OrgnlTxId with the bank that returns it.

    {payment_id}不是经{rail}渠道汇出的支付：请与退汇行核对原交易标识。
    """

    payment_id: str
    rail: str


class ReportedPaymentNotFound(Missing):
    """{payment_id} is no payment of ours over {rail}, or has another UETR: look for its OrgnlTxId with the rail.

    {payment_id}不是经{rail}渠道汇出的支付，或UETR不符：请与渠道核对原交易标识。
    """

    payment_id: str
    rail: str


class RailMustBeSimulated(Unmet):
    """The rail {rail} answers for itself: only simulated ones are spoken for here.

    渠道{rail}自行应答：此处仅模拟渠道可代为应答。
    """

    rail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RailTransfer:
    """One transaction of a message, and what became of it: a payment, or the reason why there is none."""

    end_to_end_id: str
    status: PaymentStatus
    payment_id: str = ""
    reason_code: str = ""
    refusal: str = ""
    contradiction: str = ""


# What a rail says of a payment, by ExternalPaymentTransactionStatus1Code: settled, rejected, or still on its way.
_SETTLED, _REJECTED = ("ACSC", "ACCC"), ("RJCT", "CANC")
_UNDER_WAY = ("RCVD", "ACTC", "ACCP", "ACWC", "ACWP", "ACFC", "ACSP", "PDNG")


def must_move_money(message: IsoMessage) -> IsoMessage:
    """The message itself; refuses another kind, too many transactions, and one that misses something."""
    if message.kind is MessageKind.PACS_008:
        return message.must_be_acted_on(_arrives)
    if message.kind is MessageKind.PACS_004:
        return message.must_be_acted_on(_comes_back)
    if message.kind is MessageKind.PACS_002:
        return _one_by_one(message).must_be_acted_on(_reports)
    raise RailMessageMustMoveMoney(message_kind=message.kind.schema)


def _arrives(one: MessageTransaction) -> Mapping[str, bool]:
    return {
        "EndToEndId": bool(one.end_to_end_id),
        "IntrBkSttlmAmt": one.amount is not None and one.amount.minor_units > 0,
        "Dbtr": bool(one.debtor.name),
        "DbtrAcct": bool(one.debtor.account),
        "DbtrAgt": one.debtor.has_agent,
        "CdtrAcct": bool(one.creditor.account),
        "RmtInf": len(one.remittance_information) <= _REMITTANCE_MAX,
    }


def _reports(one: MessageTransaction) -> Mapping[str, bool]:
    return {
        "OrgnlTxId": bool(one.transaction_id),
        "TxSts": one.status in (*_SETTLED, *_REJECTED, *_UNDER_WAY),
    }


def _one_by_one(message: IsoMessage) -> IsoMessage:
    """A report on a whole message as one on its transaction: each message of ours holds one payment and has its id."""
    if message.transactions or not message.status:
        return message
    whole = MessageTransaction(
        transaction_id=message.original_message_id, status=message.status, reason_code=message.reason_code
    )
    return replace(message, transactions=(whole,))


def _comes_back(one: MessageTransaction) -> Mapping[str, bool]:
    return {
        "RtrId": bool(one.return_id),
        "OrgnlTxId": bool(one.transaction_id),
        "RtrdIntrBkSttlmAmt": one.amount is not None and one.amount.minor_units > 0,
    }


def arrived(one: MessageTransaction, rail: str, settlement_account_id: str) -> Order:
    """What a transfer that arrived books; its reference is unique for each account that it may come from."""
    assert one.amount is not None, "transactions are complete by now"
    return Order(
        kind=PaymentKind.INCOMING,
        end_to_end_id=one.end_to_end_id,
        initiating_party=f"{one.debtor.agent}/{one.debtor.account}",
        amount=one.amount,
        creditor_account_id=one.creditor.account,
        outside_party=OutsideParty(one.debtor.name, one.debtor.account, one.debtor.agent),
        rail=rail,
        settlement_account_id=settlement_account_id,
        remittance_information=one.remittance_information,
    )


def must_be_reported_on(payment: Payment | None, one: MessageTransaction, rail: str) -> Payment:
    """The payment that a rail reports on; refuses what is none of ours over it, or is another transfer by its UETR."""
    if payment is None or not _is_ours(payment, rail) or one.uetr not in ("", payment.uetr):
        raise ReportedPaymentNotFound(payment_id=one.transaction_id, rail=rail)
    return payment


def must_be_sent(payment: Payment) -> Payment:
    """The payment itself; refuses one that went over no rail."""
    if payment.kind is not PaymentKind.OUTGOING:
        raise PaymentMustBeSent(payment_id=payment.payment_id)
    return payment


def must_be_simulated(name: str, carrier: Rail) -> SimulatedRail:
    """The rail itself; refuses one that is another bank's."""
    if not isinstance(carrier, SimulatedRail):
        raise RailMustBeSimulated(rail=name)
    return carrier


def reported(one: MessageTransaction) -> Answer:
    """What a report says of a payment; whatever is no outcome leaves it open."""
    if one.status in _SETTLED:
        return Answer(PaymentStatus.ACSC)
    if one.status in _REJECTED:
        return Answer(PaymentStatus.RJCT, one.reason_code or UNSTATED)
    return Answer(PaymentStatus.PDNG)


def _is_ours(payment: Payment, rail: str) -> bool:
    return payment.kind is PaymentKind.OUTGOING and payment.rail == rail


def must_come_back(payment: Payment | None, one: MessageTransaction, rail: str) -> Payment:
    """The payment that comes back; refuses what is none of ours over that rail."""
    if payment is None or not _is_ours(payment, rail):
        raise ReturnedPaymentNotFound(payment_id=one.transaction_id, rail=rail)
    return payment


def report(message: IsoMessage, transfers: Sequence[RailTransfer], *, message_id: str, now: datetime) -> IsoMessage:
    """The pacs.002 that answers to transfers that arrived."""
    return IsoMessage(
        kind=MessageKind.PACS_002,
        message_id=message_id,
        created_at=now,
        original_message_id=message.message_id,
        original_schema=MessageKind.PACS_008.schema,
        transactions=tuple(
            MessageTransaction(
                instruction_id=one.instruction_id,
                end_to_end_id=one.end_to_end_id,
                transaction_id=one.transaction_id,
                uetr=one.uetr,
                status=became.status,
                reason_code=became.reason_code,
            )
            for one, became in zip(message.transactions, transfers, strict=True)
        ),
    )


def told_return(one: MessageTransaction) -> Return:
    """What a message says comes back."""
    return Return(reason_code=one.reason_code, amount=one.amount, charges=one.charges, return_id=one.return_id)


def is_the_return(back: Payment, return_id: str) -> bool:
    """Whether the return that was the last of a payment is the one of that reference; one from before has none."""
    return return_id in (back.payment_id, back.end_to_end_id) or back.end_to_end_id == back.payment_id
