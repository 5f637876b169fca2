"""What people decide of a reconciliation, by an RPC or by a work order: matches by hand, and differences."""

from collections.abc import Mapping, Sequence

from zhongtai.kernel.money import Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.reconciliation import store
from zhongtai.operations.reconciliation.domain import (
    BY_HAND,
    BreakState,
    DifferenceStatus,
    ItemSide,
    Match,
    MatchStatus,
)
from zhongtai.runtime.unit import Unit


def by_hand(
    unit: Unit,
    account_id: str,
    members: Mapping[ItemSide, Sequence[str]],
    *,
    by: str,
    reason: str,
    difference_code: str = "",
) -> Match:
    """Matches what a person has chosen; refuses what is not open, and sums that differ without a code for it."""
    currency = account_store.accounts.load(unit, account_id).currency_code
    sums = {
        side: (len(ids), Money(currency, store.must_be_open(unit, account_id, side, ids)))
        for side, ids in members.items()
    }
    made = Match.made(
        unit.new_id("mat"),
        account_id,
        rule=BY_HAND,
        lines=sums[ItemSide.STATEMENT],
        items=sums[ItemSide.LEDGER],
        difference_code=difference_code,
        on=unit.business_date,
        now=unit.now,
        by=by,
        reason=reason,
    )
    store.matches.add(unit, made)
    for side, ids in members.items():
        store.take(unit, side, [made.match_id], [ids])
    unit.record_all([fact for fact in (made.proposed(),) if fact])
    return made


def approve(unit: Unit, match: Match, subject: str) -> Match:
    """Posts what a match leaves over; refuses whoever proposed it."""
    match.must_be_open_to(subject)
    (entry,) = ledger_store.post(unit, [match.draft(unit.new_id("ent"))])
    approved, decided = match.approve(subject, entry.entry_id)
    store.matches.save(unit, approved)
    unit.record(decided)
    return approved


def reject(unit: Unit, match: Match, subject: str, reason: str) -> Match:
    """Takes a match apart whose difference is none to post; refuses whoever proposed it."""
    match.must_be_open_to(subject)
    rejected, decided = match.reject(subject, reason)
    store.matches.save(unit, rejected)
    store.free(unit, rejected)
    unit.record(decided)
    return rejected


def decide(unit: Unit, match_id: str, subject: str, *, approved: bool, comment: str) -> None:
    """Posts or refuses a difference as a work order says; what was decided or taken apart meanwhile stays as it is."""
    match = store.matches.find(unit, match_id)
    if match is None or match.difference_status is not DifferenceStatus.PROPOSED:
        return
    if match.status is MatchStatus.UNDONE:
        return
    if approved:
        approve(unit, match, subject)
    else:
        reject(unit, match, subject, comment)


def carry_out(unit: Unit, break_id: str, subject: str, comment: str) -> None:
    """Makes the match that a break proposes, as long as both are open still; anything else is a person's."""
    found = store.breaks.find(unit, break_id)
    if found is None or found.state is not BreakState.OPEN or not found.proposed_match:
        return
    other = {ItemSide.STATEMENT: ItemSide.LEDGER, ItemSide.LEDGER: ItemSide.STATEMENT}[found.side]
    members = {found.side: [found.member_id], other: [found.proposed_match]}
    if all(store.open_among(unit, found.account_id, side, ids) for side, ids in members.items()):
        by_hand(unit, found.account_id, members, by=subject, reason=comment or found.proposal)
        resolved, fact = found.resolve(unit.business_date)
        store.breaks.save(unit, resolved)
        unit.record(fact)
