"""The RPCs of the limit tree. What is held and used beneath a node is counted by the limits themselves."""

from collections.abc import Sequence
from dataclasses import replace

from zhongtai.credit.exposure_rule import store as rule_store
from zhongtai.credit.exposure_rule.domain import Commitment, Concentration, Obligor
from zhongtai.credit.limit_node import domain, store
from zhongtai.credit.limit_node.domain import LimitNode, NodeKind
from zhongtai.credit.limit_node.engine import Branch
from zhongtai.credit.v1 import exposure_rule_pb2 as rule_v1
from zhongtai.credit.v1 import limit_node_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, money_message, money_of
from zhongtai.runtime.unit import Unit, View, rpc

_KINDS = {number: NodeKind(name.removeprefix("NODE_KIND_")) for name, number in v1.NodeKind.items() if number}
_OBLIGORS = {number: Obligor(name.removeprefix("OBLIGOR_")) for name, number in rule_v1.Obligor.items() if number}
_COMMITMENTS = {
    number: Commitment(name.removeprefix("COMMITMENT_")) for name, number in rule_v1.Commitment.items() if number
}
_MEASURED = (NodeKind.CUSTOMER, NodeKind.GROUP)


@rpc
def open_limit_node(request: v1.OpenLimitNodeRequest, unit: Unit) -> v1.OpenLimitNodeResponse:
    """Gives a thing a cap in one currency, and a place in the tree."""
    kind, cap = _KINDS[request.kind], money_of(request.cap)
    first = store.branch(unit, kind, request.subject, cap.currency).nodes[0]
    if request.parent:
        unit.record_all(store.move(unit, first, request.parent))
    if request.obligor:
        every = store.of_subject(unit, kind, request.subject)
        store.nodes.save_all(unit, [one.stand_for(_OBLIGORS[request.obligor]) for one in every])
    branch = store.branch(unit, kind, request.subject, cap.currency)
    node, fact = branch.nodes[0].open(cap, exclusive=request.exclusive)
    _keep(unit, branch, node)
    unit.record(fact)
    return v1.OpenLimitNodeResponse(node_id=node.node_id, node=_message(node, unit))


@rpc
def set_limit_node_cap(request: v1.SetLimitNodeCapRequest, unit: Unit) -> v1.SetLimitNodeCapResponse:
    """Changes the cap of a node, for good or through a day."""
    branch = _branch(unit, request.node_id)
    node = branch.nodes[0]
    if request.HasField("until"):
        node, fact = node.raise_until(money_of(request.cap), date_of(request.until), on=unit.business_date)
    else:
        node, fact = node.set_cap(money_of(request.cap) if request.HasField("cap") else None)
    _keep(unit, branch, node)
    unit.record(fact)
    return v1.SetLimitNodeCapResponse(node=_message(node, unit))


@rpc
def set_overall_cap(request: v1.SetOverallCapRequest, unit: Unit) -> v1.SetOverallCapResponse:
    """Changes what a thing may owe over all currencies."""
    cap = money_of(request.cap) if request.HasField("cap") else None
    every = _every_currency(unit, request.node_id)
    store.nodes.save_all(unit, [replace(one, overall_cap=cap) for one in every])
    unit.record(domain.OverallCapSet(request.node_id, cap))
    return v1.SetOverallCapResponse(node=_message(store.nodes.load(unit, request.node_id), unit))


@rpc
def move_limit_node(request: v1.MoveLimitNodeRequest, unit: Unit) -> v1.MoveLimitNodeResponse:
    """Stands a node beneath another parent."""
    unit.record_all(store.move(unit, store.nodes.load(unit, request.node_id), request.parent))
    return v1.MoveLimitNodeResponse(node=_message(store.nodes.load(unit, request.node_id), unit))


@rpc
def freeze_limit_node(request: v1.FreezeLimitNodeRequest, unit: Unit) -> v1.FreezeLimitNodeResponse:
    """Stops new holds beneath a node."""
    _record(unit, [one.freeze() for one in _every_currency(unit, request.node_id)])
    return v1.FreezeLimitNodeResponse(node=_message(store.nodes.load(unit, request.node_id), unit))


@rpc
def unfreeze_limit_node(request: v1.UnfreezeLimitNodeRequest, unit: Unit) -> v1.UnfreezeLimitNodeResponse:
    """Takes new holds beneath a node again."""
    _record(unit, [one.unfreeze() for one in _every_currency(unit, request.node_id)])
    return v1.UnfreezeLimitNodeResponse(node=_message(store.nodes.load(unit, request.node_id), unit))


@rpc
def report_exposure(request: v1.ReportExposureRequest, unit: Unit) -> v1.ReportExposureResponse:
    """Keeps what a customer owes in other ways than loans."""
    other = money_of(request.amount)
    if request.commitments:
        rules = rule_store.valid_rules(unit, unit.business_date)
        counted = (rules.converted(_COMMITMENTS[one.commitment], money_of(one.amount)) for one in request.commitments)
        other = sum(counted, other)
    branch = store.branch(unit, NodeKind.CUSTOMER, request.customer_id, other.currency)
    node, fact = branch.nodes[0].report(other)
    store.save(unit, branch, branch.changed_at_foot(node))
    if fact is not None:
        unit.record(fact)
    return v1.ReportExposureResponse(node=_message(node, unit))


@rpc
def get_limit_node(request: v1.GetLimitNodeRequest, view: View) -> v1.GetLimitNodeResponse:
    """One node, and what it owes beside every cap on large exposures."""
    node = store.nodes.load(view, request.node_id)
    concentrations = [message_of(one, v1.Concentration) for one in _concentrations(view, node)]
    return v1.GetLimitNodeResponse(node=_message(node, view), concentrations=concentrations)


@rpc
def list_limit_nodes(request: v1.ListLimitNodesRequest, view: View) -> v1.ListLimitNodesResponse:
    """The nodes of a kind, of one thing, or beneath a parent."""
    columns = store.LIMIT_NODE.c
    conditions = [columns.kind == _KINDS[request.kind].value] if request.kind else []
    conditions += [columns.subject == request.subject] if request.subject else []
    conditions += [columns.parent == request.parent] if request.parent else []
    found, page = store.nodes.page(view, request.page, *conditions)
    return v1.ListLimitNodesResponse(nodes=[_message(node, view) for node in found], page=page)


def _branch(unit: Unit, node_id: str) -> Branch:
    node = store.nodes.load(unit, node_id)
    return store.branch(unit, node.kind, node.subject, node.currency_code)


def _keep(unit: Unit, branch: Branch, node: LimitNode) -> None:
    """Keeps a node whose cap is new: an exclusive one must find it free above."""
    store.save(unit, branch, branch.changed_at_foot(node, unit.business_date))


def _every_currency(unit: Unit, node_id: str) -> list[LimitNode]:
    node = store.nodes.load(unit, node_id)
    return store.of_subject(unit, node.kind, node.subject)


def _record(unit: Unit, changed: Sequence[tuple[LimitNode, object | None]]) -> None:
    store.nodes.save_all(unit, [node for node, _ in changed])
    unit.record_all([fact for _, fact in changed if fact is not None])


def _concentrations(view: View, node: LimitNode) -> tuple[Concentration, ...]:
    measure = rule_store.measure(view, view.business_date) if node.kind in _MEASURED else None
    if measure is None:
        return ()
    return measure.concentrations(store.owed_by(view, store.of_subject(view, node.kind, node.subject)))


def _message(node: LimitNode, view: View) -> v1.LimitNode:
    available = node.available(view.business_date)
    return message_of(node, v1.LimitNode, available=None if available is None else money_message(available))
