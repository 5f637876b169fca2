"""Reconciliations through the door: what is matched, what is left, and who agrees to a difference."""

from datetime import date
from typing import Any

import pytest

from tests.operations.bank import Bank
from tests.operations.bank_statement.files import DAY, NOSTRO, booking, camt, landed
from zhongtai.operations.v1 import payment_pb2
from zhongtai.operations.v1 import reconciliation_pb2 as v1
from zhongtai.runtime.call import Caller

SCOPES = ("operations.*",)


@pytest.fixture(autouse=True)
async def reconciled(bank: Bank) -> None:
    """Our account with the central bank, reconciled by the rules that ship."""
    bank.door.today(DAY)
    await bank.internal("central_bank_settlement", NOSTRO)
    await bank.door.call(
        v1.SetReconciliationRequest(request_id=bank.request_id(), account_id=NOSTRO, break_after_days=3)
    )


async def run(bank: Bank) -> v1.ReconcileAccountResponse:
    """What came of a run."""
    reply = await bank.door.call(v1.ReconcileAccountRequest(request_id=bank.request_id(), account_id=NOSTRO))
    assert isinstance(reply, v1.ReconcileAccountResponse)
    return reply


async def received(bank: Bank, fen: int, reference: str) -> str:
    """The entry of money that arrived, under a reference."""
    account = await bank.deposit()
    entry = await bank.post((NOSTRO, "DEBIT", fen), (account, "CREDIT", fen), reference=reference)
    return str(entry.entry_id)


async def matches(bank: Bank, **said: Any) -> list[v1.Match]:
    return list((await bank.door.call(v1.ListMatchesRequest(account_id=NOSTRO, **said))).matches)


async def open_items(bank: Bank) -> list[v1.LedgerItem]:
    return list((await bank.door.call(v1.ListLedgerItemsRequest(account_id=NOSTRO, unmatched=True))).items)


async def open_lines(bank: Bank) -> list[Any]:
    return list((await bank.door.call(v1.ListOpenLinesRequest(account_id=NOSTRO))).lines)


def approving(bank: Bank, match_id: str) -> v1.ApproveDifferenceRequest:
    return v1.ApproveDifferenceRequest(request_id=bank.request_id(), match_id=match_id)


async def test_lines_find_their_entries_and_a_second_run_changes_nothing(bank: Bank) -> None:
    await received(bank, 500_00, "R-1")
    await received(bank, 70_00, "R-2")
    await landed(bank, camt(booking(500_00, "R-1"), booking(9_00, "R-9")))
    first = await run(bank)
    assert (first.matches, first.reconciliation.lines_open, first.reconciliation.items_open) == (1, 1, 1)
    before = await matches(bank)
    assert [(one.rule, one.lines, one.items) for one in before] == [("reference", 1, 1)]
    assert before[0].difference_status == v1.DIFFERENCE_STATUS_NOTHING
    assert (await run(bank)).matches == 0
    assert await matches(bank) == before


async def test_a_payment_is_found_by_its_end_to_end_id(bank: Bank) -> None:
    account = await bank.deposit(1_000_00)
    await bank.door.call(
        payment_pb2.SendPaymentRequest(
            request_id=bank.request_id(),
            end_to_end_id="E-1",
            debtor_account_id=account,
            creditor=payment_pb2.OutsideParty(name="张三", account="6222020000000001", agent="102100099996"),
            amount={"currency_code": "CNY", "minor_units": 300_00},
            rail="simulated",
        )
    )
    for event in await bank.door.facts(payment_pb2.PaymentSent):
        await bank.door.deliver(event)
    await landed(bank, camt(booking(-300_00, "B-77", end_to_end_id="E-1")))
    assert (await run(bank)).matches == 1
    assert [one.rule for one in await matches(bank)] == ["end_to_end_id"]


