"""Two-phase entries, books, conditions and ids of the caller's own, through the door."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from tests.operations.bank import Bank, cny, drafted, leg
from zhongtai.operations.v1 import account_pb2, dimension_pb2
from zhongtai.operations.v1 import ledger_pb2 as v1
from zhongtai.runtime.violations import RequestInvalid


async def held(bank: Bank, fen: int = 100, **draft: Any) -> tuple[str, v1.Entry]:
    """A deposit of 100 fen, and a pending entry that takes some of it."""
    account_id = await bank.deposit(100)
    legs = ((account_id, "DEBIT", fen), ("1001", "CREDIT", fen))
    return account_id, await bank.post(*legs, kind=v1.ENTRY_KIND_PENDING, **draft)


def resolve(bank: Bank, pending: v1.Entry, kind: str, *legs: tuple[str, str, int]) -> v1.PostEntryRequest:
    return bank.entry(*legs, kind=f"ENTRY_KIND_{kind}", resolves=pending.entry_id)


async def test_a_pending_entry_holds_and_moves_nothing_until_it_is_posted(bank: Bank) -> None:
    account_id, pending = await held(bank, 60)
    account = await bank.account(account_id)
    assert (account.balance, account.available) == (cny(100), cny(40))
    assert await bank.balance("1001") == 100
    refused = await bank.door.refused(bank.entry((account_id, "DEBIT", 41), ("1001", "CREDIT", 41)))
    assert refused.reason == "AVAILABLE_BALANCE_EXHAUSTED"
    posted = (await bank.door.call(resolve(bank, pending, "POST_PENDING"))).entry
    assert (posted.kind, posted.resolves) == (v1.ENTRY_KIND_POST_PENDING, pending.entry_id)
    account = await bank.account(account_id)
    assert (account.balance, account.available) == (cny(40), cny(40))
    again = await bank.door.refused(resolve(bank, pending, "VOID_PENDING"))
    assert (again.reason, again.metadata["resolved_by"]) == ("PENDING_ENTRY_MUST_BE_UNRESOLVED", posted.entry_id)
    await bank.must_be_sound()


async def test_part_of_a_pending_entry_is_posted_and_the_rest_given_back(bank: Bank) -> None:
    account_id, pending = await held(bank, 60)
    more = await bank.door.refused(
        resolve(bank, pending, "POST_PENDING", (account_id, "DEBIT", 61), ("1001", "CREDIT", 61))
    )
    assert more.reason == "PENDING_AMOUNT_MUST_SUFFICE"
    other = await bank.door.refused(
        resolve(bank, pending, "POST_PENDING", (account_id, "DEBIT", 10), ("4001", "CREDIT", 10))
    )
    assert other.reason == "PENDING_AMOUNT_MUST_SUFFICE"
    await bank.door.call(resolve(bank, pending, "POST_PENDING", (account_id, "DEBIT", 25), ("1001", "CREDIT", 25)))
    account = await bank.account(account_id)
    assert (account.balance, account.available, list(account.holds)) == (cny(75), cny(75), [])
    await bank.must_be_sound()


async def test_what_is_voided_or_has_expired_is_free_again_and_cannot_be_posted(bank: Bank) -> None:
    account_id, pending = await held(bank)
    await bank.door.call(resolve(bank, pending, "VOID_PENDING"))
    assert (await bank.account(account_id)).available == cny(100)
    soon = Timestamp()
    soon.FromDatetime(bank.door.clock.now() + timedelta(minutes=1))
    late = await bank.post(
        (account_id, "DEBIT", 100), ("1001", "CREDIT", 100), kind=v1.ENTRY_KIND_PENDING, expires_at=soon
    )
    assert (await bank.account(account_id)).available == cny(0)
    bank.door.now(bank.door.clock.now() + timedelta(minutes=2))
    assert (await bank.account(account_id)).available == cny(100)
    refused = await bank.door.refused(resolve(bank, late, "POST_PENDING"))
    assert refused.reason == "PENDING_ENTRY_MUST_NOT_HAVE_EXPIRED"
    not_pending = await bank.post(("1001", "DEBIT", 1), ("4001", "CREDIT", 1))
    refused = await bank.door.refused(resolve(bank, not_pending, "POST_PENDING"))
    assert refused.reason == "ENTRY_MUST_BE_PENDING"
    refused = await bank.door.refused(v1.ReverseEntryRequest(request_id="v", entry_id=late.entry_id))
    assert refused.reason == "ENTRY_MUST_MOVE"
    await bank.must_be_sound()


async def test_of_many_who_resolve_one_pending_entry_at_once_one_does(bank: Bank) -> None:
    account_id, pending = await held(bank, 60)
    kinds = ("POST_PENDING", "VOID_PENDING") * 5
    answers = await asyncio.gather(
        *(bank.door.call(resolve(bank, pending, kind)) for kind in kinds), return_exceptions=True
    )
    assert sum(isinstance(answer, v1.PostEntryResponse) for answer in answers) == 1
    assert (await bank.account(account_id)).balance == cny(40)
    await bank.must_be_sound()


async def test_of_many_who_reverse_one_entry_at_once_all_get_the_one_reversal(bank: Bank) -> None:
    account_id = await bank.deposit(100)
    entry = await bank.post((account_id, "DEBIT", 60), ("1001", "CREDIT", 60))
    answers = await asyncio.gather(
        *(bank.door.call(v1.ReverseEntryRequest(request_id=f"v{n}", entry_id=entry.entry_id)) for n in range(10))
    )
    assert len({answer.reversal_entry_id for answer in answers}) == 1
    assert await bank.balance(account_id) == 100
    await bank.must_be_sound()


async def test_an_id_of_the_callers_own_is_one_entrys(bank: Bank) -> None:
    legs = (("1001", "DEBIT", 1), ("4001", "CREDIT", 1))
    assert (await bank.post(*legs, entry_id="invoice-7")).entry_id == "invoice-7"
    refused = await bank.door.refused(bank.entry(*legs, entry_id="invoice-7"))
    assert refused.reason == "ENTRY_ID_TAKEN"
    answers = await asyncio.gather(
        *(bank.door.call(bank.entry(*legs, entry_id=f"invoice-{n % 3 + 8}")) for n in range(9)), return_exceptions=True
    )
    assert sum(isinstance(answer, v1.PostEntryResponse) for answer in answers) == 3
    assert await bank.balance("1001") == 4
    await bank.must_be_sound()


async def test_books_have_chains_of_their_own_and_entries_across_them_are_all_or_none(bank: Bank) -> None:
    memo = drafted(("1001", "DEBIT", 7), ("4001", "CREDIT", 7), book="memo")
    general = drafted(("1001", "DEBIT", 5), ("4001", "CREDIT", 5))
    account_id = await bank.deposit(1)
    spend = drafted((account_id, "DEBIT", 2), ("1001", "CREDIT", 2))
    refused = await bank.door.refused(v1.PostEntriesRequest(request_id="b1", drafts=[memo, general, spend]))
    assert refused.reason == "AVAILABLE_BALANCE_EXHAUSTED"
    assert await bank.balance("1001") == 1
    await bank.door.call(v1.PostEntriesRequest(request_id="b2", drafts=[memo, general, memo]))
    entries = (await bank.door.call(v1.ListEntriesRequest())).entries
    assert [(entry.book, entry.number) for entry in entries] == [
        ("general", 1),
        ("general", 2),
        ("memo", 1),
        ("memo", 2),
    ]
    assert await bank.balance("1001") == 6
    elsewhere = await bank.door.refused(bank.entry((account_id, "CREDIT", 1), ("1001", "DEBIT", 1), book="memo"))
    assert (elsewhere.reason, elsewhere.metadata["book"]) == ("ACCOUNT_MUST_BE_OF_THE_BOOK", "general")
    await bank.must_be_sound()


async def test_a_condition_holds_after_the_entry_or_nothing_is_posted(bank: Bank) -> None:
    account_id = await bank.deposit(100)
    keep = v1.BalanceCondition(account_id=account_id, at_least=cny(50), at_most=cny(150))
    draft: dict[str, Any] = {"conditions": [keep, v1.BalanceCondition(account_code="4001", at_most=cny(60))]}
    await bank.post((account_id, "DEBIT", 50), ("4001", "CREDIT", 50), **draft)
    for legs in (
        ((account_id, "DEBIT", 1), ("1001", "CREDIT", 1)),
        ((account_id, "CREDIT", 101), ("1001", "DEBIT", 101)),
        (("1001", "DEBIT", 11), ("4001", "CREDIT", 11)),
    ):
        assert (await bank.door.refused(bank.entry(*legs, **draft))).reason == "BALANCE_CONDITION_MUST_HOLD"
    assert await bank.balance(account_id) == 50


async def test_legs_and_accounts_keep_their_dimensions(bank: Bank) -> None:
    dimensions = dimension_pb2.Dimensions(branch="0101", channel="app")
    opened = await bank.door.call(
        account_pb2.OpenAccountRequest(
            request_id="o",
            customer_id="cus_1",
            account_class=account_pb2.ACCOUNT_CLASS_CUSTOMER,
            product="demand_deposit",
            currency_code="CNY",
            dimensions=dimensions,
        )
    )
    assert opened.account.dimensions == dimensions
    legs = [leg("1001", "DEBIT", 1, dimensions=dimensions), leg("4001", "CREDIT", 1)]
    draft = v1.EntryDraft(reference="r", legs=legs)
    posted = await bank.door.call(v1.PostEntryRequest(request_id="p", draft=draft))
    entry = (await bank.door.call(v1.GetEntryRequest(entry_id=posted.entry_id))).entry
    assert [part.dimensions for part in entry.legs] == [dimensions, dimension_pb2.Dimensions()]
    await bank.must_be_sound()


async def test_an_entry_is_put_right_by_its_mirror_and_the_right_one_together(bank: Bank) -> None:
    account_id = await bank.deposit(100)
    wrong = await bank.post((account_id, "DEBIT", 90), ("1001", "CREDIT", 90))
    right = drafted((account_id, "DEBIT", 9), ("1001", "CREDIT", 9))
    corrected = await bank.door.call(v1.CorrectEntryRequest(request_id="c", entry_id=wrong.entry_id, draft=right))
    assert corrected.reversal.reverses == wrong.entry_id
    assert await bank.balance(account_id) == 91
    too_much = drafted((account_id, "DEBIT", 500), ("1001", "CREDIT", 500))
    request = v1.CorrectEntryRequest(request_id="d", entry_id=corrected.correction_entry_id, draft=too_much)
    assert (await bank.door.refused(request)).reason == "AVAILABLE_BALANCE_EXHAUSTED"
    again = v1.CorrectEntryRequest(request_id="e", entry_id=wrong.entry_id, draft=right)
    assert (await bank.door.refused(again)).reason == "ENTRY_MUST_NOT_BE_REVERSED"
    assert await bank.balance(account_id) == 91
    await bank.must_be_sound()


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        (v1.EntryDraft(reference="r"), "LEGS_MUST_BE_TWO_OR_MORE"),
        (drafted(("1001", "DEBIT", 1), ("4001", "CREDIT", 1), resolves="x"), "RESOLVED_ENTRY_MUST_BE_NAMED"),
        (v1.EntryDraft(reference="r", kind=v1.ENTRY_KIND_VOID_PENDING), "RESOLVED_ENTRY_MUST_BE_NAMED"),
        (
            drafted(("1001", "DEBIT", 1), ("4001", "CREDIT", 1), expires_at=Timestamp(seconds=1)),
            "EXPIRY_IS_FOR_PENDING_ENTRIES",
        ),
        (
            drafted(("1001", "DEBIT", 1), ("4001", "CREDIT", 1), conditions=[v1.BalanceCondition(account_code="1001")]),
            "CONDITION_MUST_STATE_A_BOUND",
        ),
    ],
)
async def test_a_draft_that_says_two_things_is_refused(bank: Bank, draft: v1.EntryDraft, reason: str) -> None:
    refused = await bank.door.refused(v1.PostEntryRequest(request_id="x", draft=draft))
    assert isinstance(refused, RequestInvalid)
    assert reason in {violation.reason for violation in refused.violations}
