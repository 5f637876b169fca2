"""How a piece of a batch moves: which lines can, in memory and in their order, then all that can in one posting."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import Account, Side
from zhongtai.operations.account_class import store as class_store
from zhongtai.operations.account_class.domain import AccountUse
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.ledger.domain import Draft, Leg
from zhongtai.operations.payment import bounds, trying
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
    drafts = [_draft(unit, batch, line) for line in lines]
    for refusal in _refusals(unit, drafts):
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


def _refusals(unit: Unit, drafts: Sequence[Draft]) -> list[Refusal | None]:
    """What each draft is refused with on what the ones before it leave of balances and limits; None where it can move.

    What can move is counted on the limits of the accounts' classes.
    """
    accounts: dict[str, Account] = {}
    classed = bounds.classed(unit, {leg.account_id for draft in drafts for leg in draft.legs})
    return [_refusal(unit, draft, accounts, classed) for draft in drafts]


def _refusal(unit: Unit, draft: Draft, accounts: dict[str, Account], classed: frozenset[str]) -> Refusal | None:
    after: dict[str, Account] = {}
    uses: list[tuple[Account, str, Money, AccountUse]] = []
    try:
        for leg, other in zip(draft.legs, reversed(draft.legs), strict=True):
            account = accounts.get(leg.account_id) or account_store.accounts.load(unit, leg.account_id)
            after[leg.account_id] = _moved(account, leg, unit)
            if leg.account_id in classed:
                use = AccountUse.OUTWARD if leg.side is Side.DEBIT else AccountUse.INWARD
                uses.append((account, other.account_id, leg.amount, use))
                class_store.must_allow(unit, *uses[-1])
    except Refusal as refusal:
        return refusal
    for each in uses:
        class_store.use_of_limits(unit, *each)
    accounts |= after
    return None


def _moved(account: Account, leg: Leg, view: View) -> Account:
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
