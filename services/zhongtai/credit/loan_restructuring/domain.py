"""Extension (展期) and restructuring (重组) of a running loan: what may be agreed anew, and what was.

How long all extensions of a loan may be together is a rule that is data, by its original term and whom its product is
for; the source stands with each rule. A restructured asset (重组资产) is one whose terms were changed because the
borrower is in financial difficulty (《商业银行金融资产风险分类办法》, articles 18, 19): whoever agrees says so.
Always true: all extensions of a loan together stay within the rule of its original term.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Invalid, Unmet


class ExtensionMustPrecedeMaturity(Unmet):
    """The loan {loan_id} was due on {maturity_date}: extend it by that day, or restructure it.

    贷款{loan_id}已于{maturity_date}到期：展期须在到期日前申请，或改用重组。
    """

    loan_id: str
    maturity_date: date


class ExtensionMustKeepWithinRule(Unmet):
    """All extensions together would be {extended_months} months, the rule {rule_id} allows {most_months}: extend less.

    累计展期将达{extended_months}个月，规则{rule_id}允许{most_months}个月：请缩短展期。
    """

    rule_id: str
    extended_months: int
    most_months: int
    source: str


class RestructuringMustChangeSomething(Invalid):
    """Nothing of the loan would change: forgive something, or state a rate, instalments or grace.

    重组未变更任何条款：请填写减免金额、利率、期数或宽限期。
    """


class ForgivenessMustLeaveSomethingOwed(Unmet):
    """{forgiveness} is not below the {owed} owed: what is given up whole is written off with WriteOffLoan.

    减免{forgiveness}不低于欠款{owed}：全部放弃请使用WriteOffLoan核销。
    """

    forgiveness: Money
    owed: Money


class RestructuringKind(StrEnum):
    """What was agreed anew: more time alone, or other terms."""

    EXTENSION = "EXTENSION"
    RESTRUCTURING = "RESTRUCTURING"


@dataclass(frozen=True, slots=True)
class ExtensionRule:
    """How long all extensions of a loan of some original term may be together; a bound that is None does not apply."""

    rule_id: str
    customer_kind: str
    over_months: int
    up_to_months: int | None
    most_of_term: Decimal | None
    most_months: int | None
    within_product: bool
    source: str
    confirm: bool

    def most(self, term_months: int, product_term_months: int) -> int:
        """The most months for an original term; a part of a month is none."""
        bounds = [] if self.most_months is None else [self.most_months]
        if self.most_of_term is not None:
            bounds.append(int(self.most_of_term * term_months))
        if self.within_product:
            bounds.append(max(product_term_months - term_months, 0))
        assert bounds, "a rule bounds something"
        return min(bounds)


@dataclass(frozen=True, slots=True)
class LoanRestructuring:
    """What was agreed anew of a loan; `nominal_interest_rate` is a year's from then on, None where it stayed."""

    restructuring_id: str
    loan_id: str
    kind: RestructuringKind
    restructured_on: date
    operation_id: str
    extra_months: int
    forgiven: Money
    nominal_interest_rate: Decimal | None
    borrower_in_difficulty: bool
    reason: str
    rule_id: str


@dataclass(frozen=True, slots=True)
class Change:
    """The terms a restructuring changes from today on; rates are a year's, what is None or 0 stays."""

    forgiveness: Money | None
    nominal_interest_rate: Decimal | None
    extra_instalments: int
    grace_principal: int
    grace_interest: int

    @property
    def reshapes(self) -> bool:
        """Whether the plan changes, beside what is forgiven."""
        counted = self.extra_instalments or self.grace_principal or self.grace_interest
        return bool(counted) or self.nominal_interest_rate is not None

    def must_change(self, owed: Money) -> None:
        """Refuses to change nothing, and to forgive all that is owed."""
        if not self.reshapes and self.forgiveness is None:
            raise RestructuringMustChangeSomething()
        if self.forgiveness is not None and not self.forgiveness < owed:
            raise ForgivenessMustLeaveSomethingOwed(forgiveness=self.forgiveness, owed=owed)


@dataclass(frozen=True, slots=True)
class LoanRestructured:
    """A loan was extended or restructured."""

    loan_id: str
    customer_id: str
    product_id: str
    limit_id: str
    operation_id: str
    restructured_on: date
    kind: RestructuringKind
    borrower_in_difficulty: bool
    reason: str


def rule_of(rules: Sequence[ExtensionRule], term_months: int, customer_kinds: Sequence[str]) -> ExtensionRule:
    """The rule of an original term: the first one for the only kind of customer of the product, or for any."""
    only = customer_kinds[0] if len(customer_kinds) == 1 else ""
    return next(
        rule
        for rule in rules
        if rule.customer_kind in ("", only)
        and rule.over_months < term_months
        and (rule.up_to_months is None or term_months <= rule.up_to_months)
    )


def must_keep_within(rule: ExtensionRule, *, extended: int, term_months: int, product_term_months: int) -> None:
    """Refuses extensions that come to more than the rule lets them; all in months."""
    most = rule.most(term_months, product_term_months)
    if extended > most:
        raise ExtensionMustKeepWithinRule(
            rule_id=rule.rule_id, extended_months=extended, most_months=most, source=rule.source
        )


def must_precede(loan_id: str, maturity_date: date, today: date) -> None:
    """Refuses an extension after the last day of the loan (贷款通则, article 12)."""
    if today > maturity_date:
        raise ExtensionMustPrecedeMaturity(loan_id=loan_id, maturity_date=maturity_date)
