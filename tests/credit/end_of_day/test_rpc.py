"""The end of day through the door: what a close makes of loans, whatever comes in meanwhile."""

import asyncio
from datetime import date

from google.type.date_pb2 import Date

from tests.credit.closes import close, closed_through, go_on, rows
from tests.credit.examples import day, disbursed, fen, minor_units, request_id
from zhongtai.credit.v1 import classification_pb2, loan_day_pb2, loan_pb2, repayment_pb2
from zhongtai.credit.v1 import end_of_day_pb2 as v1
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
    await closed_through(door, FIRST, date(2026, 2, 5))
    *nights, rolled = await rows(door)
    interest = loan.instalments[0].interest.minor_units
    assert sum(night.accrual_minor for night in nights) == nights[-1].accrued_minor == interest
    assert rolled.recognised_minor == interest + rolled.accrued_minor
    assert minor_units(await door.facts(v1.LoansClosed), "interest_accrued") == rolled.recognised_minor


async def test_a_first_close_in_the_midst_of_a_loan_catches_up(door: Door) -> None:
    await disbursed(door, 1_234_567)
    await closed_through(door, date(2026, 3, 2), date(2026, 3, 9))
    door.today(FIRST)
    await disbursed(door, 1_234_567)
    await close(door, date(2026, 3, 10))
    carried, opened = await rows(door, date(2026, 3, 10))
    assert (opened.recognised_minor, opened.remainder) == (carried.recognised_minor, carried.remainder)
    assert (opened.days_past_due, opened.allowance_minor) == (carried.days_past_due, carried.allowance_minor)
    assert opened.accrual_minor == opened.recognised_minor


async def day_of(door: Door, loan_id: str, on: date) -> loan_day_pb2.GetLoanDayResponse:
    """A loan's row as the door tells it."""
    reply: loan_day_pb2.GetLoanDayResponse = await door.call(
        loan_day_pb2.GetLoanDayRequest(loan_id=loan_id, business_date=date_message(on))
    )
    return reply


async def test_what_is_booked_after_the_day_is_seen_by_the_next_close_only(door: Door) -> None:
    loan = await disbursed(door)
    await close(door, date(2026, 2, 4))
    door.today(date(2026, 2, 6))
    begun = v1.BeginEndOfDayRequest(request_id=request_id(), business_date=day(2026, 2, 5))
    await door.call(begun)
    await repay(door, loan.loan_id, "pay_1")
    new = await disbursed(door, 500_000)
    await go_on(door, date(2026, 2, 5))
    told = await day_of(door, loan.loan_id, date(2026, 2, 5))
    assert told.day.outstanding == loan.principal, "the repayment of the 6th belongs to the 6th"
    assert told.day.days_past_due == 0
    assert (await door.refused(_asked(new.loan_id, 2026, 2, 5))).reason == "LOAN_DAY_NOT_FOUND"
    await close(door, date(2026, 2, 6))
    told = await day_of(door, loan.loan_id, date(2026, 2, 6))
    assert (told.day.outstanding, told.day.days_past_due) == (loan.instalments[1].balance, 0)
    assert (await day_of(door, new.loan_id, date(2026, 2, 6))).day.outstanding == new.principal


def _asked(loan_id: str, year: int, month: int, of_month: int) -> loan_day_pb2.GetLoanDayRequest:
    return loan_day_pb2.GetLoanDayRequest(loan_id=loan_id, business_date=day(year, month, of_month))


async def test_a_loan_that_is_not_paid_moves_and_says_why(door: Door) -> None:
    loan = await disbursed(door)
    await closed_through(door, date(2026, 2, 5), date(2026, 3, 8))
    told = await day_of(door, loan.loan_id, date(2026, 3, 8))
    assert (told.day.days_past_due, told.day.stage) == (31, 2)
    assert told.day.category == classification_pb2.RISK_CATEGORY_SPECIAL_MENTION
    assert [reason.decides for reason in told.reasons] == ["category", "category", "stage"]
    assert told.reasons[0].confirm
    moved = await door.facts(loan_day_pb2.LoanReclassified)
    assert [(fact.days_past_due, fact.category, fact.stage) for fact in moved] == [(1, 2, 1), (31, 2, 2)]
    door.today(date(2026, 3, 9))
    await repay(door, loan.loan_id, "pay_1")
    await close(door, date(2026, 3, 9))
    told = await day_of(door, loan.loan_id, date(2026, 3, 9))
    assert (told.day.days_past_due, told.day.stage, told.day.category) == (0, 2, 1), "it is cured in months"
    assert "no reason since 2026-03-09" in told.reasons[-1].rule
    assert told.day.allowance_change.minor_units < 0


