"""How a piece of a batch moves: which lines can, in memory and in their order, then all that can in one posting."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.ledger.domain import Draft, Leg
from zhongtai.operations.payment import trying
from zhongtai.operations.payment_batch import store, trial
from zhongtai.operations.payment_batch.domain import BatchLine, PaymentBatch
from zhongtai.runtime.unit import Unit


@dataclass(frozen=True, slots=True)
class _Moving:
    """What a posting rule of a batch reads its fields of."""

    batch: PaymentBatch
    line: BatchLine


def continued(unit: Unit, batch: PaymentBatch) -> tuple[PaymentBatch, int]:
    """The batch after its next lines, and how many these were."""
    if not batch.left:
        return batch, 0
    lines = store.next_lines(unit, batch.payment_batch_id)
    drafts = [_draft(unit, batch, line) for line in lines]
    refusals = trial.refusals(unit, batch, drafts)
    moving = [draft for draft, refusal in zip(drafts, refusals, strict=True) if refusal is None]
    entry_ids = iter(_posted(unit, moving, batch_booking=batch.batch_booking))
    after = [
        line.moved(next(entry_ids)) if refusal is None else line.rejected(trying.reason_of(refusal))
        for line, refusal in zip(lines, refusals, strict=True)
    ]
    store.lines.save_all(unit, after)
    batch = batch.after(after)
    store.batches.save(unit, batch)
    if not batch.left:
        unit.record(batch.completed())
    return batch, len(after)


def at_once(unit: Unit, batch: PaymentBatch, lines: Sequence[BatchLine]) -> tuple[PaymentBatch, list[BatchLine]]:
    """A new batch all of whose lines move in one entry; refuses where one of them cannot."""
    drafts = [_draft(unit, batch, line) for line in lines]
    for refusal in trial.refusals(unit, batch, drafts):
        if refusal is not None:
            raise refusal
    (entry_id, *_) = _posted(unit, drafts, batch_booking=True)
    after = [line.moved(entry_id) for line in lines]
    batch = batch.after(after)
    store.batches.add(unit, batch)
    store.lines.add_all(unit, after)
    unit.record_all((batch.submitted(), batch.completed()))
    return batch, after


def _draft(unit: Unit, batch: PaymentBatch, line: BatchLine) -> Draft:
    moving = _Moving(batch, line)
    draft = store.RULES[batch.kind].draft(unit.new_id("ent"), lambda path: attrgetter(path)(moving))
    assert draft is not None, "a line has an amount above zero"
    return draft


def _posted(unit: Unit, drafts: Sequence[Draft], *, batch_booking: bool) -> list[str]:
    """The id of the entry of each draft: its own, or the one that they all stand in."""
    if not drafts:
        return []
    if not batch_booking:
        return [entry.entry_id for entry in ledger_store.post(unit, drafts)]
    (entry,) = ledger_store.post(unit, [_together(drafts)])
    return [entry.entry_id] * len(drafts)


def _together(drafts: Sequence[Draft]) -> Draft:
    """One draft of many: the legs of one account on one side are one leg."""
    legs: dict[tuple[str, str, str], Leg] = {}
    for draft in drafts:
        for leg in draft.legs:
            key = (leg.account_code, leg.account_id, leg.side)
            legs[key] = replace(leg, amount=legs[key].amount + leg.amount) if key in legs else leg
    return replace(drafts[0], legs=tuple(legs.values()))
