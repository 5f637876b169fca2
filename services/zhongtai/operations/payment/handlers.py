"""The RPCs of payments; a payment, its ledger entries and the accounts they move change in one unit of work."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from zhongtai.operations.account import store as account_store
from zhongtai.operations.mandate import store as mandate_store
from zhongtai.operations.payment import booking, inquiring, store
from zhongtai.operations.payment.domain import ChargeBearer, Order, OutsideParty, Payment, PaymentKind
from zhongtai.operations.payment_status.domain import OUTCOMES, Answer, PaymentStatus
from zhongtai.operations.rail.store import rail
from zhongtai.operations.v1 import payment_pb2 as v1
from zhongtai.runtime.convert import message_of, money_of, value_of
from zhongtai.runtime.kept import change_once
from zhongtai.runtime.orchestration import Orchestration
from zhongtai.runtime.unit import Unit, View, on, rpc

Reply = TypeVar("Reply")


@rpc
def disburse(request: v1.DisburseRequest, unit: Unit) -> v1.DisburseResponse:
    """Pays a loan out."""
    payment = booking.pay(
        unit,
        Order(
            kind=PaymentKind.DISBURSEMENT,
            end_to_end_id=request.end_to_end_id,
            initiating_party=unit.caller.client_id,
            amount=money_of(request.amount),
            creditor_account_id=account_store.customers_account(unit, request.account_id).account_id,
            loan_id=request.loan_id,
        ),
    )
    return _made(payment, v1.DisburseResponse)


@rpc
def collect(request: v1.CollectRequest, unit: Unit) -> v1.CollectResponse:
    """Collects a repayment, whole or not at all."""
    payment = booking.pay(
        unit,
        Order(
            kind=PaymentKind.COLLECTION,
            end_to_end_id=request.end_to_end_id,
            initiating_party=unit.caller.client_id,
            amount=money_of(request.amount),
            debtor_account_id=account_store.customers_account(unit, request.account_id).account_id,
            loan_id=request.loan_id,
            hold_id=request.hold_id,
        ),
    )
    return _made(payment, v1.CollectResponse)


@rpc
def transfer(request: v1.TransferRequest, unit: Unit) -> v1.TransferResponse:
    """Moves money between two accounts."""
    mandate_store.must_allow(unit, request.debtor_account_id, request.ordered_by, money_of(request.amount))
    payment = booking.pay(
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
    return _made(payment, v1.TransferResponse)


@rpc
def send_payment(request: v1.SendPaymentRequest, unit: Unit) -> v1.SendPaymentResponse:
    """Takes the money from the debtor and gives the payment to its rail, which hears of it by `PaymentSent`."""
    carrier = rail(request.rail)
    instructed = money_of(request.amount)
    carrier.must_carry(instructed)
    mandate_store.must_allow(unit, request.debtor_account_id, request.ordered_by, instructed)
    bearer = ChargeBearer(v1.ChargeBearer.Name(request.charge_bearer)[-4:]) if request.charge_bearer else None
    charged = carrier.charged(instructed, bearer)
    order = Order(
        kind=PaymentKind.OUTGOING,
        end_to_end_id=request.end_to_end_id,
        initiating_party=unit.caller.client_id,
        amount=charged.amount,
        debtor_account_id=account_store.customers_account(unit, request.debtor_account_id).account_id,
        outside_party=value_of(request.creditor, OutsideParty),
        rail=request.rail,
        settlement_account_id=carrier.settlement_account(charged.amount.currency),
        remittance_information=request.remittance_information,
        hold_id=request.hold_id,
        uetr=request.uetr,
        instruction_id=request.instruction_id,
        charge_bearer=bearer,
        purpose_code=request.purpose_code,
        charges=charged.charges,
        correspondent_charges=charged.correspondent_charges,
    )
    present = store.by_reference(unit, order.initiating_party, order.end_to_end_id)
    if present:
        payment = present.must_carry(order)
    else:
        carrier.must_be_open(unit.business_date, unit.now)
        payment = booking.new(unit, order)
    return _made(payment, v1.SendPaymentResponse)


@rpc
def receive_payment(request: v1.ReceivePaymentRequest, unit: Unit) -> v1.ReceivePaymentResponse:
    """Books money that arrived; the reference is unique for each account it may come from."""
    payment = booking.pay(
        unit,
        Order(
            kind=PaymentKind.INCOMING,
            end_to_end_id=request.end_to_end_id,
            initiating_party=f"{request.debtor.agent}/{request.debtor.account}",
            amount=money_of(request.amount),
            creditor_account_id=account_store.customers_account(unit, request.creditor_account_id).account_id,
            outside_party=value_of(request.debtor, OutsideParty),
            rail=request.rail,
            settlement_account_id=rail(request.rail).settlement_account(request.amount.currency_code),
            remittance_information=request.remittance_information,
        ),
    )
    return _made(payment, v1.ReceivePaymentResponse)


@rpc
def confirm_payment(request: v1.ConfirmPaymentRequest, unit: Unit) -> v1.ConfirmPaymentResponse:
    """Settles an outgoing payment, or gives it back, as its rail says."""
    status = PaymentStatus(v1.PaymentStatus.Name(request.status).removeprefix("PAYMENT_STATUS_"))
    answer = Answer(status, request.reason_code).must_be_final()
    payment = booking.answered(unit, store.payments.load(unit, request.payment_id), answer)
    return v1.ConfirmPaymentResponse(payment=message_of(payment, v1.Payment))


@rpc
async def inquire_payments(request: v1.InquirePaymentsRequest, given: Orchestration) -> v1.InquirePaymentsResponse:
    """Asks the rails beside the writer, then writes what they said; a crash in between asks again."""
    due = await given.read(store.due_for_inquiry)
    # In a thread of their own: a rail that lets us wait keeps nobody else waiting.
    said = await asyncio.to_thread(lambda: list(map(inquiring.asked, due)))

    def work(unit: Unit) -> v1.InquirePaymentsResponse:
        after = [_inquired(unit, inquiry.payment_id, inquiry.answer) for inquiry in said]
        return v1.InquirePaymentsResponse(
            inquired=len(said),
            answered=sum(payment.status in OUTCOMES for payment in after),
            submitted_again=sum(inquiry.submitted_again for inquiry in said),
            more=len(said) == store.DUE_AT_ONCE,
        )

    reply, _ = await change_once(given, request, work)
    return reply


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
    """Gives the payment to its rail, once it is committed that the debtor has paid; one far away gets it by inquiry."""
    payment = store.payments.load(unit, event.payment_id)
    carrier = rail(payment.rail)
    if payment.to_be_submitted and carrier.answers_at_once:
        booking.answered(unit, payment, carrier.submit(payment))


def _made(payment: Payment, reply: Callable[..., Reply]) -> Reply:
    """The reply of every RPC that makes a payment."""
    return reply(payment_id=payment.payment_id, entry_id=payment.entry_ids[0], payment=message_of(payment, v1.Payment))


def _inquired(unit: Unit, payment_id: str, answer: Answer) -> Payment:
    """The payment after an inquiry, which may have been answered meanwhile by another way."""
    payment = booking.answered(unit, store.payments.load(unit, payment_id), answer)
    if payment.inquire_at and payment.inquire_at <= unit.now:
        inquiries = payment.inquiries + 1
        payment = payment.asked(rail(payment.rail).inquire_at(inquiries, unit.now))
        store.payments.save(unit, payment)
        if inquiries == rail(payment.rail).asked_in_vain:
            unit.record(payment.unanswered())
    return payment
