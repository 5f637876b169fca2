"""The RPCs of overdrafts."""

from decimal import Decimal

from zhongtai.kernel.money import Money
from zhongtai.kernel.schedule import months_later
from zhongtai.operations.account import store as account_store
from zhongtai.operations.overdraft import accruing, store
from zhongtai.operations.overdraft.domain import (
    DAY,
    Overdraft,
    OverdraftStatus,
    must_be_over,
    must_take_overdraft,
)
from zhongtai.operations.v1 import overdraft_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, money_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def agree_overdraft(request: v1.AgreeOverdraftRequest, unit: Unit) -> v1.AgreeOverdraftResponse:
    """Agrees how far an account may be overdrawn."""
    account = must_take_overdraft(account_store.accounts.load(unit, request.account_id))
    offer, today = store.offer(account), unit.business_date
    nothing = Money(account.currency_code, 0)
    asked = Overdraft(
        account_id=account.account_id,
        customer_id=account.customer_id,
        agreed=nothing + money_of(request.agreed),
        rate=Decimal(request.rate.value),
        overdue_rate=Decimal(request.overdue_rate.value),
        days_most=request.days_most,
        starts_on=today,
        ends_on=date_of(request.ends_on),
        charged_through=today - DAY,
        opening_minor=store.opening(unit, account.account_id, today - DAY),
        seen_number=store.last_number(unit, account.account_id),
        days_at_charge=0,
        accrued_through=today - DAY,
        accrued=nothing,
        due=nothing,
        days_overdrawn=0,
        status=OverdraftStatus.STANDING,
    ).must_fit(offer, months_later(today, offer.months))
    before = store.overdrafts.find(unit, account.account_id)
    overdraft = before.agreed_anew(asked) if before else asked
    accruing.put(unit, before, overdraft)
    unit.record(overdraft.agreement())
    return v1.AgreeOverdraftResponse(overdraft=message_of(overdraft, v1.Overdraft))


@rpc
def end_overdraft(request: v1.EndOverdraftRequest, unit: Unit) -> v1.EndOverdraftResponse:
    """Ends an overdraft."""
    before = store.overdrafts.load(unit, request.account_id)
    after = before.ended(unit.business_date)
    if after != before:
        accruing.put(unit, before, after)
    return v1.EndOverdraftResponse(overdraft=message_of(after, v1.Overdraft))


@rpc
def accrue_overdrafts(request: v1.AccrueOverdraftsRequest, unit: Unit) -> v1.AccrueOverdraftsResponse:
    """Takes the next overdrafts through a date."""
    on = must_be_over(date_of(request.business_date), unit.business_date)
    found = store.to_accrue(unit, on)
    for overdraft in found:
        accruing.night(unit, overdraft, on)
    return v1.AccrueOverdraftsResponse(more=bool(found), accrued=len(found))


@rpc
def get_overdraft(request: v1.GetOverdraftRequest, view: View) -> v1.GetOverdraftResponse:
    """The overdraft of an account."""
    overdraft = store.overdrafts.load(view, request.account_id)
    return v1.GetOverdraftResponse(overdraft=message_of(overdraft, v1.Overdraft))


@rpc
def list_overdrafts(request: v1.ListOverdraftsRequest, view: View) -> v1.ListOverdraftsResponse:
    """Overdrafts page by page."""
    conditions = []
    if request.status:
        status = v1.OverdraftStatus.Name(request.status).removeprefix("OVERDRAFT_STATUS_")
        conditions.append(store.OVERDRAFT.c.status == OverdraftStatus(status))
    found, page = store.overdrafts.page(view, request.page, *conditions)
    return v1.ListOverdraftsResponse(overdrafts=[message_of(each, v1.Overdraft) for each in found], page=page)
