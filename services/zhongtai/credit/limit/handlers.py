"""The RPCs of credit limits, and the event by which a limit gets back what was repaid."""

from zhongtai.credit.limit import store
from zhongtai.credit.limit.domain import Limit
from zhongtai.credit.limit_hold import store as hold_store
from zhongtai.credit.limit_hold.domain import HOLD_LASTS, give_back
from zhongtai.credit.v1 import limit_pb2 as v1
from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.runtime.convert import instant_of, message_of, money_message, money_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def grant_limit(request: v1.GrantLimitRequest, unit: Unit) -> v1.GrantLimitResponse:
    """Grants a customer a limit, or raises the one that is there."""
    limit, grant_id, facts = store.grant(
        unit,
        customer_id=request.customer_id,
        product_line=request.product_line,
        amount=money_of(request.amount),
        until=None,
        exclusive=request.exclusive,
        revolving=not request.non_revolving,
    )
    unit.record_all(facts)
    return v1.GrantLimitResponse(limit_id=limit.limit_id, grant_id=grant_id, limit=_message(limit))


@rpc
def withdraw_grant(request: v1.WithdrawGrantRequest, unit: Unit) -> v1.WithdrawGrantResponse:
    """Takes a grant back."""
    found = _touched(unit, request.limit_id)
    grant = store.grants.load(unit, request.limit_id, request.grant_id)
    limit, withdrawn, facts = found.withdraw(grant, store.highest_other_grant(unit, grant))
    store.keep(unit, found, limit)
    store.grants.change(unit, grant, withdrawn)
    unit.record_all(facts)
    return v1.WithdrawGrantResponse(limit=_message(limit))


@rpc
def reduce_limit(request: v1.ReduceLimitRequest, unit: Unit) -> v1.ReduceLimitResponse:
    """Lowers a limit, whoever granted it."""
    found = _touched(unit, request.limit_id)
    limit, lowered, facts = found.reduce(store.standing_grants(unit, found.limit_id), money_of(request.amount))
    store.keep(unit, found, limit)
    store.grants.save_all(unit, lowered)
    unit.record_all(facts)
    return v1.ReduceLimitResponse(limit=_message(limit))


@rpc
def hold_limit(request: v1.HoldLimitRequest, unit: Unit) -> v1.HoldLimitResponse:
    """Sets an amount aside for a while, on the limit and on everything above it, or nowhere."""
    for limit_id in (*hold_store.lapsing(unit, unit.now), request.limit_id):
        # What has ended makes room first, so that what is new is seen as new, however much was given back.
        found = _touched(unit, limit_id)
    limit, hold, facts = found.hold(
        unit.new_id("hold"),
        money_of(request.amount),
        expires_at=instant_of(request.expires_at) if request.HasField("expires_at") else unit.now + HOLD_LASTS,
        now=unit.now,
        counterparty_id=request.counterparty_id,
        scenario_id=request.scenario_id,
    )
    store.keep(unit, found, limit, holds=((None, hold),), new=True)
    unit.record_all(facts)
    return v1.HoldLimitResponse(limit_id=limit.limit_id, hold_id=hold.hold_id, limit=_message(limit))


@rpc
def release_hold(request: v1.ReleaseHoldRequest, unit: Unit) -> v1.ReleaseHoldResponse:
    """Gives a hold back."""
    found = _touched(unit, request.limit_id)
    hold = hold_store.holds.load(unit, request.limit_id, request.hold_id)
    limit, released, facts = found.release(hold)
    store.keep(unit, found, limit, holds=((hold, released),))
    unit.record_all(facts)
    return v1.ReleaseHoldResponse(limit=_message(limit))


@rpc
def commit_hold(request: v1.CommitHoldRequest, unit: Unit) -> v1.CommitHoldResponse:
    """Turns a hold into use; above the limit it is counted whether there is room or not, for the money has left."""
    found = _touched(unit, request.limit_id)
    hold = hold_store.holds.load(unit, request.limit_id, request.hold_id)
    limit, committed, facts = found.commit(hold)
    store.keep(unit, found, limit, holds=((hold, committed),))
    unit.record_all(facts)
    return v1.CommitHoldResponse(limit=_message(limit))


@rpc
def sweep_limits(request: v1.SweepLimitsRequest, unit: Unit) -> v1.SweepLimitsResponse:
    """Gives back some of what has ended."""
    _ = request
    ended = store.ended(unit)
    for limit_id in ended:
        _touched(unit, limit_id)
    return v1.SweepLimitsResponse(limits=len(ended), more=len(ended) >= hold_store.LAPSE_AT_ONCE)


@rpc
def freeze_limit(request: v1.FreezeLimitRequest, unit: Unit) -> v1.FreezeLimitResponse:
    """Stops new holds."""
    found = _touched(unit, request.limit_id)
    limit, facts = found.freeze()
    store.keep(unit, found, limit)
    unit.record_all(facts)
    return v1.FreezeLimitResponse(limit=_message(limit))


@rpc
def unfreeze_limit(request: v1.UnfreezeLimitRequest, unit: Unit) -> v1.UnfreezeLimitResponse:
    """Takes new holds again."""
    found = _touched(unit, request.limit_id)
    limit, facts = found.unfreeze()
    store.keep(unit, found, limit)
    unit.record_all(facts)
    return v1.UnfreezeLimitResponse(limit=_message(limit))


@rpc
def get_limit(request: v1.GetLimitRequest, view: View) -> v1.GetLimitResponse:
    """One limit as it stands now: what has ended no longer counts, touched or not."""
    (limit,) = store.as_of_now(view, [store.limits.load(view, request.limit_id)])
    return v1.GetLimitResponse(limit=_message(limit))


@rpc
def list_limits(request: v1.ListLimitsRequest, view: View) -> v1.ListLimitsResponse:
    """The limits of a customer, or of all."""
    conditions = [store.LIMIT.c.customer_id == request.customer_id] if request.customer_id else []
    found, page = store.limits.page(view, request.page, *conditions)
    return v1.ListLimitsResponse(limits=[_message(limit) for limit in store.as_of_now(view, found)], page=page)


@on
def loan_repaid(event: loan_v1.LoanRepaid, unit: Unit) -> None:
    """Gives the repaid principal back to the limit and to all above it, by the hold the loan was lent on."""
    found = _touched(unit, event.limit_id)
    principal = money_of(event.principal)
    limit, facts = found.restore(principal)
    in_use = hold_store.in_use(unit, limit.limit_id, event.hold_id)
    store.keep(unit, found, limit, holds=give_back(in_use, principal))
    unit.record_all(facts)


@on
def loan_owed_again(event: loan_v1.LoanOwedAgain, unit: Unit) -> None:
    """Counts principal that is owed again on the limit, its hold and all above it, as it was counted before."""
    found = _touched(unit, event.limit_id)
    principal = money_of(event.principal)
    limit, facts = found.use_again(principal)
    hold = hold_store.holds.load(unit, event.limit_id, event.hold_id)
    store.keep(unit, found, limit, holds=((hold, hold.use_again(principal)),))
    unit.record_all(facts)


def _touched(unit: Unit, limit_id: str) -> Limit:
    """The limit once what has ended was given back."""
    limit, facts = store.touched(unit, store.limits.load(unit, limit_id))
    unit.record_all(facts)
    return limit


def _message(limit: Limit) -> v1.Limit:
    return message_of(limit, v1.Limit, available=money_message(limit.available), revolving=limit.spent is None)
