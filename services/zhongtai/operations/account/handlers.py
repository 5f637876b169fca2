"""The RPCs of accounts: message → value → verb → save → fact → reply."""

from datetime import datetime

from zhongtai.operations.account import store
from zhongtai.operations.account.domain import GENERAL, Account, AccountClass, AccountStatus
from zhongtai.operations.account_stop import domain as account_stop
from zhongtai.operations.dimension.domain import Dimensions
from zhongtai.operations.v1 import account_pb2 as v1
from zhongtai.runtime.convert import instant_of, message_of, money_message, money_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc

_PREFIX = "acc"


@rpc
def open_account(request: v1.OpenAccountRequest, unit: Unit) -> v1.OpenAccountResponse:
    """Opens an account; the same opening under a chosen id answers with the account that is there."""
    account_class = AccountClass(v1.AccountClass.Name(request.account_class).removeprefix("ACCOUNT_CLASS_"))
    account, opened = Account.open(
        request.chosen_id or unit.new_id(_PREFIX),
        store.product(request.product),
        account_class,
        request.customer_id,
        request.currency_code,
        book=request.book or GENERAL,
        dimensions=value_of(request.dimensions, Dimensions),
    )
    present = store.accounts.find(unit, account.account_id) if request.chosen_id else None
    if present is None:
        store.accounts.add(unit, account)
        unit.record(opened)
    else:
        present.must_be_opened_as(account)
        account = present
    return v1.OpenAccountResponse(account_id=account.account_id, account=_message(account, unit.now))


@rpc
def get_account(request: v1.GetAccountRequest, view: View) -> v1.GetAccountResponse:
    """One account as it stands now."""
    return v1.GetAccountResponse(account=_message(store.accounts.load(view, request.account_id), view.now))


@rpc
def list_accounts(request: v1.ListAccountsRequest, view: View) -> v1.ListAccountsResponse:
    """Accounts, page by page."""
    conditions = []
    if request.customer_id:
        conditions.append(store.ACCOUNT.c.customer_id == request.customer_id)
    if request.status:
        status = v1.AccountStatus.Name(request.status).removeprefix("ACCOUNT_STATUS_")
        conditions.append(store.ACCOUNT.c.status == AccountStatus(status))
    accounts, page = store.accounts.page(view, request.page, *conditions)
    return v1.ListAccountsResponse(accounts=[_message(account, view.now) for account in accounts], page=page)


@rpc
def place_hold(request: v1.PlaceHoldRequest, unit: Unit) -> v1.PlaceHoldResponse:
    """Sets a part of the balance aside."""
    expires_at = instant_of(request.expires_at) if request.HasField("expires_at") else None
    account, placed = store.accounts.load(unit, request.account_id).place_hold(
        unit.new_id("hold"), money_of(request.amount), expires_at, request.reason, unit.now
    )
    store.accounts.save(unit, account)
    unit.record(placed)
    return v1.PlaceHoldResponse(
        account_id=account.account_id, hold_id=placed.hold_id, account=_message(account, unit.now)
    )


@rpc
def release_hold(request: v1.ReleaseHoldRequest, unit: Unit) -> v1.ReleaseHoldResponse:
    """Gives a hold back."""
    account = store.release_hold(unit, request.account_id, request.hold_id)
    return v1.ReleaseHoldResponse(account=_message(account, unit.now))


@rpc
def freeze_account(request: v1.FreezeAccountRequest, unit: Unit) -> v1.FreezeAccountResponse:
    """Stops debits."""
    account, frozen = account_stop.freeze(store.accounts.load(unit, request.account_id), request.reason)
    if frozen:
        store.accounts.save(unit, account)
        unit.record(frozen)
    return v1.FreezeAccountResponse(account=_message(account, unit.now))


@rpc
def unfreeze_account(request: v1.UnfreezeAccountRequest, unit: Unit) -> v1.UnfreezeAccountResponse:
    """Takes the bank's freeze back."""
    account, unfrozen = account_stop.unfreeze(store.accounts.load(unit, request.account_id))
    if unfrozen:
        store.accounts.save(unit, account)
        unit.record(unfrozen)
    return v1.UnfreezeAccountResponse(account=_message(account, unit.now))


@rpc
def close_account(request: v1.CloseAccountRequest, unit: Unit) -> v1.CloseAccountResponse:
    """Closes an account for good."""
    account, closed = store.accounts.load(unit, request.account_id).close(unit.now)
    if closed:
        store.accounts.save(unit, account)
        unit.record(closed)
    return v1.CloseAccountResponse(account=_message(account, unit.now))


def _message(account: Account, now: datetime) -> v1.Account:
    return message_of(
        account.live(now),
        v1.Account,
        held=money_message(account.held(now)),
        available=money_message(account.available(now)),
        overdraft=account.floor is None or account.floor.minor_units < 0,
    )