async def test_a_loan_paid_off_is_closed_once_more_with_what_it_paid(door: Door) -> None:
    loan = await disbursed(door)
    await closed_through(door, date(2026, 1, 18), date(2026, 1, 19))
    door.today(date(2026, 1, 20))
    quote = await door.call(repayment_pb2.QuotePayOffRequest(loan_id=loan.loan_id))
    pay_off = repayment_pb2.PayOffLoanRequest(
        request_id=request_id(), loan_id=loan.loan_id, amount=quote.total, payment_id="pay_1"
    )
    await door.call(pay_off)
    await closed_through(door, date(2026, 1, 20), date(2026, 1, 21))
    last = (await day_of(door, loan.loan_id, date(2026, 1, 20))).day
    assert not last.HasField("period_ends_on")
    assert (last.allowance.minor_units, last.outstanding.minor_units, last.interest_accrued.minor_units) == (0, 0, 0)
    assert last.interest_recognised == quote.interest
    assert (await door.refused(_asked(loan.loan_id, 2026, 1, 21))).reason == "LOAN_DAY_NOT_FOUND"
    closed = await door.facts(v1.LoansClosed)
    assert minor_units(closed, "interest_accrued") == quote.interest.minor_units
    assert minor_units(closed, "allowance_raised") == minor_units(closed, "allowance_released") > 0


async def test_days_are_closed_in_order_when_they_are_over(door: Door) -> None:
    await disbursed(door)
    begin = v1.BeginEndOfDayRequest(request_id=request_id(), business_date=day(2026, 1, 5))
    refusal = await door.refused(begin)
    assert (refusal.reason, refusal.metadata["today"]) == ("BUSINESS_DATE_MUST_BE_OVER", "2026-01-05")
    go = v1.ContinueEndOfDayRequest(request_id=request_id(), business_date=day(2026, 1, 5))
    assert (await door.refused(go)).reason == "END_OF_DAY_NOT_FOUND"
    done = await close(door, FIRST)
    assert (done.loans, done.partitions, done.partitions_closed) == (1, 1, 1)
    door.today(date(2026, 1, 9))
    skipping = v1.BeginEndOfDayRequest(request_id=request_id(), business_date=day(2026, 1, 7))
    refusal = await door.refused(skipping)
    assert (refusal.reason, refusal.metadata["next_date"]) == ("DAYS_MUST_BE_CLOSED_IN_ORDER", "2026-01-06")
    again = v1.BeginEndOfDayRequest(request_id=request_id(), business_date=day(2026, 1, 5))
    assert (await door.call(again)).end_of_day == done
    assert await go_on(door, FIRST) == done
    assert len(await door.facts(v1.LoansClosed)) == len(await door.facts(v1.EndOfDayClosed)) == 1


async def test_a_preview_comes_to_what_the_close_then_posts_and_writes_nothing(door: Door) -> None:
    for amount in (1_234_567, 900_000):
        await disbursed(door, amount)
    loan = await disbursed(door, 500_000, term_months=3)
    await close(door, date(2026, 2, 4))
    door.today(date(2026, 2, 5))
    await repay(door, loan.loan_id, "pay_1")
    await disbursed(door, 777_777)
    door.today(date(2026, 2, 6))
    before = await door.envelopes(), await rows(door)
    figures, moves = await _previewed(door, day(2026, 2, 5))
    assert (await door.envelopes(), await rows(door)) == before
    await close(door, date(2026, 2, 5))
    found = await door.call(v1.ListEndOfDayPartitionsRequest(business_date=day(2026, 2, 5)))
    (partition,) = found.partitions
    for name in ("outstanding", "interest_accrued", "allowance", "allowance_raised", "allowance_released"):
        assert minor_units(figures, name) == getattr(partition.figures, name).minor_units, name
    assert sum(part.loans for part in figures) == partition.figures.loans == 4
    assert sum(move.loans for move in moves) == partition.figures.reclassified == 0
    begun = await door.call(v1.GetEndOfDayRequest(business_date=day(2026, 2, 5)))
    assert (await door.call(v1.ListEndsOfDayRequest())).ends_of_day[-1] == begun.end_of_day
    wrong = v1.PreviewEndOfDayRequest(business_date=day(2026, 2, 6), position="PARTITIONS:x")
    assert (await door.refused(wrong)).reason == "POSITION_UNKNOWN"


async def _previewed(door: Door, on: Date) -> tuple[list[v1.EndOfDayFigures], list[v1.EndOfDayMove]]:
    figures, moves, position = [], [], ""
    while True:
        reply = await door.call(v1.PreviewEndOfDayRequest(business_date=on, position=position))
        figures += reply.figures
        moves += reply.moves
        position = reply.next_position
        if not position:
            return figures, moves


