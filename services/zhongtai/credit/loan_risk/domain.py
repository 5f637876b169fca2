"""The risk of a loan (贷款风险信息): what somebody found out about it, and since when it shows no sign of risk.

Always true: a flag says who placed it, when and why, and is lifted at most once; nothing that was placed is erased. A
loan that was purchased or originated credit-impaired stays so (IFRS 9, 5.4.1(a) and 5.5.13): its flag is taken back on
the day it was placed, or never. Sources: 《商业银行金融资产风险分类办法》 (order 2023 No. 1), articles 9 to 22; IFRS 9,
appendix A; CAS 22 (财会〔2017〕7号), article 40.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from zhongtai.credit.classification.domain import (
    DateMustNotBeInTheFuture,
)
from zhongtai.credit.guarantee.domain import Guarantee
from zhongtai.credit.loan.domain import LoanStatus
from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Invalid, Missing, Taken, Unmet

_DAY = timedelta(days=1)


class RiskFlagNotFound(Missing):
    """The loan {loan_id} has no flag {flag_id}: check the id.

    贷款{loan_id}没有编号为{flag_id}的风险标识：请核对编号。
    """

    loan_id: str
    flag_id: str


class RiskFlagStandsAlready(Taken):
    """The flag {flag_kind} stands on the loan already, as {flag_id}: lift it first if it is to say something else.

    该贷款已有{flag_kind}标识（{flag_id}）：如需变更，请先解除。
    """

    flag_kind: str
    flag_id: str


class RiskFlagIsFinal(Unmet):
    """The flag {flag_kind} was placed on {placed_on} and is final: it is taken back on that day only.

    {flag_kind}标识于{placed_on}设置且不可解除：仅可在设置当日撤回。
    """

    flag_kind: str
    placed_on: date


class RiskFlagMustSayMore(Invalid):
    """A flag {flag_kind} needs {needs}: state it.

    {flag_kind}标识须填写{needs}：请补充。
    """

    flag_kind: str
    needs: str


class LoanMustNotBeOver(Unmet):
    """The loan {loan_id} is {status}: only loans that are or will be owed are flagged.

    贷款{loan_id}状态为{status}：仅可标识未结清的贷款。
    """

    loan_id: str
    status: LoanStatus


class RiskFlagKind(StrEnum):
    """What is found out about a loan or its customer."""

    WATCH_LIST = "WATCH_LIST"
    RESTRUCTURED = "RESTRUCTURED"
    PURCHASED_IMPAIRED = "PURCHASED_IMPAIRED"
    CREDIT_IMPAIRED = "CREDIT_IMPAIRED"
    SIMPLIFIED = "SIMPLIFIED"
    NON_RETAIL = "NON_RETAIL"
    ENHANCED = "ENHANCED"
    TECHNICAL_DELAY = "TECHNICAL_DELAY"
    PURPOSE_CHANGED = "PURPOSE_CHANGED"
    PAID_BY_NEW_DEBT = "PAID_BY_NEW_DEBT"
    NON_PERFORMING_ELSEWHERE = "NON_PERFORMING_ELSEWHERE"
    OVERDUE_ELSEWHERE = "OVERDUE_ELSEWHERE"
    RATING_FELL = "RATING_FELL"
    DEBT_EVADED = "DEBT_EVADED"
    IN_LIQUIDATION = "IN_LIQUIDATION"
    ABLE_TO_PERFORM = "ABLE_TO_PERFORM"


class ImpairmentEvidence(StrEnum):
    """The evidence that an asset is credit-impaired: IFRS 9, appendix A, (a) to (f); CAS 22, article 40."""

    SIGNIFICANT_DIFFICULTY = "SIGNIFICANT_DIFFICULTY"
    BREACH_OF_CONTRACT = "BREACH_OF_CONTRACT"
    CONCESSION = "CONCESSION"
    BANKRUPTCY_PROBABLE = "BANKRUPTCY_PROBABLE"
    MARKET_DISAPPEARED = "MARKET_DISAPPEARED"
    DEEP_DISCOUNT = "DEEP_DISCOUNT"


@dataclass(frozen=True, slots=True)
class Finding:
    """What somebody found out: `since` when it is so, `share` and `amount` where the kind asks for them."""

    kind: RiskFlagKind
    reason: str
    since: date | None = None
    evidence: ImpairmentEvidence | None = None
    share: Decimal | None = None
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class RiskFlag:
    """A finding that stands on a loan from the day it was placed until the day before it was lifted."""

    loan_id: str
    flag_id: str
    kind: RiskFlagKind
    reason: str
    since: date
    evidence: ImpairmentEvidence | None
    share: Decimal | None
    amount: Money | None
    placed_on: date
    placed_by: str
    lifted_on: date | None = None
    lifted_by: str = ""
    lift_reason: str = ""

    def stands(self, on: date) -> bool:
        """Whether it stands at the close of a day."""
        return self.placed_on <= on and (self.lifted_on is None or self.lifted_on > on)

    def lift(self, reason: str, *, by: str, on: date) -> "tuple[RiskFlag, RiskFlagLifted | None]":
        """The flag, lifted; no fact where it was lifted already. Raises `RiskFlagIsFinal`."""
        if self.lifted_on is not None:
            return self, None
        if self.kind is RiskFlagKind.PURCHASED_IMPAIRED and on != self.placed_on:
            raise RiskFlagIsFinal(flag_kind=self.kind, placed_on=self.placed_on)
        lifted = replace(self, lifted_on=on, lifted_by=by, lift_reason=reason)
        return lifted, RiskFlagLifted(self.loan_id, self.flag_id, self.kind, reason, on)


@dataclass(frozen=True, slots=True)
class RiskFlagPlaced:
    """A flag was placed on a loan."""

    loan_id: str
    flag_id: str
    kind: RiskFlagKind
    reason: str
    since: date
    placed_on: date


@dataclass(frozen=True, slots=True)
class RiskFlagLifted:
    """A flag was lifted from a loan."""

    loan_id: str
    flag_id: str
    kind: RiskFlagKind
    reason: str
    lifted_on: date


@dataclass(frozen=True, slots=True)
class Probation:
    """How long a loan has kept its word: None where it never broke it.

    `missed_on` is the due date it last did not keep, `cleared_on` the day it paid those arrears.
    """

    loan_id: str
    missed_on: date | None = None
    cleared_on: date | None = None


@dataclass(frozen=True, slots=True)
class Undrawn:
    """What of a loan was approved and may still be drawn."""

    loan_id: str
    undrawn: Money


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What other components know of a loan: the customer's grade, its cover, what is undrawn, its probation.

    `grade` is empty where the customer is not rated; `collateral_minor` is what its pledges cover whatever is owed,
    `undrawn_minor` what of it was approved and may still be drawn.
    """

    grade: str
    collateral_minor: int
    guarantees: tuple[Guarantee, ...]
    undrawn_minor: int
    probation: Probation


