"""The RPCs of freezes."""

from zhongtai.kernel.money import Money
from zhongtai.operations.account import store as account_store
from zhongtai.operations.account.domain import Account
from zhongtai.operations.account_freeze import store
from zhongtai.operations.account_freeze.domain import (
    AccountFreeze,
    FreezeKind,
    FreezeStatus,
    FrozenFundsDeducted,
    covered,
)
from zhongtai.operations.account_stop.domain import let_go, stopped
from zhongtai.operations.ledger import store as ledger_store
from zhongtai.operations.v1 import account_freeze_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, money_message, money_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def freeze_funds(request: v1.FreezeFundsRequest, unit: Unit) -> v1.FreezeFundsResponse:
    """Freezes the whole account or an amount."""
    account = account_store.customers_account(unit, request.account_id)
    kind = FreezeKind(v1.FreezeKind.Name(request.kind).removeprefix("FREEZE_KIND_"))
    asked = date_of(request.ends_on) if request.HasField("ends_on") else None
    nothing = Money(account.currency_code, 0)
    freeze = AccountFreeze(
        freeze_id=unit.new_id("frz"),
        account_id=account.account_id,
        kind=kind,
        authority=request.authority,
        document=request.document,
        amount=nothing + money_of(request.amount) if request.HasField("amount") else None,
        reason=request.reason,
        frozen_on=unit.business_date,
        ends_on=store.RULES[kind].ends_on(asked, unit.business_date),
        renewals=0,
        deducted=nothing,
        status=FreezeStatus.STANDING,
    )
    before = store.standing(unit, account.account_id)
    frozen = freeze.served(before)
    store.freezes.add(unit, freeze)
    store.bind(unit, account, [*before, freeze], before)
    unit.record(frozen)
    return v1.FreezeFundsResponse(freeze_id=freeze.freeze_id, freeze=_message(freeze, [*before, freeze], account))


@rpc
def renew_freeze(request: v1.RenewFreezeRequest, unit: Unit) -> v1.RenewFreezeResponse:
    """Lets a freeze last longer."""
    freeze = store.freezes.load(unit, request.freeze_id).must_stand()
    asked = date_of(request.ends_on) if request.HasField("ends_on") else None
    freeze = freeze.renewed(store.RULES[freeze.kind].ends_on(asked, unit.business_date))
    store.freezes.save(unit, freeze)
    return v1.RenewFreezeResponse(freeze=_told(unit, freeze))


@rpc
def lift_freeze(request: v1.LiftFreezeRequest, unit: Unit) -> v1.LiftFreezeResponse:
    """Lifts a freeze."""
    freeze = store.freezes.load(unit, request.freeze_id)
    return v1.LiftFreezeResponse(freeze=_told(unit, _ended(unit, freeze, FreezeStatus.LIFTED)))


@rpc
def end_freezes(request: v1.EndFreezesRequest, unit: Unit) -> v1.EndFreezesResponse:
    """Ends the next freezes whose day is past."""
    past = store.past(unit, unit.business_date)
    for freeze in past:
        _ended(unit, freeze, FreezeStatus.EXPIRED)
    return v1.EndFreezesResponse(more=bool(past), ended=len(past))


@rpc
def deduct_frozen(request: v1.DeductFrozenRequest, unit: Unit) -> v1.DeductFrozenResponse:
    """Pays out of what is frozen: those frozen before it stand, and everything else gives way for the entry."""
    freeze = store.freezes.load(unit, request.freeze_id)
    account = account_store.accounts.load(unit, freeze.account_id)
    standing = store.standing(unit, freeze.account_id)
    amount = money_of(request.amount)
    covers = covered(standing, account.balance).get(freeze.freeze_id, account.balance.nothing)
    after = freeze.reduced(amount, covers)
    own = [stop for stop in account.stops if stop not in {each.freeze_id for each in standing}]
    store.bind(unit, let_go(account, *own), _before(freeze, standing), standing)
    read = {"reference": request.document, "account_id": freeze.account_id, "amount": amount}
    draft = store.POSTING.draft(unit.new_id("ent"), read.__getitem__)
    (entry,) = ledger_store.post(unit, [draft] if draft else [])
    now = [after if each.freeze_id == freeze.freeze_id else each for each in standing]
    store.freezes.save(unit, after)
    paid_from = account_store.accounts.load(unit, freeze.account_id)
    store.bind(unit, stopped(paid_from, *own) if own else paid_from, now, standing)
    unit.record(FrozenFundsDeducted(freeze.account_id, freeze.freeze_id, amount, entry.entry_id))
    return v1.DeductFrozenResponse(entry_id=entry.entry_id, freeze=_message(after, now, paid_from))


@rpc
def list_freezes(request: v1.ListFreezesRequest, view: View) -> v1.ListFreezesResponse:
    """The freezes of an account."""
    account = account_store.accounts.load(view, request.account_id)
    found = store.of_account(view, account.account_id)
    standing = [freeze for freeze in found if freeze.stands]
    return v1.ListFreezesResponse(freezes=[_message(freeze, standing, account) for freeze in found])


def _ended(unit: Unit, freeze: AccountFreeze, status: FreezeStatus) -> AccountFreeze:
    """The freeze, over, and its account bound by those that still stand."""
    before = store.standing(unit, freeze.account_id)
    freeze, fact = freeze.ended(status)
    if fact:
        store.freezes.save(unit, freeze)
        account = account_store.accounts.load(unit, freeze.account_id)
        store.bind(unit, account, [each for each in before if each.freeze_id != freeze.freeze_id], before)
        unit.record(fact)
    return freeze


def _told(view: View, freeze: AccountFreeze) -> v1.AccountFreeze:
    account = account_store.accounts.load(view, freeze.account_id)
    return _message(freeze, store.standing(view, freeze.account_id), account)


def _message(freeze: AccountFreeze, standing: list[AccountFreeze], account: Account) -> v1.AccountFreeze:
    covers = covered(standing, account.balance).get(freeze.freeze_id, account.balance.nothing)
    waiting = freeze.stands and (bool(_before(freeze, standing)) if freeze.amount is None else covers < freeze.amount)
    return message_of(freeze, v1.AccountFreeze, covered=money_message(covers), waiting=waiting)


def _before(freeze: AccountFreeze, standing: list[AccountFreeze]) -> list[AccountFreeze]:
    return [each for each in standing if each.freeze_id < freeze.freeze_id]