async def test_a_difference_is_posted_when_somebody_else_agrees(bank: Bank) -> None:
    await landed(bank, camt(booking(-8_00, "F-1", remittance_information="五月手续费")))
    bank.door.caller = Caller("gateway", "tests", frozenset(SCOPES), on_behalf_of="li.na")
    assert (await run(bank)).matches == 1
    bank.door.as_caller("li.na", *SCOPES)
    (match,) = await matches(bank, difference_status=v1.DIFFERENCE_STATUS_PROPOSED)
    assert (match.difference.minor_units, match.difference_code, match.made_by) == (-8_00, "6421", "li.na")
    assert (await bank.door.refused(approving(bank, match.match_id))).reason == "DIFFERENCE_MUST_HAVE_FOUR_EYES"
    assert await bank.balance("6421") == 0
    bank.door.as_caller("wang.fang", *SCOPES)
    approved = (await bank.door.call(approving(bank, match.match_id))).match
    assert (approved.difference_status, approved.decided_by) == (v1.DIFFERENCE_STATUS_POSTED, "wang.fang")
    assert (await bank.balance("6421"), await bank.balance(NOSTRO)) == (8_00, -8_00)
    again = await bank.door.refused(approving(bank, match.match_id))
    assert again.reason == "DIFFERENCE_MUST_BE_PROPOSED"
    after = await run(bank)
    assert (after.matches, after.reconciliation.items_open) == (0, 0), "what was posted is part of the match"
    undo = v1.UndoMatchRequest(request_id=bank.request_id(), match_id=match.match_id)
    assert (await bank.door.refused(undo)).reason == "DIFFERENCE_MUST_NOT_BE_POSTED"
    assert len(await bank.door.facts(v1.DifferenceProposed)) == 1
    assert [one.posted for one in await bank.door.facts(v1.DifferenceDecided)] == [True]
    await bank.must_be_sound()


async def test_a_difference_that_is_refused_leaves_its_members_to_people(bank: Bank) -> None:
    await landed(bank, camt(booking(-8_00, "F-1", remittance_information="五月手续费")))
    await run(bank)
    (match,) = await matches(bank)
    bank.door.as_caller("wang.fang", *SCOPES)
    rejecting = v1.RejectDifferenceRequest(
        request_id=bank.request_id(), match_id=match.match_id, reason="not agreed with the bank"
    )
    assert (await bank.door.call(rejecting)).match.difference_status == v1.DIFFERENCE_STATUS_REJECTED
    assert (await run(bank)).matches == 0
    assert len(await open_lines(bank)) == 1
    assert (await bank.door.refused(approving(bank, match.match_id))).reason == "MATCH_MUST_STAND"


async def test_a_person_matches_and_takes_apart(bank: Bank) -> None:
    await received(bank, 500_00, "R-1")
    await received(bank, 300_00, "R-2")
    await landed(bank, camt(booking(800_00, "S-1"), booking(1_00, "S-2")))
    await run(bank)
    lines = {one.reference: one.line_id for one in await open_lines(bank)}
    items = [one.item_id for one in await open_items(bank)]

    def by_hand(line_ids: list[str], item_ids: list[str], code: str = "") -> v1.MatchByHandRequest:
        return v1.MatchByHandRequest(
            request_id=bank.request_id(),
            account_id=NOSTRO,
            line_ids=line_ids,
            item_ids=item_ids,
            difference_code=code,
            reason="a collective payment",
        )

    for request, reason in (
        (by_hand([lines["S-1"]], items[:1]), "MATCH_MUST_BALANCE"),
        (by_hand([lines["S-1"]], items, "6421"), "MATCH_MUST_HAVE_MEMBERS"),
        (by_hand([], []), "MATCH_MUST_HAVE_MEMBERS"),
        (by_hand([lines["S-2"]] * 2, items), "MATCH_MUST_HAVE_MEMBERS"),
        (by_hand(["unknown"], items), "MATCH_MEMBER_MUST_BE_FREE"),
    ):
        assert (await bank.door.refused(request)).reason == reason
    made = (await bank.door.call(by_hand([lines["S-1"]], items))).match
    assert (made.rule, made.lines, made.items) == ("by_hand", 1, 2)
    assert (await bank.door.refused(by_hand([lines["S-1"]], items))).reason == "MATCH_MEMBER_MUST_BE_FREE"
    for _ in range(2):
        undo = v1.UndoMatchRequest(request_id=bank.request_id(), match_id=made.match_id, reason="wrong")
        assert (await bank.door.call(undo)).match.status == v1.MATCH_STATUS_UNDONE
    assert len(await bank.door.facts(v1.MatchUndone)) == 1
    assert len(await open_items(bank)) == 2


