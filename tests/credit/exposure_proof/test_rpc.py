"""The proof of exposure through the door: it agrees after any business, and finds each fault that is planted."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from tests.credit.examples import day, disbursed, fen, granted, held, pending, request_id
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.credit.exposure_proof.store import LEDGER_EXPOSURE
from zhongtai.credit.limit.store import LIMIT
from zhongtai.credit.limit_node.store import LIMIT_NODE
from zhongtai.credit.loan.store import LOAN
from zhongtai.credit.v1 import exposure_proof_pb2 as v1
from zhongtai.credit.v1 import limit_node_pb2 as node_v1
from zhongtai.credit.v1 import limit_pb2 as limit_v1
from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.credit.v1 import repayment_pb2 as repayment_v1
from zhongtai.operations.v1 import ledger_pb2 as ledger_v1
from zhongtai.testing.doors import Door


async def prove(door: Door) -> v1.ProveExposureResponse:
    reply: v1.ProveExposureResponse = await door.call(v1.ProveExposureRequest(request_id=request_id()))
    return reply


async def post(door: Door, loan_id: str, amount: Money, side: ledger_v1.Side) -> None:
    other = ledger_v1.SIDE_CREDIT if side == ledger_v1.SIDE_DEBIT else ledger_v1.SIDE_DEBIT
    legs = [
        ledger_v1.Leg(account_code="1303", side=side, amount=amount),
        ledger_v1.Leg(account_code="300101", side=other, amount=amount),
    ]
    await door.deliver(ledger_v1.EntryPosted(entry_id=request_id(), reference=loan_id, legs=legs))


async def booked(door: Door, amount: int = 1_200_000) -> loan_v1.Loan:
    """A loan that is owed and in the ledger."""
    loan = await disbursed(door, amount)
    await post(door, loan.loan_id, fen(amount), ledger_v1.SIDE_DEBIT)
    return loan


async def repay(door: Door, loan: loan_v1.Loan) -> None:
    """The first instalment, with everything that follows of it."""
    quote = await door.call(repayment_v1.QuoteRepaymentRequest(loan_id=loan.loan_id, on=day(2026, 2, 5)))
    reply = await door.call(
        repayment_v1.RepayLoanRequest(
            request_id=request_id(), loan_id=loan.loan_id, amount=quote.due.total, payment_id=request_id()
        )
    )
    await door.deliver((await door.facts(loan_v1.LoanRepaid))[-1])
    await post(door, loan.loan_id, reply.principal, ledger_v1.SIDE_CREDIT)


async def test_an_empty_bank_is_proven(door: Door) -> None:
    assert (await door.refused(v1.GetExposureProofRequest())).reason == "EXPOSURE_PROOF_NOT_FOUND"
    reply = await prove(door)
    assert (reply.proof.proven, reply.found, list(reply.proof.totals)) == (True, 0, [])
    assert (await door.call(v1.GetExposureProofRequest())).proof == reply.proof


async def test_limits_loans_and_ledger_agree_after_any_business(door: Door) -> None:
    paid = await booked(door)
    await repay(door, paid)
    await booked(door, 700_000)
    await pending(door, 300_000)
    cancelled = await pending(door, 200_000)
    await door.call(loan_v1.CancelLoanRequest(request_id=request_id(), loan_id=cancelled.loan_id))
    in_flight = await pending(door, 100_000)
    await door.call(
        limit_v1.CommitHoldRequest(request_id=request_id(), limit_id=in_flight.limit_id, hold_id=in_flight.hold_id)
    )
    limit_id = await granted(door, 10_000_000, "cus_2", "business")
    await held(door, limit_id, 50)
    reply = await prove(door)
    breaks = (await door.call(v1.ListExposureBreaksRequest())).breaks
    assert reply.proof.proven, list(breaks)
    (total,) = reply.proof.totals
    assert total.used == total.outstanding
    assert total.used.minor_units - total.ledger.minor_units == 100_000, "what is in flight is not booked yet"
    assert (reply.proof.limits, reply.proof.loans) == (2, 3)


PLANTED: dict[str, tuple[Any, v1.BreakKind, Callable[[loan_v1.Loan], str]]] = {
    "a limit that counts too much": (
        update(LIMIT).values(used_minor=LIMIT.c.used_minor + 1, held_minor=LIMIT.c.held_minor - 1),
        v1.BREAK_KIND_LIMIT,
        lambda loan: loan.limit_id,
    ),
    "a loan repaid without its limit": (
        update(LOAN).values(outstanding_minor=LOAN.c.outstanding_minor - 1),
        v1.BREAK_KIND_LIMIT,
        lambda loan: loan.limit_id,
    ),
    "a loan on a limit that is not there": (
        update(LOAN).values(limit_id="lim_x"),
        v1.BREAK_KIND_LIMIT,
        lambda _: "lim_x",
    ),
    "an entry booked wrongly": (
        update(LEDGER_EXPOSURE).values(balance=LEDGER_EXPOSURE.c.balance + 1),
        v1.BREAK_KIND_LEDGER,
        lambda loan: loan.loan_id,
    ),
    "an entry about no loan": (
        update(LEDGER_EXPOSURE).values(loan_id="loan_x"),
        v1.BREAK_KIND_LEDGER,
        lambda _: "loan_x",
    ),
    "a customer's node that lost count": (
        update(LIMIT_NODE).where(LIMIT_NODE.c.kind == "CUSTOMER").values(used_minor=LIMIT_NODE.c.used_minor + 1),
        v1.BREAK_KIND_NODE,
        lambda _: "CUSTOMER cus_1",
    ),
    "a group's node that lost count": (
        update(LIMIT_NODE).where(LIMIT_NODE.c.kind == "GROUP").values(used_minor=LIMIT_NODE.c.used_minor + 1),
        v1.BREAK_KIND_NODE,
        lambda _: "GROUP grp_1",
    ),
    "a product line's node that lost count": (
        update(LIMIT_NODE).where(LIMIT_NODE.c.kind == "PRODUCT").values(held_minor=LIMIT_NODE.c.held_minor + 1),
        v1.BREAK_KIND_NODE,
        lambda _: "PRODUCT consumer",
    ),
    "a merchant's node that lost count": (
        update(LIMIT_NODE).where(LIMIT_NODE.c.kind == "COUNTERPARTY").values(held_minor=0),
        v1.BREAK_KIND_NODE,
        lambda _: "COUNTERPARTY mer_1",
    ),
}


@pytest.mark.parametrize("fault", PLANTED)
async def test_each_fault_is_found_once_and_ends_when_it_is_mended(door: Door, fault: str) -> None:
    loan = await booked(door)
    grouped = node_v1.OpenLimitNodeRequest(
        request_id=request_id(),
        kind=node_v1.NODE_KIND_CUSTOMER,
        subject="cus_1",
        cap=fen(100_000_000),
        parent="grp_1",
    )
    await door.call(grouped)
    hold = limit_v1.HoldLimitRequest(
        request_id=request_id(), limit_id=loan.limit_id, amount=fen(10), counterparty_id="mer_1", scenario_id="shop"
    )
    await door.call(hold)
    assert (await prove(door)).proof.proven
    statement, kind, subject = PLANTED[fault]

    await door.service.store.change(lambda writing: writing.execute(statement))
    reply = await prove(door)
    assert not reply.proof.proven
    breaks = (await door.call(v1.ListExposureBreaksRequest(status=v1.BREAK_STATUS_OPEN))).breaks
    assert (kind, subject(loan)) in {(one.kind, one.subject) for one in breaks}
    assert reply.found == len(breaks) == len(await door.facts(v1.ExposureBreakFound))
    again = await prove(door)
    assert (again.found, again.resolved, again.proof) == (0, 0, reply.proof)
    assert len(await door.facts(v1.ExposureBreakFound)) == len(breaks)


async def test_an_event_under_way_ends_its_break_when_it_arrives(door: Door) -> None:
    loan = await booked(door)
    quote = await door.call(repayment_v1.QuoteRepaymentRequest(loan_id=loan.loan_id, on=day(2026, 2, 5)))
    paid = await door.call(
        repayment_v1.RepayLoanRequest(
            request_id=request_id(), loan_id=loan.loan_id, amount=quote.due.total, payment_id="pay_1"
        )
    )
    assert (await prove(door)).found == 2
    await door.deliver((await door.facts(loan_v1.LoanRepaid))[-1])
    await post(door, loan.loan_id, paid.principal, ledger_v1.SIDE_CREDIT)
    reply = await prove(door)
    assert (reply.proof.proven, reply.resolved) == (True, 2)
    assert len(await door.facts(v1.ExposureBreakResolved)) == 2
    ended = (await door.call(v1.ListExposureBreaksRequest(status=v1.BREAK_STATUS_RESOLVED))).breaks
    assert all(one.HasField("resolved_on") for one in ended)


async def test_proofs_at_once_open_each_break_once(door: Door) -> None:
    loans = [await disbursed(door, 10_000 + number) for number in range(120)]
    proofs = await asyncio.gather(*(prove(door) for _ in range(4)))
    asked = v1.ListExposureBreaksRequest(status=v1.BREAK_STATUS_OPEN, page=PageRequest(size=200))
    open_now = (await door.call(asked)).breaks
    assert len(open_now) == len(await door.facts(v1.ExposureBreakFound)) == len(loans)
    assert len({one.subject for one in open_now}) == len(loans), "each loan the ledger has not heard of, once"
    assert {reply.proof.open_breaks for reply in proofs} == {len(loans)}
