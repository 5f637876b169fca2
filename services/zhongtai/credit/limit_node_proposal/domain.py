"""A proposal to change a node of the limit tree (额度节点调整申报): one person proposes, another decides.

Always true: whoever proposes never decides, and a proposal is decided once. A node changes in the transaction that
approves it, by its own verbs: what they refuse is refused to whoever proposes, and again to whoever approves.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from zhongtai.credit.grant_proposal.domain import PROPOSAL_LASTS, ProposerMustNotDecide
from zhongtai.credit.limit_node.domain import LimitNode, LimitNodeCapped, LimitNodeFrozen, LimitNodeUnfrozen
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Missing, Unmet

Told = LimitNodeCapped | LimitNodeFrozen | LimitNodeUnfrozen | None


class LimitNodeProposalNotFound(Missing):
    """There is no proposal {proposal_id}: check the id.

    申报{proposal_id}不存在：请核对编号。
    """

    proposal_id: str


class LimitNodeProposalMustBeOpen(Unmet):
    """The proposal {proposal_id} is {status}: propose the change anew.

    申报{proposal_id}状态为{status}：请重新申报。
    """

    proposal_id: str
    status: str


class LimitNodeProposalMustNotBeStale(Unmet):
    """The proposal {proposal_id} of {proposed_on} is too old to be approved: propose the change anew.

    {proposed_on}提交的申报{proposal_id}已过期：请重新申报。
    """

    proposal_id: str
    proposed_on: date


class CapMustBeGiven(Invalid):
    """The change {change} needs {needed}, and nothing that it does not need: give exactly that.

    变更{change}须填写{needed}，且不得填写其他项目：请更正。
    """

    change: str
    needed: str


class LimitNodeChange(StrEnum):
    """What is to happen to a node."""

    CAP = "CAP"
    TEMPORARY_CAP = "TEMPORARY_CAP"
    NO_CAP = "NO_CAP"
    FREEZE = "FREEZE"
    UNFREEZE = "UNFREEZE"

    @property
    def needed(self) -> tuple[bool, bool]:
        """Whether it needs a cap, and a last day."""
        return self in (LimitNodeChange.CAP, LimitNodeChange.TEMPORARY_CAP), self is LimitNodeChange.TEMPORARY_CAP


class LimitNodeProposalStatus(StrEnum):
    """How a proposal stands."""

    OPEN = "OPEN"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class LimitNodeChangeProposed:
    """A change of a node was proposed."""

    proposal_id: str
    node_id: str
    change: LimitNodeChange
    proposed_by: str


@dataclass(frozen=True, slots=True)
class LimitNodeProposalClosed:
    """A proposal was approved, rejected or taken back."""

    proposal_id: str
    node_id: str
    status: LimitNodeProposalStatus
    decided_by: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of a node."""

    change: LimitNodeChange
    cap: Money | None
    until: date | None
    reason: str

    def must_be_whole(self) -> None:
        """Refuses a change without what it needs, or with what it does not."""
        if (self.cap is not None, self.until is not None) != self.change.needed:
            needed = " and ".join(
                name for name, wanted in zip(("a cap", "a last day"), self.change.needed, strict=True) if wanted
            )
            raise CapMustBeGiven(change=self.change, needed=needed or "no cap")


@dataclass(frozen=True, slots=True)
class LimitNodeProposal:
    """A proposal, and the decision on it."""

    proposal_id: str
    node_id: str
    change: LimitNodeChange
    cap: Money | None
    until: date | None
    reason: str
    proposed_by: str
    proposed_on: date
    status: LimitNodeProposalStatus = LimitNodeProposalStatus.OPEN
    decided_by: str = ""
    comment: str = ""

    def __post_init__(self) -> None:
        assert self.decided_by != self.proposed_by, "whoever proposes never decides"

    def changed(self, node: LimitNode, on: date) -> tuple[LimitNode, Told]:
        """The node as the proposal wants it; refuses what the node refuses."""
        if self.change is LimitNodeChange.FREEZE:
            return node.freeze()
        if self.change is LimitNodeChange.UNFREEZE:
            return node.unfreeze()
        if self.change is LimitNodeChange.TEMPORARY_CAP and self.cap is not None and self.until is not None:
            return node.raise_until(self.cap, self.until, on=on)
        return node.set_cap(self.cap)

    def approve(self, by: str, comment: str, on: date) -> tuple["LimitNodeProposal", LimitNodeProposalClosed]:
        """The proposal approved."""
        self._must_be_open_to(by)
        if on > self.proposed_on + PROPOSAL_LASTS:
            raise LimitNodeProposalMustNotBeStale(proposal_id=self.proposal_id, proposed_on=self.proposed_on)
        return self._closed(LimitNodeProposalStatus.APPROVED, by, comment)

    def approved_by(self, by: str) -> bool:
        """True where this person has approved it before: doing it again changes nothing."""
        return self.status is LimitNodeProposalStatus.APPROVED and self.decided_by == by

    def reject(self, by: str, comment: str) -> tuple["LimitNodeProposal", LimitNodeProposalClosed]:
        """The proposal rejected."""
        self._must_be_open_to(by)
        return self._closed(LimitNodeProposalStatus.REJECTED, by, comment)

    def withdraw(self) -> tuple["LimitNodeProposal", LimitNodeProposalClosed | None]:
        """The proposal taken back; one that is closed stays as it is."""
        if self.status is not LimitNodeProposalStatus.OPEN:
            return self, None
        return self._closed(LimitNodeProposalStatus.WITHDRAWN, "", "")

    def _must_be_open_to(self, by: str) -> None:
        if by == self.proposed_by:
            raise ProposerMustNotDecide(proposed_by=by)
        if self.status is not LimitNodeProposalStatus.OPEN:
            raise LimitNodeProposalMustBeOpen(proposal_id=self.proposal_id, status=self.status)

    def _closed(
        self, status: LimitNodeProposalStatus, by: str, comment: str
    ) -> tuple["LimitNodeProposal", LimitNodeProposalClosed]:
        closed = replace(self, status=status, decided_by=by, comment=comment)
        return closed, LimitNodeProposalClosed(self.proposal_id, self.node_id, status, by)


def propose(
    proposal_id: str, node: LimitNode, wish: Wish, *, by: str, on: date
) -> tuple[LimitNodeProposal, LimitNodeChangeProposed]:
    """A proposal that the node would take as it stands now."""
    wish.must_be_whole()
    proposal = LimitNodeProposal(proposal_id, node.node_id, wish.change, wish.cap, wish.until, wish.reason, by, on)
    proposal.changed(node, on)
    return proposal, LimitNodeChangeProposed(proposal_id, node.node_id, wish.change, by)
