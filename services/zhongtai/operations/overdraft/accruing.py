"""The night of one overdraft: count its days, post what was earned, charge it on its day, take what is due."""

from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter

from zhongtai.kernel.money import Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import Account, AccountStatus
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.overdraft import store
from zhongtai.operations.overdraft.domain import DAY, Overdraft
from zhongtai.runtime.unit import Unit


@dataclass(frozen=True, slots=True)
class Posting:
    """What a posting rule of an overdraft reads."""

    reference: str
    booked_on: date
    amount: Money
    account_id: str


def night(unit: Unit, before: Overdraft, on: date) -> Overdraft:
    """Takes an overdraft through a day that is over."""
    counted = before.counted(store.moves(unit, before), on)
    after, added = before.accrue(counted, on)
    if added:
        _post(unit, "ACCRUED", after, added, on)
    if after.charges(counted, on):
        after, charged = after.charge(counted, on, store.last_number(unit, after.account_id))
        unit.record(charged)
    if after.due and _bears(account_store.accounts.load(unit, after.account_id), after.due, unit):
        _post(unit, "CHARGED", after, after.due, on + DAY)
        after = after.taken()
    after = after.at(counted, on)
    put(unit, before, after)
    return after


def put(unit: Unit, before: Overdraft | None, after: Overdraft) -> None:
    """Writes an overdraft, lets its account be taken down so far, and tells where it stands otherwise."""
    account = account_store.accounts.load(unit, after.account_id)
    if account.floor != after.floor and account.status is not AccountStatus.CLOSED:
        account_store.accounts.save(unit, replace(account, floor=after.floor))
    if before is None:
        store.overdrafts.add(unit, after)
    else:
        store.overdrafts.save(unit, after)
        if before.status is not after.status:
            unit.record(after.moved())


def _bears(account: Account, amount: Money, unit: Unit) -> bool:
    return account.status is AccountStatus.ACTIVE and amount <= account.available(unit.now)


def _post(unit: Unit, rule: str, overdraft: Overdraft, amount: Money, booked_on: date) -> None:
    posting = Posting(f"overdraft {overdraft.account_id}", booked_on, amount, overdraft.account_id)
    draft = store.RULES[rule].draft(unit.new_id("ent"), lambda path: attrgetter(path)(posting))
    assert draft, "an amount was posted"
    ledger_store.post(unit, [draft])
