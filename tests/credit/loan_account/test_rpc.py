"""Loan accounts through the door: their life, their history, and that nothing of a change is silent."""

import asyncio
import hashlib
from collections import defaultdict
from itertools import pairwise
from typing import Any

import pytest

from tests.credit.examples import day, disbursed, fen, minor_units, rate, request_id
from tests.credit.serviced import (
    account_of,
    conventions,
    forget,
    interest_convention,
    lent,
    on,
    opened,
    publish,
    repayment_convention,
    serviced_product,
    transactions_of,
)
from zhongtai.credit.v1 import loan_account_pb2 as v1
from zhongtai.credit.v1 import (
    loan_charge_pb2,
    loan_disbursement_pb2,
    loan_exit_pb2,
    loan_payment_pb2,
    loan_pb2,
    product_pb2,
    servicing_pb2,
)
from zhongtai.testing.doors import Door


def payment(loan_id: str, amount: int, **changes: Any) -> loan_payment_pb2.ReceivePaymentRequest:
    return loan_payment_pb2.ReceivePaymentRequest(
        **{
            "request_id": request_id(),
            "loan_id": loan_id,
            "amount": fen(amount),
            "type": loan_payment_pb2.PAYMENT_TYPE_REPAYMENT,
            **changes,
        }
    )


async def test_an_application_becomes_a_loan_step_by_step(door: Door) -> None:
    await publish(door)
    loan_id = await opened(door)
    shown = await account_of(door, loan_id)
    assert shown.loan.status == loan_pb2.LOAN_STATUS_SUBMITTED
    assert (shown.loan.outstanding.minor_units, shown.operations) == (0, 0)
    assert [line.number for line in shown.plan if line.number > 0] == [1, 2, 3, 4, 5, 6]
    approve = loan_disbursement_pb2.ApproveLoanRequest(request_id="1", loan_id=loan_id, amount=fen(1_200_000))
    assert (await door.call(approve)).status == loan_pb2.LOAN_STATUS_PENDING
    disburse = loan_disbursement_pb2.DisburseLoanRequest(request_id="2", loan_id=loan_id, amount=fen(1_200_000))
    reply = await door.call(disburse)
    assert (reply.status, reply.outstanding) == (loan_pb2.LOAN_STATUS_ACTIVE, fen(1_200_000))
    assert [one.kind for one in reply.booked] == ["DISBURSEMENT"]
    shown = await account_of(door, loan_id)
    due = [line.due for line in shown.plan if line.number > 0]
    assert minor_units(due, "principal") == 1_200_000
    assert due[0].interest.minor_units == round(1_200_000 * 0.12 * 31 / 365)
    assert shown.loan.oldest_due_date == day(2026, 2, 5)
    assert shown.loan.annual_percentage_rate.value.startswith("0.12")


async def test_a_payment_goes_by_the_waterfall_and_is_posted_balanced(door: Door) -> None:
    await publish(door)
    loan_id = await lent(door)
    on(door, 2026, 2, 5)
    first = next(line for line in (await account_of(door, loan_id)).plan if line.number == 1)
    reply = await door.call(payment(loan_id, first.outstanding.minor_units))
    (booked,) = [one for one in reply.booked if one.kind == "REPAYMENT"]
    assert (booked.principal, booked.interest) == (first.due.principal, first.due.interest)
    assert (await account_of(door, loan_id)).loan.oldest_due_date == day(2026, 3, 5)
    for fact in await door.facts(v1.LoanAccountChanged):
        for posting in fact.postings:
            sides: dict[str, int] = defaultdict(int)
            for leg in posting.legs:
                sides[leg.side] += leg.amount.minor_units
            assert sides["DEBIT"] == sides["CREDIT"] > 0
    fact = (await door.facts(v1.LoanAccountChanged))[-1]
    assert fact.principal_returned == booked.principal
    assert {leg.role for posting in fact.postings for leg in posting.legs} >= {"FUND_SOURCE", "PORTFOLIO"}


