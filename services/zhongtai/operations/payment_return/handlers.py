"""The RPCs that give payments back; what is given back, its entry and the payment it was change in one unit of work."""

from dataclasses import replace

from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.ledger_entry import store as entry_store
from zhongtai.operations.payment import booking
from zhongtai.operations.payment import store as payment_store
from zhongtai.operations.payment.domain import Payment
from zhongtai.operations.payment_return import domain, returning
from zhongtai.operations.v1 import payment_pb2 as v1
from zhongtai.runtime.convert import message_of, money_of, value_of
from zhongtai.runtime.unit import Unit, rpc


@rpc
def return_payment(request: v1.ReturnPaymentRequest, unit: Unit) -> v1.ReturnPaymentResponse:
    """Gives a payment over a rail back, in part or in full."""
    original = payment_store.payments.load(unit, request.payment_id)
    asked = value_of(request, domain.Return)
    original, back = returning.give_back(unit, original, asked)
    return v1.ReturnPaymentResponse(
        return_payment_id=back.payment_id, entry_id=back.entry_ids[0], payment=message_of(original, v1.Payment)
    )


@rpc
def reverse_payment(request: v1.ReversePaymentRequest, unit: Unit) -> v1.ReversePaymentResponse:
    """Takes a payment inside the bank back by the mirror of its entry."""
    original = payment_store.payments.load(unit, request.payment_id)
    original, back = domain.reversed_(original, unit.new_id("pay"), request.reason_code, unit.now)
    # Where the ledger reversed the entry by itself, that is the reversal: the money goes back once.
    mirror = entry_store.reversal_of(unit, original.entry_ids[0])
    if mirror is None:
        entry = entry_store.load(unit, original.entry_ids[0])
        (posted,) = ledger_store.post(unit, [entry.mirror(unit.new_id("ent"))])
        back = back.booked(posted.entry_id)
    else:
        back = back.booked(mirror.entry_id)
    payment_store.payments.save(unit, original)
    payment_store.payments.add(unit, back)
    unit.record(domain.reversed_fact(original, back))
    return v1.ReversePaymentResponse(
        reversal_payment_id=back.payment_id, entry_id=back.entry_ids[0], payment=message_of(original, v1.Payment)
    )


@rpc
def refund_payment(request: v1.RefundPaymentRequest, unit: Unit) -> v1.RefundPaymentResponse:
    """Gives a part of a transfer back; the same refund under the same reference again is the one that is there."""
    original = payment_store.payments.load(unit, request.payment_id)
    order = domain.refund_of(original, money_of(request.amount), request.end_to_end_id, unit.caller.client_id)
    back = payment_store.by_reference(unit, order.initiating_party, order.end_to_end_id)
    if back:
        back.must_carry(order)
    else:
        original = domain.refunded(original, order.amount)
        payment_store.payments.save(unit, original)
        back = replace(
            booking.booked(unit, Payment.ordered(unit.new_id("pay"), order, unit.now)),
            reason_code=request.reason_code,
            original_payment_id=original.payment_id,
        )
        payment_store.payments.add(unit, back)
        unit.record_all((back.fact(), domain.refunded_fact(original, back)))
    return v1.RefundPaymentResponse(
        refund_payment_id=back.payment_id, entry_id=back.entry_ids[0], payment=message_of(original, v1.Payment)
    )
