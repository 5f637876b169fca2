"""Bounds on what customers pay, through the door: classes of accounts, mandates, and limits whatever way money goes."""

from collections.abc import Callable

import pytest
from google.protobuf.message import Message
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from tests.operations.account_class.test_rpc import classified
from tests.operations.bank import Bank, cny
from tests.operations.payment.test_rpc import OUTSIDE, collect, disburse, payment, send, sent, transfer
from tests.operations.payment_batch.test_rpc import continued, lines_of, submit
from tests.operations.payment_limit.test_rpc import define
from zhongtai.operations.v1 import escrow_pb2, mandate_pb2, payment_batch_pb2, payment_order_pb2, payment_request_pb2
from zhongtai.operations.v1 import payment_pb2 as v1
from zhongtai.operations.v1 import standing_order_pb2 as standing_pb2

# 银发〔2016〕302号: an account of class Ⅱ pays 10,000 yuan a day to accounts it is not bound to, and gets as much.
SECOND_A_DAY = 1_000_000


async def second(bank: Bank, fen: int) -> tuple[str, str]:
    """An account of class Ⅱ with an amount on it, and the one of class Ⅰ it is bound to."""
    first, account_id = await bank.deposit(fen), await bank.deposit(fen)
    await bank.door.call(classified(bank, first, "FIRST"))
    await bank.door.call(classified(bank, account_id, "SECOND", first))
    return account_id, first


async def test_a_class_bounds_what_goes_out_but_not_to_the_bound_account(bank: Bank) -> None:
    account_id, bound = await second(bank, 5_000_000)
    other = await bank.deposit(customer_id="cus_2")
    await bank.door.call(transfer(bank, account_id, other, SECOND_A_DAY - 100, "t1"))
    refused = await bank.door.refused(transfer(bank, account_id, other, 101, "t2"))
    assert (refused.reason, refused.metadata["left"]) == ("DAY_LIMIT_EXCEEDED", "CNY 1.00")
    await bank.door.call(transfer(bank, account_id, bound, 2_000_000, "t3"))
    # A refused payment counted nothing, and one over a rail counts as one inside the bank does.
    assert (await bank.door.refused(send(bank, account_id, 101))).reason == "DAY_LIMIT_EXCEEDED"
    await bank.internal("central_bank_settlement", "acc_settlement_cny")
    await bank.door.call(send(bank, account_id, 100))
    assert (await bank.door.refused(transfer(bank, account_id, other, 1, "t4"))).reason == "DAY_LIMIT_EXCEEDED"


async def test_a_class_bounds_what_comes_in_and_loans_use_no_limit(bank: Bank) -> None:
    account_id, _ = await second(bank, 0)
    await bank.internal("central_bank_settlement", "acc_settlement_cny")
    other = await bank.deposit(5_000_000, customer_id="cus_2")
    await bank.door.call(disburse(bank, account_id, 3_000_000))
    await bank.door.call(collect(bank, account_id, 2_000_000))
    await bank.door.call(transfer(bank, other, account_id, SECOND_A_DAY, "t1"))
    assert (await bank.door.refused(transfer(bank, other, account_id, 1, "t2"))).reason == "DAY_LIMIT_EXCEEDED"
    incoming = v1.ReceivePaymentRequest(
        request_id="r",
        end_to_end_id="r",
        rail="simulated",
        debtor=OUTSIDE,
        creditor_account_id=account_id,
        amount=cny(1),
    )
    assert (await bank.door.refused(incoming)).reason == "DAY_LIMIT_EXCEEDED"
    order = payment_order_pb2.PlacePaymentOrderRequest(
        request_id="o", end_to_end_id="o", debtor_account_id=other, creditor_account_id=account_id, amount=cny(1)
    )
    placed = (await bank.door.call(order)).payment_order
    assert (placed.status, placed.reason_code) == (v1.PAYMENT_STATUS_RJCT, "AM14")
    assert await bank.balance(account_id) == 2_000_000


async def test_the_lines_of_a_batch_use_the_limits_of_classes_one_after_the_other(bank: Bank) -> None:
    employer = await bank.deposit(10_000_000, customer_id="cus_9")
    account_id, first = await second(bank, 0)
    wanted = [(account_id, 600_000), (first, 600_000), (account_id, 400_001), (account_id, 400_000), (account_id, 1)]
    batch_id = (await bank.door.call(submit(bank, employer, wanted))).payment_batch_id
    assert (await continued(bank, batch_id)).accepted == cny(1_600_000)
    assert [line.reason_code for line in await lines_of(bank, batch_id)] == ["", "", "AM14", "", "AM14"]
    split = split_of(bank, employer, 100, account_id)
    before = await bank.door.envelopes()
    assert (await bank.door.refused(split)).reason == "DAY_LIMIT_EXCEEDED"
    assert await bank.door.envelopes() == before


def split_of(bank: Bank, debtor: str, fen: int, *creditors: str) -> payment_batch_pb2.SplitPaymentRequest:
    shares = [payment_batch_pb2.SplitShare(creditor_account_id=one, weight=Decimal(value="1")) for one in creditors]
    return payment_batch_pb2.SplitPaymentRequest(
        request_id=bank.request_id(), end_to_end_id="x1", debtor_account_id=debtor, amount=cny(fen), shares=shares
    )


def order_of(bank: Bank, debtor: str, fen: int, creditor: str) -> payment_order_pb2.PlacePaymentOrderRequest:
    return payment_order_pb2.PlacePaymentOrderRequest(
        request_id=bank.request_id(),
        end_to_end_id="x1",
        debtor_account_id=debtor,
        creditor_account_id=creditor,
        amount=cny(fen),
    )


