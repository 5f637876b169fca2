"""The ways from some things up to their roots, in one currency: what a hold counts on, all at once or not at all.

A hold meets its customer, its product line, its counterparty and its scenario. Their nodes and all above them are read
together, counted here, and written together; a node that two ways share counts both.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from zhongtai.credit.exposure_rule.domain import CapBreadth, CapitalBase, Owed
from zhongtai.credit.limit_node.domain import Claim, Claimed, LimitNode, NodeKind, Thing
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Unmet


@dataclass(frozen=True, slots=True)
class Branch:
    """A node and all above it, up to the root."""

    nodes: tuple[LimitNode, ...]

    def count(self, before: Claim, after: Claim, new_on: date | None = None) -> "Branch":
        """The branch once a claim beneath its first node has changed: everywhere, or a refusal that names where not."""
        counted = []
        for node in self.nodes:
            changed = node.count(before, after, new_on)
            counted.append(changed)
            before, after = node.claim, changed.claim
        return Branch(tuple(counted))

    def changed_at_foot(self, foot: LimitNode, new_on: date | None = None) -> "Branch":
        """The branch once its first node has become another: what it asks of those above it may have changed too."""
        above = Branch(self.nodes[1:]).count(self.nodes[0].claim, foot.claim, new_on)
        return Branch((foot, *above.nodes))


class OverallCapExceeded(Unmet):
    """{node} would come to {worth} over all currencies at the rates of {as_of}, above {cap}: ask for less.

    按{as_of}汇率，{node}各币种合计将达{worth}，超过总上限{cap}：请减少金额。
    """

    node: str
    worth: Money
    cap: Money
    as_of: date


def must_fit_overall(nodes: Sequence[LimitNode], capital: CapitalBase) -> None:
    """Refuses what is new where the nodes of one thing, one for each currency, come to more than its overall cap.

    Both are taken at the rates published with the capital. Rates that moved since change nothing that stands: what is
    above the cap by them stays counted, and nothing new is held beneath it.
    """
    cap = nodes[0].overall_cap
    if cap is None:
        return
    worth, ceiling = capital.worth(node.total for node in nodes), capital.worth([cap])
    if worth > ceiling:
        raise OverallCapExceeded(node=str(nodes[0]), worth=worth, cap=cap, as_of=capital.as_of)


@dataclass(frozen=True, slots=True)
class Paths:
    """The nodes of things and of all above them: in the currency that is counted, and in all others."""

    nodes: Mapping[Thing, LimitNode]
    elsewhere: Mapping[Thing, tuple[LimitNode, ...]]

    def branch(self, thing: Thing) -> Branch:
        """The node of a thing and all above it."""
        found: list[LimitNode] = []
        kind, subject = thing
        while subject:
            node = self.nodes[kind, subject]
            found.append(node)
            kind, subject = kind.above, node.parent
        return Branch(tuple(found))

    def count(self, claims: Iterable[Claimed], new_on: date | None = None) -> "Paths":
        """The same once claims have changed: everywhere, or a refusal that names the node where one does not fit."""
        nodes = dict(self.nodes)
        for one in claims:
            branch = Paths(nodes, self.elsewhere).branch(one.thing).count(one.before, one.after, new_on)
            nodes.update({(node.kind, node.subject): node for node in branch.nodes})
        return replace(self, nodes=nodes)

    def upwards(self, thing: Thing) -> list[tuple[LimitNode, ...]]:
        """The nodes of a thing in all currencies, then those of each above it."""
        things = [(node.kind, node.subject) for node in self.branch(thing).nodes]
        return [(self.nodes[one], *self.elsewhere[one]) for one in things]


def owed(nodes: Sequence[LimitNode], granted: Mapping[str, Money]) -> Owed:
    """What the nodes of one customer or group, one for each currency, come to: what is held counts as lent.

    `granted` is what all limits beneath them grant, by currency; what of it is neither held nor used is unused.
    """
    first = nodes[0]
    lent = {node.currency_code: node.held + node.used for node in nodes}
    unused = (max(whole - lent.get(currency, whole.nothing), whole.nothing) for currency, whole in granted.items())
    return Owed(
        who=str(first),
        obligor=first.obligor,
        breadth=CapBreadth.GROUP if first.kind is NodeKind.GROUP else CapBreadth.SINGLE,
        loans=tuple(node.held + node.used for node in nodes),
        other=tuple(node.other for node in nodes),
        unused=tuple(unused),
    )
