"""The pieces of an accrual: read what was posted, count what moved, pay on a day of settlement, post what is earned."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter

from zhongtai.kernel.money import Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import Account, AccountStatus
from zhongtai.operations.deposit_accrual.domain import DepositAccrual, DepositAccrualLine, DepositAccrualPhase
from zhongtai.operations.deposit_interest import store
from zhongtai.operations.deposit_interest.domain import (
    DAY,
    Change,
    DepositInterest,
    DepositInterestAccrued,
    DepositInterestPaid,
    DepositTotal,
    Move,
    Taken,
    Terms,
)
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.ledger.domain import Draft
from zhongtai.runtime.unit import Unit, View

# What one call does at most, so that others wait for milliseconds only.
ENTRIES = 1_000
ACCOUNTS = 250


@dataclass(frozen=True, slots=True)
class Posting:
    """What a posting rule of interest reads."""

    reference: str
    business_date: date
    amount: Money
    tax: Money
    account_id: str = ""

    @property
    def net(self) -> Money:
        """The amount without its tax."""
        return self.amount - self.tax


class Book:
    """The terms and totals that the accounts of one piece share: each is read once and written once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._terms: dict[tuple[str, str], Terms] = {}
        self._changes: dict[tuple[str, str], list[Change]] = {}
        self._paid: Counter[tuple[str, str]] = Counter()

    def terms(self, interest: DepositInterest) -> Terms:
        """The terms of an account."""
        return self.terms_of(interest.plan, interest.currency_code)

    def terms_of(self, plan: str, currency_code: str) -> Terms:
        """The terms of a plan in a currency."""
        key = (plan, currency_code)
        if key not in self._terms:
            self._terms[key] = store.terms(self._view, *key)
        return self._terms[key]

    def changed(self, before: DepositInterest | None, after: DepositInterest, paid: Money | None = None) -> None:
        """Takes a change of an account, and what it was paid, into the total."""
        key = (after.plan, after.currency_code)
        self._changes.setdefault(key, []).append((before, after))
        self._paid[key] += paid.minor_units if paid else 0

    def totals(self) -> dict[tuple[str, str], DepositTotal]:
        """Every total, as it is after the changes."""
        known = {(total.plan, total.currency_code): total for total in store.every_total(self._view)}
        return known | {key: self._total(key, known.get(key)) for key in self._changes}

    def save(self, unit: Unit) -> None:
        """Writes the totals that changed."""
        for key in self._changes:
            present = store.totals.find(unit, *key)
            if present:
                store.totals.save(unit, self._total(key, present))
            else:
                store.totals.add(unit, self._total(key, None))

    def _total(self, key: tuple[str, str], present: DepositTotal | None) -> DepositTotal:
        """A total with the changes of its accounts; a new one is counted as far as the first of them."""
        _, first = self._changes[key][0]
        total = present or DepositTotal(*key, first.through, (), (), 0)
        return total.changed(self._changes[key], self.terms_of(*key)).paid(Money(key[1], self._paid[key]))


def step(unit: Unit, accrual: DepositAccrual) -> DepositAccrual:
    """Does the next piece, of each phase one at the most, and answers how far the accrual is then."""
    if accrual.phase is DepositAccrualPhase.TAKING:
        accrual = _take(unit, accrual)
    if accrual.phase is DepositAccrualPhase.VALUED:
        accrual = _value(unit, accrual)
    if accrual.phase is DepositAccrualPhase.SETTLING:
        accrual = _settle(unit, accrual)
    return accrual


def count(unit: Unit, legs: dict[str, list[Taken]], through: date) -> int:
    """Counts new legs into the accounts that earn, through a day; answers how many accounts those are."""
    book = Book(unit)
    changes, moves = counted(unit, book, legs, through)
    store.add_movements(unit, moves)
    store.interests.add_all(unit, [after for before, after in changes if before is None])
    store.interests.change_all(unit, [(before, after) for before, after in changes if before is not None])
    book.save(unit)
    return len(moves)


