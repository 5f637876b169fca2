"""Why a contract's row of a day says what it says: the rules of category and stage that it rests on."""

from zhongtai.credit.allowance_model.domain import AllowanceModel
from zhongtai.credit.classification.domain import (
    CATEGORIES,
    NON_PERFORMING_FROM,
    Criterion,
    Rule,
    RuleSet,
    worst,
)
from zhongtai.credit.loan_day.domain import LoanDay, Reason, RiskBit

_RISEN = "the probability of default rose significantly, or the grade is one of default"


def reasons(rule_set: RuleSet, model: AllowanceModel, day: LoanDay) -> list[Reason]:
    """The rules a row rests on, those of the category first."""
    return [*_of_category(rule_set, day), *_of_stage(model, day)]


def _of_category(rule_set: RuleSet, day: LoanDay) -> list[Reason]:
    by_days = [rule for rule in rule_set.rules if rule.criterion is Criterion.DAYS_PAST_DUE and _applies(rule, day)]
    found = [
        Reason(
            "category",
            f"more than {rule.threshold} days past due: {rule.category}",
            rule.article,
            rule.confirm,
        )
        for rule in by_days
    ]
    known = max(worst(rule.category for rule in by_days).code, day.category_at_least)
    if day.category_at_least:
        said = f"what else is known of the loan: {CATEGORIES[day.category_at_least]}"
        found.append(Reason("category", said, rule_set.source, False))
    if day.category > known:
        said = "non-performing until it is assessed again"
        found.append(Reason("category", said, "商业银行金融资产风险分类办法 第十三条", rule_set.upgrade_confirm))
    return found


def _applies(rule: Rule, day: LoanDay) -> bool:
    excused = Criterion.TECHNICAL_DELAY in rule.except_where and bool(day.flags & RiskBit.TECHNICAL_DELAY)
    return day.days_past_due > rule.threshold and not rule.only_where and not excused


def _of_stage(model: AllowanceModel, day: LoanDay) -> list[Reason]:
    if day.flags & RiskBit.SIMPLIFIED:
        return [Reason("stage", "the simplified approach", "IFRS 9, 5.5.15", False)]
    if day.flags & RiskBit.PURCHASED_IMPAIRED:
        return [Reason("stage", "purchased or originated impaired", "IFRS 9, 5.5.13", False)]
    grounds = (
        (3, day.days_past_due > model.default_days, f"more than {model.default_days} days past due", "B5.5.37"),
        (3, bool(day.flags & RiskBit.CREDIT_IMPAIRED), "evidence of credit impairment", "appendix A"),
        (3, day.category >= NON_PERFORMING_FROM, f"{CATEGORIES[NON_PERFORMING_FROM]} and worse", "appendix A"),
        (2, day.days_past_due > model.backstop_days, f"more than {model.backstop_days} days past due", "5.5.11"),
        (2, bool(day.flags & RiskBit.WATCH_LIST), "on the watch list", "B5.5.17"),
    )
    found = [
        Reason("stage", f"{said}: stage {stage}", f"IFRS 9, {paragraph}", False)
        for stage, holds, said, paragraph in grounds
        if holds
    ]
    explained = max((stage for stage, holds, _, _ in grounds if holds), default=1)
    if day.stage > explained:
        cured = day.clean_since is not None
        said = f"no reason since {day.clean_since}, cured after {model.cure_months} months" if cured else _RISEN
        found.append(Reason("stage", f"{said}: stage {day.stage}", f"IFRS 9, {'B5.5.27' if cured else '5.5.9'}", False))
    return found
