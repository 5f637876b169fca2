"""The steps of a reconciliation: take legs over, find matches beside the writer, keep them in pieces, age the rest.

Every step follows from what is stored: a run that was killed is run again, and what it has done stays done.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from zhongtai.kernel.calendar import CHINA_INTERBANK
from zhongtai.kernel.money import Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.matching_rule import store as rule_store
from zhongtai.operations.reconciliation import store
from zhongtai.operations.reconciliation.domain import (
    AccountReconciled,
    ItemSide,
    Match,
    Proposal,
    Reconciliation,
    ReconciliationBreak,
)
from zhongtai.operations.reconciliation.engine import ByAmount, Columns, Found, match
from zhongtai.runtime.unit import Unit, View

# So many legs or matches take some tens of milliseconds, which is how long others wait for the writer.
LEGS_AT_ONCE = 5_000
MATCHES_AT_ONCE = 2_000
# A call is over in seconds; whoever asked goes on until there is no more.
PULLS_A_CALL = 20
MATCHES_A_CALL = 100_000
# A fault that touches everything is one fault: it does not open a work order for each of a million lines.
BREAKS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Open:
    """What is open on both sides of an account, and the matches among it by the places of their members."""

    lines: Columns
    items: Columns
    found: Sequence[Found]

    def pieces(self) -> Iterator["Open"]:
        """The same with the matches of a call, in pieces that are short to write."""
        for start in range(0, min(len(self.found), MATCHES_A_CALL), MATCHES_AT_ONCE):
            yield Open(self.lines, self.items, self.found[start : start + MATCHES_AT_ONCE])


def pull(unit: Unit, account_id: str) -> bool:
    """Takes the next legs of an account over; answers whether there may be more."""
    found = store.reconciliations.load(unit, account_id)
    side = account_store.accounts.load(unit, account_id).side
    last, more = store.pull(unit, account_id, side, found.last_number, LEGS_AT_ONCE)
    if last > found.last_number:
        store.reconciliations.save(unit, replace(found, last_number=last))
    return more


def find(view: View, account_id: str) -> Open:
    """Every match among what is open, by the account's rules as they are now."""
    reconciliation = store.reconciliations.load(view, account_id)
    lines, items = store.open_columns(view, account_id, by_hand=False)
    found = match(rule_store.load(view, reconciliation.rule_set).rules, lines, items)
    # In the order in which the items lie in the store: what is written together lies on few of its pages.
    return Open(lines, items, sorted(found, key=lambda one: one.items or (len(items.ids),)))


def keep(unit: Unit, account_id: str, piece: Open) -> int:
    """Writes matches; refuses where somebody has taken a member meanwhile: then others may match. Answers how many."""
    currency = account_store.accounts.load(unit, account_id).currency_code
    ids = unit.new_ids("mat", len(piece.found))
    sums = [(piece.lines.sum(one.lines), piece.items.sum(one.items)) for one in piece.found]

    def made(place: int) -> Match:
        rule, of_lines, of_items = piece.found[place]
        line_sum, item_sum = sums[place]
        return Match.made(
            ids[place],
            account_id,
            rule=rule.name,
            lines=(len(of_lines), Money(currency, line_sum)),
            items=(len(of_items), Money(currency, item_sum)),
            difference_code=rule.difference_code if line_sum != item_sum else "",
            on=unit.business_date,
            now=unit.now,
            by=unit.caller.acting,
        )

    agree = [place for place, (line_sum, item_sum) in enumerate(sums) if line_sum == item_sum]
    differ = [made(place) for place, (line_sum, item_sum) in enumerate(sums) if line_sum != item_sum]
    if agree:
        store.add_alike(unit, made(agree[0]), [(ids[place], piece.found[place], sums[place][0]) for place in agree])
    store.matches.add_all(unit, differ)
    unit.record_all([fact for one in differ if (fact := one.proposed())])
    store.take(unit, ItemSide.STATEMENT, ids, [[piece.lines.ids[place] for place in one.lines] for one in piece.found])
    store.take(unit, ItemSide.LEDGER, ids, [[piece.items.ids[place] for place in one.items] for one in piece.found])
    return len(ids)


def age(unit: Unit, account_id: str, breaks: Sequence[ReconciliationBreak]) -> None:
    """Writes breaks that are not there yet, and ends those whose members have found a match."""
    known = store.known_breaks(unit, account_id)
    fresh = [one for one in breaks if one.member_id not in known]
    store.breaks.add_all(unit, fresh)
    gone = [one.resolve(unit.business_date) for one in store.resolved(unit, account_id)]
    store.breaks.save_all(unit, [one for one, _ in gone])
    unit.record_all([*(one.aged() for one in fresh), *(fact for _, fact in gone)])


def aged(view: View, account_id: str, new_ids: Iterator[str]) -> tuple[list[ReconciliationBreak], int]:
    """The oldest of what has been open for longer than it may and is no break yet, and how many there are beyond."""
    found = store.reconciliations.load(view, account_id)
    currency = account_store.accounts.load(view, account_id).currency_code
    before = CHINA_INTERBANK.add_business_days(view.business_date, -found.break_after_days).toordinal()
    known = store.known_breaks(view, account_id)
    sides = dict(zip(ItemSide, store.open_columns(view, account_id, by_hand=True), strict=True))
    old = [
        (columns.days[place], columns.ids[place], side, place)
        for side, columns in sides.items()
        for place in range(len(columns.ids))
        if columns.days[place] <= before and columns.ids[place] not in known
    ]
    by_amount = {side: ByAmount.of(columns) for side, columns in sides.items()}
    other = {ItemSide.STATEMENT: ItemSide.LEDGER, ItemSide.LEDGER: ItemSide.STATEMENT}
    breaks = [
        ReconciliationBreak(
            break_id=next(new_ids),
            account_id=account_id,
            side=side,
            member_id=member_id,
            amount=Money(currency, sides[side].amounts[place]),
            value_date=date.fromordinal(day),
            proposal=_proposal(Money(currency, sides[side].amounts[place]), by_amount[other[side]]),
            found_on=view.business_date,
        )
        for day, member_id, side, place in sorted(old)[:BREAKS_AT_ONCE]
    ]
    return breaks, max(0, len(old) - BREAKS_AT_ONCE)


def _proposal(amount: Money, others: ByAmount) -> str:
    """What might be done: MATCH with what has the very amount, COMPARE with the nearest, or POST what nobody has."""
    found = others.nearest(amount.minor_units)
    if found is None or (found.minor_units < 0) is not (amount.minor_units < 0):
        return Proposal.POST
    apart = amount - Money(amount.currency, found.minor_units)
    return f"{Proposal.COMPARE} {found.member_id} {apart}" if apart else f"{Proposal.MATCH} {found.member_id}"


def finish(unit: Unit, account_id: str, matches: int) -> Reconciliation:
    """The reconciliation after a run, and the fact that there was one."""
    lines_open, items_open = store.open_counts(unit, account_id)
    found = replace(
        store.reconciliations.load(unit, account_id),
        reconciled_on=unit.business_date,
        lines_open=lines_open,
        items_open=items_open,
    )
    store.reconciliations.save(unit, found)
    unit.record(AccountReconciled(account_id, unit.business_date, matches, lines_open, items_open))
    return found
