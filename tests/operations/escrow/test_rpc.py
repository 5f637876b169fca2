"""Escrows through the door: kept, released in parts, given back, and back by themselves after their last date."""

from datetime import UTC, datetime
from typing import Any

from google.type.date_pb2 import Date

from tests.operations.bank import Bank, cny
from zhongtai.operations.v1 import account_pb2
from zhongtai.operations.v1 import escrow_pb2 as v1


def opening(bank: Bank, payer: str, payee: str, fen: int, reference: str = "e1", **parts: Any) -> v1.OpenEscrowRequest:
    asked = {"expires_on": Date(year=2026, month=5, day=31), **parts}
    return v1.OpenEscrowRequest(
        request_id=bank.request_id(),
        end_to_end_id=reference,
        payer_account_id=payer,
        payee_account_id=payee,
        condition="the goods arrived",
        amount=cny(fen),
        released_by=["ESCROW_PARTY_PAYER"],
        returned_by=["ESCROW_PARTY_PAYEE", "ESCROW_PARTY_ARBITER"],
        **asked,
    )


def moving(kind: Any, bank: Bank, escrow_id: str, fen: int, party: str) -> Any:
    return kind(request_id=bank.request_id(), escrow_id=escrow_id, amount=cny(fen), party=f"ESCROW_PARTY_{party}")


async def test_money_is_kept_released_in_parts_and_given_back(bank: Bank) -> None:
    bank.door.now(datetime(2026, 5, 8, 1, tzinfo=UTC))
    payer, payee = await bank.deposit(1_000), await bank.deposit()
    escrow_id = (await bank.door.call(opening(bank, payer, payee, 900))).escrow_id
    assert (await bank.door.call(opening(bank, payer, payee, 900))).escrow_id == escrow_id
    assert (await bank.door.refused(opening(bank, payer, payee, 901))).reason == "ESCROW_REFERENCE_MUST_BE_UNIQUE"
    assert (await bank.balance(payer), await bank.balance("2314")) == (100, 900)
    await bank.door.call(moving(v1.ReleaseEscrowRequest, bank, escrow_id, 500, "PAYER"))
    wrong = moving(v1.ReleaseEscrowRequest, bank, escrow_id, 1, "PAYEE")
    assert (await bank.door.refused(wrong)).reason == "ESCROW_PARTY_MUST_DECIDE"
    much = moving(v1.ReleaseEscrowRequest, bank, escrow_id, 401, "PAYER")
    assert (await bank.door.refused(much)).metadata["kept"] == "CNY 4.00"
    back = await bank.door.call(moving(v1.ReturnEscrowRequest, bank, escrow_id, 400, "ARBITER"))
    assert (back.escrow.status, len(back.escrow.entry_ids)) == (v1.ESCROW_STATUS_CLOSED, 3)
    assert [await bank.balance(one) for one in (payer, payee, "2314")] == [500, 500, 0]
    closed = moving(v1.ReturnEscrowRequest, bank, escrow_id, 1, "ARBITER")
    assert (await bank.door.refused(closed)).reason == "ESCROW_MUST_BE_OPEN"
    await bank.must_be_sound()


async def test_what_is_kept_too_long_goes_back_and_one_that_cannot_holds_up_no_other(bank: Bank) -> None:
    bank.door.now(datetime(2026, 5, 8, 1, tzinfo=UTC))
    payee, gone, payer = await bank.deposit(), await bank.deposit(100), await bank.deposit(100)
    stuck = (await bank.door.call(opening(bank, gone, payee, 100))).escrow_id
    await bank.door.call(account_pb2.CloseAccountRequest(request_id="c", account_id=gone))
    kept = (await bank.door.call(opening(bank, payer, payee, 100, "e2"))).escrow_id
    bank.door.now(datetime(2026, 5, 31, 1, tzinfo=UTC))
    expire = v1.ReturnExpiredEscrowsRequest(request_id="x1")
    assert (await bank.door.call(expire)).returned == 0
    bank.door.now(datetime(2026, 6, 1, 1, tzinfo=UTC))
    late = moving(v1.ReleaseEscrowRequest, bank, kept, 1, "PAYER")
    assert (await bank.door.refused(late)).reason == "ESCROW_MUST_BE_OPEN"
    expire.request_id = "x2"
    assert (await bank.door.call(expire)).returned == 1
    assert (await bank.balance(payer), await bank.balance("2314")) == (100, 100)
    (told,) = await bank.door.facts(v1.EscrowReturned)
    assert (told.escrow_id, told.party) == (kept, v1.ESCROW_PARTY_UNSPECIFIED)
    found = (await bank.door.call(v1.GetEscrowRequest(escrow_id=stuck))).escrow
    assert found.status == v1.ESCROW_STATUS_OPEN
    assert len((await bank.door.call(v1.ListEscrowsRequest(account_id=payee))).escrows) == 2


async def test_a_wrong_escrow_leaves_no_trace(bank: Bank) -> None:
    bank.door.now(datetime(2026, 5, 8, 1, tzinfo=UTC))
    payer, payee = await bank.deposit(100), await bank.deposit()
    cases = [
        (opening(bank, payer, payer, 1), "ACCOUNTS_MUST_DIFFER"),
        (opening(bank, payer, payee, 101), "AVAILABLE_BALANCE_EXHAUSTED"),
        (opening(bank, payer, payee, 1, expires_on=Date(year=2026, month=5, day=7)), "ESCROW_MUST_END_AHEAD"),
        (moving(v1.ReleaseEscrowRequest, bank, "esc_0", 1, "PAYER"), "ESCROW_NOT_FOUND"),
    ]
    before = await bank.door.envelopes()
    for request, reason in cases:
        assert (await bank.door.refused(request)).reason == reason
    assert await bank.door.envelopes() == before
    assert not (await bank.door.call(v1.ListEscrowsRequest())).escrows
