"""What a rail's message does, transaction by transaction."""

from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.account import store as account_store
from zhongtai.operations.iso_message.domain import MessageTransaction
from zhongtai.operations.payment import booking, store, trying
from zhongtai.operations.payment.domain import Order
from zhongtai.operations.payment_return import returning
from zhongtai.operations.payment_status.domain import PaymentStatus
from zhongtai.operations.rail.store import rail
from zhongtai.operations.rail_message.domain import (
    RailTransfer,
    arrived,
    is_the_return,
    must_be_reported_on,
    must_come_back,
    reported,
    told_return,
)
from zhongtai.runtime.unit import Unit


def arrives(unit: Unit, one: MessageTransaction, name: str) -> RailTransfer:
    """A transfer to an account of ours; one that cannot be booked is told as rejected, for its bank to have it back."""
    assert one.amount is not None, "transactions are complete by now"
    order = arrived(one, name, rail(name).settlement_account(one.amount.currency))
    present = store.by_reference(unit, order.initiating_party, order.end_to_end_id)
    refusal = None if present else _why_not(unit, order)
    if refusal is not None:
        return RailTransfer(
            end_to_end_id=one.end_to_end_id,
            status=PaymentStatus.RJCT,
            reason_code=trying.reason_of(refusal),
            refusal=refusal.reason,
        )
    payment = present.must_carry(order) if present else booking.new(unit, order)
    return RailTransfer(end_to_end_id=one.end_to_end_id, status=payment.status, payment_id=payment.payment_id)


def is_reported(unit: Unit, one: MessageTransaction, name: str) -> RailTransfer:
    """A payment of ours that its rail says the outcome of, or that it has no outcome yet."""
    payment = must_be_reported_on(store.payments.find(unit, one.transaction_id), one, name)
    payment = booking.answered(unit, payment, reported(one))
    return RailTransfer(
        end_to_end_id=payment.end_to_end_id,
        status=payment.status,
        payment_id=payment.payment_id,
        reason_code=payment.reason_code,
        contradiction=payment.contradiction,
    )


def comes_back(unit: Unit, one: MessageTransaction, name: str) -> RailTransfer:
    """A transfer of ours that its bank returns, in part or in full; a return that is there stays as it is."""
    original = must_come_back(store.payments.find(unit, one.transaction_id), one, name)
    last = store.payments.load(unit, original.undone_by) if original.undone_by else None
    if last and is_the_return(last, one.return_id):
        back = last
    else:
        back = returning.give_back(unit, original, told_return(one))[1]
    return RailTransfer(
        end_to_end_id=original.end_to_end_id,
        status=PaymentStatus.ACSC,
        payment_id=back.payment_id,
        reason_code=one.reason_code,
    )


def _why_not(unit: Unit, order: Order) -> Refusal | None:
    """What booking a transfer that arrived would be refused with, asked without changing anything."""
    try:
        account_store.customers_account(unit, order.creditor_account_id)
    except Refusal as refusal:
        return refusal
    return trying.why_not(unit, order)
