"""The limit tree: groups, customers, product lines, counterparties and scenarios, and the limits beneath customers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.responses import Response

from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.credit.v1 import limit_node_pb2, limit_pb2
from zhongtai.gateway.console.site import Visit

MOST = 1000
SCALE = 1000
KINDS = tuple(name.removeprefix("NODE_KIND_") for name in limit_node_pb2.NodeKind.keys()[1:])
CUSTOMER = "CUSTOMER"


@dataclass(frozen=True, slots=True)
class Branch:
    """A node of the tree with what stands beneath it; a limit is a branch whose kind is LIMIT.

    `used` and `held` are thousandths of `cap`, for the bar; nothing where there is no cap to measure by.
    """

    kind: str
    name: str
    state: str
    exclusive: bool
    cap: MoneyMessage
    owed: MoneyMessage
    reserved: MoneyMessage
    available: MoneyMessage
    used: int
    held: int
    beneath: "tuple[Branch, ...]" = ()


async def tree(visit: Visit) -> Response:
    """The tree, or the part of it that a customer stands in."""
    subject = visit.query.get("subject", "").strip()
    kind = visit.query.get("kind", "")
    asked = f"NODE_KIND_{kind if kind in KINDS else 'UNSPECIFIED'}"
    page = PageRequest(size=MOST)
    nodes = await visit.told(limit_node_pb2.ListLimitNodesRequest(kind=asked, subject=subject, page=page))
    limits = await visit.told(limit_pb2.ListLimitsRequest(customer_id=subject, page=page))
    return visit.show(
        "limits.html",
        nodes=nodes,
        branches=branches(nodes.reply.nodes, limits.reply.limits if limits else ()) if nodes else [],
        cut=bool(nodes and nodes.reply.page.next_token) or bool(limits and limits.reply.page.next_token),
        kinds=KINDS,
        filters={"subject": subject, "kind": kind if kind in KINDS else ""},
    )


def branches(nodes: Iterable[limit_node_pb2.LimitNode], limits: Iterable[limit_pb2.Limit]) -> list[Branch]:
    """The nodes as trees; one whose parent is not among them begins a tree."""
    known = list(nodes)
    subjects = {(node.subject, node.currency_code) for node in known}
    beneath: dict[tuple[str, str], list[limit_node_pb2.LimitNode]] = defaultdict(list)
    roots: list[limit_node_pb2.LimitNode] = []
    for node in known:
        above = (node.parent, node.currency_code)
        (beneath[above] if node.parent and above in subjects else roots).append(node)
    of_customer: dict[tuple[str, str], list[limit_pb2.Limit]] = defaultdict(list)
    for limit in limits:
        of_customer[limit.customer_id, limit.granted.currency_code].append(limit)

    def grown(node: limit_node_pb2.LimitNode, above: tuple[str, ...]) -> Branch:
        key = (node.subject, node.currency_code)
        kind = limit_node_pb2.NodeKind.Name(node.kind).removeprefix("NODE_KIND_")
        # A name met on the way down is not entered again: whatever a service says, a page ends.
        parts = [grown(child, (*above, node.subject)) for child in beneath[key] if child.subject not in above]
        parts += [_of_limit(limit) for limit in of_customer[key]] if kind == CUSTOMER else []
        return _of_node(node, kind, tuple(parts))

    return [grown(root, ()) for root in roots]


def _of_node(node: limit_node_pb2.LimitNode, kind: str, beneath: tuple[Branch, ...]) -> Branch:
    cap = node.cap if node.HasField("cap") else MoneyMessage()
    used, held = _bar(cap.minor_units, node.used.minor_units + node.other.minor_units, node.held.minor_units)
    return Branch(
        kind=kind,
        name=node.subject,
        state="FROZEN" if node.frozen else "ACTIVE",
        exclusive=node.exclusive,
        cap=cap,
        owed=node.used,
        reserved=node.held,
        available=node.available,
        used=used,
        held=held,
        beneath=beneath,
    )


def _of_limit(limit: limit_pb2.Limit) -> Branch:
    used, held = _bar(limit.granted.minor_units, limit.used.minor_units, limit.held.minor_units)
    return Branch(
        kind="LIMIT",
        name=limit.product_line,
        state=limit_pb2.LimitStatus.Name(limit.status).removeprefix("LIMIT_STATUS_"),
        exclusive=limit.exclusive,
        cap=limit.granted,
        owed=limit.used,
        reserved=limit.held,
        available=limit.available,
        used=used,
        held=held,
    )


def _bar(cap: int, used: int, held: int) -> tuple[int, int]:
    """The lengths of the two parts of a bar, in thousandths; what is used above a cap fills it."""
    whole = max(cap, used + held)
    return (used * SCALE // whole, held * SCALE // whole) if cap else (0, 0)
