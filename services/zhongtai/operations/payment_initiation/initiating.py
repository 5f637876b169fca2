"""The transfers of a file, ordered one by one; what one is refused with is told as its result, not refused."""

from collections.abc import Sequence

from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.iso_message.domain import IsoMessage, MessageTransaction
from zhongtai.operations.iso_message.store import BANK
from zhongtai.operations.mandate import store as mandate_store
from zhongtai.operations.payment import trying
from zhongtai.operations.payment_initiation.domain import InitiatedPayment, asked, paid_by
from zhongtai.operations.payment_order import placing
from zhongtai.operations.payment_status.domain import PaymentStatus
from zhongtai.runtime.unit import Unit


def initiate(unit: Unit, message: IsoMessage, rail: str, ordered_by: Sequence[str]) -> list[InitiatedPayment]:
    """What became of every transfer; refuses the whole where who ordered may not pay it from an account."""
    for (account_id, _), amount in paid_by(message.transactions).items():
        mandate_store.must_allow(unit, account_id, ordered_by, amount)
    return [_initiated(unit, one, rail) for one in message.transactions]


def _initiated(unit: Unit, one: MessageTransaction, rail: str) -> InitiatedPayment:
    party = unit.caller.client_id
    try:
        # Whatever refuses an order does so before anything of it is written.
        wish = asked(one, bank=BANK, rail=rail, initiating_party=party, today=unit.business_date)
        order = placing.place(unit, wish, one.uetr)
    except Refusal as refusal:
        return InitiatedPayment(
            end_to_end_id=one.end_to_end_id,
            status=PaymentStatus.RJCT,
            reason_code=trying.reason_of(refusal),
            refusal=refusal.reason,
        )
    return InitiatedPayment(
        end_to_end_id=one.end_to_end_id,
        status=order.status,
        payment_order_id=order.payment_order_id,
        reason_code=order.reason_code,
    )
