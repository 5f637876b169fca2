"""A decision (审批决策): an application, a policy version and a scorecard version, and the one answer they made.

Always true: a kept decision, decided anew from what is kept with it, comes out the same.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Missing
from zhongtai.risk.policy.domain import Application, DecisionReason, Outcome, Policy
from zhongtai.risk.scorecard.domain import CharacteristicPoints, Scorecard


class DecisionNotFound(Missing):
    """There is no decision {decision_id}: check the id.

    决策{decision_id}不存在：请核对编号。
    """

    decision_id: str


class DecisionStatus(StrEnum):
    """How a decision stands."""

    STANDING = "STANDING"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class ApplicationDecided:
    """An application was decided."""

    decision_id: str
    customer_id: str
    policy_id: str
    policy_version: int
    scorecard_id: str
    scorecard_version: int
    amount: Money
    term_months: int
    outcome: Outcome
    score: int
    probability_of_default: Decimal
    reason_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionWithdrawn:
    """A decision was taken back."""

    decision_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as kept: the exact application, the versions and the answer."""

    decision_id: str
    policy_id: str
    policy_version: int
    scorecard_id: str
    scorecard_version: int
    customer_id: str
    amount: Money
    term_months: int
    inputs: dict[str, str]
    outcome: Outcome
    score: int
    probability_of_default: Decimal
    points: tuple[CharacteristicPoints, ...]
    reasons: tuple[DecisionReason, ...]
    maximum_amount: Money | None
    status: DecisionStatus
    decided_on: date
    decided_at: datetime

    def withdraw(self) -> tuple["Decision", DecisionWithdrawn | None]:
        """Takes an approval back; no fact where it was taken back already, or was none.

        Only an approval promises something. A declined or referred application was declined or referred, whatever
        becomes of the product that asked, and the figures go on telling so.
        """
        if self.status is DecisionStatus.WITHDRAWN or self.outcome is not Outcome.APPROVE:
            return self, None
        fact = DecisionWithdrawn(self.decision_id, self.customer_id)
        return replace(self, status=DecisionStatus.WITHDRAWN), fact

    def differences(self, policy: Policy, scorecard: Scorecard) -> tuple[str, ...]:
        """The parts of the answer that come out otherwise when the kept application is decided anew; empty is right."""
        assert (policy.policy_id, policy.version) == (self.policy_id, self.policy_version)
        assert (scorecard.scorecard_id, scorecard.version) == (self.scorecard_id, self.scorecard_version)
        application = Application(self.customer_id, self.amount, self.term_months, self.inputs)
        again = policy.answer(scorecard, application)
        parts = ("outcome", "score", "probability_of_default", "points", "reasons", "maximum_amount")
        return tuple(part for part in parts if getattr(self, part) != getattr(again, part))


def decide(
    decision_id: str, policy: Policy, scorecard: Scorecard, application: Application, *, today: date, now: datetime
) -> tuple[Decision, ApplicationDecided]:
    """Decides an application under a policy version and keeps all that made the answer."""
    answer = policy.answer(scorecard, application)
    decision = Decision(
        decision_id=decision_id,
        policy_id=policy.policy_id,
        policy_version=policy.version,
        scorecard_id=scorecard.scorecard_id,
        scorecard_version=scorecard.version,
        customer_id=application.customer_id,
        amount=application.amount,
        term_months=application.term_months,
        inputs=dict(sorted(application.inputs.items())),
        outcome=answer.outcome,
        score=answer.score,
        probability_of_default=answer.probability_of_default,
        points=answer.points,
        reasons=answer.reasons,
        maximum_amount=answer.maximum_amount,
        status=DecisionStatus.STANDING,
        decided_on=today,
        decided_at=now,
    )
    fact = ApplicationDecided(
        decision_id=decision_id,
        customer_id=application.customer_id,
        policy_id=policy.policy_id,
        policy_version=policy.version,
        scorecard_id=scorecard.scorecard_id,
        scorecard_version=scorecard.version,
        amount=application.amount,
        term_months=application.term_months,
        outcome=answer.outcome,
        score=answer.score,
        probability_of_default=answer.probability_of_default,
        reason_codes=tuple(reason.code for reason in answer.reasons),
    )
    return decision, fact
