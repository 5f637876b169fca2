"""Entries by the stream: each has the outcome it has alone, a cut loses none and posts none in part, none is posted
twice.
"""

import random
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from google.protobuf.message import Message

from tests.operations.bank import Bank, drafted
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import ledger_pb2 as v1
from zhongtai.runtime.call import Call
from zhongtai.runtime.streams import Told

# What is nobody else's: which entry it became, and where it stands in the chain.
ITS_OWN = ("entry_id", "number", "hash", "previous_hash", "posted_at")


class CutError(Exception):
    """The listener hangs up."""


async def streamed(bank: Bank, requests: Sequence[Message], *, step: int = 7, until: int | None = None) -> list[Any]:
    """The outcomes of a stream in batches of `step`, with the ids they came with; hangs up after so many."""
    told: list[Any] = []

    async def batches() -> AsyncIterator[Sequence[Message]]:
        for first in range(0, len(requests), step):
            yield requests[first : first + step]

    async def tell(some: Told) -> None:
        told.extend(some)
        if until is not None and len(told) >= until:
            raise CutError

    await bank.door.calls.stream(v1.PostEntryRequest, batches(), tell, Call(bank.door.caller))
    return told


def mixed(rng: random.Random, name: str, account_id: str, size: int) -> list[v1.PostEntryRequest]:
    """A mix of good entries, wrong ones, repeated ones, and ones whose id was used for another before.

    Two mixes of one seed differ in their request ids alone.
    """
    requests: list[v1.PostEntryRequest] = []
    ways = (("1001", account_id), ("1001", "6011"), ("6011", "1001"), ("8888", "6011"), ("1001", "2011"))
    for number in range(size):
        debit, credit = rng.choice((*ways, (account_id, "1001")))
        # Out of the account goes more than there is, or ever will be: what is refused does not depend on the order.
        amount = 10**12 if debit == account_id else rng.randrange(1, 1_000)
        legs = [(debit, "DEBIT", amount), (credit, "CREDIT", amount + (rng.random() < 0.1))]
        request = v1.PostEntryRequest(
            request_id=f"{name}-{number}", draft=drafted(*legs[: 1 if rng.random() < 0.1 else 2])
        )
        if requests and rng.random() < 0.15:
            request = rng.choice(requests)
        elif rng.random() < 0.1:
            request.request_id = f"{name}-used"
        requests.append(request)
    return requests


def essence(outcome: Any) -> Any:
    """An outcome without what is its own: not what the account had just then, which a refusal tells."""
    if isinstance(outcome, Refusal):
        violations = getattr(outcome, "violations", ())
        return outcome.reason, sorted(outcome.metadata), [one.reason for one in violations]
    entry = v1.Entry()
    entry.CopyFrom(outcome.entry)
    for field in ITS_OWN:
        entry.ClearField(field)
    return entry.SerializeToString(deterministic=True)


async def alone(bank: Bank, requests: Sequence[Message]) -> list[Any]:
    """The outcomes of the same requests sent one after another."""
    outcomes: list[Any] = []
    for request in requests:
        try:
            outcomes.append(await bank.door.call(request))
        except Refusal as refusal:
            outcomes.append(refusal)
    return outcomes


@pytest.mark.parametrize("seed", range(4))
async def test_each_entry_has_the_outcome_it_has_alone_and_a_second_stream_posts_nothing(bank: Bank, seed: int) -> None:
    account_id = await bank.deposit(1_000)
    one_by_one, requests = (mixed(random.Random(seed), name, account_id, 60) for name in ("one", "all"))
    for name in ("one", "all"):
        await bank.door.call(
            v1.PostEntryRequest(
                request_id=f"{name}-used", draft=drafted(("1001", "DEBIT", 5_000), ("6011", "CREDIT", 5_000))
            )
        )
    expected = [essence(outcome) for outcome in await alone(bank, one_by_one)]
    before = len(await bank.door.facts(v1.EntryPosted))
    told = await streamed(bank, requests, step=1 + 13 * seed)
    assert [request_id for request_id, _ in told] == [request.request_id for request in requests]
    assert [essence(outcome) for _, outcome in told] == expected
    posted = {outcome.entry_id for _, outcome in told if not isinstance(outcome, Refusal)}
    assert len(await bank.door.facts(v1.EntryPosted)) == before + len(posted) > before
    again = await streamed(bank, requests)
    assert [essence(outcome) for _, outcome in again] == expected
    assert {outcome.entry_id for _, outcome in again if not isinstance(outcome, Refusal)} == posted
    assert len(await bank.door.facts(v1.EntryPosted)) == before + len(posted)
    await bank.must_be_sound()


async def test_a_stream_that_was_cut_is_sent_again_whole(bank: Bank) -> None:
    account_id = await bank.deposit()
    requests = [bank.entry(("1001", "DEBIT", 1), (account_id, "CREDIT", 1)) for _ in range(300)]
    for until in (1, 40, 150):
        with pytest.raises(CutError):
            await streamed(bank, requests, until=until)
        # What was under way is whole or is not: the balance is the sum of the entries.
        posted = await bank.door.facts(v1.EntryPosted)
        assert until <= len(posted) <= 300
        await bank.must_be_sound()
    told = await streamed(bank, requests)
    assert len({outcome.entry_id for _, outcome in told}) == 300 == len(await bank.door.facts(v1.EntryPosted))
    assert await bank.balance(account_id) == 300
    await bank.must_be_sound()


async def test_entries_of_a_stream_share_commits(bank: Bank) -> None:
    commits = 0

    def count() -> None:
        nonlocal commits
        commits += 1

    bank.door.service.store.on_commit(count)
    await streamed(bank, [bank.entry(("1001", "DEBIT", 1), ("6011", "CREDIT", 1)) for _ in range(400)], step=400)
    assert 0 < commits < 100


async def test_who_may_not_post_is_refused_entry_by_entry(bank: Bank) -> None:
    bank.door.as_caller("reader", "operations.ledger.read")
    told = await streamed(bank, [bank.entry(("1001", "DEBIT", 1), ("6011", "CREDIT", 1)) for _ in range(3)])
    assert [outcome.reason for _, outcome in told] == ["SCOPE_MISSING"] * 3
    assert await bank.door.facts(v1.EntryPosted) == []
