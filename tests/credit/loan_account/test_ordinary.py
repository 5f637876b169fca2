"""A serviced loan by the RPCs of every loan: a product composed of them lends under any conventions."""

from contextlib import suppress
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from tests.credit.examples import day, fen, granted, held, minor_units, open_loan_request, rate, request_id
from tests.credit.serviced import conventions, publish, repayment_convention, serviced_product, transactions_of
from zhongtai.credit.v1 import limit_pb2, loan_payment_pb2, loan_pb2, product_pb2, repayment_pb2, servicing_pb2
from zhongtai.kernel.refusals import Refusal
from zhongtai.testing.doors import Door

START = date(2026, 1, 5)


async def opened(door: Door, amount: int = 1_200_000) -> loan_pb2.Loan:
    """A loan of the serviced product, opened as any loan is."""
    door.today(START)
    limit_id = await granted(door)
    hold_id = await held(door, limit_id, amount)
    ask = open_loan_request(limit_id, hold_id, amount, product_id="serviced", term_months=6)
    loan: loan_pb2.Loan = (await door.call(ask)).loan
    return loan


async def disbursed(door: Door, amount: int = 1_200_000) -> loan_pb2.Loan:
    """The same, disbursed, its hold committed."""
    loan = await opened(door, amount)
    for request in (
        limit_pb2.CommitHoldRequest(request_id=request_id(), limit_id=loan.limit_id, hold_id=loan.hold_id),
        loan_pb2.ConfirmDisbursementRequest(request_id=request_id(), loan_id=loan.loan_id, payment_id="pay_out"),
    ):
        await door.call(request)
    return loan


def repay(loan: loan_pb2.Loan, amount: int, payment_id: str) -> repayment_pb2.RepayLoanRequest:
    return repayment_pb2.RepayLoanRequest(
        request_id=request_id(), loan_id=loan.loan_id, amount=fen(amount), payment_id=payment_id
    )


async def used(door: Door, loan: loan_pb2.Loan) -> int:
    """What the limit has in use, after it heard what it did not yet hear."""
    heard = [kind.DESCRIPTOR.full_name for kind in (loan_pb2.LoanRepaid, loan_pb2.LoanOwedAgain)]
    for envelope in await door.envelopes():
        if envelope.subject in heard:
            await door.deliver(envelope.message(), event_id=envelope.event_id)
    reply = await door.call(limit_pb2.GetLimitRequest(limit_id=loan.limit_id))
    return int(reply.limit.used.minor_units)


async def test_a_quote_is_what_the_loan_then_costs(door: Door) -> None:
    await publish(door)
    door.today(START)
    ask = loan_pb2.QuoteLoanRequest(product_id="serviced", amount=fen(1_200_000), term_months=6)
    quote = await door.call(ask)
    loan = await opened(door)
    assert loan.status == loan_pb2.LOAN_STATUS_PENDING
    assert [(one.due_date, one.total) for one in quote.instalments] == [
        (one.due_date, one.total) for one in loan.instalments
    ]
    assert quote.total_interest.minor_units == minor_units(loan.instalments, "interest")
    assert quote.annual_percentage_rate == loan.annual_percentage_rate


async def test_the_life_of_a_loan_is_that_of_every_loan(door: Door) -> None:
    await publish(door)
    loan = await disbursed(door)
    confirm = loan_pb2.ConfirmDisbursementRequest(request_id=request_id(), loan_id=loan.loan_id, payment_id="pay_out")
    assert (await door.call(confirm)).status == loan_pb2.LOAN_STATUS_ACTIVE
    (told,) = await door.facts(loan_pb2.LoanDisbursed)
    assert (told.serviced, told.principal, told.payment_id) == (True, loan.principal, "pay_out")
    outstanding = 1_200_000
    for number in range(1, 7):
        door.today(date(2026, 1 + number, 5))
        quote = await door.call(repayment_pb2.QuoteRepaymentRequest(loan_id=loan.loan_id))
        assert quote.next_due_date == day(2026, 1 + number, 5)
        assert not quote.due.arrears.minor_units
        ask = repay(loan, quote.due.total.minor_units, f"pay_{number}")
        reply = await door.call(ask)
        assert (reply.principal, reply.interest) == (quote.due.principal, quote.due.interest)
        outstanding -= reply.principal.minor_units
        assert await used(door, loan) == outstanding == reply.outstanding.minor_units
    assert (outstanding, reply.status) == (0, loan_pb2.LOAN_STATUS_PAID_OFF)
    assert len(await door.facts(loan_pb2.LoanPaidOff)) == 1
    assert {fact.serviced for fact in await door.facts(loan_pb2.LoanRepaid)} == {True}


