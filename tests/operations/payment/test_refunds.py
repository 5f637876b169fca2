"""Refunds through the door: in parts, each once, never beyond what was paid."""

from tests.operations.bank import Bank, cny
from tests.operations.payment.test_rpc import payment, transfer
from zhongtai.operations.v1 import payment_pb2 as v1


def refund(bank: Bank, payment_id: str, fen: int, reference: str) -> v1.RefundPaymentRequest:
    return v1.RefundPaymentRequest(
        request_id=bank.request_id(),
        payment_id=payment_id,
        end_to_end_id=reference,
        amount=cny(fen),
        reason_code="CUST",
    )


async def test_a_transfer_is_refunded_in_parts_each_once(bank: Bank) -> None:
    buyer, shop = await bank.deposit(1_000), await bank.deposit()
    paid = (await bank.door.call(transfer(bank, buyer, shop, 900))).payment_id
    first = await bank.door.call(refund(bank, paid, 300, "r1"))
    again = await bank.door.call(refund(bank, paid, 300, "r1"))
    assert (again.refund_payment_id, again.payment.refunded) == (first.refund_payment_id, cny(300))
    assert (await bank.door.refused(refund(bank, paid, 301, "r1"))).reason == "END_TO_END_ID_MUST_BE_UNIQUE"
    refused = await bank.door.refused(refund(bank, paid, 601, "r2"))
    assert (refused.reason, refused.metadata["left"]) == ("REFUND_MUST_NOT_EXCEED_PAID", "CNY 6.00")
    await bank.door.call(refund(bank, paid, 600, "r3"))
    assert (await bank.balance(buyer), await bank.balance(shop)) == (1_000, 0)
    assert (await bank.door.refused(refund(bank, paid, 1, "r4"))).reason == "REFUND_MUST_NOT_EXCEED_PAID"
    told = await bank.door.facts(v1.PaymentRefunded)
    assert [(fact.amount, fact.refunded) for fact in told] == [(cny(300), cny(300)), (cny(600), cny(900))]
    back = await payment(bank, first.refund_payment_id)
    assert (back.kind, back.original_payment_id, back.reason_code) == (v1.PAYMENT_KIND_REFUND, paid, "CUST")
    await bank.must_be_sound()


async def test_what_was_refunded_is_not_reversed_and_what_was_reversed_is_not_refunded(bank: Bank) -> None:
    buyer, shop = await bank.deposit(1_000), await bank.deposit()
    paid = (await bank.door.call(transfer(bank, buyer, shop, 900))).payment_id
    await bank.door.call(refund(bank, paid, 1, "r1"))
    reverse = v1.ReversePaymentRequest(request_id="v", payment_id=paid, reason_code="DUPL")
    assert (await bank.door.refused(reverse)).reason == "PAYMENT_MUST_NOT_BE_REFUNDED"
    other = (await bank.door.call(transfer(bank, buyer, shop, 50, "t2"))).payment_id
    await bank.door.call(v1.ReversePaymentRequest(request_id="v2", payment_id=other, reason_code="DUPL"))
    assert (await bank.door.refused(refund(bank, other, 1, "r2"))).reason == "PAYMENT_ALREADY_REVERSED"


async def test_a_refund_the_shop_cannot_pay_leaves_nothing_behind(bank: Bank) -> None:
    buyer, shop = await bank.deposit(1_000), await bank.deposit()
    paid = (await bank.door.call(transfer(bank, buyer, shop, 900))).payment_id
    await bank.post((shop, "DEBIT", 800), ("1001", "CREDIT", 800))
    assert (await bank.door.refused(refund(bank, paid, 101, "r1"))).reason == "AVAILABLE_BALANCE_EXHAUSTED"
    assert not (await payment(bank, paid)).HasField("refunded")
    await bank.door.call(refund(bank, paid, 100, "r1"))
