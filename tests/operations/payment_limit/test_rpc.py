"""Payment limits through the door: exact however many pay at once, for each customer alone or for a channel."""

import asyncio
from datetime import timedelta

from tests.operations.bank import Bank, cny
from tests.operations.payment.test_rpc import transfer
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import payment_limit_pb2 as v1


def define(bank: Bank, name: str, **bounds: object) -> v1.DefinePaymentLimitRequest:
    return v1.DefinePaymentLimitRequest(
        request_id=bank.request_id(),
        payment_limit_id=name,
        currency_code="CNY",
        **bounds,  # type: ignore[arg-type]
    )


async def paid(bank: Bank, one: str, other: str, fen: int, reference: str) -> str:
    """ "" where a transfer went through, else the reason why not."""
    try:
        await bank.door.call(transfer(bank, one, other, fen, reference))
    except Refusal as refusal:
        return refusal.reason
    return ""


async def test_many_at_once_use_a_limit_exactly(bank: Bank) -> None:
    one, other = await bank.deposit(100_000), await bank.deposit()
    await bank.door.call(define(bank, "daily", daily_minor=1_000))
    results = await asyncio.gather(*(paid(bank, one, other, 90, f"t{number}") for number in range(20)))
    assert results.count("") == 11
    assert set(results) == {"", "PAYMENT_LIMIT_AMOUNT_EXHAUSTED"}
    assert await bank.balance(other) == 990
    (use,) = (await bank.door.call(v1.GetPaymentLimitUseRequest(customer_id="cus_1"))).uses
    assert (use.count, use.amount, use.left, use.count_left) == (11, cny(990), cny(10), -1)
    # A refused payment that is asked for again under its reference finds room only where there is room.
    assert await paid(bank, one, other, 10, "t99") == ""


async def test_customers_are_counted_alone_and_a_channel_together(bank: Bank) -> None:
    one = await bank.deposit(1_000, customer_id="cus_1")
    two = await bank.deposit(1_000, customer_id="cus_2")
    await bank.door.call(define(bank, "each", daily_count=1))
    assert await paid(bank, one, two, 1, "a") == ""
    assert await paid(bank, one, two, 1, "b") == "PAYMENT_LIMIT_COUNT_EXHAUSTED"
    assert await paid(bank, two, one, 1, "c") == ""
    await bank.door.call(v1.WithdrawPaymentLimitRequest(request_id="w", payment_limit_id="each"))
    await bank.door.call(define(bank, "channel", client_id="app", shared=True, daily_minor=10))
    assert await paid(bank, one, two, 100, "d") == ""
    bank.door.as_caller("somebody", client_id="app")
    assert await paid(bank, one, two, 6, "e") == ""
    assert await paid(bank, two, one, 5, "f") == "PAYMENT_LIMIT_AMOUNT_EXHAUSTED"
    assert await paid(bank, two, one, 4, "g") == ""


async def test_limits_are_set_anew_listed_and_withdrawn(bank: Bank) -> None:
    assert (await bank.door.refused(define(bank, "none"))).reason == "PAYMENT_LIMIT_MUST_BOUND"
    for most in (5, 6):
        await bank.door.call(define(bank, "one", customer_id="cus_1", single_minor=most))
    listed = (await bank.door.call(v1.ListPaymentLimitsRequest())).payment_limits
    assert [(limit.payment_limit_id, limit.single_minor) for limit in listed] == [("one", 6)]
    assert len(await bank.door.facts(v1.PaymentLimitDefined)) == 2
    one, other = await bank.deposit(100), await bank.deposit()
    assert await paid(bank, one, other, 7, "a") == "PAYMENT_LIMIT_SINGLE_EXCEEDED"
    bank.door.today(bank.door.clock.business_date() + timedelta(days=1))
    assert await paid(bank, one, other, 6, "b") == ""
    assert not (await bank.door.call(v1.GetPaymentLimitUseRequest(customer_id="cus_2"))).uses
