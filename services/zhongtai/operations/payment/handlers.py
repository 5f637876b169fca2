"""The RPCs of payments; a payment, its ledger entries and the accounts they move change in one unit of work."""

from operator import attrgetter

from zhongtai.operations.account import store as account_store
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.ledger_entry import store as entry_store
from zhongtai.operations.payment import store
from zhongtai.operations.payment.domain import (
    Answer,
    Order,
    OutsideParty,
    Payment,
    PaymentKind,
    PaymentStatus,
)
from zhongtai.operations.payment.rail import rail
from zhongtai.operations.v1 import payment_pb2 as v1
from zhongtai.runtime.convert import message_of, money_of, value_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def disburse(request: v1.DisburseRequest, unit: Unit) -> v1.DisburseResponse:
    """Pays a loan out."""
    payment = _pay(
        unit,
        Order(
            kind=PaymentKind.DISBURSEMENT,
            end_to_end_id=request.end_to_end_id,
            initiating_party=unit.caller.client_id,
            amount=money_of(request.amount),
            creditor_account_id=_customers(unit, request.account_id),
            loan_id=request.loan_id,
        ),
    )
    return v1.DisburseResponse(
        payment_id=payment.payment_id, entry_id=payment.entry_ids[0], payment=message_of(payment, v1.Payment)
    )


@rpc
def collect(request: v1.CollectRequest, unit: Unit) -> v1.CollectResponse:
    """Collects a repayment, whole or not at all."""
    payment = _pay(
        unit,
        Order(
            kind=PaymentKind.COLLECTION,
            end_to_end_id=request.end_to_end_id,
            initiating_party=unit.caller.client_id,
            amount=money_of(request.amount),
            debtor_account_id=_customers(unit, request.account_id),
            loan_id=request.loan_id,
            hold_id=request.hold_id,
        ),
    )
    return v1.CollectResponse(
        payment_id=payment.payment_id, entry_id=payment.entry_ids[0], payment=message_of(payment, v1.Payment)
    )


@rpc
def transfer(request: v1.TransferRequest, unit: Unit) -> v1.TransferResponse:
    """Moves money between two accounts."""
    payment = _pay(
        unit,
        Order(
            kind=PaymentKind.TRANSFER,
            end_to_end_id=request.end_to_end_id,
            initiating_party=unit.caller.client_id,
            amount=money_of(request.amount),
            debtor_account_id=request.debtor_account_id,
            creditor_account_id=request.creditor_account_id,
            remittance_information=request.remittance_information,
            hold_id=request.hold_id,
        ),
    )
    return v1.TransferResponse(
        payment_id=payment.payment_id, entry_id=payment.entry_ids[0], payment=message_of(payment, v1.Payment)
    )


@rpc
def send_payment(request: v1.SendPaymentRequest, unit: Unit) -> v1.SendPaymentResponse:
    """Takes the money from the debtor and gives the payment to its rail, which hears of it by `PaymentSent`."""
    payment = _pay(
        unit,
        Order(
            kind=PaymentKind.OUTGOING,
            end_to_end_id=request.end_to_end_id,
            initiating_party=unit.caller.client_id,
            amount=money_of(request.amount),
            debtor_account_id=_customers(unit, request.debtor_account_id),
            outside_party=value_of(request.creditor, OutsideParty),
            rail=request.rail,
            settlement_account_id=rail(request.rail).settlement_account(request.amount.currency_code),
            remittance_information=request.remittance_information,
            hold_id=request.hold_id,
        ),
    )
    return v1.SendPaymentResponse(
        payment_id=payment.payment_id, entry_id=payment.entry_ids[0], payment=message_of(payment, v1.Payment)
    )


@rpc
def receive_payment(request: v1.ReceivePaymentRequest, unit: Unit) -> v1.ReceivePaymentResponse:
    """Books money that arrived; the reference is unique for each account it may come from."""
    payment = _pay(
        unit,
        Order(
            kind=PaymentKind.INCOMING,
            end_to_end_id=request.end_to_end_id,
            initiating_party=f"{request.debtor.agent}/{request.debtor.account}",
            amount=money_of(request.amount),
            creditor_account_id=_customers(unit, request.creditor_account_id),
            outside_party=value_of(request.debtor, OutsideParty),
            rail=request.rail,
            settlement_account_id=rail(request.rail).settlement_account(request.amount.currency_code),
            remittance_information=request.remittance_information,
        ),
    )
    return v1.ReceivePaymentResponse(
        payment_id=payment.payment_id, entry_id=payment.entry_ids[0], payment=message_of(payment, v1.Payment)
    )


