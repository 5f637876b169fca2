"""The RPCs of delegations."""

from zhongtai.operations.delegation import store
from zhongtai.operations.delegation.domain import Delegation, own_roles
from zhongtai.operations.v1 import delegation_pb2 as v1
from zhongtai.runtime.convert import instant_of, message_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def delegate_roles(request: v1.DelegateRolesRequest, unit: Unit) -> v1.DelegateRolesResponse:
    """Lends roles of the caller's own: roles that were lent to them are not theirs to lend."""
    delegation = Delegation(
        delegation_id=unit.new_id("dlg"),
        delegator=unit.caller.acting,
        delegate=request.delegate,
        roles=tuple(request.roles),
        valid_from=instant_of(request.valid_from) if request.HasField("valid_from") else unit.now,
        valid_until=instant_of(request.valid_until),
    )
    fact = delegation.must_be_lent_by(own_roles(unit.caller.scopes), unit.now)
    store.delegations.add(unit, delegation)
    unit.record(fact)
    told = message_of(delegation, v1.Delegation)
    return v1.DelegateRolesResponse(delegation_id=delegation.delegation_id, delegation=told)


@rpc
def end_delegation(request: v1.EndDelegationRequest, unit: Unit) -> v1.EndDelegationResponse:
    """Ends a delegation before its time."""
    delegation, fact = store.delegations.load(unit, request.delegation_id).end(unit.caller.acting, unit.now)
    if fact is not None:
        store.delegations.save(unit, delegation)
        unit.record(fact)
    return v1.EndDelegationResponse(delegation=message_of(delegation, v1.Delegation))


@rpc
def list_delegations(request: v1.ListDelegationsRequest, view: View) -> v1.ListDelegationsResponse:
    """Delegations, page by page."""
    found, page = store.delegations.page(view, request.page, *store.of(request.person))
    return v1.ListDelegationsResponse(delegations=[message_of(one, v1.Delegation) for one in found], page=page)