def counted(
    view: View, book: Book, legs: dict[str, list[Taken]], through: date
) -> tuple[list[Change], dict[str, list[Move]]]:
    """The accounts that earn before and after new legs, counted through a day, and what moved each; writes nothing."""
    present = store.present(view, list(legs))
    known = present | _beginning(
        view, {account_id: legs[account_id] for account_id in legs if account_id not in present}
    )
    since = store.movements(view, list(known))
    changes: list[Change] = []
    moves: dict[str, list[Move]] = {}
    for account_id, interest in known.items():
        # An account that was settled by itself has seen more than the accrual.
        new = [leg for leg in legs[account_id] if leg.number > interest.seen_number]
        if new:
            by_day: Counter[date] = Counter()
            for leg in new:
                by_day[leg.value_date] += leg.minor
            moves[account_id] = sorted(by_day.items())
            every = sorted([*since[account_id], *moves[account_id]])
            after = interest.moved(moves[account_id], every, new[-1].number, through, book.terms(interest))
            book.changed(present.get(account_id), after)
            changes.append((present.get(account_id), after))
    return changes, moves


def pay(
    unit: Unit, interests: Sequence[DepositInterest], through: date, booked_on: date
) -> dict[str, tuple[str, DepositInterestPaid]]:
    """Settles accounts through a day; answers the entry of each that was paid, and what it was paid.

    What is owed to an account that was closed without being settled goes to a payable, where its owner can claim it.
    """
    accounts = account_store.accounts.load_all(unit, [interest.account_id for interest in interests])
    since = store.movements(unit, list(accounts))
    book, changes, drafts, facts = Book(unit), [], [], []
    for before in interests:
        terms = book.terms(before)
        after, amount, tax = before.rolled(through, since[before.account_id], terms).settled(terms, booked_on - DAY)
        book.changed(before, after, amount)
        changes.append((before, after))
        if amount:
            first = before.settled_through + DAY
            facts.append(DepositInterestPaid(before.account_id, before.plan, first, through, amount, tax))
            drafts.append(_paid(unit, accounts[before.account_id], facts[-1], booked_on))
    store.interests.change_all(unit, changes)
    store.forget_movements(unit, [after for _, after in changes])
    book.save(unit)
    entries = ledger_store.post(unit, drafts) if drafts else ()
    unit.record_all(facts)
    return {fact.account_id: (entry.entry_id, fact) for fact, entry in zip(facts, entries, strict=True)}


def caught_up(view: View, account: Account, through: date) -> tuple[DepositInterest, Terms]:
    """An account with all that was posted on it, counted through a day; nothing is written.

    Refuses one that earns nothing.
    """
    plan = store.plan_of(account.account_id, account.product)
    terms = store.terms(view, plan.plan, account.currency_code)
    interest = store.interests.find(view, account.account_id)
    legs = store.legs_of(view, account.account_id, interest.seen_number if interest else 0)
    moves = [(leg.value_date, leg.minor) for leg in legs]
    if interest is None:
        first = min((value_date for value_date, _ in moves), default=through)
        interest = DepositInterest.begin(account.account_id, plan.plan, account.currency_code, first)
    since = sorted([*store.movements(view, [account.account_id])[account.account_id], *moves])
    number = legs[-1].number if legs else interest.seen_number
    return interest.moved(moves, since, number, through, terms), terms


def _take(unit: Unit, accrual: DepositAccrual) -> DepositAccrual:
    """Reads the next entries that were posted, as far as there are any now: what is posted meanwhile waits a day."""
    last = store.last_number(unit)
    through = min(accrual.seen_number + ENTRIES, last)
    if through > accrual.seen_number:
        moved = count(unit, store.legs(unit, accrual.seen_number, through), accrual.business_date)
        accrual = replace(accrual, seen_number=through, accounts_moved=accrual.accounts_moved + moved)
    return accrual.at(DepositAccrualPhase.VALUED) if through >= last else accrual