@rpc
def confirm_payment(request: v1.ConfirmPaymentRequest, unit: Unit) -> v1.ConfirmPaymentResponse:
    """Settles an outgoing payment, or gives it back, as its rail says."""
    status = PaymentStatus(v1.PaymentStatus.Name(request.status).removeprefix("PAYMENT_STATUS_"))
    answer = Answer(status, request.reason_code).must_be_final()
    payment = _answered(unit, store.payments.load(unit, request.payment_id), answer)
    return v1.ConfirmPaymentResponse(payment=message_of(payment, v1.Payment))


@rpc
def return_payment(request: v1.ReturnPaymentRequest, unit: Unit) -> v1.ReturnPaymentResponse:
    """Gives a payment over a rail back."""
    original = store.payments.load(unit, request.payment_id)
    original, back = original.returned(unit.new_id("pay"), request.reason_code, unit.now)
    back = _booked(unit, back)
    store.payments.save(unit, original)
    store.payments.add(unit, back)
    unit.record(original.returned_fact(back))
    return v1.ReturnPaymentResponse(
        return_payment_id=back.payment_id, entry_id=back.entry_ids[0], payment=message_of(original, v1.Payment)
    )


@rpc
def reverse_payment(request: v1.ReversePaymentRequest, unit: Unit) -> v1.ReversePaymentResponse:
    """Takes a payment inside the bank back by the mirror of its entry."""
    original = store.payments.load(unit, request.payment_id)
    original, back = original.reversed(unit.new_id("pay"), request.reason_code, unit.now)
    # Where the ledger reversed the entry by itself, that is the reversal: the money goes back once.
    mirror = entry_store.reversal_of(unit, original.entry_ids[0])
    if mirror is None:
        entry = entry_store.load(unit, original.entry_ids[0])
        (posted,) = ledger_store.post(unit, [entry.mirror(unit.new_id("ent"))])
        back = back.booked(posted.entry_id)
    else:
        back = back.booked(mirror.entry_id)
    store.payments.save(unit, original)
    store.payments.add(unit, back)
    unit.record(original.reversed_fact(back))
    return v1.ReversePaymentResponse(
        reversal_payment_id=back.payment_id, entry_id=back.entry_ids[0], payment=message_of(original, v1.Payment)
    )


@rpc
def get_payment(request: v1.GetPaymentRequest, view: View) -> v1.GetPaymentResponse:
    """One payment."""
    return v1.GetPaymentResponse(payment=message_of(store.payments.load(view, request.payment_id), v1.Payment))


@rpc
def list_payments(request: v1.ListPaymentsRequest, view: View) -> v1.ListPaymentsResponse:
    """Payments, page by page."""
    status = v1.PaymentStatus.Name(request.status).removeprefix("PAYMENT_STATUS_") if request.status else ""
    conditions = store.about(request.loan_id, request.account_id, status)
    payments, page = store.payments.page(view, request.page, *conditions)
    return v1.ListPaymentsResponse(payments=[message_of(payment, v1.Payment) for payment in payments], page=page)


@on
def payment_sent(event: v1.PaymentSent, unit: Unit) -> None:
    """Gives the payment to its rail, once it is committed that the debtor has paid."""
    payment = store.payments.load(unit, event.payment_id)
    _answered(unit, payment, rail(payment.rail).submit(payment))


def _pay(unit: Unit, order: Order) -> Payment:
    """The payment of an order; the same order under the same reference again is the payment that is there."""
    present = store.by_reference(unit, order.initiating_party, order.end_to_end_id)
    if present:
        return present.must_carry(order)
    if order.hold_id:
        _release(unit, order)
    payment = _booked(unit, Payment.ordered(unit.new_id("pay"), order, unit.now))
    store.payments.add(unit, payment)
    unit.record(payment.fact())
    return payment


def _release(unit: Unit, order: Order) -> None:
    """Frees what was held for this payment, so that it may be spent."""
    debtor, released = account_store.accounts.load(unit, order.debtor_account_id).release_hold(order.hold_id, unit.now)
    if released:
        account_store.accounts.save(unit, debtor)
        unit.record(released)


def _answered(unit: Unit, payment: Payment, answer: Answer) -> Payment:
    """The payment after its rail's answer."""
    after = payment.answered(answer, unit.now)
    if after != payment:
        after = _booked(unit, after)
        store.payments.save(unit, after)
        unit.record(after.fact())
    return after


def _booked(unit: Unit, payment: Payment) -> Payment:
    """The payment with the ledger entry of where it stands, if that books anything."""
    draft = payment.posting and store.rule(payment.posting).draft(
        unit.new_id("ent"), lambda path: attrgetter(path)(payment)
    )
    if not draft:
        return payment
    (entry,) = ledger_store.post(unit, [draft])
    return payment.booked(entry.entry_id)


def _customers(view: View, account_id: str) -> str:
    return account_store.accounts.load(view, account_id).must_be_customers().account_id