def payroll_of(bank: Bank, debtor: str, fen: int, creditor: str) -> payment_batch_pb2.SubmitPaymentBatchRequest:
    return submit(bank, debtor, [(creditor, fen - 1), (creditor, 1)], "x1")


def escrow_of(bank: Bank, debtor: str, fen: int, creditor: str) -> escrow_pb2.OpenEscrowRequest:
    return escrow_pb2.OpenEscrowRequest(
        request_id=bank.request_id(),
        end_to_end_id="x1",
        payer_account_id=debtor,
        payee_account_id=creditor,
        condition="delivered",
        amount=cny(fen),
        released_by=["ESCROW_PARTY_PAYER"],
        returned_by=["ESCROW_PARTY_PAYEE"],
        expires_on=Date(year=2099, month=1, day=1),
    )


def standing_of(bank: Bank, debtor: str, fen: int, creditor: str) -> standing_pb2.OpenStandingOrderRequest:
    return standing_pb2.OpenStandingOrderRequest(
        request_id=bank.request_id(),
        debtor_account_id=debtor,
        creditor_account_id=creditor,
        amount=cny(fen),
        frequency=standing_pb2.PAYMENT_FREQUENCY_MONTHLY,
        first_date=Date(year=2026, month=12, day=1),
        tries=1,
    )


def transfer_of(bank: Bank, debtor: str, fen: int, creditor: str) -> v1.TransferRequest:
    return transfer(bank, debtor, creditor, fen, "x1")


def send_of(bank: Bank, debtor: str, fen: int, _: str) -> v1.SendPaymentRequest:
    return send(bank, debtor, fen)


Way = Callable[[Bank, str, int, str], Message]


@pytest.mark.parametrize("way", [split_of, payroll_of, escrow_of, transfer_of, send_of])
async def test_no_way_leads_around_the_payment_limits(bank: Bank, way: Way) -> None:
    one, other = await bank.deposit(10_000), await bank.deposit(customer_id="cus_2")
    await bank.internal("central_bank_settlement", "acc_settlement_cny")
    await bank.door.call(define(bank, "daily", daily_minor=1_000, daily_count=2))
    before = await bank.door.envelopes()
    assert (await bank.door.refused(way(bank, one, 1_001, other))).reason == "PAYMENT_LIMIT_AMOUNT_EXHAUSTED"
    assert await bank.door.envelopes() == before
    await bank.door.call(way(bank, one, 1_000, other))
    assert (await bank.door.refused(transfer(bank, one, other, 1, "t9"))).reason == "PAYMENT_LIMIT_AMOUNT_EXHAUSTED"


@pytest.mark.parametrize("way", [split_of, payroll_of, escrow_of, transfer_of, send_of, order_of, standing_of])
async def test_who_has_no_mandate_orders_nothing_whatever_the_way(bank: Bank, way: Way) -> None:
    one, other = await bank.deposit(10_000), await bank.deposit(customer_id="cus_2")
    await bank.internal("central_bank_settlement", "acc_settlement_cny")
    mandate = mandate_pb2.SetMandateRequest(
        request_id="m",
        account_id=one,
        kind=mandate_pb2.MANDATE_KIND_HOLDER,
        customers=["cus_1", "cus_5"],
        together=2,
        up_to=cny(500),
    )
    await bank.door.call(mandate)
    before = await bank.door.envelopes()
    for ordered_by, fen in (((), 500), (("cus_1",), 500), (("cus_1", "cus_2"), 500), (("cus_1", "cus_5"), 501)):
        request = way(bank, one, fen, other)
        request.ordered_by.extend(ordered_by)  # type: ignore[attr-defined]
        assert (await bank.door.refused(request)).reason == "ORDER_MUST_BE_COVERED_BY_MANDATE"
    assert await bank.door.envelopes() == before
    request = way(bank, one, 500, other)
    request.ordered_by.extend(["cus_5", "cus_1"])  # type: ignore[attr-defined]
    await bank.door.call(request)


async def test_who_accepts_a_request_to_pay_has_a_mandate_too(bank: Bank) -> None:
    one, other = await bank.deposit(10_000), await bank.deposit(customer_id="cus_2")
    request = payment_request_pb2.PresentPaymentRequestRequest(
        request_id="p", end_to_end_id="p", debtor_account_id=one, creditor_account_id=other, amount=cny(5)
    )
    request.expires_at.FromDatetime(bank.door.clock.now().replace(hour=23))
    asked = (await bank.door.call(request)).payment_request_id
    mandate = mandate_pb2.SetMandateRequest(
        request_id="m", account_id=one, kind=mandate_pb2.MANDATE_KIND_AGENT, customers=["cus_5"], together=1
    )
    await bank.door.call(mandate)
    accept = payment_request_pb2.AcceptPaymentRequestRequest(request_id="a", payment_request_id=asked)
    assert (await bank.door.refused(accept)).reason == "ORDER_MUST_BE_COVERED_BY_MANDATE"
    accept.ordered_by.append("cus_5")
    await bank.door.call(accept)
    assert await bank.balance(other) == 5


async def test_a_rejected_payment_stays_counted(bank: Bank) -> None:
    one = await bank.deposit(10_000)
    await bank.internal("central_bank_settlement", "acc_settlement_cny")
    await bank.door.call(define(bank, "daily", daily_count=1))
    rejected = await sent(bank, one, 400, "62220000000004")
    assert (await payment(bank, rejected)).status == v1.PAYMENT_STATUS_RJCT
    assert (await bank.door.refused(send(bank, one, 1))).reason == "PAYMENT_LIMIT_COUNT_EXHAUSTED"
