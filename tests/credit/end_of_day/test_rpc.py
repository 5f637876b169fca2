"""The end of day through the door: what a close makes of loans, whatever comes in meanwhile."""

from datetime import date, timedelta

from tests.credit.closes import NIGHT, close, closed_through, go_on, rows
from tests.credit.examples import day, disbursed, fen, request_id
from zhongtai.credit.v1 import end_of_day_pb2 as v1
from zhongtai.credit.v1 import loan_day_pb2, repayment_pb2
from zhongtai.runtime.convert import date_message
from zhongtai.testing.doors import Door

FIRST = date(2026, 1, 5)


async def repay(door: Door, loan_id: str, payment_id: str, amount: int = 0) -> None:
    """Pays what is due, or an amount."""
    quote = await door.call(repayment_pb2.QuoteRepaymentRequest(loan_id=loan_id))
    money = fen(amount or quote.due.total.minor_units)
    await door.call(
        repayment_pb2.RepayLoanRequest(request_id=request_id(), loan_id=loan_id, amount=money, payment_id=payment_id)
    )


async def test_a_period_accrues_its_instalments_interest_to_the_cent(door: Door) -> None:
    loan = await disbursed(door, 1_234_567)
    recognised = 0
    for instalment in loan.instalments[:2]:
        due = date(instalment.due_date.year, instalment.due_date.month, instalment.due_date.day)
        await closed_through(door, FIRST if not recognised else last + NIGHT, due - NIGHT)
        last = due - NIGHT
        recognised += instalment.interest.minor_units
        (row,) = await rows(door, last)
        assert (row.recognised_minor, row.remainder) == (recognised, row.remainder)
        assert row.accrued_minor == instalment.interest.minor_units
    nights = await rows(door)
    assert sum(night.accrual_minor for night in nights) == recognised
    assert sum(fact.interest_accrued.minor_units for fact in await door.facts(v1.LoansClosed)) == recognised
