"""One round of a reconciliation: as much as a call has time for, in short pieces of the writer's."""

from dataclasses import dataclass
from functools import partial
from itertools import repeat

from zhongtai.operations.reconciliation import steps
from zhongtai.runtime.orchestration import Orchestration


@dataclass(frozen=True, slots=True)
class Round:
    """What a round came to, and whether there is more to do."""

    matches: int = 0
    breaks_found: int = 0
    breaks_left: int = 0
    more: bool = False


async def reconcile(given: Orchestration, account_id: str) -> Round:
    """Takes legs over, or where there are few matches what is open, and finds what is open for too long."""
    if await given.change(lambda unit: steps.pull(unit, account_id)):
        for _ in range(steps.PULLS_A_CALL):
            if not await given.change(lambda unit: steps.pull(unit, account_id)):
                break
        return Round(more=True)
    is_open = await given.read(lambda view: steps.find(view, account_id), "ReconcileAccount")
    matches = 0
    for piece in is_open.pieces():
        matches += await given.change(partial(steps.keep, account_id=account_id, piece=piece))
    if len(is_open.found) > matches:
        return Round(matches, more=True)
    new_ids = map(given.new_id, repeat("brk"))
    breaks, left = await given.read(lambda view: steps.aged(view, account_id, new_ids), "ReconcileAccount.aged")
    await given.change(lambda unit: steps.age(unit, account_id, breaks))
    return Round(matches, len(breaks), left)