async def test_a_backdated_payment_replaces_what_it_changes_and_tells_it(door: Door) -> None:
    await publish(door)
    loan_id = await lent(door)
    on(door, 2026, 2, 20)
    late = await door.call(payment(loan_id, 100_000))
    reply = await door.call(payment(loan_id, 200_000, dated=day(2026, 1, 15)))
    assert [one.transaction_id for one in reply.reverted] == [late.transaction_id]
    again = next(one for one in reply.booked if one.replayed)
    assert (again.dated, again.amount) == (day(2026, 2, 20), fen(100_000))
    told = await transactions_of(door, loan_id)
    assert late.transaction_id not in {one.transaction_id for one in told}
    (replaced,) = [one for one in await transactions_of(door, loan_id, replaced_too=True) if one.replaced]
    assert (replaced.transaction_id, replaced.reverted) == (late.transaction_id, True)
    fact = (await door.facts(v1.LoanAccountChanged))[-1]
    assert [one.transaction_id for one in fact.reverted] == [late.transaction_id]
    assert [posting.reversal for posting in fact.postings if posting.transaction_id == late.transaction_id] == [True]


async def test_what_is_replayed_from_the_store_is_what_was_in_memory(door: Door) -> None:
    await publish(door)
    kept, forgotten = await lent(door), await lent(door, 1_200_000)
    for step, amount in enumerate((90_000, 300_000, 150_000)):
        on(door, 2026, 2 + step, 7)
        for loan_id in (kept, forgotten):
            if loan_id is forgotten:
                forget()
            await door.call(payment(loan_id, amount, dated=day(2026, 2 + step, 1)))
            await door.call(v1.CloseLoanDayRequest(request_id=request_id(), loan_id=loan_id))
    one, two = await account_of(door, kept), await account_of(door, forgotten)
    assert list(one.plan) == list(two.plan)
    assert [(each.kind, each.amount, each.balance) for each in await transactions_of(door, kept)] == [
        (each.kind, each.amount, each.balance) for each in await transactions_of(door, forgotten)
    ]


async def test_the_history_tells_why_and_cannot_be_changed_unseen(door: Door) -> None:
    await publish(door)
    loan_id = await lent(door)
    on(door, 2026, 2, 5)
    await door.call(payment(loan_id, 50_000))
    told = (await door.call(v1.ListLoanOperationsRequest(loan_id=loan_id))).operations
    assert [(one.number, one.kind) for one in told] == [(1, "Approve"), (2, "Disburse"), (3, "Pay")]
    for before, after in pairwise(told):
        assert after.chain == hashlib.sha256(f"{before.chain}\n{after.content}".encode()).hexdigest()


async def test_a_refused_operation_leaves_no_trace(door: Door) -> None:
    await publish(door)
    loan_id = await lent(door)
    before, facts = await account_of(door, loan_id), len(await door.envelopes())
    future = payment(loan_id, 50_000, dated=day(2026, 1, 6))
    assert (await door.refused(future)).reason == "DATE_IN_FUTURE"
    dollars = payment(loan_id, 50_000)
    dollars.amount.currency_code = "USD"
    assert (await door.refused(dollars)).reason == "CURRENCY_MUST_MATCH"
    assert await account_of(door, loan_id) == before
    assert len(await door.envelopes()) == facts


async def test_a_payment_is_undone_and_the_same_request_acts_once(door: Door) -> None:
    await publish(door)
    loan_id = await lent(door)
    before = await account_of(door, loan_id)
    ask = payment(loan_id, 50_000)
    reply, again = await door.call(ask), await door.call(ask)
    assert reply == again
    undo = loan_payment_pb2.UndoTransactionRequest(
        request_id=request_id(), loan_id=loan_id, transaction_id=reply.transaction_id
    )
    undone = await door.call(undo)
    assert [one.transaction_id for one in undone.reverted] == [reply.transaction_id]
    assert list((await account_of(door, loan_id)).plan) == list(before.plan)
    assert (await door.refused(undo_again(undo))).reason == "TRANSACTION_NOT_REVERSIBLE"


