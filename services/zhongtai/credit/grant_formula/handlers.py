"""The RPCs of grant formulas."""

from zhongtai.credit.grant_formula import domain, store
from zhongtai.credit.v1 import grant_formula_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def publish_grant_formula(request: v1.PublishGrantFormulaRequest, unit: Unit) -> v1.PublishGrantFormulaResponse:
    """Publishes one version of a formula."""
    formula = value_of(request.formula, domain.GrantFormula)
    fact = domain.publish(
        formula,
        published=store.formulas.find(unit, formula.formula_id, formula.version),
        latest_version=store.latest_version(unit, formula.formula_id),
    )
    if fact is not None:
        store.formulas.add(unit, formula)
        unit.record(fact)
    return v1.PublishGrantFormulaResponse(formula_id=formula.formula_id, version=formula.version)


@rpc
def get_grant_formula(request: v1.GetGrantFormulaRequest, view: View) -> v1.GetGrantFormulaResponse:
    """The formula valid on a day."""
    on = date_of(request.on) if request.HasField("on") else view.business_date
    formula = store.valid_formula(view, request.formula_id, on)
    return v1.GetGrantFormulaResponse(formula=message_of(formula, v1.GrantFormula))
