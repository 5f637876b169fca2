"""A loan whose account closes its own days: the close ages, classifies and provides for it, and accrues nothing."""

from datetime import date

from tests.credit.closes import close, rows
from tests.credit.examples import minor_units, plant_seeds
from tests.credit.loan_account.test_ordinary import disbursed, repay
from tests.credit.serviced import publish
from zhongtai.credit.v1 import end_of_day_pb2 as v1
from zhongtai.testing.doors import Door


async def test_a_serviced_loan_is_aged_and_provided_for_and_accrues_nothing(door: Door) -> None:
    await plant_seeds(door)
    await publish(door)
    loan = await disbursed(door)
    await close(door, date(2026, 2, 4))
    (first,) = await rows(door, date(2026, 2, 4))
    assert (first.outstanding_minor, first.days_past_due) == (loan.principal.minor_units, 0)
    await close(door, date(2026, 2, 5))
    await close(door, date(2026, 2, 6))
    (late,) = await rows(door, date(2026, 2, 6))
    assert (late.days_past_due, late.category) == (1, 1)
    assert late.allowance_minor > 0
    door.today(date(2026, 2, 7))
    await door.call(repay(loan, 250_000, "pay_1"))
    await close(door, date(2026, 2, 7))
    (paid,) = await rows(door, date(2026, 2, 7))
    assert paid.outstanding_minor < late.outstanding_minor
    assert (paid.days_past_due, paid.category) == (0, 0)
    assert not minor_units(await door.facts(v1.LoansClosed), "interest_accrued")
