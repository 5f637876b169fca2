"""How a piece of a batch moves: which lines can, in memory and in their order, then all that can in one posting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from zhongtai.kernel.money import CurrencyMustMatch
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import Account, AccountNotFound
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.ledger.domain import Draft, Leg
from zhongtai.operations.payment import trying
from zhongtai.operations.payment_batch import store
from zhongtai.operations.payment_batch.domain import BatchLine, PaymentBatch
from zhongtai.runtime.unit import Unit, View


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
    refusals = _refusals(unit, drafts)
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
    (entry_id, *_) = _posted(unit, [_draft(unit, batch, line) for line in lines], batch_booking=True)
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


def _refusals(view: View, drafts: Iterable[Draft]) -> list[Refusal | None]:
    """What each draft would be refused with on the balances that the ones before it leave; None where it can move."""
    accounts: dict[str, Account] = {}
    return [_refusal(view, draft, accounts) for draft in drafts]


def _refusal(view: View, draft: Draft, accounts: dict[str, Account]) -> Refusal | None:
    after: dict[str, Account] = {}
    try:
        for leg in draft.legs:
            account = accounts.get(leg.account_id) or account_store.accounts.find(view, leg.account_id)
            after[leg.account_id] = _moved(account, leg, view)
    except Refusal as refusal:
        return refusal
    accounts |= after
    return None


def _moved(account: Account | None, leg: Leg, view: View) -> Account:
    if account is None:
        raise AccountNotFound(account_id=leg.account_id)
    if account.currency_code != leg.amount.currency:
        raise CurrencyMustMatch(left=account.currency_code, right=leg.amount.currency)
    return account.move(leg.side, leg.amount, view.now)


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