def _value(unit: Unit, accrual: DepositAccrual) -> DepositAccrual:
    """Counts accounts whose movements were booked on an earlier day and begin to count on this one."""
    on = accrual.business_date
    account_ids = store.counting_from(unit, on - DAY, on, accrual.cursor, ACCOUNTS)
    if not account_ids:
        return accrual.at(DepositAccrualPhase.SETTLING)
    present, since = store.present(unit, account_ids), store.movements(unit, account_ids)
    book, changes = Book(unit), []
    for account_id, before in present.items():
        after = before.rolled(on, since[account_id], book.terms(before))
        book.changed(before, after)
        changes.append((before, after))
    store.interests.change_all(unit, changes)
    book.save(unit)
    moved = replace(accrual, accounts_moved=accrual.accounts_moved + len(changes))
    return moved.at(DepositAccrualPhase.VALUED, account_ids[-1])


def _settle(unit: Unit, accrual: DepositAccrual) -> DepositAccrual:
    """Pays the next accounts of the plans that settle on this day; posts the day where none is left."""
    on = accrual.business_date
    plan_now, _, cursor = accrual.cursor.partition("/")
    for plan in sorted(name for name, plan in store.PLANS.items() if plan.settles(on) and name >= plan_now):
        found = store.to_settle(unit, plan, cursor if plan == plan_now else "")
        if found:
            due = [interest for interest in found if interest.settled_through < on]
            amounts: Counter[str] = Counter()
            for _, paid in pay(unit, due, on, on + DAY).values():
                amounts[paid.amount.currency] += paid.amount.minor_units
            done = replace(accrual.paid(plan, amounts), accounts_settled=accrual.accounts_settled + len(due))
            return done.at(DepositAccrualPhase.SETTLING, f"{plan}/{found[-1].account_id}")
    return _post(unit, accrual)


def _post(unit: Unit, accrual: DepositAccrual) -> DepositAccrual:
    """Posts what each plan and currency earned on the day."""
    on = accrual.business_date
    lines, drafts, facts = {(line.plan, line.currency_code): line for line in accrual.lines}, [], []
    for total in store.every_total(unit):
        terms = store.terms(unit, total.plan, total.currency_code)
        after, amount = total.rolled(max(on, total.through), terms).accrued(terms)
        store.totals.save(unit, after)
        payable = Money(total.currency_code, after.payable_minor)
        key = (total.plan, total.currency_code)
        paid = lines[key].paid if key in lines else amount.nothing
        lines[key] = DepositAccrualLine(*key, amount, payable, paid)
        if amount:
            posting = Posting(f"deposit interest {on} {total.plan}", on, amount, amount.nothing)
            drafts.append(_draft(unit, "ACCRUED", posting))
            facts.append(DepositInterestAccrued(*key, on, amount, payable))
    if drafts:
        ledger_store.post(unit, drafts)
        unit.record_all(facts)
    return replace(accrual.at(DepositAccrualPhase.POSTED), lines=tuple(lines.values()))


def _beginning(view: View, legs: dict[str, list[Taken]]) -> dict[str, DepositInterest]:
    """Those accounts that are met for the first time and earn."""
    found = {}
    for account in account_store.accounts.load_all(view, list(legs)).values():
        plan = store.PLAN_OF_PRODUCT.get(account.product)
        if plan:
            first = min(leg.value_date for leg in legs[account.account_id])
            found[account.account_id] = DepositInterest.begin(
                account.account_id, plan.plan, account.currency_code, first
            )
    return found


def _paid(unit: Unit, account: Account, paid: DepositInterestPaid, booked_on: date) -> Draft:
    rule = "PAID.CLOSED" if account.status is AccountStatus.CLOSED else "PAID"
    reference = f"deposit interest {account.account_id}"
    return _draft(unit, rule, Posting(reference, booked_on, paid.amount, paid.tax, account.account_id))


def _draft(unit: Unit, rule: str, posting: Posting) -> Draft:
    draft = store.rule(rule).draft(unit.new_id("ent"), lambda path: attrgetter(path)(posting))
    assert draft, "an amount was posted"
    return draft
