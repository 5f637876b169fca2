"""What a loan's flags and circumstances come to on a day: an observation, an upgrade, a category (认定).

Sources: 《商业银行金融资产风险分类办法》 (order 2023 No. 1), articles 7, 9 to 13 and 17 to 22.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from zhongtai.credit.classification.domain import CATEGORIES, Criterion, RiskCategory, RuleSet, worst
from zhongtai.credit.classification.domain import Facts as ClassificationFacts
from zhongtai.credit.loan_risk.domain import Circumstances, RiskFacts, RiskFlag, RiskFlagKind
from zhongtai.kernel.schedule import months_later

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of a loan at the close of a day: its flags that stand, its circumstances, its due dates.

    `share_here` is what of the customer's debt here other loans of it owe non-performing; `due_dates` are needed where
    payments are counted, in order.
    """

    flags: tuple[RiskFlag, ...]
    circumstances: Circumstances
    oldest_due_date: date | None
    due_dates: tuple[date, ...]
    share_here: Decimal
    on: date

    @property
    def is_only_graded(self) -> bool:
        """Whether nothing is known of it but the customer's grade."""
        it = self.circumstances
        nothing = not (self.flags or it.collateral_minor or it.guarantees or it.undrawn_minor)
        return nothing and it.probation.missed_on is None and it.probation.cleared_on is None

    def has(self, kind: RiskFlagKind) -> bool:
        """Whether a flag of the kind stands."""
        return any(flag.kind is kind for flag in self.flags)

    def of(self, kind: RiskFlagKind) -> RiskFlag | None:
        """The newest flag of the kind that stands."""
        return next((flag for flag in reversed(self.flags) if flag.kind is kind), None)

    @property
    def is_late(self) -> bool:
        """Whether anything is past due."""
        return self.oldest_due_date is not None and self.oldest_due_date < self.on

    @property
    def is_in_difficulty(self) -> bool:
        """Whether the customer cannot pay as agreed: it is past due, was until today, or is known to be impaired."""
        cleared_today = self.circumstances.probation.cleared_on == self.on
        return self.is_late or cleared_today or self.has(RiskFlagKind.CREDIT_IMPAIRED)

    @property
    def observed_from(self) -> date | None:
        """The day a restructured loan is observed from (第二十条): its first due date behind, or the last not kept."""
        flag = self.of(RiskFlagKind.RESTRUCTURED)
        if flag is None:
            return None
        first = next((due for due in self.due_dates if due > flag.since), flag.since)
        missed = self.oldest_due_date if self.is_late else self.circumstances.probation.missed_on
        return max(first, missed) if missed is not None else first

    @property
    def restructured_again(self) -> bool:
        """Whether a restructuring began while an earlier one still stood (第二十二条)."""
        return len(of_kind(self.flags, RiskFlagKind.RESTRUCTURED)) > 1

    def paid_since(self, first: date | None) -> int:
        """How many due dates from a day on were kept; those of today and of arrears are not known to be."""
        if first is None or self.is_late:
            return 0
        return sum(first <= due < self.on for due in self.due_dates)

    def kept_through(self, first: date, months: int, payments: int) -> date | None:
        """The first day on which so many months and due dates have gone by since a day; None where the plan ends."""
        left = [due for due in self.due_dates if due >= first]
        if len(left) < payments:
            return None
        ended = months_later(first, months)
        return max(ended, left[payments - 1] + _DAY) if payments else ended

    def classification(self, expected_loss_share: Decimal) -> ClassificationFacts:
        """What is known as the rules of classification ask for it."""
        cleared = None if self.is_late else self.circumstances.probation.cleared_on
        elsewhere = self.of(RiskFlagKind.OVERDUE_ELSEWHERE)
        return ClassificationFacts(
            non_retail=self.has(RiskFlagKind.NON_RETAIL),
            technical_delay=self.has(RiskFlagKind.TECHNICAL_DELAY),
            purpose_changed=self.has(RiskFlagKind.PURPOSE_CHANGED),
            paid_by_new_debt=self.has(RiskFlagKind.PAID_BY_NEW_DEBT),
            non_performing_anywhere=self.has(RiskFlagKind.NON_PERFORMING_ELSEWHERE) or bool(self.share_here),
            credit_impaired=self.has(RiskFlagKind.CREDIT_IMPAIRED) or self.has(RiskFlagKind.PURCHASED_IMPAIRED),
            rating_fell=self.has(RiskFlagKind.RATING_FELL),
            debt_evaded=self.has(RiskFlagKind.DEBT_EVADED),
            in_liquidation=self.has(RiskFlagKind.IN_LIQUIDATION),
            restructured_again=self.restructured_again,
            enhanced=self.has(RiskFlagKind.ENHANCED),
            expected_loss_share=expected_loss_share,
            overdue_90_share_all_banks=(elsewhere.share if elsewhere else None) or Decimal(0),
            non_performing_share_here=self.share_here,
            observed_from=None if self.observed_from is None else min(self.observed_from, self.on),
            observed_payments=self.paid_since(self.observed_from),
            arrears_cleared_on=cleared,
            payments_since_cleared=self.paid_since(cleared),
            able_to_perform=self.has(RiskFlagKind.ABLE_TO_PERFORM),
        )

    def upgradable_from(self, rule_set: RuleSet) -> date | None:
        """The first day on which a non-performing loan may be upgraded if it stays as it is (第十三条), or None."""
        cleared = self.circumstances.probation.cleared_on
        if cleared is None or self.is_late or not self.has(RiskFlagKind.ABLE_TO_PERFORM):
            return None
        if self.has(RiskFlagKind.NON_RETAIL) and self.share_here:
            return None
        return self.kept_through(cleared, rule_set.upgrade_months, rule_set.upgrade_payments)


def category_of(
    rule_set: RuleSet, facts: RiskFacts, *, days_past_due: int, previous: RiskCategory | None, on: date
) -> RiskCategory:
    """The category of a loan so many days late of which this is known, as `classification.domain.classify` gives it."""
    values = dict.fromkeys(Criterion, Decimal(0)) | {
        Criterion.DAYS_PAST_DUE: Decimal(days_past_due),
        Criterion.TECHNICAL_DELAY: Decimal(facts.technical_delay),
    }
    late = worst(rule.category for rule in rule_set.rules if rule.applies(values))
    found = max(late, CATEGORIES[facts.category_at_least], key=CATEGORIES.index)
    upgradable = not days_past_due and facts.upgradable_from is not None and on >= facts.upgradable_from
    held = previous is not None and previous.is_non_performing and not found.is_non_performing and not upgradable
    return RiskCategory.SUBSTANDARD if held else found


def of_kind(flags: Iterable[RiskFlag], kind: RiskFlagKind) -> list[RiskFlag]:
    """The flags of a kind, in the order they were placed."""
    return [flag for flag in flags if flag.kind is kind]
