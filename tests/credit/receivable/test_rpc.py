"""Receivables through the door: one invoice backs one of them."""

import asyncio

from tests.credit.examples import day, fen, request_id
from tests.credit.receivable.invoices import assigned, assigning
from zhongtai.credit.v1 import confirmed_credit_pb2 as credit_v1
from zhongtai.credit.v1 import receivable_pb2 as v1
from zhongtai.kernel.refusals import Refusal
from zhongtai.testing.doors import Door


def withdrawing(receivable_id: str) -> v1.WithdrawReceivableRequest:
    return v1.WithdrawReceivableRequest(request_id=request_id(), receivable_id=receivable_id)


def rejecting(receivable_id: str) -> v1.RejectReceivableRequest:
    return v1.RejectReceivableRequest(request_id=request_id(), receivable_id=receivable_id, reason="goods returned")


async def test_an_invoice_is_never_assigned_twice_whoever_brings_it(door: Door) -> None:
    first = await assigned(door, invoice_number="12345678")
    refusal = await door.refused(assigning(invoice_number="12345678", seller_id="another", face=fen(1)))
    assert (refusal.reason, refusal.metadata["receivable_id"]) == ("INVOICE_ALREADY_ASSIGNED", first)
    await assigned(door, invoice_number="12345678", invoice_code="")


async def test_of_many_at_once_one_wins(door: Door) -> None:
    asked = [door.call(assigning(invoice_number="12345678", seller_id=f"supplier_{n}")) for n in range(8)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert all(isinstance(answer, Refusal) for answer in answers if isinstance(answer, BaseException))
    assert len(await door.facts(v1.ReceivableAssigned)) == 1


async def test_what_came_back_may_be_assigned_anew(door: Door) -> None:
    first = await assigned(door, invoice_number="12345678")
    for _ in range(2):
        await door.call(withdrawing(first))
    assert len(await door.facts(v1.ReceivableWithdrawn)) == 1
    second = await assigned(door, invoice_number="12345678")
    assert second != first
    await door.call(withdrawing(first))
    assert (await door.refused(assigning(invoice_number="12345678"))).metadata["receivable_id"] == second


async def test_a_disputed_invoice_is_not_confirmed(door: Door) -> None:
    receivable_id = await assigned(door)
    for _ in range(2):
        await door.call(rejecting(receivable_id))
    assert len(await door.facts(v1.ReceivableRejected)) == 1
    confirming = credit_v1.ConfirmReceivableRequest(request_id=request_id(), receivable_id=receivable_id, amount=fen(1))
    assert (await door.refused(confirming)).reason == "RECEIVABLE_MUST_BE_ASSIGNED"
    await door.call(withdrawing(receivable_id))


async def test_bad_invoices_leave_nothing(door: Door) -> None:
    assert (await door.refused(assigning(invoice_number="12"))).kind == "Invalid"
    assert (await door.refused(assigning(invoice_code="x"))).kind == "Invalid"
    assert (await door.refused(assigning(face=fen(0)))).kind == "Invalid"
    assert (await door.refused(assigning(debtor_id="supplier"))).reason == "SELLER_MUST_NOT_BE_DEBTOR"
    assert (await door.refused(assigning(due_date=day(2026, 1, 5)))).reason == "DUE_DATE_MUST_BE_AHEAD"
    assert (await door.refused(v1.GetReceivableRequest(receivable_id="x"))).reason == "RECEIVABLE_NOT_FOUND"
    assert not await door.envelopes()


async def test_receivables_are_found_by_seller_and_debtor(door: Door) -> None:
    mine = await assigned(door)
    await assigned(door, seller_id="other", debtor_id="other core")
    for listing in (v1.ListReceivablesRequest(seller_id="supplier"), v1.ListReceivablesRequest(debtor_id="core")):
        assert [one.receivable_id for one in (await door.call(listing)).receivables] == [mine]