def undo_again(undo: loan_payment_pb2.UndoTransactionRequest) -> loan_payment_pb2.UndoTransactionRequest:
    again = loan_payment_pb2.UndoTransactionRequest()
    again.CopyFrom(undo)
    again.request_id = request_id()
    return again


async def test_a_charge_is_raised_and_waived(door: Door) -> None:
    await publish(door)
    loan_id = await lent(door)
    fee = servicing_pb2.ChargeTerms(
        name="Late fee",
        time=servicing_pb2.CHARGE_TIME_SPECIFIED_DUE_DATE,
        basis=servicing_pb2.CHARGE_BASIS_FLAT,
        amount=fen(2_500),
        due_on=day(2026, 1, 20),
        penalty=True,
    )
    add = loan_charge_pb2.AddLoanChargeRequest(request_id=request_id(), loan_id=loan_id, charge=fee)
    charge_id = (await door.call(add)).charge_id
    (charge,) = (await account_of(door, loan_id)).charges
    assert (charge.charge_id, charge.outstanding, charge.penalty) == (charge_id, fen(2_500), True)
    waive = loan_charge_pb2.WaiveLoanChargeRequest(request_id=request_id(), loan_id=loan_id, charge_id=charge_id)
    await door.call(waive)
    (charge,) = (await account_of(door, loan_id)).charges
    assert (charge.waived, charge.outstanding.minor_units) == (fen(2_500), 0)


async def test_a_loan_is_paid_off_by_exactly_what_is_quoted(door: Door) -> None:
    await publish(door)
    loan_id = await lent(door)
    on(door, 2026, 3, 17)
    quote = await door.call(loan_payment_pb2.QuoteAccountPayOffRequest(loan_id=loan_id))
    wrong = loan_payment_pb2.PayOffAccountRequest(
        request_id=request_id(), loan_id=loan_id, amount=fen(quote.total.minor_units - 1)
    )
    assert (await door.refused(wrong)).reason == "ACCOUNT_PAY_OFF_MUST_BE_EXACT"
    exact = loan_payment_pb2.PayOffAccountRequest(request_id=request_id(), loan_id=loan_id, amount=quote.total)
    reply = await door.call(exact)
    assert (reply.status, reply.outstanding.minor_units) == (loan_pb2.LOAN_STATUS_PAID_OFF, 0)
    shown = await account_of(door, loan_id)
    assert not shown.overpaid.minor_units
    assert not shown.loan.HasField("oldest_due_date")


async def test_a_charge_off_and_its_undo_are_told(door: Door) -> None:
    await publish(door)
    loan_id = await lent(door)
    on(door, 2026, 4, 1)
    off = loan_exit_pb2.ChargeOffLoanRequest(request_id=request_id(), loan_id=loan_id, reason="DEATH")
    assert "CHARGE_OFF" in [one.kind for one in (await door.call(off)).booked]
    back = loan_exit_pb2.UndoChargeOffRequest(request_id=request_id(), loan_id=loan_id)
    assert "CHARGE_OFF" in [one.kind for one in (await door.call(back)).reverted]


async def test_a_loan_that_follows_its_schedule_is_not_serviced_and_its_product_opens_no_account(door: Door) -> None:
    loan = await disbursed(door)
    assert (await door.refused(payment(loan.loan_id, 1))).reason == "LOAN_MUST_BE_SERVICED"
    assert (await door.refused(payment("loan_none", 1))).reason == "LOAN_NOT_FOUND"
    ask = v1.OpenLoanAccountRequest(
        request_id=request_id(),
        customer_id="cus_1",
        product_id="consumer_instalment",
        principal=fen(1_200_000),
        account_id="acc_1",
        limit_id=loan.limit_id,
        hold_id=loan.hold_id,
    )
    assert (await door.refused(ask)).reason == "PRODUCT_MUST_BE_SERVICED"


