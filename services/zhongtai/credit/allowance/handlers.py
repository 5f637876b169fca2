"""The RPCs of loss allowances: message → value → verb → save → fact → reply."""

from zhongtai.credit.allowance import domain, engine, explaining, judging, store
from zhongtai.credit.allowance_model import store as model_store
from zhongtai.credit.loan import store as loan_store
from zhongtai.credit.loan.domain import LoanStatus
from zhongtai.credit.loan_risk import keeping
from zhongtai.credit.v1 import allowance_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, money_message, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def assess_allowance(request: v1.AssessAllowanceRequest, unit: Unit) -> v1.AssessAllowanceResponse:
    """Assesses a loan today and tells what moved its allowance."""
    loan = loan_store.load(unit, request.loan_id)
    domain.must_need_allowance(loan)
    before = judging.standing(unit, loan)
    model = model_store.valid_on(unit, request.model_id or model_store.DEFAULT_MODEL, unit.business_date)
    old_model = model_store.models.load(unit, before.model_id, before.model_version) if before else model
    found = judging.judged(unit, loan, value_of(request.facts, domain.Facts), model)
    by_old_model, position = (
        domain.position_of(
            it, loan, found.facts, stage=found.stage, days_past_due=found.days_past_due, on=unit.business_date
        )
        for it in (old_model, model)
    )
    allowance, fact = domain.assess(
        loan,
        model,
        position,
        found.reasons,
        engine.step_by_step(before.position if before else position, old_model, by_old_model, position, model),
        before=before,
        carried=judging.carried(unit, loan),
        written_off=found.facts.written_off or loan.status is LoanStatus.WRITTEN_OFF,
        on=unit.business_date,
    )
    keeping.note_loan(unit, loan)
    store.keep(unit, allowance, fact.movements)
    unit.record(fact)
    return v1.AssessAllowanceResponse(
        allowance=message_of(allowance, v1.Allowance),
        movements=[message_of(it, v1.AllowanceMovement) for it in fact.movements],
    )


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
    opening, movements, closing = explaining.movement_table(
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
