"""Ledger postings: two-leg entries from independent callers, and in bulk."""

import tempfile
import time
from pathlib import Path

import uvloop

from tests.load.commands import CALL, rate
from tests.load.figure import Figure
from tests.load.serving import mounted
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.operations.v1.ledger_pb2 import (
    SIDE_CREDIT,
    SIDE_DEBIT,
    EntryDraft,
    Leg,
    PostEntriesRequest,
    PostEntryRequest,
)

AT_ONCE = 1_000


def draft(number: int) -> EntryDraft:
    """Interest received, a different amount each time."""
    amount = Money(currency_code="CNY", minor_units=1 + number % 9_999)
    return EntryDraft(
        reference=f"bench-{number}",
        legs=[
            Leg(account_code="1001", side=SIDE_DEBIT, amount=amount),
            Leg(account_code="6011", side=SIDE_CREDIT, amount=amount),
        ],
    )


def one(number: int) -> PostEntryRequest:
    """One entry to a request."""
    return PostEntryRequest(request_id=f"one-{number}", draft=draft(number))


async def _measure(folder: Path) -> tuple[float, float]:
    async with mounted("operations", folder) as calls:
        await rate(calls, one, callers=64, total=200, first=0)
        singles = await rate(calls, one, callers=64, total=5000, first=10_000)
        begun = time.perf_counter()
        for batch in range(20):
            first = 1_000_000 + batch * AT_ONCE
            drafts = [draft(first + number) for number in range(AT_ONCE)]
            await calls.call(PostEntriesRequest(request_id=f"bulk-{batch}", drafts=drafts), CALL)
        return singles, 20 * AT_ONCE / (time.perf_counter() - begun)


def run(runs: int) -> list[Figure]:
    """Measures everything so many times, each on an empty ledger."""
    singles = Figure("ledger, two-leg entries, 64 independent callers in process", "/s", [], "no bound")
    bulk = Figure(f"ledger, two-leg entries, {AT_ONCE} to a request", "/s", [], "≥ 10,000")
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as name:
            one_by_one, together = uvloop.run(_measure(Path(name)))
        singles.values.append(one_by_one)
        bulk.values.append(together)
    return [singles, bulk]


if __name__ == "__main__":
    for figure in run(1):
        print(figure)