async def test_what_a_person_took_apart_no_rule_matches_again(bank: Bank) -> None:
    await received(bank, 500_00, "R-1")
    await landed(bank, camt(booking(500_00, "R-1")))
    await run(bank)
    (match,) = await matches(bank)
    await bank.door.call(v1.UndoMatchRequest(request_id=bank.request_id(), match_id=match.match_id, reason="wrong"))
    assert (await run(bank)).matches == 0


async def test_what_is_open_for_too_long_is_a_break_until_it_has_a_match(bank: Bank) -> None:
    entry = await received(bank, 500_00, "R-1")
    await landed(bank, camt(booking(500_00, "other", on=date(2026, 4, 20))))
    assert (await run(bank)).breaks_found == 1, "the line is old, the entry is of today"
    bank.door.today(date(2026, 5, 12))
    assert (await run(bank)).breaks_found == 1
    assert (await run(bank)).breaks_found == 0, "a break is found once"
    asked = v1.ListReconciliationBreaksRequest(account_id=NOSTRO, state=v1.BREAK_STATE_OPEN)
    line, item = (await bank.door.call(asked)).breaks
    assert (line.side, item.side) == (v1.ITEM_SIDE_STATEMENT, v1.ITEM_SIDE_LEDGER)
    assert (line.proposal, item.proposal) == (f"MATCH {entry}-0", f"MATCH {line.member_id}")
    assert [one.break_id for one in await bank.door.facts(v1.ReconciliationBreakAged)] == [line.break_id, item.break_id]
    request = v1.MatchByHandRequest(
        request_id=bank.request_id(),
        account_id=NOSTRO,
        line_ids=[line.member_id],
        item_ids=[item.member_id],
        reason="booked late",
    )
    await bank.door.call(request)
    await run(bank)
    assert not (await bank.door.call(asked)).breaks
    assert len(await bank.door.facts(v1.ReconciliationBreakResolved)) == 2


async def test_every_line_and_item_is_matched_or_open(bank: Bank) -> None:
    for place in range(6):
        await received(bank, 100 + place, f"R-{place % 4}")
    await landed(bank, camt(*(booking(100 + place, f"R-{place % 3}") for place in range(5)), booking(201, "R-0")))
    await run(bank)
    all_items = (await bank.door.call(v1.ListLedgerItemsRequest(account_id=NOSTRO))).items
    made = await matches(bank)
    assert sum(one.items for one in made) + len(await open_items(bank)) == len(all_items) == 6
    assert sum(one.lines for one in made) + len(await open_lines(bank)) == 6
    assert sum(one.minor_units for one in (one.difference for one in made)) == 0


async def test_what_is_not_set_up_is_refused_and_what_is_is_listed(bank: Bank) -> None:
    other = v1.ReconcileAccountRequest(request_id=bank.request_id(), account_id="acc_other")
    assert (await bank.door.refused(other)).reason == "RECONCILIATION_NOT_FOUND"
    customers = v1.SetReconciliationRequest(
        request_id=bank.request_id(), account_id=await bank.deposit(), break_after_days=1
    )
    assert (await bank.door.refused(customers)).reason == "STATEMENT_ACCOUNT_MUST_BE_OURS"
    got = await bank.door.call(v1.GetReconciliationRequest(account_id=NOSTRO))
    listed = await bank.door.call(v1.ListReconciliationsRequest())
    assert list(listed.reconciliations) == [got.reconciliation]
