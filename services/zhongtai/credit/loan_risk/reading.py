"""What is known of loans at the close of a day, for the single request and for the close of all loans alike."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import islice

from sqlalchemy import bindparam, select

from zhongtai.credit.allowance import store as allowance_store
from zhongtai.credit.allowance_model.domain import SHARE_PLACES, AllowanceModel
from zhongtai.credit.classification import store as classification_store
from zhongtai.credit.classification.domain import (
    CATEGORIES,
    Criterion,
    RiskCategory,
    RuleSet,
    share_of,
    values_of,
    worst,
)
from zhongtai.credit.classification.domain import Facts as ClassificationFacts
from zhongtai.credit.loan.domain import LoanSummary
from zhongtai.credit.loan.store import INSTALMENT
from zhongtai.credit.loan_day import store as loan_day_store
from zhongtai.credit.loan_risk import circumstances, store
from zhongtai.credit.loan_risk.domain import Probation, RiskFacts, RiskFlagKind
from zhongtai.credit.loan_risk.knowing import Known
from zhongtai.kernel.money import Money
from zhongtai.runtime.unit import View

# So many loans are asked about by one statement.
AT_ONCE = 500

_DUE_DATES = (
    select(INSTALMENT.c.loan_id, INSTALMENT.c.due_date)
    .where(INSTALMENT.c.loan_id.in_(bindparam("loan_ids", expanding=True)), INSTALMENT.c.number > 0)
    .order_by(INSTALMENT.c.loan_id, INSTALMENT.c.number)
)


def facts_on(
    view: View, loans: Sequence[LoanSummary], on: date, *, rule_set: RuleSet, model: AllowanceModel, after: date | None
) -> dict[str, RiskFacts]:
    """What decides categories and allowances of loans at the close of a day, whatever came in since.

    The loans are those of the close: what they owed then, since when. `after` is the day closed before, None for the
    first: what moved allowances since then beside closes is told with the facts. A grade the model does not have is
    left to the one agreed.
    """
    found: dict[str, RiskFacts] = {}
    # Of most loans nothing is known but the grade: what that comes to is worked out once for all of them.
    of_grades: dict[str, RiskFacts] = {}
    for some in _batches(loans):
        moved = allowance_store.moved_between(view, [loan.loan_id for loan in some], after, on)
        known = known_on(view, some, on)
        for loan in some:
            it = known[loan.loan_id]
            facts = of_grades.get(it.circumstances.grade) if it.is_only_graded else None
            if facts is None:
                facts = facts_of(it, loan.outstanding, rule_set=rule_set, model=model)
                if it.is_only_graded:
                    of_grades[it.circumstances.grade] = facts
            found[loan.loan_id] = replace(facts, moved_minor=moved.get(loan.loan_id, 0)) if moved else facts
    return found


def known_on(view: View, loans: Sequence[LoanSummary], on: date) -> dict[str, Known]:
    """All that is known of loans at the close of a day."""
    loan_ids = [loan.loan_id for loan in loans]
    now = circumstances.of_loans(view, loans)
    stood = now | store.before_later_changes(view, loan_ids, on)
    flags = {
        loan_id: tuple(flag for flag in placed if flag.stands(on))
        for loan_id, placed in store.flags_of(view, loan_ids).items()
    }
    counted = [
        loan_id
        for loan_id in loan_ids
        if stood[loan_id].probation != Probation(loan_id)
        or any(flag.kind is RiskFlagKind.RESTRUCTURED for flag in flags.get(loan_id, ()))
    ]
    due_dates: dict[str, list[date]] = {}
    if counted:
        for row in view.rows(_DUE_DATES, {"loan_ids": counted}):
            due_dates.setdefault(row.loan_id, []).append(date.fromisoformat(row.due_date))
    found = {}
    for loan in loans:
        known = Known(
            flags=flags.get(loan.loan_id, ()),
            circumstances=stood[loan.loan_id],
            oldest_due_date=loan.oldest_due_date,
            due_dates=tuple(due_dates.get(loan.loan_id, ())),
            share_here=Decimal(0),
            on=on,
        )
        if known.has(RiskFlagKind.NON_RETAIL):
            known = replace(known, share_here=share_of(*debt_of_customer(view, loan)))
        found[loan.loan_id] = known
    return found


def category_before(view: View, loan_id: str) -> RiskCategory | None:
    """The category a loan had: that of the last close, or of its last classification where no day of it was closed."""
    closed, newest = loan_day_store.last(view, loan_id), classification_store.find_newest(view, loan_id)
    if closed is not None:
        return CATEGORIES[closed.category]
    return newest.category if newest else None


def debt_of_customer(view: View, loan: LoanSummary) -> tuple[Money, Money]:
    """What the customer of a loan owes this bank in its currency, and what of it other loans owe non-performing."""
    owed = [one for one in circumstances.owed_by(view, loan.customer_id) if one.principal.currency == _currency(loan)]
    bad = [one for one in owed if one.loan_id != loan.loan_id and _is_non_performing(view, one.loan_id)]
    nothing = Money(_currency(loan), 0)
    whole, lost = (sum((one.outstanding for one in some), nothing) for some in (owed, bad))
    return whole, lost


def classification_facts(view: View, loan: LoanSummary, model: AllowanceModel) -> ClassificationFacts:
    """What is known of a loan today as the rules of classification ask for it."""
    known = known_on(view, [loan], view.business_date)[loan.loan_id]
    return known.classification(impaired_loss_share(known, loan.outstanding, model))


def facts_of(known: Known, outstanding: Money, *, rule_set: RuleSet, model: AllowanceModel) -> RiskFacts:
    """What decides category and allowance, by the versions of rules and model in force."""
    grades = {term.grade for term in model.grades}
    stands, initial = known.circumstances, known.of(RiskFlagKind.PURCHASED_IMPAIRED)
    guarantee_minor = answered_for(known, outstanding)
    facts = known.classification(impaired_loss_share(known, outstanding, model))
    values = values_of(rule_set, facts, 0, known.on)
    category = worst(
        rule.category
        for rule in rule_set.rules
        if rule.criterion is not Criterion.DAYS_PAST_DUE and rule.applies(values)
    )
    return RiskFacts(
        grade=stands.grade if stands.grade in grades else "",
        collateral_minor=stands.collateral_minor,
        guarantee_minor=guarantee_minor,
        undrawn_minor=stands.undrawn_minor,
        initial_expected_loss_minor=initial.amount.minor_units if initial and initial.amount else 0,
        credit_impaired=known.has(RiskFlagKind.CREDIT_IMPAIRED),
        watch_list=known.has(RiskFlagKind.WATCH_LIST),
        purchased_impaired=initial is not None,
        simplified=known.has(RiskFlagKind.SIMPLIFIED),
        category_at_least=category.code,
        technical_delay=known.has(RiskFlagKind.TECHNICAL_DELAY),
        upgradable_from=known.upgradable_from(rule_set),
    )


def answered_for(known: Known, outstanding: Money) -> int:
    """What guarantors together answer for of what is owed, in minor units; once a guarantee ended, nothing."""
    nothing = Money(outstanding.currency, 0)
    answered = sum((one.answers_for(outstanding, known.on) for one in known.circumstances.guarantees), nothing)
    return min(answered, outstanding).minor_units


def impaired_loss_share(known: Known, outstanding: Money, model: AllowanceModel) -> Decimal:
    """The loss expected of a credit-impaired loan as a share of its balance: what its cover leaves, in stage three."""
    covered = Money(outstanding.currency, known.circumstances.collateral_minor)
    guaranteed = Money(outstanding.currency, answered_for(known, outstanding))
    lost = model.loss_given_default(outstanding, covered, guaranteed) * model.severity
    return min(lost, Decimal(1)).quantize(SHARE_PLACES)


def _is_non_performing(view: View, loan_id: str) -> bool:
    """Whether a loan was found non-performing last, by a close or by a classification of its own."""
    closed, newest = loan_day_store.last(view, loan_id), classification_store.find_newest(view, loan_id)
    if newest is not None and (closed is None or newest.classified_on > closed.business_date):
        return newest.category.is_non_performing
    return closed is not None and CATEGORIES[closed.category].is_non_performing


def _currency(loan: LoanSummary) -> str:
    return loan.outstanding.currency


def _batches(loans: Sequence[LoanSummary]) -> Iterator[Sequence[LoanSummary]]:
    rest = iter(loans)
    while some := list(islice(rest, AT_ONCE)):
        yield some
