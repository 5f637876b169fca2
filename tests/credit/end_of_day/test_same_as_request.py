"""A close gives each loan what the single request gives it on the same day: category, stage, allowance."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from tests.credit.classification.test_rpc import classify
from tests.credit.closes import closed_through
from tests.credit.collateral.items import registered
from tests.credit.examples import cny, day, disbursed, fen, minor_units, plant_seeds, rate, request_id
from tests.credit.guarantee.promises import given as guaranteed
from tests.credit.guarantee.promises import guarantor
from tests.credit.loan_risk.test_rpc import known, lift, place
from tests.credit.pledge.test_rpc import pledged
from tests.credit.serviced import START, lent, publish
from zhongtai.credit.allowance_movement.domain import used
from zhongtai.credit.v1 import (
    allowance_pb2,
    end_of_day_pb2,
    loan_account_pb2,
    loan_day_pb2,
    loan_exit_pb2,
    loan_pb2,
    rating_pb2,
    repayment_pb2,
)
from zhongtai.credit.v1 import loan_risk_pb2 as v1
from zhongtai.runtime.convert import date_message, date_of
from zhongtai.testing.doors import Door

KINDS = v1.RiskFlagKind.values()[1:]
EVENTS = ("flag", "flag", "lift", "pledge", "guarantee", "rate", "pay", "nothing")
NIGHT = timedelta(days=1)


def flag(loan_id: str, kind: int) -> v1.PlaceRiskFlagRequest:
    """A flag that says all its kind asks for."""
    more: dict[int, dict[str, Any]] = {
        v1.RISK_FLAG_KIND_CREDIT_IMPAIRED: {"evidence": v1.IMPAIRMENT_EVIDENCE_CONCESSION},
        v1.RISK_FLAG_KIND_OVERDUE_ELSEWHERE: {"share": rate("0.3")},
        v1.RISK_FLAG_KIND_PURCHASED_IMPAIRED: {"amount": fen(1_234)},
    }
    return place(loan_id, kind, **more.get(kind, {}))


async def happens(door: Door, loan: loan_pb2.Loan, what: str, kind: int) -> None:
    """One thing that changes what is known of a loan."""
    match what:
        case "flag" if not [it for it in await flags(door, loan) if it.kind == kind]:
            await door.call(flag(loan.loan_id, kind))
        case "lift":
            for it in (it for it in await flags(door, loan) if it.kind != v1.RISK_FLAG_KIND_PURCHASED_IMPAIRED):
                await door.call(lift(loan.loan_id, it.flag_id))
        case "pledge":
            await pledged(door, await registered(door, title_number=request_id()), loan.loan_id, 300_000)
        case "guarantee":
            until = date_message(date_of(loan.maturity_date))
            await guaranteed(door, loan.loan_id, guarantor("g", cap=200_000), valid_until=until)
        case "rate":
            chance = rate(("0.002", "0.03", "0.2")[kind % 3])
            request = rating_pb2.AssignRatingRequest(
                request_id=request_id(), customer_id=loan.customer_id, probability_of_default=chance
            )
            await door.call(request)
        case "pay":
            due = (await door.call(repayment_pb2.QuoteRepaymentRequest(loan_id=loan.loan_id))).due.total
            if due.minor_units:
                paid = {"request_id": request_id(), "loan_id": loan.loan_id, "payment_id": request_id()}
                await door.call(repayment_pb2.RepayLoanRequest(amount=due, **paid))


async def flags(door: Door, loan: loan_pb2.Loan) -> list[v1.RiskFlag]:
    """The flags that stand on a loan."""
    return list((await known(door, loan.loan_id)).flags)


def assessing(loan_id: str) -> allowance_pb2.AssessAllowanceRequest:
    """Asks to assess a loan by what is kept of it."""
    return allowance_pb2.AssessAllowanceRequest(request_id=request_id(), loan_id=loan_id)


@pytest.mark.parametrize("seed", range(3))
async def test_a_close_and_a_request_agree(door: Door, seed: int) -> None:
    chance, today = Random(seed), date(2026, 1, 5)
    door.today(today)
    loans = [await disbursed(door, 300_000) for _ in range(3)]
    for _ in range(3):
        later = today + timedelta(days=chance.randrange(45))
        await closed_through(door, today, later - NIGHT)
        today = later
        door.today(today)
        for loan in loans:
            for _ in range(2):
                await happens(door, loan, chance.choice(EVENTS), chance.choice(KINDS))
        asked = {}
        for loan in (loan for loan in loans if chance.random() < 0.5):
            asked[loan.loan_id] = (await door.call(assessing(loan.loan_id))).allowance.allowance
        before = {loan.loan_id: await known(door, loan.loan_id) for loan in loans}
        classified = {loan.loan_id: (await door.call(classify(loan.loan_id))).category for loan in loans}
        await closed_through(door, today, today)
        for loan_id, risk in before.items():
            row = await closed(door, loan_id, today)
            assert (row.category, row.stage) == (risk.category, risk.stage), risk
            assert row.category == classified[loan_id]
            assert (await known(door, loan_id)).carried == row.allowance
            assert row.allowance == asked.get(loan_id, row.allowance)
        today += NIGHT


async def closed(door: Door, loan_id: str, on: date) -> loan_day_pb2.LoanDay:
    """The row of a loan that a close made."""
    request = loan_day_pb2.GetLoanDayRequest(loan_id=loan_id, business_date=date_message(on))
    reply: loan_day_pb2.GetLoanDayResponse = await door.call(request)
    return reply.day


async def in_ledger(door: Door) -> int:
    """What the ledger's account of allowances has by all that was told to it."""
    closes = await door.facts(end_of_day_pb2.LoansClosed)
    assessed = await door.facts(allowance_pb2.AllowanceAssessed)
    legs = [
        (leg.role, leg.side, cny(leg.amount.minor_units))
        for event in await door.facts(loan_account_pb2.LoanAccountChanged)
        for posting in event.postings
        for leg in posting.legs
    ]
    return int(
        sum(it.allowance_raised.minor_units - it.allowance_released.minor_units for it in closes)
        + sum(it.raised.minor_units - it.released.minor_units for it in assessed)
        + sum(it.amount.minor_units for it in used(legs))
    )