async def test_a_payment_is_booked_once_and_more_than_is_due_is_taken_in_advance(door: Door) -> None:
    await publish(door)
    loan = await disbursed(door)
    door.today(date(2026, 2, 5))
    due = (await door.call(repayment_pb2.QuoteRepaymentRequest(loan_id=loan.loan_id))).due.total.minor_units
    reply = await door.call(repay(loan, due + 100_000, "pay_1"))
    assert await door.call(repay(loan, due + 100_000, "pay_1")) == reply
    assert reply.principal.minor_units + reply.interest.minor_units == due + 100_000
    assert (await door.refused(repay(loan, due, "pay_1"))).reason == "PAYMENT_ALREADY_APPLIED"
    kept = (await door.call(loan_pb2.GetLoanRequest(loan_id=loan.loan_id))).loan
    assert (kept.serviced, kept.outstanding) == (True, reply.outstanding)


def undo(loan: loan_pb2.Loan, transaction_id: str) -> loan_payment_pb2.UndoTransactionRequest:
    return loan_payment_pb2.UndoTransactionRequest(
        request_id=request_id(), loan_id=loan.loan_id, transaction_id=transaction_id
    )


async def owed(door: Door, loan: loan_pb2.Loan) -> int:
    return int((await door.call(loan_pb2.GetLoanRequest(loan_id=loan.loan_id))).loan.outstanding.minor_units)


async def test_a_payment_that_is_undone_uses_the_limit_again(door: Door) -> None:
    await publish(door)
    loan = await disbursed(door)
    door.today(date(2026, 2, 5))
    for payment_id in ("pay_1", "pay_2"):
        reply = await door.call(repay(loan, 300_000, payment_id))
        assert await used(door, loan) == reply.outstanding.minor_units
        (booked,) = [one for one in await transactions_of(door, loan.loan_id) if not one.reverted][1:]
        if payment_id == "pay_1":
            await door.call(undo(loan, booked.transaction_id))
            assert await used(door, loan) == 1_200_000
    (again,) = await door.facts(loan_pb2.LoanOwedAgain)
    assert minor_units(await door.facts(loan_pb2.LoanRepaid), "principal") == 2 * again.principal.minor_units
    (hold,) = (await door.call(limit_pb2.ListHoldsRequest(limit_id=loan.limit_id))).holds
    assert hold.restored == again.principal


async def test_what_is_owed_again_counts_whether_there_is_room_or_not(door: Door) -> None:
    await publish(door)
    loan = await disbursed(door)
    door.today(date(2026, 2, 5))
    reply = await door.call(repay(loan, 300_000, "pay_1"))
    await used(door, loan)
    lowered = limit_pb2.ReduceLimitRequest(
        request_id=request_id(), limit_id=loan.limit_id, amount=fen(reply.outstanding.minor_units)
    )
    await door.call(lowered)
    (payment,) = [one for one in await transactions_of(door, loan.loan_id) if _stands(one)]
    await door.call(undo(loan, payment.transaction_id))
    assert await used(door, loan) == 1_200_000
    limit = (await door.call(limit_pb2.GetLimitRequest(limit_id=loan.limit_id))).limit
    assert (limit.granted.minor_units, limit.available.minor_units) == (1_200_000, 0)
    hold = limit_pb2.HoldLimitRequest(request_id=request_id(), limit_id=loan.limit_id, amount=fen(1))
    assert (await door.refused(hold)).reason == "LIMIT_EXHAUSTED"


@pytest.mark.parametrize("seed", range(3))
async def test_limits_use_what_loans_owe_however_payments_come_and_go(door: Door, seed: int) -> None:
    await publish(door)
    chance, loan = Random(seed), await disbursed(door)
    for number in range(1, 13):
        door.today(date(2026, 1, 6) + timedelta(days=9 * number))
        payments = [one for one in await transactions_of(door, loan.loan_id) if _stands(one)]
        way = chance.random()
        if payments and way < 0.3:
            await answered(door, undo(loan, chance.choice(payments).transaction_id))
        elif payments and way < 0.5:
            chosen = chance.choice(payments)
            charge_back = loan_payment_pb2.ChargeBackPaymentRequest(
                request_id=request_id(),
                loan_id=loan.loan_id,
                of_transaction_id=chosen.transaction_id,
                amount=fen(chance.randint(1, chosen.amount.minor_units)),
            )
            await answered(door, charge_back)
        else:
            await answered(door, repay(loan, chance.randint(1, 400_000), f"pay_{number}"))
        assert await used(door, loan) == await owed(door, loan)


def _stands(one: Any) -> bool:
    return bool(one.kind == "REPAYMENT" and not one.reverted)


async def answered(door: Door, request: Any) -> None:
    """Asks; what is refused leaves everything as it was."""
    with suppress(Refusal):
        await door.call(request)


