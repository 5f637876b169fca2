"""Late interest of loans that follow their agreed schedule, through the door."""

from datetime import date
from fractions import Fraction

import pytest

from tests.credit.examples import disbursed, fen, product_message, rate, request_id
from zhongtai.credit.v1 import late_interest_pb2, loan_pb2, product_pb2, repayment_pb2
from zhongtai.kernel.money import rounded
from zhongtai.testing.doors import Door

LATE = late_interest_pb2.LateInterest(multiple=rate("1.5"))


async def late_loan(door: Door, rule: late_interest_pb2.LateInterest = LATE) -> loan_pb2.Loan:
    """A loan of 12,000 yuan over a year at 12 % that charges late interest, first due on 5 February."""
    product = product_message(product_id="late_loan", late_interest=rule, day_count=product_pb2.DAY_COUNT_ACT_365)
    await door.call(product_pb2.PublishProductRequest(request_id=request_id(), product=product))
    return await disbursed(door, product_id="late_loan")


async def due(door: Door, loan: loan_pb2.Loan) -> repayment_pb2.RepaymentDue:
    quoted: repayment_pb2.RepaymentDue = (
        await door.call(repayment_pb2.QuoteRepaymentRequest(loan_id=loan.loan_id))
    ).due
    return quoted


async def repay(door: Door, loan: loan_pb2.Loan, amount: int, payment_id: str) -> repayment_pb2.RepayLoanResponse:
    ask = repayment_pb2.RepayLoanRequest(
        request_id=request_id(), loan_id=loan.loan_id, amount=fen(amount), payment_id=payment_id
    )
    reply: repayment_pb2.RepayLoanResponse = await door.call(ask)
    return reply


def borne(amount: int, days: int) -> int:
    """What an amount bears in days at one and a half times 12 %."""
    part = Fraction(amount) * Fraction(18, 100) * Fraction(days, 365)
    return rounded(part.numerator, part.denominator)


async def test_nothing_is_charged_until_the_due_date_has_passed(door: Door) -> None:
    loan = await late_loan(door)
    door.today(date(2026, 2, 5))
    assert not (await due(door, loan)).HasField("late_interest")
    door.today(date(2026, 2, 6))
    first = loan.instalments[0].principal.minor_units
    assert (await due(door, loan)).late_interest == fen(borne(first, 1))


async def test_it_is_met_first_reckoned_once_and_told(door: Door) -> None:
    loan = await late_loan(door)
    first = loan.instalments[0]
    door.today(date(2026, 2, 25))
    charged = borne(first.principal.minor_units, 20)
    quoted = await due(door, loan)
    assert quoted.late_interest == fen(charged)
    paid = first.interest.minor_units + 40_000
    await repay(door, loan, charged + paid, "pay_1")
    again = await due(door, loan)
    assert (again.late_interest, again.arrears.minor_units) == (fen(0), first.total.minor_units - paid)
    (told,) = await door.facts(loan_pb2.LoanRepaid)
    assert (told.late_interest, told.principal, told.interest) == (fen(charged), fen(40_000), first.interest)
    door.today(date(2026, 2, 27))
    rest = first.principal.minor_units - 40_000
    assert (await due(door, loan)).late_interest == fen(borne(rest, 2))
    await repay(door, loan, 1, "pay_2")
    assert (await due(door, loan)).late_interest == fen(borne(rest, 2) - 1)
    reply = await repay(door, loan, borne(rest, 2) - 1 + rest, "pay_3")
    assert reply.outstanding.minor_units == 1_200_000 - first.principal.minor_units
    assert not (await due(door, loan)).HasField("late_interest")


async def test_overdue_interest_bears_it_where_the_product_says_so(door: Door) -> None:
    loan = await late_loan(door, late_interest_pb2.LateInterest(multiple=rate("1.5"), on_interest=True))
    door.today(date(2026, 2, 25))
    assert (await due(door, loan)).late_interest == fen(borne(loan.instalments[0].total.minor_units, 20))


async def test_a_pay_off_holds_it_exactly(door: Door) -> None:
    loan = await late_loan(door)
    door.today(date(2026, 2, 25))
    quoted = await door.call(repayment_pb2.QuotePayOffRequest(loan_id=loan.loan_id))
    charged = borne(loan.instalments[0].principal.minor_units, 20)
    assert quoted.late_interest == fen(charged)
    assert quoted.total.minor_units == 1_200_000 + quoted.interest.minor_units + charged
    ask = repayment_pb2.PayOffLoanRequest(
        request_id=request_id(), loan_id=loan.loan_id, amount=quoted.total, payment_id="pay_all"
    )
    assert (await door.call(ask)).status == loan_pb2.LOAN_STATUS_PAID_OFF
    (told,) = await door.facts(loan_pb2.LoanRepaid)
    assert told.late_interest == fen(charged)


async def test_it_is_explained_part_by_part(door: Door) -> None:
    loan = await late_loan(door)
    ask = late_interest_pb2.ExplainLateInterestRequest(loan_id=loan.loan_id)
    door.today(date(2026, 2, 5))
    assert (await door.call(ask)).owed == fen(0)
    door.today(date(2026, 3, 10))
    told = await door.call(ask)
    first, second = (one.principal.minor_units for one in loan.instalments[:2])
    assert [(part.number, part.begin, part.bearing.minor_units, part.rate.value) for part in told.parts] == [
        (1, loan.instalments[0].due_date, first, "0.180"),
        (2, loan.instalments[1].due_date, second, "0.180"),
    ]
    assert told.owed.minor_units == pytest.approx(borne(first, 33) + borne(second, 5), abs=1)


@pytest.mark.parametrize("multiple", ["1.2", "1.6"])
async def test_in_renminbi_the_rate_is_raised_by_30_to_50_per_cent(door: Door, multiple: str) -> None:
    product = product_message(late_interest=late_interest_pb2.LateInterest(multiple=rate(multiple)))
    refusal = await door.refused(product_pb2.PublishProductRequest(request_id=request_id(), product=product))
    assert (refusal.reason, refusal.metadata["first"]) == ("CONVENTIONS_MUST_AGREE", "late_interest.multiple")
