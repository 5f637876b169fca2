"""The RPCs of loss allowances: message → value → verb → save → fact → reply."""

from zhongtai.credit.allowance import domain, engine, store
from zhongtai.credit.allowance.standing import carried, standing
from zhongtai.credit.allowance_model import store as model_store
from zhongtai.credit.allowance_model.domain import AllowanceModel
from zhongtai.credit.classification import store as classification_store
from zhongtai.credit.classification.domain import days_past_due
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan.domain import Loan, LoanStatus
from zhongtai.credit.loan_risk import keeping, reading
from zhongtai.credit.loan_risk.knowing import category_of
from zhongtai.credit.repayment.domain import next_due_date
from zhongtai.credit.v1 import allowance_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, money_message, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def assess_allowance(request: v1.AssessAllowanceRequest, unit: Unit) -> v1.AssessAllowanceResponse:
    """Assesses a loan today and tells what moved its allowance."""
    loan = loan_store.load(unit, request.loan_id)
    domain.must_need_allowance(loan)
    before = standing(unit, loan)
    model = model_store.valid_on(unit, request.model_id or model_store.DEFAULT_MODEL, unit.business_date)
    late = days_past_due(next_due_date(loan), unit.business_date)
    facts = _known(unit, loan, value_of(request.facts, domain.Facts), model, late)
    stage, reasons = domain.stage_of(model, domain.risk_of(model, loan, facts, days_past_due=late, before=before))
    old_model = model_store.models.load(unit, before.model_id, before.model_version) if before else model
    by_old_model, position = (
        domain.position_of(it, loan, facts, stage=stage, days_past_due=late, on=unit.business_date)
        for it in (old_model, model)
    )
    allowance, fact = domain.assess(
        loan,
        model,
        position,
        reasons,
        engine.step_by_step(before.position if before else position, old_model, by_old_model, position, model),
        before=before,
        carried=carried(unit, loan),
        written_off=facts.written_off or loan.status is LoanStatus.WRITTEN_OFF,
        on=unit.business_date,
    )
    keeping.note_loan(unit, loan)
    store.keep(unit, allowance, fact.movements)
    unit.record(fact)
    return v1.AssessAllowanceResponse(
        allowance=message_of(allowance, v1.Allowance),
        movements=[message_of(it, v1.AllowanceMovement) for it in fact.movements],
    )


def _known(unit: Unit, loan: Loan, told: domain.Facts, model: AllowanceModel, days_late: int) -> domain.Facts:
    """What is known of a loan today: what is kept of it, and its category, beside what was told."""
    today = unit.business_date
    rule_set = classification_store.in_force(unit, classification_store.DECREE, today)
    kept = reading.facts_on(unit, [loan], today, rule_set=rule_set, model=model, after=today)[loan.loan_id]
    newest = classification_store.find_newest(unit, loan.loan_id)
    category = category_of(
        rule_set, kept, days_past_due=days_late, previous=newest.category if newest else None, on=today
    )
    currency = loan.principal.currency
    return told.known(kept, non_performing=category.is_non_performing, currency=currency)


@rpc
def get_allowance(request: v1.GetAllowanceRequest, view: View) -> v1.GetAllowanceResponse:
    """The allowance of a loan as it was last assessed."""
    allowance = store.allowances.load(view, request.loan_id)
    return v1.GetAllowanceResponse(allowance=message_of(allowance, v1.Allowance))


@rpc
def get_allowance_movements(request: v1.GetAllowanceMovementsRequest, view: View) -> v1.GetAllowanceMovementsResponse:
    """Why the allowance moved over some days."""
    first = date_of(request.first_date) if request.HasField("first_date") else view.business_date
    last = date_of(request.last_date) if request.HasField("last_date") else view.business_date
    domain.must_be_in_order(first, last)
    opening, movements, closing = store.movement_table(
        view,
        request.currency_code,
        loan_id=request.loan_id,
        product_id=request.product_id,
        first=first,
        last=last,
    )
    return v1.GetAllowanceMovementsResponse(
        opening=money_message(opening),
        movements=[message_of(it, v1.AllowanceMovement) for it in movements],
        closing=money_message(closing),
    )