CONTRADICTIONS: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "leap year": (
        {"interest": interest_convention(leap_year=servicing_pb2.LEAP_YEAR_FEB_29_PERIOD_ONLY)},
        ("interest.leap_year", "interest.days_in_year"),
    ),
    "balloon": (
        {"repayment": repayment_convention(balloon=fen(100))},
        ("repayment.balloon", "repayment.amortization"),
    ),
    "grace": (
        {"repayment": repayment_convention(grace_principal=6)},
        ("repayment.grace_principal", "repayment.instalments"),
    ),
    "strategy": (
        {
            "allocation": servicing_pb2.AllocationConvention(
                strategy="mifos-standard-strategy", direction=servicing_pb2.WATERFALL_DIRECTION_HORIZONTAL
            )
        },
        ("allocation.strategy", "convention"),
    ),
    "amortisation": (
        {"repayment": repayment_convention(amortization=servicing_pb2.PRINCIPAL_PLAN_EQUAL_PRINCIPAL)},
        ("amortisation", "servicing.repayment.amortization"),
    ),
    "cumulative steps": (
        {
            "convention": servicing_pb2.SERVICING_CONVENTION_CUMULATIVE,
            "repayment": repayment_convention(amortization=servicing_pb2.PRINCIPAL_PLAN_STEPS),
        },
        ("repayment.amortization", "convention"),
    ),
    "over-applied": (
        {"over_applied": servicing_pb2.OverApplied()},
        ("over_applied.percent", "over_applied.amount"),
    ),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
async def test_parameters_that_contradict_each_other_are_refused_by_name(door: Door, case: str) -> None:
    changes, (first, second) = CONTRADICTIONS[case]
    product = serviced_product(conventions(**changes))
    refusal = await door.refused(product_pb2.PublishProductRequest(request_id=request_id(), product=product))
    assert refusal.reason == "CONVENTIONS_MUST_AGREE"
    assert (refusal.metadata["first"], refusal.metadata["second"]) == (first, second)


async def test_conventions_are_told_as_they_were_published(door: Door) -> None:
    product = serviced_product(
        conventions(
            tranches=servicing_pb2.TrancheConvention(maximum=3, full_term=True, outstanding_limit=fen(5_000_000)),
            over_applied=servicing_pb2.OverApplied(percent=rate("50")),
            arrears=servicing_pb2.ArrearsConvention(
                grace_days=3, ranges=[servicing_pb2.DelinquencyRange(name="ONE", first=1, last=30)]
            ),
        )
    )
    await publish(door, product)
    reply = await door.call(product_pb2.GetProductRequest(product_id="serviced", on=day(2026, 1, 5)))
    told = reply.product
    assert told.servicing.arrears.ranges[0].last == 30
    assert told.servicing.tranches == product.servicing.tranches
    assert told.servicing.allocation == product.servicing.allocation
    assert told.servicing.recalculation == product.servicing.recalculation
    assert told.servicing.over_applied.percent.value == "50"


async def test_payments_at_once_are_all_booked_and_none_twice(door: Door) -> None:
    await publish(door)
    loan_id = await lent(door)
    asked = [payment(loan_id, 10_000 + number) for number in range(6)]
    await asyncio.gather(*(door.call(one) for one in (*asked, *asked)))
    booked = [one for one in await transactions_of(door, loan_id) if one.kind == "REPAYMENT"]
    assert sorted(one.amount.minor_units for one in booked) == [10_000 + number for number in range(6)]
    shown = await account_of(door, loan_id)
    assert shown.operations == 2 + 6
    assert shown.loan.outstanding.minor_units == 1_200_000 - sum(one.principal.minor_units for one in booked)
