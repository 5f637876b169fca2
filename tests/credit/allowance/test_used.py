"""What losses and recoveries of an account do to the allowance that is carried, as the ledger books it."""

from decimal import Decimal
from importlib.resources import files
from json import loads

from tests.credit.examples import cny, fen, plant_seeds, request_id
from tests.credit.serviced import conventions, lent, opened, publish, serviced_product
from zhongtai.credit.allowance_movement.domain import ROLES_OF_ALLOWANCE, AllowanceMovement, MovementCause, used
from zhongtai.credit.v1 import allowance_model_pb2 as model_v1
from zhongtai.credit.v1 import allowance_pb2 as v1
from zhongtai.credit.v1 import loan_account_pb2, loan_disbursement_pb2, loan_exit_pb2, servicing_pb2
from zhongtai.testing.doors import Door


def test_the_roles_of_the_allowance_are_those_the_ledger_plays_with_it() -> None:
    roles = loads((files("zhongtai.operations.ledger") / "loan_roles.json").read_text())
    assert {it["role"] for it in roles if it["account_code"] == "1304"} == ROLES_OF_ALLOWANCE


def test_losses_take_it_and_recoveries_fill_it() -> None:
    legs = [("WRITTEN_OFF", "DEBIT", cny(70)), ("PORTFOLIO", "CREDIT", cny(70)), ("RECOVERY_INCOME", "CREDIT", cny(9))]
    assert used(legs) == [
        AllowanceMovement(MovementCause.WRITTEN_OFF, cny(-70)),
        AllowanceMovement(MovementCause.RECOVERED, cny(9)),
    ]
    undone = [("WRITTEN_OFF", "DEBIT", cny(70)), ("WRITTEN_OFF", "CREDIT", cny(70))]
    assert used(undone) == []


async def ledgers(door: Door, loan_id: str) -> int:
    """What the account of allowances has of a loan by all that was told of it, as the ledger posts it."""
    assessed = sum(it.raised.minor_units - it.released.minor_units for it in await door.facts(v1.AllowanceAssessed))
    legs = [
        (leg.role, leg.side, cny(leg.amount.minor_units))
        for event in await door.facts(loan_account_pb2.LoanAccountChanged)
        for posting in event.postings
        for leg in posting.legs
    ]
    return int(assessed + sum(it.amount.minor_units for it in used(legs)))


async def carried(door: Door, loan_id: str) -> int:
    """The allowance by its table of movements."""
    table = await door.call(v1.GetAllowanceMovementsRequest(currency_code="CNY", loan_id=loan_id))
    return int(table.closing.minor_units)


async def test_what_is_carried_is_what_the_ledger_has_through_write_off_and_its_undo(door: Door) -> None:
    await plant_seeds(door)
    await publish(door)
    loan_id = await lent(door)

    async def assessed() -> v1.AssessAllowanceResponse:
        request = v1.AssessAllowanceRequest(request_id=request_id(), loan_id=loan_id)
        reply: v1.AssessAllowanceResponse = await door.call(request)
        assert await carried(door, loan_id) == await ledgers(door, loan_id) == reply.allowance.allowance.minor_units
        return reply

    first = (await assessed()).allowance.allowance.minor_units
    await door.call(loan_exit_pb2.WriteOffLoanRequest(request_id=request_id(), loan_id=loan_id))
    assert await carried(door, loan_id) == await ledgers(door, loan_id) < first
    gone = await assessed()
    assert gone.allowance.allowance == fen(0)
    assert [it.cause for it in gone.movements] == [v1.MOVEMENT_CAUSE_WRITTEN_OFF]
    await door.call(loan_exit_pb2.UndoWriteOffRequest(request_id=request_id(), loan_id=loan_id))
    assert await carried(door, loan_id) == await ledgers(door, loan_id)
    assert (await assessed()).allowance.allowance.minor_units == first


async def test_what_may_still_be_drawn_counts_by_its_conversion(door: Door) -> None:
    await plant_seeds(door)
    conventions_in_tranches = conventions(tranches=servicing_pb2.TrancheConvention(maximum=3, expected_forbidden=True))
    await publish(door, serviced_product(conventions_in_tranches))
    loan_id = await opened(door, 1_200_000)
    most = fen(1_200_000)
    await door.call(loan_disbursement_pb2.ApproveLoanRequest(request_id=request_id(), loan_id=loan_id, amount=most))

    async def drawn(amount: int) -> v1.AllowancePosition:
        part = fen(amount)
        await door.call(
            loan_disbursement_pb2.DisburseLoanRequest(request_id=request_id(), loan_id=loan_id, amount=part)
        )
        request = v1.AssessAllowanceRequest(request_id=request_id(), loan_id=loan_id)
        reply: v1.AssessAllowanceResponse = await door.call(request)
        return reply.allowance.position

    model = (await door.call(model_v1.GetAllowanceModelRequest(model_id="ifrs9"))).model
    conversion = Decimal(model.undrawn_conversion.value)
    half = await drawn(500_000)
    assert half.exposure.minor_units == 500_000 + round(700_000 * conversion)
    assert (await drawn(700_000)).exposure.minor_units == 1_200_000
