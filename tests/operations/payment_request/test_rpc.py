"""Payment requests through the door: presented, accepted, refused, taken back, expired; paid once at the most."""

from datetime import timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from tests.operations.bank import Bank, cny
from zhongtai.operations.v1 import payment_order_pb2, payment_pb2
from zhongtai.operations.v1 import payment_request_pb2 as v1


def present(
    bank: Bank, payer: str, payee: str, fen: int, reference: str = "q1", *, hours: int = 24
) -> v1.PresentPaymentRequestRequest:
    ends = Timestamp()
    ends.FromDatetime(bank.door.clock.now() + timedelta(hours=hours))
    return v1.PresentPaymentRequestRequest(
        request_id=bank.request_id(),
        end_to_end_id=reference,
        debtor_account_id=payer,
        creditor_account_id=payee,
        amount=cny(fen),
        expires_at=ends,
    )


def accept(bank: Bank, asked: str) -> v1.AcceptPaymentRequestRequest:
    return v1.AcceptPaymentRequestRequest(request_id=bank.request_id(), payment_request_id=asked)


def refuse(bank: Bank, asked: str) -> v1.RefusePaymentRequestRequest:
    return v1.RefusePaymentRequestRequest(request_id=bank.request_id(), payment_request_id=asked, reason_code="MS02")


def withdraw(bank: Bank, asked: str) -> v1.WithdrawPaymentRequestRequest:
    return v1.WithdrawPaymentRequestRequest(request_id=bank.request_id(), payment_request_id=asked)


async def test_an_accepted_request_is_paid_once(bank: Bank) -> None:
    payer, payee = await bank.deposit(1_000), await bank.deposit(customer_id="cus_2")
    asked = (await bank.door.call(present(bank, payer, payee, 400))).payment_request_id
    assert (await bank.door.call(present(bank, payer, payee, 400))).payment_request_id == asked
    refused = await bank.door.refused(present(bank, payer, payee, 401))
    assert refused.reason == "REQUEST_REFERENCE_MUST_BE_UNIQUE"
    reply = await bank.door.call(accept(bank, asked))
    assert reply.payment_request.status == v1.PAYMENT_REQUEST_STATUS_ACCEPTED
    order = payment_order_pb2.GetPaymentOrderRequest(payment_order_id=reply.payment_order_id)
    assert (await bank.door.call(order)).payment_order.status == payment_pb2.PAYMENT_STATUS_ACSC
    assert (await bank.balance(payer), await bank.balance(payee)) == (600, 400)
    for again in (accept(bank, asked), refuse(bank, asked), withdraw(bank, asked)):
        assert (await bank.door.refused(again)).reason == "PAYMENT_REQUEST_MUST_BE_OPEN"
    assert await bank.balance(payee) == 400
    await bank.must_be_sound()


async def test_a_refused_a_withdrawn_and_an_expired_request_are_never_paid(bank: Bank) -> None:
    payer, payee = await bank.deposit(1_000), await bank.deposit()
    asked = [
        (await bank.door.call(present(bank, payer, payee, 1, f"q{number}"))).payment_request_id for number in range(3)
    ]
    refused = await bank.door.call(refuse(bank, asked[0]))
    assert refused.payment_request.reason_code == "MS02"
    for _ in range(2):
        gone = await bank.door.call(withdraw(bank, asked[1]))
        assert gone.payment_request.status == v1.PAYMENT_REQUEST_STATUS_WITHDRAWN
    bank.door.now(bank.door.clock.now() + timedelta(hours=24))
    reasons = [(await bank.door.refused(accept(bank, one))).reason for one in asked]
    assert reasons == ["PAYMENT_REQUEST_MUST_BE_OPEN", "PAYMENT_REQUEST_MUST_BE_OPEN", "PAYMENT_REQUEST_EXPIRED"]
    listed = (await bank.door.call(v1.ListPaymentRequestsRequest(debtor_account_id=payer))).payment_requests
    assert [one.status for one in listed] == [
        v1.PAYMENT_REQUEST_STATUS_REFUSED,
        v1.PAYMENT_REQUEST_STATUS_WITHDRAWN,
        v1.PAYMENT_REQUEST_STATUS_EXPIRED,
    ]
    assert len(await bank.door.facts(v1.PaymentRequestAnswered)) == 2
    assert await bank.balance(payer) == 1_000


async def test_a_wrong_request_leaves_no_trace(bank: Bank) -> None:
    payer, payee = await bank.deposit(1_000), await bank.deposit()
    suspense = await bank.internal("suspense", "acc_suspense_cny")
    cases = [
        (present(bank, payer, payer, 1), "ACCOUNTS_MUST_DIFFER"),
        (present(bank, payer, suspense, 1), "CUSTOMER_ACCOUNT_MUST_BE_GIVEN"),
        (present(bank, payer, payee, 1, hours=0), "REQUEST_MUST_END_AHEAD"),
        (present(bank, payer, payee, 1, hours=24 * 90 + 1), "REQUEST_MUST_END_AHEAD"),
        (accept(bank, "preq_0"), "PAYMENT_REQUEST_NOT_FOUND"),
    ]
    before = await bank.door.envelopes()
    for request, reason in cases:
        assert (await bank.door.refused(request)).reason == reason
    assert await bank.door.envelopes() == before
