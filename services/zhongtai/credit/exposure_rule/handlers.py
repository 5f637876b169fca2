"""The RPCs of the caps on large exposures and of the capital they are shares of."""

from zhongtai.credit.exposure_rule import domain, store
from zhongtai.credit.v1 import exposure_rule_pb2 as v1
from zhongtai.runtime.convert import date_of, message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def publish_exposure_rules(request: v1.PublishExposureRulesRequest, unit: Unit) -> v1.PublishExposureRulesResponse:
    """Publishes one version of the caps."""
    rules = value_of(request.rules, domain.ExposureRules)
    fact = domain.publish_rules(
        rules, published=store.rules.find(unit, rules.version), latest_version=store.latest_version(unit)
    )
    if fact is not None:
        store.rules.add(unit, rules)
        unit.record(fact)
    return v1.PublishExposureRulesResponse(version=rules.version)


@rpc
def get_exposure_rules(request: v1.GetExposureRulesRequest, view: View) -> v1.GetExposureRulesResponse:
    """The caps valid on a day."""
    on = date_of(request.on) if request.HasField("on") else view.business_date
    return v1.GetExposureRulesResponse(rules=message_of(store.valid_rules(view, on), v1.ExposureRules))


@rpc
def publish_capital_base(request: v1.PublishCapitalBaseRequest, unit: Unit) -> v1.PublishCapitalBaseResponse:
    """Publishes the capital of a day."""
    capital = value_of(request.capital, domain.CapitalBase)
    fact = domain.publish_capital(capital, published=store.capital_bases.find(unit, capital.as_of.isoformat()))
    if fact is not None:
        store.capital_bases.add(unit, capital)
        unit.record(fact)
    return v1.PublishCapitalBaseResponse(capital=message_of(capital, v1.CapitalBase))


@rpc
def get_capital_base(request: v1.GetCapitalBaseRequest, view: View) -> v1.GetCapitalBaseResponse:
    """The capital that counts on a day."""
    on = date_of(request.on) if request.HasField("on") else view.business_date
    return v1.GetCapitalBaseResponse(capital=message_of(store.capital_of(view, on), v1.CapitalBase))
