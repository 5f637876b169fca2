"""The reports of dates through the door: told once the closes were heard, kept byte for byte."""

from datetime import date, timedelta
from hashlib import sha256

from tests.reporting.portfolio import book
from zhongtai.credit.v1 import end_of_day_pb2 as credit_v1
from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.operations.v1 import book_day_pb2 as operations_v1
from zhongtai.reporting.v1 import portfolio_day_pb2 as v1
from zhongtai.reporting.v1 import portfolio_pb2
from zhongtai.runtime.convert import date_message, money_message
from zhongtai.testing.doors import Door

ON = date(2026, 5, 3)
DAY = date_message(ON)
HEARD = ["credit", "operations.general"]


def take(number: int, heard: list[str] | None = None) -> v1.TakePortfolioRequest:
    heard = HEARD if heard is None else heard
    return v1.TakePortfolioRequest(request_id=f"take-{number}", business_date=DAY, heard=heard)


async def told(door: Door) -> None:
    """All that happened is told on the date; the bank goes on."""
    door.today(ON)
    await book.tell(door, book.EVENTS)
    door.today(ON + timedelta(days=1))


async def closes(door: Door, book_name: str = "general") -> None:
    await door.deliver(credit_v1.EndOfDayClosed(closing_id=ON.isoformat(), business_date=DAY))
    closed = operations_v1.BOOK_DAY_STATUS_CLOSED
    await door.deliver(operations_v1.BookDayAdvanced(book=book_name, business_date=DAY, status=closed))


async def test_the_report_of_a_date_is_the_portfolio_at_its_close_and_stays(door: Door) -> None:
    await told(door)
    await closes(door)
    present = await door.call(portfolio_pb2.GetPortfolioRequest(as_of=DAY))
    preview = await door.call(v1.PreviewPortfolioRequest(business_date=DAY))
    assert (await door.call(v1.ListPortfolioDaysRequest())).portfolio_days == []
    day = (await door.call(take(1))).portfolio_day
    assert day.portfolio == present
    assert (preview.applications, list(preview.loans)) == (present.approvals_total, list(present.loans_total))
    assert day.digest == sha256(present.SerializeToString(deterministic=True)).hexdigest()
    yuan = money_message(book.yuan(1_000))
    late = loan_v1.LoanRepaid(loan_id="loan_1", principal=yuan, interest=money_message(book.yuan(0)), paid_on=DAY)
    await door.deliver(late)
    assert (await door.call(portfolio_pb2.GetPortfolioRequest(as_of=DAY))) != present
    assert (await door.call(take(2))).portfolio_day == day
    assert (await door.call(v1.GetPortfolioDayRequest(business_date=DAY))).portfolio_day == day
    (listed,) = (await door.call(v1.ListPortfolioDaysRequest())).portfolio_days
    assert (listed.digest, listed.HasField("portfolio")) == (day.digest, False)


async def test_a_report_waits_for_the_closes_and_is_refused_before_its_date_is_over(door: Door) -> None:
    await told(door)
    assert (await door.refused(take(1))).metadata["service"] == "credit"
    await closes(door, "another book")
    refusal = await door.refused(take(2))
    assert (refusal.reason, refusal.metadata["service"]) == ("CLOSE_MUST_BE_HEARD", "operations.general")
    assert (await door.refused(v1.GetPortfolioDayRequest(business_date=DAY))).reason == "PORTFOLIO_DAY_NOT_FOUND"
    await closes(door)
    assert (await door.call(take(3))).portfolio_day.business_date == DAY
    door.today(ON)
    assert (await door.refused(take(4))).reason == "PORTFOLIO_DAY_MUST_BE_OVER"
    preview = v1.PreviewPortfolioRequest(business_date=DAY)
    assert (await door.refused(preview)).reason == "PORTFOLIO_DAY_MUST_BE_OVER"
