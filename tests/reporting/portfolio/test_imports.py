"""Loans that were taken over count from the day they were, with what was outstanding and in arrears of them."""

from datetime import date

from tests.asset_liability.position.test_imports import taken_over, told
from tests.reporting.portfolio.test_events import portfolio
from zhongtai.testing.doors import Door


async def test_the_portfolio_counts_what_came_over(door: Door) -> None:
    door.today(date(2026, 3, 10))
    event = told(taken_over("loan_1", "lim_1", 1_000, grade="A"), taken_over("loan_2", "lim_1", 500, grade="A"))
    for _ in range(2):
        await door.deliver(event, event_id="imported")
    reply = await portfolio(door, date(2026, 3, 10))
    (line,) = reply.loans
    assert (line.loans_disbursed.value, line.principal_outstanding.value.minor_units) == (2, 1_500)
    # Due on 2 March and not paid: the first instalments, 700 + 30 and 200 + 30.
    assert (line.loans_in_arrears.value, line.arrears.value.minor_units) == (2, 960)