@dataclass(frozen=True, slots=True)
class RiskFacts:
    """What decides category, stage and allowance of a loan on a day beside its balance and its days past due.

    As it is made, nothing is known of the loan. `grade` empty means the one agreed. `category_at_least` is the code of
    the worst category that rules other than on days past due ask for. A non-performing loan may be upgraded from
    `upgradable_from` on. `moved_minor` is what moved the carried allowance since the last close beside closes.
    """

    grade: str = ""
    collateral_minor: int = 0
    guarantee_minor: int = 0
    undrawn_minor: int = 0
    initial_expected_loss_minor: int = 0
    credit_impaired: bool = False
    watch_list: bool = False
    purchased_impaired: bool = False
    simplified: bool = False
    category_at_least: int = 0
    technical_delay: bool = False
    upgradable_from: date | None = None
    moved_minor: int = 0


def place(
    finding: Finding,
    *,
    flag_id: str,
    loan_id: str,
    status: LoanStatus,
    currency: str,
    standing: Iterable[RiskFlag],
    by: str,
    on: date,
) -> tuple[RiskFlag, RiskFlagPlaced]:
    """A flag on a loan. A restructuring may be placed again: that is what article 22 asks about.

    Raises `LoanMustNotBeOver`, `DateMustNotBeInTheFuture`, `RiskFlagMustSayMore`, `RiskFlagStandsAlready`,
    `CurrencyMustMatch`.
    """
    if status not in (LoanStatus.PENDING, LoanStatus.ACTIVE):
        raise LoanMustNotBeOver(loan_id=loan_id, status=status)
    since = finding.since or on
    if since > on:
        raise DateMustNotBeInTheFuture(name="since", day=since, business_date=on)
    _must_say_enough(finding)
    if finding.amount is not None and finding.amount.currency != currency:
        raise CurrencyMustMatch(left=finding.amount.currency, right=currency)
    for flag in standing:
        if flag.kind is finding.kind and finding.kind is not RiskFlagKind.RESTRUCTURED:
            raise RiskFlagStandsAlready(flag_kind=flag.kind, flag_id=flag.flag_id)
    flag = RiskFlag(
        loan_id=loan_id,
        flag_id=flag_id,
        kind=finding.kind,
        reason=finding.reason,
        since=since,
        evidence=finding.evidence,
        share=finding.share,
        amount=finding.amount,
        placed_on=on,
        placed_by=by,
    )
    return flag, RiskFlagPlaced(loan_id, flag_id, flag.kind, flag.reason, since, on)


def _must_say_enough(finding: Finding) -> None:
    needs: Mapping[RiskFlagKind, str] = {
        RiskFlagKind.CREDIT_IMPAIRED: "evidence",
        RiskFlagKind.OVERDUE_ELSEWHERE: "share",
        RiskFlagKind.PURCHASED_IMPAIRED: "amount",
    }
    name = needs.get(finding.kind)
    if name is not None and getattr(finding, name) is None:
        raise RiskFlagMustSayMore(flag_kind=finding.kind, needs=name)
