"""What every way of paying shares: an order becomes a payment with its entry, a rail's answer becomes its outcome."""

from dataclasses import replace
from operator import attrgetter

from zhongtai.operations.account import store as account_store
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.payment import bounds, store
from zhongtai.operations.payment.domain import Order, Payment, PaymentKind
from zhongtai.operations.payment_order import store as order_store
from zhongtai.operations.payment_status.domain import OUTCOMES, Answer
from zhongtai.operations.rail.store import rail
from zhongtai.runtime.unit import Unit


def pay(unit: Unit, order: Order) -> Payment:
    """The payment of an order; the same order under the same reference again is the payment that is there."""
    present = store.by_reference(unit, order.initiating_party, order.end_to_end_id)
    return present.must_carry(order) if present else new(unit, order)


def new(unit: Unit, order: Order) -> Payment:
    """The payment of an order whose reference is free."""
    if order.hold_id:
        # What was held for this payment is free to be spent by it.
        account_store.release_hold(unit, order.debtor_account_id, order.hold_id)
    payment = Payment.ordered(unit.new_id("pay"), order, unit.now)
    if order.kind is PaymentKind.OUTGOING:
        payment = replace(payment, inquire_at=rail(order.rail).inquire_at(0, unit.now))
    bounds.count(unit, order)
    payment = booked(unit, payment)
    store.payments.add(unit, payment)
    unit.record(payment.fact())
    return payment


def answered(unit: Unit, payment: Payment, answer: Answer) -> Payment:
    """The payment after its rail's answer."""
    after = payment.answered(answer, unit.now)
    if after != payment:
        after = after if payment.status in OUTCOMES else booked(unit, after)
        store.payments.save(unit, after)
        order_store.follow(unit, after.payment_id, after.status, after.reason_code)
        unit.record(after.fact())
        if payment.status not in OUTCOMES and after.status in OUTCOMES and _was_told_of(payment):
            unit.record(after.found())
    return after


def booked(unit: Unit, payment: Payment) -> Payment:
    """The payment with the ledger entry of where it stands, if that books anything."""
    draft = payment.posting and store.rule(payment.posting).draft(
        unit.new_id("ent"), lambda path: attrgetter(path)(payment)
    )
    if not draft:
        return payment
    (entry,) = ledger_store.post(unit, [draft])
    return payment.booked(entry.entry_id)


def _was_told_of(payment: Payment) -> bool:
    """Whether a person was told that its rail does not know its outcome."""
    return payment.inquiries >= rail(payment.rail).asked_in_vain
