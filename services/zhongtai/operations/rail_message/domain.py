"""A message from a rail (渠道报文): transfers to accounts of ours (pacs.008), or ours that come back (pacs.004).

Always true: a transfer is booked once, however often its message comes, and so is a return; what comes back is a part
of one of our own payments over that rail, or all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from zhongtai.kernel.refusals import Invalid, Missing
from zhongtai.operations.iso_message.domain import IsoMessage, MessageKind, MessageTransaction
from zhongtai.operations.payment.domain import Order, OutsideParty, Payment, PaymentKind
from zhongtai.operations.payment_return.domain import Return
from zhongtai.operations.payment_status.domain import PaymentStatus

_REMITTANCE_MAX = 140


class RailMessageMustMoveMoney(Invalid):
    """The message is a {message_kind}: a rail sends pacs.008 (a transfer) or pacs.004 (a return).

    报文为{message_kind}：渠道来报应为pacs.008（汇入）或pacs.004（退汇）。
    """

    message_kind: str


class ReturnedPaymentNotFound(Missing):
    """{payment_id} is no payment of ours over {rail}: look for its OrgnlTxId with the bank that returns it.

    {payment_id}不是经{rail}渠道汇出的支付：请与退汇行核对原交易标识。
    """

    payment_id: str
    rail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RailTransfer:
    """One transaction of a message, and what became of it: a payment, or the reason why there is none."""

    end_to_end_id: str
    status: PaymentStatus
    payment_id: str = ""
    reason_code: str = ""
    refusal: str = ""


def must_move_money(message: IsoMessage) -> IsoMessage:
    """The message itself; refuses another kind, too many transactions, and one that misses something."""
    if message.kind is MessageKind.PACS_008:
        return message.must_be_acted_on(_arrives)
    if message.kind is MessageKind.PACS_004:
        return message.must_be_acted_on(_comes_back)
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


def must_come_back(payment: Payment | None, one: MessageTransaction, rail: str) -> Payment:
    """The payment that comes back; refuses what is none of ours over that rail."""
    if payment is None or payment.kind is not PaymentKind.OUTGOING or payment.rail != rail:
        raise ReturnedPaymentNotFound(payment_id=one.transaction_id, rail=rail)
    return payment


def told_return(one: MessageTransaction) -> Return:
    """What a message says comes back."""
    return Return(reason_code=one.reason_code, amount=one.amount, charges=one.charges, return_id=one.return_id)


def is_the_return(back: Payment, return_id: str) -> bool:
    """Whether the return that was the last of a payment is the one of that reference; one from before has none."""
    return return_id in (back.payment_id, back.end_to_end_id) or back.end_to_end_id == back.payment_id
