"""Confirmed credit through the door: from the promise of a core enterprise along the chain to its payment."""

from typing import Any

from tests.credit.examples import disbursed, fen, request_id
from tests.credit.receivable.invoices import assigned
from zhongtai.credit.v1 import confirmed_credit_pb2 as v1
from zhongtai.credit.v1 import receivable_pb2 as receivable_v1
from zhongtai.testing.doors import Door


async def confirmed(door: Door, amount: int = 900_000) -> tuple[str, str]:
    """A confirmed receivable and the seller's holding of it."""
    receivable_id = await assigned(door)
    reply = await door.call(
        v1.ConfirmReceivableRequest(request_id=request_id(), receivable_id=receivable_id, amount=fen(amount))
    )
    return receivable_id, str(reply.holding_id)


def transferring(receivable_id: str, holding_id: str, holder_id: str, amount: int) -> v1.TransferCreditRequest:
    return v1.TransferCreditRequest(
        request_id=request_id(),
        receivable_id=receivable_id,
        holding_id=holding_id,
        holder_id=holder_id,
        amount=fen(amount),
    )


def financing(receivable_id: str, holding_id: str, loan_id: str, amount: int) -> v1.FinanceCreditRequest:
    return v1.FinanceCreditRequest(
        request_id=request_id(),
        receivable_id=receivable_id,
        holding_id=holding_id,
        loan_id=loan_id,
        amount=fen(amount),
    )


def diluting(receivable_id: str, amount: int) -> v1.DiluteReceivableRequest:
    return v1.DiluteReceivableRequest(
        request_id=request_id(), receivable_id=receivable_id, amount=fen(amount), reason="goods returned"
    )


def settling(receivable_id: str, amount: int) -> v1.SettleReceivableRequest:
    return v1.SettleReceivableRequest(
        request_id=request_id(), receivable_id=receivable_id, amount=fen(amount), payment_id="pay_1"
    )


async def test_along_the_chain_to_the_payment(door: Door) -> None:
    receivable_id, sellers = await confirmed(door)
    reply = await door.call(transferring(receivable_id, sellers, "cus_1", 400_000))
    second = reply.transferred_id
    assert (reply.left.free, reply.transferred.free) == (fen(500_000), fen(400_000))
    loan = await disbursed(door)
    held = (await door.call(financing(receivable_id, second, loan.loan_id, 300_000))).holding
    assert (held.locked, held.free) == (fen(300_000), fen(100_000))
    refusal = await door.refused(transferring(receivable_id, second, "cus_3", 100_001))
    assert (refusal.reason, refusal.metadata["free"]) == ("HOLDING_EXHAUSTED", "CNY 1,000.00")
    await door.call(diluting(receivable_id, 50_000))
    assert (await door.refused(diluting(receivable_id, 450_001))).reason == "DILUTION_MUST_NOT_EXCEED_FREE"
    assert (await door.refused(settling(receivable_id, 900_000))).reason == "SETTLEMENT_MUST_BE_WHOLE"
    reply = await door.call(settling(receivable_id, 850_000))
    assert [(one.holder_id, one.loan_id, one.amount.minor_units) for one in reply.shares if one.loan_id] == [
        ("cus_1", loan.loan_id, 300_000)
    ]
    to_holders = {one.holder_id: one.amount.minor_units for one in reply.shares if not one.loan_id}
    assert to_holders == {"supplier": 450_000, "cus_1": 100_000}
    assert reply.receivable.status == receivable_v1.RECEIVABLE_STATUS_SETTLED
    assert len(await door.facts(v1.ReceivableSettled)) == 1
    assert (await door.refused(settling(receivable_id, 850_000))).reason == "RECEIVABLE_MUST_BE_CONFIRMED"


async def test_a_loan_rests_on_one_holding_of_its_own_customer(door: Door) -> None:
    receivable_id, sellers = await confirmed(door)
    mine = (await door.call(transferring(receivable_id, sellers, "cus_1", 400_000))).transferred_id
    loan = await disbursed(door)
    assert (await door.refused(financing(receivable_id, sellers, loan.loan_id, 1))).reason == "LOAN_MUST_BE_OF_HOLDER"
    await door.call(financing(receivable_id, mine, loan.loan_id, 1_000))
    assert (await door.refused(financing(receivable_id, mine, loan.loan_id, 1))).reason == "LOAN_ALREADY_FINANCED"
    releasing: dict[str, Any] = {"receivable_id": receivable_id, "holding_id": mine, "loan_id": loan.loan_id}
    for _ in range(2):
        held = (await door.call(v1.ReleaseFinancingRequest(request_id=request_id(), **releasing))).holding
        assert held.free == fen(400_000)
    assert len(await door.facts(v1.FinancingReleased)) == 1
    await door.call(financing(receivable_id, mine, loan.loan_id, 400_000))


async def test_what_is_not_owed_moves_nowhere(door: Door) -> None:
    receivable_id = await assigned(door)
    assert (await door.refused(diluting(receivable_id, 1))).reason == "RECEIVABLE_MUST_BE_CONFIRMED"
    assert (await door.refused(transferring(receivable_id, "x", "y", 1))).reason == "RECEIVABLE_MUST_BE_CONFIRMED"
    too_much = v1.ConfirmReceivableRequest(request_id=request_id(), receivable_id=receivable_id, amount=fen(1_000_001))
    assert (await door.refused(too_much)).reason == "CONFIRMED_MUST_NOT_EXCEED_FACE"
    other, sellers = await confirmed(door)
    assert (await door.refused(transferring(other, "x", "y", 1))).reason == "HOLDING_NOT_FOUND"
    assert (await door.refused(transferring(other, sellers, "supplier", 1))).reason == "HOLDER_MUST_DIFFER"
    withdrawing = receivable_v1.WithdrawReceivableRequest(request_id=request_id(), receivable_id=other)
    assert (await door.refused(withdrawing)).reason == "RECEIVABLE_MUST_NOT_BE_CONFIRMED"
    listed = await door.call(v1.ListHoldingsRequest(holder_id="supplier"))
    assert [one.holding_id for one in listed.holdings] == [sellers]
