"""Repayments through the door, and what the limit of the loan hears of them."""

import asyncio
from datetime import date

from tests.credit.examples import day, disbursed, fen, minor_units, pending, request_id
from zhongtai.credit.v1 import limit_pb2, loan_pb2
from zhongtai.credit.v1 import repayment_pb2 as v1
from zhongtai.testing.doors import Door


def repay(loan: loan_pb2.Loan, amount: int, payment_id: str) -> v1.RepayLoanRequest:
    return v1.RepayLoanRequest(request_id=request_id(), loan_id=loan.loan_id, amount=fen(amount), payment_id=payment_id)


def pay_off(loan: loan_pb2.Loan, amount: int, payment_id: str = "pay_last") -> v1.PayOffLoanRequest:
    return v1.PayOffLoanRequest(
        request_id=request_id(), loan_id=loan.loan_id, amount=fen(amount), payment_id=payment_id
    )


async def hear(door: Door) -> None:
    """Hands every LoanRepaid back to the service, as the bus does; twice, as the bus may."""
    for _ in range(2):
        for envelope in await door.envelopes():
            if envelope.subject == loan_pb2.LoanRepaid.DESCRIPTOR.full_name:
                await door.deliver(envelope.message(), event_id=envelope.event_id)


async def used(door: Door, loan: loan_pb2.Loan) -> int:
    reply = await door.call(limit_pb2.GetLimitRequest(limit_id=loan.limit_id))
    return int(reply.limit.used.minor_units)


async def test_what_is_quoted_is_what_is_taken(door: Door) -> None:
    loan = await disbursed(door)
    door.today(date(2026, 2, 5))
    quote = await door.call(v1.QuoteRepaymentRequest(loan_id=loan.loan_id))
    assert (quote.account_id, quote.outstanding, quote.next_due_date) == ("acc_1", loan.principal, day(2026, 2, 5))
    reply = await door.call(repay(loan, quote.due.total.minor_units, "pay_1"))
    assert (reply.principal, reply.interest) == (quote.due.principal, quote.due.interest)
    assert reply.outstanding == loan.instalments[0].balance
    kept = (await door.call(loan_pb2.GetLoanRequest(loan_id=loan.loan_id))).loan
    assert kept.outstanding == reply.outstanding
    assert kept.instalments[0].principal_paid == kept.instalments[0].principal
    assert kept.instalments[1].principal_paid.minor_units == 0
    assert not (await door.call(v1.QuoteRepaymentRequest(loan_id=loan.loan_id))).due.total.minor_units
    on = v1.QuoteRepaymentRequest(loan_id=loan.loan_id, on=day(2026, 3, 6))
    assert (await door.call(on)).due.arrears == loan.instalments[1].total


async def test_more_than_is_due_is_refused_and_leaves_no_trace(door: Door) -> None:
    loan = await disbursed(door)
    due = loan.instalments[0].total.minor_units
    refusal = await door.refused(repay(loan, due + 1, "pay_1"))
    assert refusal.reason == "REPAYMENT_MUST_NOT_EXCEED_DUE"
    assert refusal.metadata["due"] == f"CNY {due / 100:,.2f}"
    assert not await door.facts(loan_pb2.LoanRepaid)
    assert (await door.refused(repay(loan, 0, "pay_1"))).kind == "Invalid"


async def test_the_same_payment_is_applied_once_whoever_asks(door: Door) -> None:
    loan = await disbursed(door)
    replies = await asyncio.gather(*(door.call(repay(loan, 10_000, "pay_1")) for _ in range(4)))
    assert len({reply.SerializeToString(deterministic=True) for reply in replies}) == 1
    (fact,) = await door.facts(loan_pb2.LoanRepaid)
    assert (fact.payment_id, fact.paid_on, fact.interest.minor_units) == ("pay_1", day(2026, 1, 5), 10_000)
    refusal = await door.refused(repay(loan, 9_999, "pay_1"))
    assert (refusal.reason, refusal.kind) == ("PAYMENT_ALREADY_APPLIED", "Taken")


async def test_a_pending_loan_is_not_repaid(door: Door) -> None:
    loan = await pending(door)
    assert (await door.refused(repay(loan, 1, "pay_1"))).reason == "LOAN_MUST_BE_ACTIVE"
    quote = v1.QuotePayOffRequest(loan_id=loan.loan_id)
    assert (await door.refused(quote)).reason == "LOAN_MUST_BE_ACTIVE"
    assert (await door.refused(v1.QuotePayOffRequest(loan_id="loan_x"))).reason == "LOAN_NOT_FOUND"


async def test_a_loan_is_paid_off_by_the_figure_of_the_day(door: Door) -> None:
    loan = await disbursed(door)
    quote = v1.QuotePayOffRequest(loan_id=loan.loan_id, on=day(2026, 1, 20))
    exact = await door.call(quote)
    refusal = await door.refused(pay_off(loan, exact.total.minor_units))
    assert refusal.reason == "PAY_OFF_MUST_BE_EXACT"
    door.today(date(2026, 1, 20))
    for _ in range(2):
        reply = await door.call(pay_off(loan, exact.total.minor_units))
        assert (reply.principal, reply.interest) == (loan.principal, exact.interest)
        assert (reply.outstanding.minor_units, reply.status) == (0, loan_pb2.LOAN_STATUS_PAID_OFF)
    repaid, paid = loan_pb2.LoanRepaid.DESCRIPTOR.full_name, loan_pb2.LoanPaidOff.DESCRIPTOR.full_name
    told = [envelope.subject for envelope in await door.envelopes() if envelope.subject in (repaid, paid)]
    assert told == [repaid, paid]
    early = v1.QuotePayOffRequest(loan_id=(await disbursed_again(door)).loan_id, on=day(2026, 1, 1))
    assert (await door.refused(early)).reason == "PAY_OFF_MUST_NOT_PRECEDE_START"


async def disbursed_again(door: Door) -> loan_pb2.Loan:
    return await disbursed(door, 900_000)


async def test_limits_used_is_loan_principal_outstanding(door: Door) -> None:
    loan = await disbursed(door, term_months=3)
    assert await used(door, loan) == loan.principal.minor_units
    outstanding = loan.principal.minor_units
    for instalment in loan.instalments:
        door.today(date(instalment.due_date.year, instalment.due_date.month, instalment.due_date.day))
        reply = await door.call(repay(loan, instalment.total.minor_units, f"pay_{instalment.number}"))
        outstanding -= reply.principal.minor_units
        assert reply.outstanding.minor_units == outstanding
        await hear(door)
        assert await used(door, loan) == outstanding
    assert (outstanding, reply.status) == (0, loan_pb2.LOAN_STATUS_PAID_OFF)
    assert minor_units(await door.facts(limit_pb2.LimitRestored), "amount") == loan.principal.minor_units
    assert len(await door.facts(loan_pb2.LoanPaidOff)) == 1
