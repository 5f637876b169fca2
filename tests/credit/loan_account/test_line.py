"""Revolving lines (循环贷): what is repaid may be drawn again, never more is owed than was approved."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.credit.examples import fen, request_id
from tests.credit.serviced import account_of, conventions, forget, opened, publish, serviced_product
from zhongtai.credit.v1 import limit_pb2, loan_disbursement_pb2, loan_payment_pb2, loan_pb2, product_pb2, servicing_pb2
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.servicing import operations as do
from zhongtai.kernel.servicing.account import Account
from zhongtai.kernel.servicing.conventions import Component, Dueness
from zhongtai.kernel.servicing.terms import (
    Allocation,
    Bucket,
    Interest,
    InterestRecalculation,
    Repayment,
    Terms,
    Tranches,
    Waterfall,
)
from zhongtai.testing.doors import Door

START, LINE = date(2026, 1, 5), 1_200_000
PARTS = (Component.PENALTY, Component.FEE, Component.INTEREST, Component.PRINCIPAL)


def revolving(**changes: Any) -> servicing_pb2.TrancheConvention:
    fields: dict[str, Any] = {"maximum": 50, "expected_forbidden": True, "revolving": True}
    return servicing_pb2.TrancheConvention(**{**fields, **changes})


async def draw(door: Door, loan_id: str, amount: int) -> None:
    ask = loan_disbursement_pb2.DisburseLoanRequest(request_id=request_id(), loan_id=loan_id, amount=fen(amount))
    await door.call(ask)


async def repay(door: Door, loan_id: str, amount: int) -> None:
    ask = loan_payment_pb2.ReceivePaymentRequest(
        request_id=request_id(), loan_id=loan_id, amount=fen(amount), type=loan_payment_pb2.PAYMENT_TYPE_REPAYMENT
    )
    await door.call(ask)


async def owed(door: Door, loan_id: str) -> int:
    return int((await account_of(door, loan_id)).owed.principal.minor_units)


async def used(door: Door, limit_id: str) -> int:
    """What the limit has in use, after it heard what was told."""
    heard = [each.DESCRIPTOR.full_name for each in (loan_pb2.LoanRepaid, loan_pb2.LoanOwedAgain)]
    for envelope in await door.envelopes():
        if envelope.subject in heard:
            await door.deliver(envelope.message(), event_id=envelope.event_id)
    return int((await door.call(limit_pb2.GetLimitRequest(limit_id=limit_id))).limit.used.minor_units)


async def line(door: Door, tranches: servicing_pb2.TrancheConvention | None = None) -> str:
    """A line of 12,000 yuan, approved, of which half was drawn."""
    await publish(door, serviced_product(conventions(tranches=tranches or revolving())))
    loan_id = await opened(door, LINE)
    approve = loan_disbursement_pb2.ApproveLoanRequest(request_id=request_id(), loan_id=loan_id, amount=fen(LINE))
    await door.call(approve)
    await draw(door, loan_id, LINE // 2)
    return loan_id


async def test_what_was_repaid_is_drawn_again_and_no_more(door: Door) -> None:
    loan_id = await line(door)
    door.today(date(2026, 1, 15))
    await repay(door, loan_id, 400_000)
    door.today(date(2026, 1, 25))
    free = LINE - await owed(door, loan_id)
    too_much = loan_disbursement_pb2.DisburseLoanRequest(request_id=request_id(), loan_id=loan_id, amount=fen(free + 1))
    refusal = await door.refused(too_much)
    assert (refusal.reason, refusal.metadata["available"]) == ("AMOUNT_EXCEEDS_APPROVED", str(free))
    await draw(door, loan_id, free)
    forget()
    assert await owed(door, loan_id) == LINE
    plan = [one for one in (await account_of(door, loan_id)).plan if one.number > 0]
    assert sum(one.due.principal.minor_units - one.paid.principal.minor_units for one in plan) == LINE


async def test_a_line_that_is_paid_off_is_drawn_again_until_its_last_day(door: Door) -> None:
    loan_id = await line(door)
    door.today(date(2026, 1, 15))
    quote = await door.call(loan_payment_pb2.QuoteAccountPayOffRequest(loan_id=loan_id))
    await repay(door, loan_id, quote.total.minor_units)
    assert await owed(door, loan_id) == 0
    door.today(date(2026, 1, 20))
    await draw(door, loan_id, 300_000)
    assert await owed(door, loan_id) == 300_000
    door.today(date(2026, 7, 5))
    late = loan_disbursement_pb2.DisburseLoanRequest(request_id=request_id(), loan_id=loan_id, amount=fen(1_000))
    assert (await door.refused(late)).reason == "OPERATION_UNSUPPORTED"


async def test_its_limit_uses_what_is_owed_however_often_it_is_drawn(door: Door) -> None:
    loan_id = await line(door)
    loan = (await door.call(loan_pb2.GetLoanRequest(loan_id=loan_id))).loan
    await door.call(limit_pb2.CommitHoldRequest(request_id=request_id(), limit_id=loan.limit_id, hold_id=loan.hold_id))
    door.today(date(2026, 1, 15))
    await repay(door, loan_id, 400_000)
    door.today(date(2026, 1, 25))
    await draw(door, loan_id, LINE - await owed(door, loan_id))
    assert await used(door, loan.limit_id) == LINE
    await repay(door, loan_id, 300_000)
    assert await used(door, loan.limit_id) == await owed(door, loan_id)
    await draw(door, loan_id, 100_000)
    assert await used(door, loan.limit_id) == await owed(door, loan_id)


async def test_a_limit_on_what_is_outstanding_bounds_each_tranche(door: Door) -> None:
    loan_id = await line(door, revolving(outstanding_limit=fen(700_000)))
    ask = loan_disbursement_pb2.DisburseLoanRequest(request_id=request_id(), loan_id=loan_id, amount=fen(100_001))
    refusal = await door.refused(ask)
    assert (refusal.reason, refusal.metadata["available"]) == ("AMOUNT_EXCEEDS_APPROVED", "100000")
    await draw(door, loan_id, 100_000)


@pytest.mark.parametrize(
    ("changes", "second"),
    [
        ({"tranches": revolving(expected_forbidden=False)}, "tranches.expected_forbidden"),
        ({"tranches": revolving(), "recalculation": None}, "recalculation"),
        ({"tranches": revolving(), "over_applied": servicing_pb2.OverApplied(amount=fen(1))}, "over_applied"),
    ],
)
async def test_contradictions_name_both(door: Door, changes: dict[str, Any], second: str) -> None:
    ask = product_pb2.PublishProductRequest(request_id=request_id(), product=serviced_product(conventions(**changes)))
    refusal = await door.refused(ask)
    assert (refusal.metadata["first"], refusal.metadata["second"]) == ("tranches.revolving", second)


def account() -> Account:
    order = tuple(Bucket(when, part) for when in Dueness for part in PARTS)
    terms = Terms(
        currency="CNY",
        principal=LINE,
        submitted_on=START,
        expected_disbursement_on=START,
        repayment=Repayment(instalments=6),
        interest=Interest(rate=Decimal(12)),
        allocation=Allocation(waterfalls={"DEFAULT": Waterfall(order)}),
        recalculation=InterestRecalculation(),
        tranches=Tranches(maximum=100, revolving=True),
    )
    made = Account(terms)
    made.apply(do.Approve(reference="a", booked_on=START, dated=START, amount=LINE, expected_disbursement_on=START))
    made.apply(do.Disburse(reference="b", booked_on=START, dated=START, amount=LINE // 3))
    return made


@settings(max_examples=25, deadline=None)
@given(some.lists(some.tuples(some.booleans(), some.integers(1, LINE), some.integers(0, 20)), min_size=2, max_size=12))
def test_whatever_is_drawn_and_repaid_no_more_than_the_line_is_owed(moves: list[tuple[bool, int, int]]) -> None:
    made, on, drawn = account(), START, LINE // 3
    for number, (draws, amount, days) in enumerate(moves):
        on += timedelta(days=days)
        kind: Any = do.Disburse if draws else do.Pay
        before = made.outstanding().principal
        refused = False
        try:
            made.apply(kind(reference=f"m{number}", booked_on=on, dated=on, amount=amount))
        except Refusal:
            refused = True
        owed_now = made.outstanding().principal
        assert 0 <= owed_now <= LINE
        if draws and not refused:
            drawn += amount
        if refused:
            assert owed_now == before
        if draws and refused and on < date(2026, 7, 5) and not made.overpaid():
            assert amount > LINE - before
    assert drawn == sum(row.disbursed for row in made.schedule())
