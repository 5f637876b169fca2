"""The table of the limit tree: one row for each thing and currency, found by what it is of."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Index, MetaData, Table, bindparam, select

from zhongtai.credit.exposure_rule import store as rule_store
from zhongtai.credit.limit_node.domain import (
    LEVELS_AT_MOST,
    Branch,
    Claim,
    LimitNode,
    LimitNodeMoved,
    LimitNodeNotFound,
    NodeKind,
    empty_node,
    owed,
)
from zhongtai.runtime.store import Records, day, integer, money, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()

# The columns stand in the order of the value's fields, so that a row of `select(LIMIT_NODE)` is one.
LIMIT_NODE = Table(
    "credit_limit_node",
    metadata,
    text("node_id", primary_key=True),
    text("kind"),
    text("subject"),
    text("currency_code"),
    text("parent"),
    text("obligor"),
    integer("exclusive"),
    integer("frozen"),
    integer("opened"),
    *money("cap", nullable=True),
    *money("temporary_cap", nullable=True),
    day("temporary_until", nullable=True),
    *money("held"),
    *money("used"),
    *money("reserved"),
    *money("other"),
    Index("credit_limit_node_of_subject", "kind", "subject", "currency_code", unique=True),
    Index("credit_limit_node_beneath", "kind", "parent", "currency_code"),
)

nodes = Records(LIMIT_NODE, LimitNode, missing=LimitNodeNotFound)

_OF_SUBJECT = (
    select(LIMIT_NODE)
    .where(LIMIT_NODE.c.kind == bindparam("kind"), LIMIT_NODE.c.subject == bindparam("subject"))
    .order_by(LIMIT_NODE.c.currency_code)
)


def of_subject(view: View, kind: NodeKind, subject: str) -> list[LimitNode]:
    """The nodes of one thing, one for each currency."""
    return [nodes.value(row) for row in view.rows(_OF_SUBJECT, {"kind": kind.value, "subject": subject})]


def branch(unit: Unit, kind: NodeKind, subject: str, currency: str) -> Branch:
    """The node of a thing in a currency and all above it; a node that is not there is made, counting from nothing."""
    found: list[LimitNode] = []
    while subject:
        node = _node(unit, kind, subject, currency)
        found.append(node)
        kind, subject = kind.above, node.parent
    return Branch(tuple(found))


def save(unit: Unit, before: Branch, after: Branch) -> None:
    """Writes the nodes that changed."""
    nodes.save_all(unit, [new for old, new in zip(before.nodes, after.nodes, strict=True) if new != old])


def count(unit: Unit, kind: NodeKind, subject: str, before: Claim, after: Claim, *, new_on: date | None = None) -> None:
    """Counts a changed claim on the node of a thing and on all above it; measures customers and groups where it is new.

    Raises `LimitExhausted` or `LimitNodeMustBeActive` naming the node, `ConcentrationCapExceeded` naming the cap.
    """
    if before == after:
        return
    found = branch(unit, kind, subject, after.held.currency)
    counted = found.count(before, after, new_on)
    save(unit, found, counted)
    if new_on is not None and kind is NodeKind.CUSTOMER and after.held > before.held:
        measure(unit, counted, new_on)


def count_all(unit: Unit, kind: NodeKind, claims: Mapping[tuple[str, str], tuple[Claim, Claim]]) -> None:
    """Counts changed claims (before, after) of many things by (subject, currency), there being room or not.

    As `count` does of each; roots, which have nothing above them, are written by two statements.
    """
    subjects = sorted({subject for subject, _ in claims})
    known = nodes.where(unit, LIMIT_NODE.c.kind == kind.value, LIMIT_NODE.c.subject.in_(subjects))
    node_of = {(node.subject, node.currency_code): node for node in known}
    with_node = {node.subject for node in known}
    with_parent = {node.subject for node in known if node.parent}
    made, changed = [], []
    for (subject, currency), (before, after) in claims.items():
        if subject in with_parent or (subject in with_node and (subject, currency) not in node_of):
            count(unit, kind, subject, before, after)
        elif subject in with_node:
            changed.append(node_of[subject, currency].count(before, after))
        elif before != after:
            made.append(empty_node(unit.new_id("node"), kind, subject, currency, None).count(before, after))
    nodes.add_all(unit, made)
    nodes.save_all(unit, changed)


def measure(view: View, counted: Branch, on: date) -> None:
    """Holds what a customer and every group above it owe in all currencies against the caps on large exposures."""
    rules = rule_store.measure(view, on)
    if rules is not None:
        for node in counted.nodes:
            rules.must_hold(owed(of_subject(view, node.kind, node.subject)))


def levels(view: View, kind: NodeKind, subject: str) -> int:
    """How many levels of the tree begin with a thing, itself the first; no more are counted than there may be."""
    found, subjects = 0, [subject]
    kinds = [one.value for one in NodeKind if one.above is kind]
    while subjects and found <= LEVELS_AT_MOST:
        found += 1
        beneath = select(LIMIT_NODE.c.subject).where(LIMIT_NODE.c.kind.in_(kinds), LIMIT_NODE.c.parent.in_(subjects))
        subjects = [row[0] for row in view.rows(beneath.distinct())]
    return found


def move(unit: Unit, node: LimitNode, parent: str) -> Sequence[LimitNodeMoved]:
    """Stands the nodes of a thing beneath another parent in every currency; what they count goes with them."""
    facts = []
    height = levels(unit, node.kind, node.subject)
    for one in of_subject(unit, node.kind, node.subject):
        nothing = Claim.nothing(one.currency_code)
        left = branch(unit, one.kind.above, one.parent, one.currency_code)
        save(unit, left, left.count(one.claim, nothing))
        entered = branch(unit, one.kind.above, parent, one.currency_code)
        moved, fact = one.stand_beneath(entered, levels=height)
        save(unit, entered, entered.count(nothing, moved.claim))
        nodes.save(unit, moved)
        facts += [fact] if fact else []
    return facts


def _node(unit: Unit, kind: NodeKind, subject: str, currency: str) -> LimitNode:
    known = of_subject(unit, kind, subject)
    for node in known:
        if node.currency_code == currency:
            return node
    made = empty_node(unit.new_id("node"), kind, subject, currency, known[0] if known else None)
    nodes.add(unit, made)
    return made
