"""A proposal to grant (授信申报): what a formula allows, what somebody proposes of it, what somebody else decides.

Always true: nothing is proposed above its formula, and whoever proposes never decides.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from zhongtai.credit.grant_formula.domain import FormulaFigure, FormulaInput, GrantFormula
from zhongtai.credit.limit_node.domain import EndDateMustBeAhead
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Denied, Missing, Unmet

PROPOSAL_LASTS = timedelta(days=30)


class FormulaMustAllowSomething(Unmet):
    """The formula allows nothing: {name} is what binds.

    按授信公式测算额度为零，约束项为{name}。
    """

    name: str


class AmountMustNotExceedFormula(Unmet):
    """The formula allows {allowed}, {amount} is more: propose less, or use another formula.

    按授信公式最多可申报{allowed}，{amount}超出：请减少金额。
    """

    allowed: Money
    amount: Money


class GrantProposalNotFound(Missing):
    """There is no proposal {proposal_id}: check the id.

    授信申报{proposal_id}不存在：请核对编号。
    """

    proposal_id: str


class GrantProposalMustBeOpen(Unmet):
    """The proposal {proposal_id} is {status}: propose again.

    授信申报{proposal_id}状态为{status}：请重新申报。
    """

    proposal_id: str
    status: str


class GrantProposalMustNotBeStale(Unmet):
    """The proposal {proposal_id} is of {proposed_on}, its figures are old: propose again.

    授信申报{proposal_id}提交于{proposed_on}，数据已过期：请重新申报。
    """

    proposal_id: str
    proposed_on: date


class ProposerMustNotDecide(Denied):
    """{proposed_by} made this proposal: somebody else has to decide it.

    {proposed_by}为申报人：须由他人审批。
    """

    proposed_by: str


class GrantProposalStatus(StrEnum):
    """How a proposal stands."""

    OPEN = "OPEN"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class GrantProposed:
    """A limit was proposed."""

    proposal_id: str
    customer_id: str
    product_line: str
    amount: Money
    proposed_by: str


@dataclass(frozen=True, slots=True)
class GrantProposalClosed:
    """A proposal was decided, or taken back."""

    proposal_id: str
    status: GrantProposalStatus
    decided_by: str
    limit_id: str


@dataclass(frozen=True, slots=True)
class GrantWish:
    """What is asked for: `amount` None means all that the formula allows, `until` None for good."""

    customer_id: str
    product_line: str
    inputs: tuple[FormulaInput, ...]
    amount: Money | None
    until: date | None
    exclusive: bool
    non_revolving: bool
    reason: str


@dataclass(frozen=True, slots=True)
class GrantProposal:
    """A proposal, with every figure it rests on."""

    proposal_id: str
    customer_id: str
    product_line: str
    formula_id: str
    formula_version: int
    inputs: tuple[FormulaInput, ...]
    grade: str
    figures: tuple[FormulaFigure, ...]
    allowed: Money
    amount: Money
    until: date | None
    exclusive: bool
    non_revolving: bool
    reason: str
    proposed_by: str
    proposed_on: date
    status: GrantProposalStatus = GrantProposalStatus.OPEN
    decided_by: str = ""
    comment: str = ""
    limit_id: str = ""
    grant_id: str = ""

    def __post_init__(self) -> None:
        assert self.amount <= self.allowed, "nothing is proposed above its formula"
        assert self.decided_by != self.proposed_by, "whoever proposes never decides"

    def must_be_decided_by(self, by: str, on: date) -> None:
        """Refuses a decision by whoever proposed, on what is decided already, or on what is no longer true."""
        self._must_be_open_to(by)
        if on > self.proposed_on + PROPOSAL_LASTS:
            raise GrantProposalMustNotBeStale(proposal_id=self.proposal_id, proposed_on=self.proposed_on)
        _must_be_ahead(self.until, on)

    def approve(
        self, *, by: str, comment: str, on: date, limit_id: str, grant_id: str
    ) -> tuple["GrantProposal", GrantProposalClosed]:
        """The proposal approved, with what was granted."""
        self.must_be_decided_by(by, on)
        approved = replace(
            self,
            status=GrantProposalStatus.APPROVED,
            decided_by=by,
            comment=comment,
            limit_id=limit_id,
            grant_id=grant_id,
        )
        return approved, approved._closed()

    def approved_by(self, by: str) -> bool:
        """True where this person has approved it before: doing it again changes nothing."""
        return self.status is GrantProposalStatus.APPROVED and self.decided_by == by

    def reject(self, *, by: str, comment: str) -> tuple["GrantProposal", GrantProposalClosed]:
        """The proposal rejected."""
        self._must_be_open_to(by)
        rejected = replace(self, status=GrantProposalStatus.REJECTED, decided_by=by, comment=comment)
        return rejected, rejected._closed()

    def withdraw(self) -> tuple["GrantProposal", GrantProposalClosed | None]:
        """The proposal taken back; one that is closed stays as it is."""
        if self.status is not GrantProposalStatus.OPEN:
            return self, None
        withdrawn = replace(self, status=GrantProposalStatus.WITHDRAWN)
        return withdrawn, withdrawn._closed()

    def _must_be_open_to(self, by: str) -> None:
        if by == self.proposed_by:
            raise ProposerMustNotDecide(proposed_by=by)
        if self.status is not GrantProposalStatus.OPEN:
            raise GrantProposalMustBeOpen(proposal_id=self.proposal_id, status=self.status)

    def _closed(self) -> GrantProposalClosed:
        return GrantProposalClosed(self.proposal_id, self.status, self.decided_by, self.limit_id)


def propose(
    formula: GrantFormula, wish: GrantWish, *, proposal_id: str, grade: str, by: str, on: date
) -> tuple[GrantProposal, GrantProposed]:
    """A proposal of what the formula allows, or less."""
    _must_be_ahead(wish.until, on)
    figures = formula.figures({one.name: one.amount for one in wish.inputs}, grade)
    allowed = formula.allowed(figures)
    if not allowed:
        raise FormulaMustAllowSomething(name=next(one.name for one in figures if one.binding))
    amount = allowed if wish.amount is None else wish.amount
    if amount > allowed:
        raise AmountMustNotExceedFormula(allowed=allowed, amount=amount)
    proposal = GrantProposal(
        proposal_id=proposal_id,
        customer_id=wish.customer_id,
        product_line=wish.product_line,
        formula_id=formula.formula_id,
        formula_version=formula.version,
        inputs=wish.inputs,
        grade=grade,
        figures=figures,
        allowed=allowed,
        amount=amount,
        until=wish.until,
        exclusive=wish.exclusive,
        non_revolving=wish.non_revolving,
        reason=wish.reason,
        proposed_by=by,
        proposed_on=on,
    )
    return proposal, GrantProposed(proposal_id, wish.customer_id, wish.product_line, amount, by)


def _must_be_ahead(until: date | None, on: date) -> None:
    if until is not None and until < on:
        raise EndDateMustBeAhead(until=until)