async def test_it_is_paid_off_by_the_figure_of_the_day(door: Door) -> None:
    await publish(door)
    loan = await disbursed(door)
    door.today(date(2026, 2, 20))
    quote = await door.call(repayment_pb2.QuotePayOffRequest(loan_id=loan.loan_id))
    assert quote.principal == loan.principal
    ask = {"request_id": request_id(), "loan_id": loan.loan_id, "payment_id": "pay_last"}
    wrong = repayment_pb2.PayOffLoanRequest(**ask, amount=fen(quote.total.minor_units + 1))
    assert (await door.refused(wrong)).reason == "PAY_OFF_MUST_BE_EXACT"
    reply = await door.call(repayment_pb2.PayOffLoanRequest(**{**ask, "request_id": "x"}, amount=quote.total))
    assert (reply.status, reply.outstanding.minor_units) == (loan_pb2.LOAN_STATUS_PAID_OFF, 0)


async def test_it_is_cancelled_before_its_money_left_alone(door: Door) -> None:
    await publish(door)
    loan = await opened(door)
    for _ in range(2):
        cancel = loan_pb2.CancelLoanRequest(request_id=request_id(), loan_id=loan.loan_id)
        assert (await door.call(cancel)).status == loan_pb2.LOAN_STATUS_CANCELLED
    assert len(await door.facts(loan_pb2.LoanCancelled)) == 1
    other = await disbursed(door)
    late = loan_pb2.CancelLoanRequest(request_id=request_id(), loan_id=other.loan_id)
    assert (await door.refused(late)).reason == "LOAN_ALREADY_DISBURSED"


async def test_a_term_is_a_whole_number_of_periods(door: Door) -> None:
    quarterly = conventions(repayment=repayment_convention(every=3))
    await publish(door, serviced_product(quarterly))
    door.today(START)
    ask = loan_pb2.QuoteLoanRequest(product_id="serviced", amount=fen(1_200_000), term_months=7)
    assert (await door.refused(ask)).reason == "TERM_MUST_BE_WHOLE_PERIODS"
    ask.term_months = 6
    assert [one.number for one in (await door.call(ask)).instalments] == [1, 2]


PLANS: dict[str, tuple[dict[str, Any], product_pb2.Amortisation, list[int]]] = {
    "equal principal": (
        {"amortization": servicing_pb2.PRINCIPAL_PLAN_EQUAL_PRINCIPAL},
        product_pb2.AMORTISATION_EQUAL_PRINCIPAL,
        [200_000] * 6,
    ),
    "bullet": (
        {"amortization": servicing_pb2.PRINCIPAL_PLAN_BULLET},
        product_pb2.AMORTISATION_BULLET,
        [0] * 5 + [1_200_000],
    ),
    "balloon": (
        {"amortization": servicing_pb2.PRINCIPAL_PLAN_BALLOON, "balloon": fen(400_000)},
        product_pb2.AMORTISATION_EQUAL_INSTALMENT,
        [129_725, 132_103, 132_393, 134_008, 135_108, 536_663],
    ),
    "steps": (
        {
            "amortization": servicing_pb2.PRINCIPAL_PLAN_STEPS,
            "steps": [servicing_pb2.PrincipalStep(first=4, factor=rate("1.2"))],
        },
        product_pb2.AMORTISATION_EQUAL_INSTALMENT,
        [176_190, 178_995, 179_810, 219_545, 221_564, 223_896],
    ),
    "interest only at first": (
        {"amortization": servicing_pb2.PRINCIPAL_PLAN_INTEREST_ONLY_THEN_EQUAL_INSTALMENTS, "interest_only": 2},
        product_pb2.AMORTISATION_EQUAL_INSTALMENT,
        [0, 0, 295_353, 298_660, 301_407, 304_580],
    ),
    "whole hundreds of yuan": (
        {"multiples_of": 10_000},
        product_pb2.AMORTISATION_EQUAL_INSTALMENT,
        [197_770, 200_774, 201_832, 204_086, 205_969, 189_569],
    ),
}


@pytest.mark.parametrize("plan", PLANS)
async def test_how_the_principal_comes_back_is_a_parameter(door: Door, plan: str) -> None:
    changes, amortisation, principal = PLANS[plan]
    await publish(
        door, serviced_product(conventions(repayment=repayment_convention(**changes)), amortisation=amortisation)
    )
    door.today(START)
    ask = loan_pb2.QuoteLoanRequest(product_id="serviced", amount=fen(1_200_000), term_months=6)
    quote = await door.call(ask)
    assert [one.principal.minor_units for one in quote.instalments] == principal
    assert sum(principal) == 1_200_000
    # The first period has 31 days of 365 on all that was lent.
    assert quote.instalments[0].interest.minor_units == 12_230
