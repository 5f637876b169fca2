"""How a loan stands today beside its amounts: its category, its stage, and what the ledger carries for it.

The close of a day makes the same of it in columns: what stood before is the last closed day's row, where there is one,
or else what was last classified and assessed. A test holds the two together.
"""

from dataclasses import dataclass, replace
from datetime import date

from zhongtai.credit.allowance import store
from zhongtai.credit.allowance.domain import (
    NOTHING_TOLD,
    STAGES,
    Facts,
    ImpairmentStage,
    StageReason,
    Standing,
    months_clean,
    position_of,
    risk_of,
    stage_of,
)
from zhongtai.credit.allowance_model import store as model_store
from zhongtai.credit.allowance_model.domain import AllowanceModel
from zhongtai.credit.classification import store as classification_store
from zhongtai.credit.classification.domain import RiskCategory, days_past_due
from zhongtai.credit.end_of_day import store as end_of_day_store
from zhongtai.credit.end_of_day.domain import Phase
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan.domain import LoanSummary
from zhongtai.credit.loan_day import store as loan_day_store
from zhongtai.credit.loan_day.domain import LoanDay
from zhongtai.credit.loan_risk import reading
from zhongtai.credit.loan_risk.domain import RiskFacts
from zhongtai.credit.loan_risk.knowing import category_of
from zhongtai.kernel.money import Money
from zhongtai.runtime.unit import View


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a loan stands today, and the facts it rests on."""

    facts: Facts
    days_past_due: int
    category: RiskCategory
    stage: ImpairmentStage
    reasons: tuple[StageReason, ...]


def judged(view: View, loan: LoanSummary, told: Facts, model: AllowanceModel) -> Judgement:
    """How a loan stands today by what is kept of it and what was told. Raises `GradeNotInAllowanceModel`."""
    today, closed = view.business_date, loan_day_store.last(view, loan.loan_id)
    kept = _kept(view, loan, model, today)
    late = days_past_due(loan.oldest_due_date, today)
    rule_set = classification_store.in_force(view, classification_store.DECREE, today)
    category = category_of(
        rule_set, kept, days_past_due=late, previous=reading.category_before(view, loan.loan_id), on=today
    )
    facts = told.known(kept, non_performing=category.is_non_performing, currency=loan.principal.currency)
    risk = risk_of(model, loan, facts, days_past_due=late, previous=_stage_before(view, loan.loan_id, closed))
    if closed is not None and not told.months_clean:
        risk = replace(risk, months_clean=months_clean(closed.clean_since, today))
    return Judgement(facts, late, category, *stage_of(model, risk))


def carried(view: View, loan: LoanSummary) -> Money:
    """What the ledger carries for a loan now: the last close's allowance, and what else moved it since."""
    closed, since = loan_day_store.last(view, loan.loan_id), _last_closed(view)
    if closed is not None:
        since = closed.business_date
    moved = store.moved_between(view, [loan.loan_id], since, date.max).get(loan.loan_id, 0)
    return Money(loan.principal.currency, moved + (closed.allowance_minor if closed else 0))


def standing(view: View, loan: LoanSummary) -> Standing | None:
    """What the allowance of a loan rests on now, None where it was never assessed and no day of it was closed."""
    assessed, closed = store.allowances.find(view, loan.loan_id), loan_day_store.last(view, loan.loan_id)
    if closed is not None and (assessed is None or assessed.assessed_on <= closed.business_date):
        return _closed_standing(view, loan, closed)
    if assessed is None:
        return None
    return Standing(assessed.position, assessed.model_id, assessed.model_version, assessed.assessed_on)


def _closed_standing(view: View, loan: LoanSummary, closed: LoanDay) -> Standing:
    """What a close's allowance rested on, from the loan and from what was known of it as of its day."""
    on, owed = closed.business_date, Money(loan.principal.currency, closed.outstanding_minor)
    version = end_of_day_store.ends_of_day.load(view, on.isoformat()).model_version
    model = model_store.models.load(view, model_store.DEFAULT_MODEL, version)
    summary = loan_store.summaries.load(view, loan.loan_id)
    then = replace(summary, outstanding=owed, oldest_due_date=closed.oldest_due_date)
    known = NOTHING_TOLD.known(_kept(view, then, model, on), non_performing=False, currency=owed.currency)
    stage, late = STAGES[closed.stage - 1], closed.days_past_due
    position = position_of(model, then, known, stage=stage, days_past_due=late, on=on)
    return Standing(position, model.model_id, model.version, on)


def _kept(view: View, loan: LoanSummary, model: AllowanceModel, on: date) -> RiskFacts:
    rule_set = classification_store.in_force(view, classification_store.DECREE, on)
    return reading.facts_on(view, [loan], on, rule_set=rule_set, model=model, after=on)[loan.loan_id]


def _stage_before(view: View, loan_id: str, closed: LoanDay | None) -> ImpairmentStage | None:
    if closed is not None:
        return STAGES[closed.stage - 1]
    assessed = store.allowances.find(view, loan_id)
    return assessed.position.stage if assessed else None


def _last_closed(view: View) -> date | None:
    """The last day that is closed."""
    latest = end_of_day_store.last(view)
    if latest is None:
        return None
    return latest.business_date if latest.phase is Phase.CLOSED else latest.previous_date
