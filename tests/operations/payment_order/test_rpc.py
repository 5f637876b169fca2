"""Payment orders through the door: duplicates, dates and windows, and one payment at the most."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from google.type.date_pb2 import Date

from tests.operations.bank import Bank, cny
from zhongtai.operations.rail.store import RAILS
from zhongtai.operations.v1 import payment_limit_pb2 as limit_v1
from zhongtai.operations.v1 import payment_order_pb2 as v1
from zhongtai.operations.v1 import payment_pb2

FRIDAY = date(2026, 5, 8)
NINE = datetime(2026, 5, 8, 1, 0, tzinfo=UTC)
EVENING = datetime(2026, 5, 8, 12, 0, tzinfo=UTC)
STATUS = payment_pb2.PaymentStatus


def on_day(day: date) -> Date:
    return Date(year=day.year, month=day.month, day=day.day)


def inside(
    bank: Bank, one: str, other: str, fen: int, reference: str = "o1", **more: Any
) -> v1.PlacePaymentOrderRequest:
    return v1.PlacePaymentOrderRequest(
        request_id=bank.request_id(),
        end_to_end_id=reference,
        debtor_account_id=one,
        creditor_account_id=other,
        amount=cny(fen),
        **more,
    )


def outside(
    bank: Bank, one: str, fen: int, reference: str = "o1", *, account: str = "6222001234", rail: str = "hvps"
) -> v1.PlacePaymentOrderRequest:
    return v1.PlacePaymentOrderRequest(
        request_id=bank.request_id(),
        end_to_end_id=reference,
        debtor_account_id=one,
        outside_party=payment_pb2.OutsideParty(name="李四", account=account, agent="102100099996"),
        rail=rail,
        amount=cny(fen),
    )


async def placed(bank: Bank, request: v1.PlacePaymentOrderRequest) -> v1.PaymentOrder:
    found: v1.PaymentOrder = (await bank.door.call(request)).payment_order
    return found


async def order(bank: Bank, order_id: str) -> v1.PaymentOrder:
    found: v1.PaymentOrder = (await bank.door.call(v1.GetPaymentOrderRequest(payment_order_id=order_id))).payment_order
    return found


async def executed(bank: Bank) -> v1.ExecuteDueOrdersResponse:
    found: v1.ExecuteDueOrdersResponse = await bank.door.call(v1.ExecuteDueOrdersRequest(request_id=bank.request_id()))
    return found


def stands(found: v1.PaymentOrder) -> str:
    return STATUS.Name(found.status).removeprefix("PAYMENT_STATUS_")


async def test_an_order_of_today_moves_the_money_at_once_and_one_reference_is_one_order(bank: Bank) -> None:
    one, other = await bank.deposit(1_000), await bank.deposit()
    first = await placed(bank, inside(bank, one, other, 400))
    assert (stands(first), bool(first.payment_id)) == ("ACSC", True)
    assert await placed(bank, inside(bank, one, other, 400)) == first
    assert (await bank.balance(one), await bank.balance(other)) == (600, 400)
    refused = await bank.door.refused(inside(bank, one, other, 401))
    assert refused.reason == "ORDER_REFERENCE_MUST_BE_UNIQUE"
    moved = await bank.door.call(payment_pb2.GetPaymentRequest(payment_id=first.payment_id))
    assert (moved.payment.end_to_end_id, moved.payment.uetr) == ("o1", first.uetr)


async def test_what_cannot_move_is_rejected_as_a_result(bank: Bank) -> None:
    one, other = await bank.deposit(1_000), await bank.deposit()
    found = await placed(bank, inside(bank, one, other, 1_001))
    assert (stands(found), found.reason_code, found.payment_id) == ("RJCT", "AM04", "")
    found = await placed(bank, inside(bank, one, "acc_none", 1, "o2"))
    assert (stands(found), found.reason_code) == ("RJCT", "AC01")
    assert await bank.balance(one) == 1_000
    euros = await bank.deposit(currency="EUR")
    assert (await placed(bank, inside(bank, one, euros, 2, "o3"))).reason_code == "AM03"


async def test_a_wrong_order_leaves_no_trace(bank: Bank) -> None:
    one, other = await bank.deposit(1_000), await bank.deposit()
    bank.door.today(FRIDAY)
    suspense = await bank.internal("suspense", "acc_suspense_cny")
    before = await bank.door.envelopes()
    wrong = outside(bank, one, 1)
    wrong.rail = ""
    both = outside(bank, one, 1)
    both.creditor_account_id = other
    cases = [
        (inside(bank, suspense, other, 1), "CUSTOMER_ACCOUNT_MUST_BE_GIVEN"),
        (inside(bank, one, "", 1), "CREDITOR_MUST_BE_ONE"),
        (both, "CREDITOR_MUST_BE_ONE"),
        (wrong, "RAIL_MUST_BE_NAMED"),
        (inside(bank, one, one, 1), "ACCOUNTS_MUST_DIFFER"),
        (outside(bank, one, 1, rail="pigeon"), "RAIL_NOT_FOUND"),
        (outside(bank, one, 100_000_001, rail="ibps"), "RAIL_AMOUNT_MUST_BE_IN_REACH"),
        (
            inside(bank, one, other, 1, requested_execution_date=on_day(date(2026, 5, 7))),
            "EXECUTION_DATE_MUST_NOT_BE_PAST",
        ),
        (
            inside(bank, one, other, 1, requested_execution_date=on_day(date(2027, 5, 10))),
            "EXECUTION_DATE_MUST_BE_IN_REACH",
        ),
    ]
    for request, reason in cases:
        assert (await bank.door.refused(request)).reason == reason
    assert await bank.door.envelopes() == before


async def test_what_looks_like_another_order_waits_for_the_word_that_it_is_meant(bank: Bank) -> None:
    one, other = await bank.deposit(1_000), await bank.deposit()
    first = await placed(bank, inside(bank, one, other, 400))
    second = await placed(bank, inside(bank, one, other, 400, "o2"))
    assert (stands(second), second.reason_code, second.duplicate_of) == ("RCVD", "DUPL", first.payment_order_id)
    assert await bank.balance(other) == 400
    confirm = v1.ConfirmPaymentOrderRequest(request_id="c1", payment_order_id=second.payment_order_id)
    assert stands((await bank.door.call(confirm)).payment_order) == "ACSC"
    assert await bank.balance(other) == 800
    confirm.request_id = "c2"
    assert (await bank.door.refused(confirm)).reason == "PAYMENT_ORDER_MUST_WAIT"
    assert stands(await placed(bank, inside(bank, one, other, 100, "o3"))) == "ACSC"
    # Three days later the same amount is another matter.
    bank.door.now(datetime(2026, 1, 8, 2, 0, tzinfo=UTC))
    assert stands(await placed(bank, inside(bank, one, other, 100, "o4"))) == "ACSC"


async def test_an_order_that_cannot_be_paid_any_more_holds_up_no_other(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank.door.now(NINE)
    one, other = await bank.deposit(1_000), await bank.deposit()
    gone = outside(bank, one, 10, rail="ibps")
    due = inside(bank, one, other, 20, "o2")
    for request in (gone, due):
        request.requested_execution_date.CopyFrom(on_day(date(2026, 5, 9)))
    gone_id, due_id = [(await placed(bank, request)).payment_order_id for request in (gone, due)]
    monkeypatch.delitem(RAILS, "ibps")
    bank.door.now(datetime(2026, 5, 9, 1, tzinfo=UTC))
    found = await executed(bank)
    assert (found.executed, found.rejected) == (1, 1)
    assert [stands(await order(bank, one_id)) for one_id in (gone_id, due_id)] == ["RJCT", "ACSC"]


async def test_after_the_cut_off_an_order_waits_for_the_next_bank_day(bank: Bank) -> None:
    bank.door.now(EVENING)
    await bank.internal("central_bank_settlement", "acc_settlement_cny")
    one = await bank.deposit(1_000)
    found = await placed(bank, outside(bank, one, 400))
    # The Saturday is worked in return for the holidays of May.
    assert (stands(found), found.execution_date) == ("ACWC", on_day(date(2026, 5, 9)))
    assert (await executed(bank)).executed == 0
    bank.door.now(datetime(2026, 5, 9, 12, 0, tzinfo=UTC))
    assert (await executed(bank)).put_off == 1
    assert (await order(bank, found.payment_order_id)).execution_date == on_day(date(2026, 5, 11))
    bank.door.now(datetime(2026, 5, 11, 1, 0, tzinfo=UTC))
    assert (await executed(bank)).executed == 1
    moved = await order(bank, found.payment_order_id)
    assert stands(moved) == "ACSP"
    (told,) = await bank.door.facts(payment_pb2.PaymentSent)
    await bank.door.deliver(told)
    assert stands(await order(bank, found.payment_order_id)) == "ACSC"
    assert (await executed(bank)).executed == 0
    assert await bank.balance(one) == 600
    await bank.must_be_sound()


async def test_an_order_for_a_later_date_waits_and_may_be_withdrawn(bank: Bank) -> None:
    bank.door.now(NINE)
    one, other = await bank.deposit(1_000), await bank.deposit()
    later = on_day(date(2026, 5, 10))
    kept = await placed(bank, inside(bank, one, other, 400, requested_execution_date=later))
    gone = await placed(bank, inside(bank, one, other, 100, "o2", requested_execution_date=later))
    poor = await placed(bank, inside(bank, one, other, 900, "o3", requested_execution_date=later))
    assert {stands(found) for found in (kept, gone, poor)} == {"ACCP"}
    for request_id in ("x1", "x2"):
        cancel = v1.CancelPaymentOrderRequest(request_id=request_id, payment_order_id=gone.payment_order_id)
        assert stands((await bank.door.call(cancel)).payment_order) == "CANC"
    bank.door.now(datetime(2026, 5, 10, 1, 0, tzinfo=UTC))
    done = await executed(bank)
    assert (done.executed, done.rejected, done.put_off, done.more) == (1, 1, 0, False)
    assert stands(await order(bank, kept.payment_order_id)) == "ACSC"
    assert (await order(bank, poor.payment_order_id)).reason_code == "AM04"
    cancel = v1.CancelPaymentOrderRequest(request_id="x3", payment_order_id=kept.payment_order_id)
    assert (await bank.door.refused(cancel)).reason == "PAYMENT_ORDER_MUST_WAIT"
    waiting = await bank.door.call(v1.ListPaymentOrdersRequest(customer_id="cus_1", status="PAYMENT_STATUS_CANC"))
    assert [found.payment_order_id for found in waiting.payment_orders] == [gone.payment_order_id]
    assert (await bank.balance(one), await bank.balance(other)) == (600, 400)


async def test_a_rejection_by_the_rail_is_the_orders_too(bank: Bank) -> None:
    bank.door.now(NINE)
    one = await bank.deposit(1_000)
    found = await placed(bank, outside(bank, one, 400, account="62220004"))
    (told,) = await bank.door.facts(payment_pb2.PaymentSent)
    await bank.door.deliver(told)
    rejected = await order(bank, found.payment_order_id)
    assert (stands(rejected), rejected.reason_code) == ("RJCT", "AC04")
    assert await bank.balance(one) == 1_000


async def test_a_limit_that_is_used_up_rejects_an_order_and_refuses_a_transfer(bank: Bank) -> None:
    one, other = await bank.deposit(1_000), await bank.deposit()
    await bank.door.call(
        limit_v1.DefinePaymentLimitRequest(
            request_id="l", payment_limit_id="daily", currency_code="CNY", daily_minor=500
        )
    )
    assert stands(await placed(bank, inside(bank, one, other, 300))) == "ACSC"
    found = await placed(bank, inside(bank, one, other, 201, "o2"))
    assert (stands(found), found.reason_code) == ("RJCT", "AM14")
    transfer = payment_pb2.TransferRequest(
        request_id="t", end_to_end_id="t", debtor_account_id=one, creditor_account_id=other, amount=cny(201)
    )
    refused = await bank.door.refused(transfer)
    assert (refused.reason, refused.metadata["left"]) == ("PAYMENT_LIMIT_AMOUNT_EXHAUSTED", "CNY 2.00")
