"""Notices of instalments through the door: once for each due date and distance, of what is not paid by then."""

from datetime import date

from tests.credit.examples import day, disbursed, fen, request_id
from zhongtai.credit.v1 import instalment_notice_pb2 as v1
from zhongtai.credit.v1 import loan_pb2, repayment_pb2
from zhongtai.testing.doors import Door

START = date(2026, 1, 5)
FEBRUARY = day(2026, 2, 5)


async def lent(door: Door) -> loan_pb2.Loan:
    """A loan whose first instalment is due on 5 February."""
    door.today(START)
    loan = await disbursed(door)
    assert loan.instalments[0].due_date == FEBRUARY
    return loan


async def noticed(door: Door, month: int, of_month: int) -> int:
    """How many notices are given after a date is over."""
    request = v1.NoticeInstalmentsRequest(request_id=request_id(), business_date=day(2026, month, of_month))
    reply = await door.call(request)
    assert reply.next_position == ""
    return int(reply.told)


async def test_three_days_before_and_one_seven_and_thirty_days_after_and_never_twice(door: Door) -> None:
    loan = await lent(door)
    told = {}
    for month, of_month in [(2, each) for each in range(1, 29)] + [(3, each) for each in range(1, 10)]:
        if count := await noticed(door, month, of_month):
            told[month, of_month] = count
            assert await noticed(door, month, of_month) == 0
    assert told == {(2, 1): 1, (2, 5): 1, (2, 11): 1, (3, 6): 1}
    (due,) = await door.facts(v1.InstalmentDue)
    first, second = loan.instalments[:2]
    assert (due.loan_id, due.customer_id, due.due_on, due.amount) == (loan.loan_id, "cus_1", FEBRUARY, first.total)
    late = await door.facts(v1.InstalmentOverdue)
    assert [each.days_past_due for each in late] == [1, 7, 30]
    assert late[0].amount == first.total
    # By 7 March the second instalment is owed as well.
    assert late[2].amount == fen(first.total.minor_units + second.total.minor_units)


async def test_who_paid_is_told_nothing(door: Door) -> None:
    loan = await lent(door)
    door.today(date(2026, 2, 5))
    paid = repayment_pb2.RepayLoanRequest(
        request_id=request_id(), loan_id=loan.loan_id, amount=loan.instalments[0].total, payment_id="pay_1"
    )
    await door.call(paid)
    assert await noticed(door, 2, 5) == 0
    assert await noticed(door, 2, 11) == 0
    assert not await door.facts(v1.InstalmentDue)
    # The next one is three days off on 2 March.
    assert await noticed(door, 3, 1) == 1
    (due,) = await door.facts(v1.InstalmentDue)
    assert (due.due_on, due.amount) == (day(2026, 3, 5), loan.instalments[1].total)
    assert not await door.facts(v1.InstalmentOverdue)