async def explained(door: Door, loan_id: str, first: date) -> allowance_pb2.GetAllowanceMovementsResponse:
    """Why allowances moved from a day on."""
    request = allowance_pb2.GetAllowanceMovementsRequest(
        currency_code="CNY", loan_id=loan_id, first_date=date_message(first), last_date=day(2030, 1, 1)
    )
    reply: allowance_pb2.GetAllowanceMovementsResponse = await door.call(request)
    return reply


async def test_the_ledger_has_what_is_carried_whoever_moved_it(door: Door) -> None:
    today = START
    door.today(today)
    await plant_seeds(door)
    await publish(door)
    serviced, other = await lent(door), (await disbursed(door)).loan_id

    async def agrees() -> int:
        amounts = [(await known(door, loan_id)).carried.minor_units for loan_id in (serviced, other)]
        assert await in_ledger(door) == sum(amounts)
        for loan_id, amount in zip(("", serviced, other), (sum(amounts), *amounts), strict=True):
            for first in (START, today):
                table = await explained(door, loan_id, first)
                assert table.closing.minor_units == amount
                assert table.opening.minor_units + minor_units(table.movements, "amount") == amount
        return int(sum(amounts))

    async def close() -> None:
        nonlocal today
        await closed_through(door, today, today)
        today += NIGHT
        await agrees()

    await door.call(assessing(serviced))
    first = await agrees()
    await close()
    assert await agrees() > first, "the close provides for the other loan as well"
    watched = await door.call(flag(other, v1.RISK_FLAG_KIND_WATCH_LIST))
    await door.call(assessing(other))
    await agrees()
    await close()
    await door.call(loan_exit_pb2.WriteOffLoanRequest(request_id=request_id(), loan_id=serviced))
    assert await agrees() < 0, "the loss took more than was set aside"
    causes = {it.cause for it in (await explained(door, "", START)).movements}
    assert {allowance_pb2.MOVEMENT_CAUSE_NEW, allowance_pb2.MOVEMENT_CAUSE_WRITTEN_OFF} < causes
    await close()
    assert (await known(door, serviced)).carried.minor_units == 0
    await door.call(loan_exit_pb2.UndoWriteOffRequest(request_id=request_id(), loan_id=serviced))
    await agrees()
    await close()
    await door.call(lift(other, watched.flag_id))
    await close()
    assert (await known(door, serviced)).carried.minor_units > 0
