"""The way of an order through its checks to its payment: duplicate, screening, date, money. Each may let it wait."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.account import store as account_store
from zhongtai.operations.mandate import store as mandate_store
from zhongtai.operations.payment import booking, trying
from zhongtai.operations.payment.domain import Order, PaymentKind, uetr_of
from zhongtai.operations.payment_order import store
from zhongtai.operations.payment_order.domain import SCREENED_OUT, Asked, PaymentOrder
from zhongtai.operations.payment_screening import store as screening_store
from zhongtai.operations.payment_screening.domain import PaymentScreening, ScreeningState
from zhongtai.operations.payment_status.domain import PaymentStatus
from zhongtai.operations.rail.store import rail
from zhongtai.runtime.unit import Unit, View


def placed_or_refused(unit: Unit, asked: Asked) -> PaymentOrder | Refusal:
    """The order of what is meant, or what placing it is refused with, which comes before anything is written."""
    try:
        return place(unit, asked, meant=True)
    except Refusal as refusal:
        return refusal


def place(
    unit: Unit, asked: Asked, uetr: str = "", *, ordered_by: Sequence[str] = (), meant: bool = False
) -> PaymentOrder:
    """The order of what is asked for; the same under the same reference again is the order that is there.

    Where the account has mandates, they have to cover those who ordered. What is `meant` was agreed to already (a
    standing order, an accepted request): its mandates were asked then, and it is never taken for a duplicate.
    """
    present = store.by_reference(unit, asked.initiating_party, asked.end_to_end_id)
    if present:
        return present.must_ask(asked, uetr)
    if not meant:
        mandate_store.must_allow(unit, asked.debtor_account_id, ordered_by, asked.amount)
    debtor = account_store.customers_account(unit, asked.debtor_account_id)
    store.POLICIES.must_be_in_reach(asked.requested_execution_date, unit.business_date)
    order_id = unit.new_id("po")
    order = PaymentOrder(
        **{name: getattr(asked, name) for name in Asked.__slots__},
        payment_order_id=order_id,
        customer_id=debtor.customer_id,
        uetr=uetr or uetr_of(order_id),
        status=PaymentStatus.RCVD,
        execution_date=_moves_on(unit, asked.rail, asked.requested_execution_date),
        placed_by=unit.caller.acting,
        created_at=unit.now,
    )
    must_be_carried(asked)
    if not meant:
        order = order.like(store.alike(unit, order, store.POLICIES.alike_since(unit.now)))
    store.orders.add(unit, order)
    unit.record(order.placed())
    return order if order.duplicate_of else confirmed(unit, order)


def confirmed(unit: Unit, order: PaymentOrder) -> PaymentOrder:
    """The order once it is meant: to the screening, or on."""
    policy = screening_store.policy_of(unit, order.customer_id, order.creditor_account, order.rail, order.amount)
    return _to_be_screened(unit, order, policy) if policy else on(unit, order)


def on(unit: Unit, order: PaymentOrder) -> PaymentOrder:
    """The order once it passed every check: it waits for its date, or the money moves.

    What its rail no longer carries is rejected: an order that cannot be paid never holds up those that are due with it.
    """
    try:
        execution_date = _moves_on(unit, order.rail, order.requested_execution_date)
        asked = payment_of(order, order.uetr)
    except Refusal as refusal:
        return saved(unit, order.to(PaymentStatus.RJCT, trying.reason_of(refusal)))
    if execution_date > unit.business_date:
        return saved(unit, order.waits(execution_date))
    if order.screening_id:
        screening = screening_store.screenings.load(unit, order.screening_id)
        if not screening_store.POLICIES.holds(screening, unit.business_date):
            return _to_be_screened(unit, order, screening.policy)
    return saved(unit, _executed(unit, order.on_date(unit.business_date), asked))


def screened(unit: Unit, order: PaymentOrder, screening: PaymentScreening, state: ScreeningState) -> PaymentOrder:
    """The order once its screening came to a state: it goes on, is rejected, or is held until people decide."""
    after = _screening_moved(unit, screening, state)
    if state is ScreeningState.HELD:
        unit.record(order.screening_held(after))
        return order
    if state is ScreeningState.PASSED:
        return on(unit, order)
    return saved(unit, order.to(PaymentStatus.RJCT, SCREENED_OUT))


def cancelled(unit: Unit, order: PaymentOrder) -> PaymentOrder:
    """The order withdrawn; twice is once."""
    after = order.cancelled()
    if after == order:
        return order
    if order.waits_for_screening:
        screening = screening_store.screenings.load(unit, order.screening_id)
        _screening_moved(unit, screening, ScreeningState.WITHDRAWN)
    return saved(unit, after)


def saved(unit: Unit, order: PaymentOrder) -> PaymentOrder:
    """The order, written and told of."""
    store.orders.save(unit, order)
    unit.record(order.moved())
    return order


def must_be_carried(asked: Asked) -> None:
    """Refuses what could never be paid: an account that pays itself, or what its rail does not carry."""
    payment_of(asked, "")


def payment_of(order: Asked, uetr: str) -> Order:
    """What is to be paid; refuses what the rail does not carry."""
    parts: dict[str, Any] = {
        "end_to_end_id": order.end_to_end_id,
        "initiating_party": order.initiating_party,
        "debtor_account_id": order.debtor_account_id,
        "remittance_information": order.remittance_information,
        "uetr": uetr,
        "instruction_id": order.instruction_id,
        "requested_execution_date": order.requested_execution_date,
        "charge_bearer": order.charge_bearer,
        "purpose_code": order.purpose_code,
    }
    if not order.rail:
        return Order(
            kind=PaymentKind.TRANSFER, amount=order.amount, creditor_account_id=order.creditor_account_id, **parts
        )
    carrier = rail(order.rail)
    carrier.must_carry(order.amount)
    charged = carrier.charged(order.amount, order.charge_bearer)
    return Order(
        kind=PaymentKind.OUTGOING,
        amount=charged.amount,
        outside_party=order.outside_party,
        rail=order.rail,
        settlement_account_id=carrier.settlement_account(charged.amount.currency),
        charges=charged.charges,
        correspondent_charges=charged.correspondent_charges,
        **parts,
    )


def _to_be_screened(unit: Unit, order: PaymentOrder, policy: str) -> PaymentOrder:
    screening = PaymentScreening(
        screening_id=unit.new_id("scr"), payment_order_id=order.payment_order_id, policy=policy, asked_at=unit.now
    )
    screening_store.screenings.add(unit, screening)
    unit.record(order.screening_asked(screening))
    return saved(unit, order.to_be_screened(screening))


def _screening_moved(unit: Unit, screening: PaymentScreening, state: ScreeningState) -> PaymentScreening:
    after = screening.to(state, unit.business_date)
    screening_store.screenings.save(unit, after)
    if screening.state is ScreeningState.OVERDUE:
        unit.record(after.answered())
    if after.ended_on is not None:
        unit.record(after.ended())
    return after


def _executed(unit: Unit, order: PaymentOrder, asked: Order) -> PaymentOrder:
    """The order with its payment, or rejected with the reason why there is none."""
    refusal = trying.why_not(unit, asked)
    if refusal is not None:
        return order.to(PaymentStatus.RJCT, trying.reason_of(refusal))
    payment = booking.new(unit, asked)
    screening_store.know_payee(unit, order.customer_id, order.creditor_account, order.rail)
    return order.to(payment.status, payment_id=payment.payment_id)


def _moves_on(view: View, name: str, wanted: date) -> date:
    """The date money wanted for a date moves on: inside the bank every date, over a rail one it is open on."""
    if not name:
        return max(wanted, view.business_date)
    return rail(name).moves_on(wanted, view.business_date, view.now)
