"""Allowances through the door."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.credit.collateral.items import registered
from tests.credit.examples import day, disbursed, fen, minor_units, pending, request_id
from tests.credit.guarantee.promises import given, guarantor
from tests.credit.pledge.test_rpc import pledged
from zhongtai.credit.v1 import allowance_model_pb2 as model_v1
from zhongtai.credit.v1 import allowance_pb2 as v1
from zhongtai.credit.v1 import loan_pb2, repayment_pb2
from zhongtai.runtime.convert import date_of
from zhongtai.testing.doors import Door


def assess(loan_id: str, **facts: Any) -> v1.AssessAllowanceRequest:
    return v1.AssessAllowanceRequest(request_id=request_id(), loan_id=loan_id, facts=v1.AllowanceFacts(**facts))


def later(loan: loan_pb2.Loan, days: int) -> date:
    """So many days after the first instalment is due."""
    return date.fromordinal(date_of(loan.instalments[0].due_date).toordinal() + days)


async def test_an_allowance_follows_a_loan_and_every_movement_is_explained(door: Door) -> None:
    loan = await disbursed(door)
    first = await door.call(assess(loan.loan_id))
    assert first.allowance.position.stage == v1.IMPAIRMENT_STAGE_ONE
    assert first.allowance.allowance == first.allowance.twelve_month_loss
    assert [it.cause for it in first.movements] == [v1.MOVEMENT_CAUSE_NEW]

    door.today(later(loan, 31))
    second = await door.call(assess(loan.loan_id))
    assert second.allowance.position.stage == v1.IMPAIRMENT_STAGE_TWO
    assert list(second.allowance.reasons) == [v1.STAGE_REASON_PAST_DUE]
    assert second.allowance.allowance == second.allowance.lifetime_loss
    assert second.allowance.previous_stage == v1.IMPAIRMENT_STAGE_ONE

    door.today(later(loan, 91))
    third = await door.call(assess(loan.loan_id, grade="CCC", collateral=fen(500_000)))
    assert third.allowance.position.stage == v1.IMPAIRMENT_STAGE_THREE
    assert v1.MOVEMENT_CAUSE_CREDIT_RISK in {it.cause for it in third.movements}

    table = await door.call(
        v1.GetAllowanceMovementsRequest(
            currency_code="CNY",
            product_id="consumer_instalment",
            first_date=day(2020, 1, 1),
            last_date=day(2030, 1, 1),
        )
    )
    assert table.opening.minor_units == 0
    assert table.closing == third.allowance.allowance
    assert minor_units(table.movements, "amount") == table.closing.minor_units
    today = await door.call(v1.GetAllowanceMovementsRequest(currency_code="CNY", loan_id=loan.loan_id))
    assert (today.opening, today.closing) == (second.allowance.allowance, third.allowance.allowance)
    told = await door.facts(v1.AllowanceAssessed)
    assert [it.allowance for it in told] == [it.allowance.allowance for it in (first, second, third)]
    assert (await door.call(v1.GetAllowanceRequest(loan_id=loan.loan_id))).allowance == third.allowance


async def test_a_new_version_of_the_model_is_a_cause_of_its_own(door: Door) -> None:
    loan = await disbursed(door)
    await door.call(assess(loan.loan_id))
    model = (await door.call(model_v1.GetAllowanceModelRequest(model_id="ifrs9"))).model
    for version, parameter in ((2, model.unsecured_loss), (3, model.scenarios[0].hazard_factor)):
        model.version, parameter.value = version, "0.6"
        await door.call(model_v1.PublishAllowanceModelRequest(request_id=request_id(), model=model))
        reply = await door.call(assess(loan.loan_id))
        assert {it.cause for it in reply.movements} == {v1.MOVEMENT_CAUSE_MODEL}
        assert reply.allowance.model_version == version


async def test_pledges_and_guarantees_that_stand_cover_the_loss(door: Door) -> None:
    loan = await disbursed(door)

    async def lost_in_default(**facts: Any) -> str:
        reply = await door.call(assess(loan.loan_id, **facts))
        return str(reply.allowance.position.loss_given_default.value)

    assert Decimal(await lost_in_default()) == Decimal("0.45")
    await pledged(door, await registered(door), loan.loan_id, 600_000)
    assert Decimal(await lost_in_default()) == (Decimal("0.2") + Decimal("0.45")) / 2
    await given(door, loan.loan_id, guarantor("a"))
    assert Decimal(await lost_in_default()) == (Decimal("0.2") + Decimal("0.25")) / 2
    assert Decimal(await lost_in_default(collateral=fen(0), guarantee=fen(0))) == Decimal("0.45")


async def test_what_is_paid_off_or_written_off_needs_none(door: Door) -> None:
    paid = await disbursed(door)
    before = (await door.call(assess(paid.loan_id))).allowance.allowance.minor_units
    quote = await door.call(repayment_pb2.QuotePayOffRequest(loan_id=paid.loan_id))
    await door.call(
        repayment_pb2.PayOffLoanRequest(
            request_id=request_id(), loan_id=paid.loan_id, amount=quote.total, payment_id="pay_1"
        )
    )
    reply = await door.call(assess(paid.loan_id))
    assert reply.allowance.allowance.minor_units == 0
    assert [(it.cause, it.amount.minor_units) for it in reply.movements] == [(v1.MOVEMENT_CAUSE_REPAID, -before)]

    lost = await disbursed(door, customer_id="cus_1")
    await door.call(assess(lost.loan_id))
    gone = await door.call(assess(lost.loan_id, written_off=True))
    assert [it.cause for it in gone.movements] == [v1.MOVEMENT_CAUSE_WRITTEN_OFF]


async def test_what_cannot_be_assessed_is_refused(door: Door) -> None:
    waiting = await pending(door)
    assert (await door.refused(assess(waiting.loan_id))).reason == "LOAN_MUST_BE_ACTIVE"
    assert (await door.refused(assess("loan_none"))).reason == "LOAN_NOT_FOUND"
    assert (await door.refused(v1.GetAllowanceRequest(loan_id=waiting.loan_id))).reason == "ALLOWANCE_NOT_ASSESSED"
    loan = await disbursed(door)
    assert (await door.refused(assess(loan.loan_id, grade="Baa1"))).reason == "GRADE_NOT_IN_ALLOWANCE_MODEL"
    assert (await door.refused(assess(loan.loan_id, undrawn=fen(1, "USD")))).reason == "CURRENCY_MUST_MATCH"
    assert (await door.refused(assess(loan.loan_id, undrawn=fen(2**56)))).reason == "EXPOSURE_OUT_OF_BOUNDS"
    assert (await door.refused(assess(loan.loan_id, undrawn=fen(-1)))).kind == "Invalid"
    await door.call(assess(loan.loan_id))
    door.today(date(2025, 1, 1))
    assert (await door.refused(assess(loan.loan_id))).reason == "ASSESSMENT_MUST_NOT_PRECEDE_LATEST"
    backwards = v1.GetAllowanceMovementsRequest(
        currency_code="CNY", first_date=day(2026, 2, 1), last_date=day(2026, 1, 1)
    )
    assert (await door.refused(backwards)).reason == "DATES_MUST_BE_IN_ORDER"
