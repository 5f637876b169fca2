"""The RPCs of credit limits, and the event by which a limit gets back what was repaid."""

from zhongtai.credit.limit import domain, store
from zhongtai.credit.v1 import limit_pb2 as v1
from zhongtai.credit.v1 import loan_pb2 as loan_v1
from zhongtai.runtime.convert import instant_of, message_of, money_message, money_of
from zhongtai.runtime.unit import Unit, View, on, rpc


@rpc
def grant_limit(request: v1.GrantLimitRequest, unit: Unit) -> v1.GrantLimitResponse:
    """Grants a customer a limit, or raises the one that is there."""
    grant_id, amount = unit.new_id("grant"), money_of(request.amount)
    found = store.find_of(unit, request.customer_id, request.product_line)
    if found is None:
        limit, grant, facts = domain.first_grant(
            limit_id=unit.new_id("lim"),
            grant_id=grant_id,
            customer_id=request.customer_id,
            product_line=request.product_line,
            amount=amount,
        )
        store.limits.add(unit, limit)
    else:
        limit, grant, facts = _touched(unit, found).grant(grant_id, amount)
        store.limits.save(unit, limit)
    store.grants.add(unit, grant)
    _record(unit, facts)
    return v1.GrantLimitResponse(limit_id=limit.limit_id, grant_id=grant_id, limit=_message(limit))


@rpc
def withdraw_grant(request: v1.WithdrawGrantRequest, unit: Unit) -> v1.WithdrawGrantResponse:
    """Takes a grant back."""
    limit = _touched(unit, store.limits.load(unit, request.limit_id))
    grant = store.grants.load(unit, request.limit_id, request.grant_id)
    limit, grant, facts = limit.withdraw(grant, store.highest_other_grant(unit, grant))
    store.limits.save(unit, limit)
    store.grants.save(unit, grant)
    _record(unit, facts)
    return v1.WithdrawGrantResponse(limit=_message(limit))


@rpc
def hold_limit(request: v1.HoldLimitRequest, unit: Unit) -> v1.HoldLimitResponse:
    """Sets an amount aside for a while."""
    limit, hold, facts = _touched(unit, store.limits.load(unit, request.limit_id)).hold(
        unit.new_id("hold"),
        money_of(request.amount),
        expires_at=instant_of(request.expires_at) if request.HasField("expires_at") else unit.now + domain.HOLD_LASTS,
        now=unit.now,
    )
    store.limits.save(unit, limit)
    store.holds.add(unit, hold)
    _record(unit, facts)
    return v1.HoldLimitResponse(limit_id=limit.limit_id, hold_id=hold.hold_id, limit=_message(limit))


@rpc
def release_hold(request: v1.ReleaseHoldRequest, unit: Unit) -> v1.ReleaseHoldResponse:
    """Gives a hold back."""
    limit = _touched(unit, store.limits.load(unit, request.limit_id))
    limit, hold, facts = limit.release(store.holds.load(unit, request.limit_id, request.hold_id))
    store.limits.save(unit, limit)
    store.holds.save(unit, hold)
    _record(unit, facts)
    return v1.ReleaseHoldResponse(limit=_message(limit))


@rpc
def commit_hold(request: v1.CommitHoldRequest, unit: Unit) -> v1.CommitHoldResponse:
    """Turns a hold into use."""
    limit = _touched(unit, store.limits.load(unit, request.limit_id))
    limit, hold, facts = limit.commit(store.holds.load(unit, request.limit_id, request.hold_id))
    store.limits.save(unit, limit)
    store.holds.save(unit, hold)
    _record(unit, facts)
    return v1.CommitHoldResponse(limit=_message(limit))


@rpc
def freeze_limit(request: v1.FreezeLimitRequest, unit: Unit) -> v1.FreezeLimitResponse:
    """Stops new holds."""
    limit, facts = _touched(unit, store.limits.load(unit, request.limit_id)).freeze()
    store.limits.save(unit, limit)
    _record(unit, facts)
    return v1.FreezeLimitResponse(limit=_message(limit))


@rpc
def unfreeze_limit(request: v1.UnfreezeLimitRequest, unit: Unit) -> v1.UnfreezeLimitResponse:
    """Takes new holds again."""
    limit, facts = _touched(unit, store.limits.load(unit, request.limit_id)).unfreeze()
    store.limits.save(unit, limit)
    _record(unit, facts)
    return v1.UnfreezeLimitResponse(limit=_message(limit))


@rpc
def get_limit(request: v1.GetLimitRequest, view: View) -> v1.GetLimitResponse:
    """One limit as it stands now: holds that have expired no longer count, touched or not."""
    limit, _, _ = store.limits.load(view, request.limit_id).lapse(store.due_holds(view, request.limit_id, view.now))
    return v1.GetLimitResponse(limit=_message(limit))


@rpc
def list_limits(request: v1.ListLimitsRequest, view: View) -> v1.ListLimitsResponse:
    """The limits of a customer, or of all."""
    conditions = [store.LIMIT.c.customer_id == request.customer_id] if request.customer_id else []
    found, page = store.limits.page(view, request.page, *conditions)
    due = store.due_holds_of(view, [limit.limit_id for limit in found], view.now)
    current = [limit.lapse(due.get(limit.limit_id, ()))[0] for limit in found]
    return v1.ListLimitsResponse(limits=[_message(limit) for limit in current], page=page)


@rpc
def list_holds(request: v1.ListHoldsRequest, view: View) -> v1.ListHoldsResponse:
    """The holds ever taken on a limit, as they stand now."""
    limit = store.limits.load(view, request.limit_id)
    found, page = store.holds.page(view, request.page, store.HOLD.c.limit_id == limit.limit_id)
    return v1.ListHoldsResponse(holds=[message_of(hold.as_of(view.now), v1.Hold) for hold in found], page=page)


@on
def loan_repaid(event: loan_v1.LoanRepaid, unit: Unit) -> None:
    """Gives the repaid principal back to the limit."""
    limit, facts = _touched(unit, store.limits.load(unit, event.limit_id)).restore(money_of(event.principal))
    store.limits.save(unit, limit)
    _record(unit, facts)


def _touched(unit: Unit, limit: domain.Limit) -> domain.Limit:
    """The limit after its expired holds were given back; the caller saves it."""
    due = store.due_holds(unit, limit.limit_id, unit.now)
    if not due:
        return limit
    limit, lapsed, facts = limit.lapse(due)
    store.holds.save_all(unit, lapsed)
    _record(unit, facts)
    return limit


def _record(unit: Unit, facts: domain.Facts) -> None:
    for fact in facts:
        unit.record(fact)


def _message(limit: domain.Limit) -> v1.Limit:
    return message_of(limit, v1.Limit, available=money_message(limit.available))
