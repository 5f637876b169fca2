"""A payment initiation (支付指令文件): what the transfers of a pain.001 ask for, and what became of each.

Always true: each transfer of a file is one order or is rejected with its reason.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid
from zhongtai.operations.iso_message.domain import IsoMessage, MessageKind, MessageParty, MessageTransaction
from zhongtai.operations.payment.domain import ChargeBearer, OutsideParty
from zhongtai.operations.payment_order.domain import Asked
from zhongtai.operations.payment_status.domain import PaymentStatus

_REMITTANCE_MAX = 140
_PURPOSE = re.compile(r"(?:[A-Z]{4})?")


class MessageMustInitiatePayments(Invalid):
    """The message is a {message_kind}: send a pain.001, which asks for payments.

    报文为{message_kind}：请发送支付指令报文pain.001。
    """

    message_kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiatedPayment:
    """One transfer, and what became of it: an order, or the reason and the refusal why there is none."""

    end_to_end_id: str
    status: PaymentStatus
    payment_order_id: str = ""
    reason_code: str = ""
    refusal: str = ""


def must_initiate(message: IsoMessage) -> IsoMessage:
    """The message itself; refuses one of another kind, one that is too long, and transfers that miss something."""
    if message.kind is not MessageKind.PAIN_001:
        raise MessageMustInitiatePayments(message_kind=message.kind.schema)
    return message.must_be_acted_on(_complete)


def _complete(one: MessageTransaction) -> dict[str, bool]:
    """What an order has to have, and whether a transfer has it."""
    return {
        "EndToEndId": bool(one.end_to_end_id),
        "InstdAmt": one.amount is not None and one.amount.minor_units > 0,
        "DbtrAcct": bool(one.debtor.account),
        "CdtrAcct": bool(one.creditor.account),
        "CdtrAgt": not one.creditor.agent or one.creditor.has_agent,
        "Purp": bool(_PURPOSE.fullmatch(one.purpose_code)),
        "RmtInf": len(one.remittance_information) <= _REMITTANCE_MAX,
    }


def paid_by(transactions: Iterable[MessageTransaction]) -> dict[tuple[str, str], Money]:
    """What each debtor's account pays in all, by account and currency."""
    totals: dict[tuple[str, str], Money] = {}
    for one in transactions:
        assert one.amount is not None, "transfers are complete by now"
        place = one.debtor.account, one.amount.currency
        totals[place] = totals.get(place, one.amount.nothing) + one.amount
    return totals


def asked(one: MessageTransaction, *, bank: MessageParty, rail: str, initiating_party: str, today: date) -> Asked:
    """What a transfer asks for; a creditor whose bank is ours, or not named, is one of ours. Raises as `Asked` does."""
    assert one.amount is not None, "transfers are complete by now"
    outside = one.creditor.agent not in ("", bank.agent)
    return Asked(
        end_to_end_id=one.end_to_end_id,
        initiating_party=initiating_party,
        debtor_account_id=one.debtor.account,
        creditor_account_id="" if outside else one.creditor.account,
        outside_party=OutsideParty(one.creditor.name, one.creditor.account, one.creditor.agent) if outside else None,
        rail=rail if outside else "",
        amount=one.amount,
        requested_execution_date=one.on or today,
        charge_bearer=ChargeBearer(one.charge_bearer) if one.charge_bearer else None,
        purpose_code=one.purpose_code,
        remittance_information=one.remittance_information,
        instruction_id=one.instruction_id,
    )


def report(
    message: IsoMessage, payments: Iterable[InitiatedPayment], *, message_id: str, bank: MessageParty, now: datetime
) -> IsoMessage:
    """The pain.002 of a file."""
    return IsoMessage(
        kind=MessageKind.PAIN_002,
        message_id=message_id,
        created_at=now,
        initiating_party=bank.name,
        original_message_id=message.message_id,
        original_schema=MessageKind.PAIN_001.schema,
        transactions=tuple(
            MessageTransaction(end_to_end_id=one.end_to_end_id, status=one.status, reason_code=one.reason_code)
            for one in payments
        ),
    )