async def test_repayments_while_a_close_runs_lose_nothing(door: Door) -> None:
    loans = [await disbursed(door, 300_000 + 1_000 * number) for number in range(12)]
    await close(door, date(2026, 2, 4))
    door.today(date(2026, 2, 6))
    await door.call(v1.BeginEndOfDayRequest(request_id=request_id(), business_date=day(2026, 2, 5)))
    paying = [repay(door, loan.loan_id, f"pay_{number}") for number, loan in enumerate(loans)]
    await asyncio.gather(go_on(door, date(2026, 2, 5)), *paying)
    owed = sum(loan.principal.minor_units for loan in loans)
    assert sum(row.outstanding_minor for row in await rows(door, date(2026, 2, 5))) == owed
    assert len(await door.facts(loan_pb2.LoanRepaid)) == len(loans)
    await close(door, date(2026, 2, 6))
    left = owed - minor_units(await door.facts(loan_pb2.LoanRepaid), "principal")
    assert sum(row.outstanding_minor for row in await rows(door, date(2026, 2, 6))) == left
    found = await door.call(loan_day_pb2.ListLoanDaysRequest(business_date=day(2026, 2, 6), partition=1))
    assert minor_units(found.days, "outstanding") == left
    normal = loan_day_pb2.ListLoanDaysRequest(
        business_date=day(2026, 2, 6), category=classification_pb2.RISK_CATEGORY_NORMAL
    )
    assert len((await door.call(normal)).days) == len(loans)


async def test_a_loan_changed_on_the_day_and_after_it_is_seen_as_it_stood_between(door: Door) -> None:
    loan = await disbursed(door)
    await close(door, date(2026, 2, 5))
    for on, payment in ((date(2026, 2, 6), "pay_1"), (date(2026, 2, 7), "pay_2")):
        door.today(on)
        await repay(door, loan.loan_id, payment, loan.instalments[0].total.minor_units)
    await close(door, date(2026, 2, 6))
    told = (await day_of(door, loan.loan_id, date(2026, 2, 6))).day
    assert (told.outstanding, told.days_past_due) == (loan.instalments[0].balance, 0)
    await close(door, date(2026, 2, 7))
    told = (await day_of(door, loan.loan_id, date(2026, 2, 7))).day
    assert told.outstanding == loan.instalments[1].balance


async def test_all_that_is_open_through_a_date_is_closed_by_asking_for_more(door: Door) -> None:
    async def through(on: date) -> int:
        calls, more = 0, True
        while more:
            request = v1.CloseThroughRequest(request_id=request_id(), through=date_message(on))
            reply = await door.call(request)
            calls, more = calls + 1, reply.more
        assert reply.end_of_day.phase == v1.END_OF_DAY_PHASE_CLOSED
        return calls

    await disbursed(door)
    door.today(date(2026, 2, 8))
    await through(date(2026, 2, 5))
    begun = v1.BeginEndOfDayRequest(request_id=request_id(), business_date=day(2026, 2, 6))
    await door.call(begun)
    await through(date(2026, 2, 7))
    closed = [fact.business_date.day for fact in await door.facts(v1.EndOfDayClosed)]
    assert closed == [5, 6, 7]
    assert await through(date(2026, 2, 6)) == 1, "what is closed is asked for once and changes nothing"
    late = v1.CloseThroughRequest(request_id=request_id(), through=day(2026, 2, 8))
    assert (await door.refused(late)).reason == "BUSINESS_DATE_MUST_BE_OVER"


async def test_what_is_booked_late_for_a_day_under_way_is_seen_by_the_next_close(door: Door) -> None:
    loan = await disbursed(door)
    await close(door, date(2026, 2, 4))
    door.today(date(2026, 2, 5))
    await repay(door, loan.loan_id, "pay_1", 100)
    door.today(date(2026, 2, 6))
    await door.call(v1.BeginEndOfDayRequest(request_id=request_id(), business_date=day(2026, 2, 5)))
    phase: int = v1.END_OF_DAY_PHASE_TAKING
    while phase == v1.END_OF_DAY_PHASE_TAKING:
        phase = await _further(door, day(2026, 2, 5))
    assert await _further(door, day(2026, 2, 5)) == v1.END_OF_DAY_PHASE_CHANGED, "the loan was looked at"
    door.today(date(2026, 2, 5))
    await repay(door, loan.loan_id, "pay_2")
    door.today(date(2026, 2, 6))
    await go_on(door, date(2026, 2, 5))
    assert (await day_of(door, loan.loan_id, date(2026, 2, 5))).day.outstanding == loan.principal
    await close(door, date(2026, 2, 6))
    assert (await day_of(door, loan.loan_id, date(2026, 2, 6))).day.outstanding == loan.instalments[0].balance


async def _further(door: Door, on: Date) -> int:
    reply = await door.call(v1.ContinueEndOfDayRequest(request_id=request_id(), business_date=on))
    return int(reply.end_of_day.phase)


async def test_two_who_go_on_at_once_close_each_partition_once(door: Door) -> None:
    for number in range(3):
        await disbursed(door, 300_000 + 1_000 * number)
    door.today(date(2026, 2, 6))
    await door.call(v1.BeginEndOfDayRequest(request_id=request_id(), business_date=day(2026, 2, 5)))
    first, second = await asyncio.gather(go_on(door, date(2026, 2, 5)), go_on(door, date(2026, 2, 5)))
    assert first == second
    assert (first.loans, first.partitions_closed) == (3, 1)
    assert len(await door.facts(v1.LoansClosed)) == len(await door.facts(v1.EndOfDayClosed)) == 1
