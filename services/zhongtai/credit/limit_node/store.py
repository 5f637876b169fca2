"""The table of the limit tree: one row for each thing and currency, found by what it is of."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from operator import attrgetter

from sqlalchemy import Index, MetaData, Table, and_, bindparam, column, func, or_, select, table

from zhongtai.credit.exposure_rule import store as rule_store
from zhongtai.credit.exposure_rule.domain import Owed
from zhongtai.credit.limit_node.domain import (
    LEVELS_AT_MOST,
    Claim,
    Claimed,
    LimitNode,
    LimitNodeMoved,
    LimitNodeNotFound,
    NodeKind,
    Thing,
    empty_node,
)
from zhongtai.credit.limit_node.engine import Branch, Paths, must_fit_overall, owed
from zhongtai.kernel.money import Money
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
    *money("overall_cap", nullable=True),
    Index("credit_limit_node_of_subject", "kind", "subject", "currency_code", unique=True),
    Index("credit_limit_node_beneath", "kind", "parent", "currency_code"),
)

nodes = Records(LIMIT_NODE, LimitNode, missing=LimitNodeNotFound)

# A hold meets a thing of each kind but groups, so that one statement reads a level of all its ways up.
_AT_ONCE = 4
_OF_SUBJECTS = nodes.query(
    or_(
        *(
            and_(LIMIT_NODE.c.kind == bindparam(f"kind_{place}"), LIMIT_NODE.c.subject == bindparam(f"subject_{place}"))
            for place in range(_AT_ONCE)
        )
    )
)


# Limits stand above this noun; what each grants is read here, and nothing else of them.
_LIMITS = table("credit_limit", column("customer_id"), column("granted_minor"), column("granted_currency"))
_BENEATH = (
    select(LIMIT_NODE.c.subject, LIMIT_NODE.c.kind)
    .where(LIMIT_NODE.c.parent == bindparam("subject"), LIMIT_NODE.c.kind.in_([NodeKind.CUSTOMER, NodeKind.GROUP]))
    .cte("beneath", recursive=True)
)
_ALL_BENEATH = _BENEATH.union(
    select(LIMIT_NODE.c.subject, LIMIT_NODE.c.kind)
    .join(_BENEATH, LIMIT_NODE.c.parent == _BENEATH.c.subject)
    .where(_BENEATH.c.kind == NodeKind.GROUP, LIMIT_NODE.c.kind.in_([NodeKind.CUSTOMER, NodeKind.GROUP]))
)
_SUMS = select(_LIMITS.c.granted_currency, func.sum(_LIMITS.c.granted_minor)).group_by(_LIMITS.c.granted_currency)
_GRANTED = {
    NodeKind.CUSTOMER: _SUMS.where(_LIMITS.c.customer_id == bindparam("subject")),
    NodeKind.GROUP: _SUMS.where(
        _LIMITS.c.customer_id.in_(select(_ALL_BENEATH.c.subject).where(_ALL_BENEATH.c.kind == NodeKind.CUSTOMER))
    ),
}


def of_subject(view: View, kind: NodeKind, subject: str) -> list[LimitNode]:
    """The nodes of one thing, one for each currency, in the order of their codes."""
    return sorted(_of_subjects(view, [(kind, subject)]), key=attrgetter("currency_code"))


def branch(unit: Unit, kind: NodeKind, subject: str, currency: str) -> Branch:
    """The node of a thing in a currency and all above it; a node that is not there is made, counting from nothing."""
    paths, made = _paths(unit, [(kind, subject)] if subject else [], currency)
    nodes.add_all(unit, [paths.nodes[thing] for thing in made])
    return paths.branch((kind, subject))


def save(unit: Unit, before: Branch, after: Branch) -> None:
    """Writes the nodes that changed."""
    nodes.change_all(unit, zip(before.nodes, after.nodes, strict=True))


def count(unit: Unit, changed: Iterable[Claimed], *, new_on: date | None = None) -> None:
    """Counts claims that changed, all in one currency, on their things and on all above; measures what is new.

    Nothing is written where something does not fit. Raises `LimitExhausted` or `LimitNodeMustBeActive` naming the
    node, `ConcentrationCapExceeded` naming the cap.
    """
    claims = [one for one in changed if one.before != one.after]
    if not claims:
        return
    paths, made = _paths(unit, [one.thing for one in claims], claims[0].after.held.currency)
    counted = paths.count(claims, new_on)
    if new_on is not None:
        _measure(unit, counted, claims, new_on)
    nodes.add_all(unit, [counted.nodes[thing] for thing in made])
    nodes.change_all(unit, [(paths.nodes[thing], node) for thing, node in counted.nodes.items() if thing not in made])


def _measure(view: View, counted: Paths, claims: Iterable[Claimed], on: date) -> None:
    """Holds what is new against overall caps, and customers and groups against the caps on large exposures."""
    for thing in (one.thing for one in claims if one.after.total > one.before.total):
        for nodes_of_one in counted.upwards(thing):
            if nodes_of_one[0].overall_cap is not None:
                must_fit_overall(nodes_of_one, rule_store.capital_of(view, on))
    grown = [one.thing for one in claims if one.kind is NodeKind.CUSTOMER and one.after.held > one.before.held]
    rules = rule_store.measure(view, on) if grown else None
    if rules is not None:
        for nodes_of_one in (found for thing in grown for found in counted.upwards(thing)):
            rules.must_hold(owed_by(view, nodes_of_one))


def owed_by(view: View, of_one: Sequence[LimitNode]) -> Owed:
    """What the nodes of one customer or group come to, and what was granted to them and is not used."""
    first = of_one[0]
    rows = view.rows(_GRANTED[first.kind], {"subject": first.subject})
    return owed(of_one, {row[0]: Money(row[0], int(row[1])) for row in rows})


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
        moved, fact = one.stand_beneath(entered.nodes, levels=height)
        save(unit, entered, entered.count(nothing, moved.claim))
        nodes.save(unit, moved)
        facts += [fact] if fact else []
    return facts


def _paths(unit: Unit, things: Iterable[Thing], currency: str) -> tuple[Paths, set[Thing]]:
    """The nodes of some things and of all above them, read level by level, and which of them are not kept yet."""
    found: dict[Thing, LimitNode] = {}
    elsewhere: dict[Thing, tuple[LimitNode, ...]] = {}
    made: set[Thing] = set()
    level = list(dict.fromkeys(things))
    while level:
        known: defaultdict[Thing, list[LimitNode]] = defaultdict(list)
        for node in _of_subjects(unit, level):
            known[node.kind, node.subject].append(node)
        for thing in level:
            here = {node.currency_code: node for node in known[thing]}
            place = next(iter(here.values()), None)
            if currency in here:
                found[thing] = here.pop(currency)
            else:
                found[thing] = empty_node(unit.new_id("node"), *thing, currency, place)
                made.add(thing)
            elsewhere[thing] = tuple(here.values())
        above = [(found[thing].kind.above, found[thing].parent) for thing in level if found[thing].parent]
        level = [thing for thing in dict.fromkeys(above) if thing not in found]
    return Paths(found, elsewhere), made


def _of_subjects(view: View, things: Sequence[Thing]) -> list[LimitNode]:
    """The nodes of some things in all currencies."""
    found: list[LimitNode] = []
    for first in range(0, len(things), _AT_ONCE):
        asked: dict[str, str] = {}
        for place in range(_AT_ONCE):
            kind, subject = things[min(first + place, len(things) - 1)]
            asked |= {f"kind_{place}": kind.value, f"subject_{place}": subject}
        found += _OF_SUBJECTS(view, **asked)
    return found
