"""The RPCs of matching rules."""

from zhongtai.operations.matching_rule import store
from zhongtai.operations.matching_rule.domain import MatchingRule, MatchingRules, MatchingRulesPublished
from zhongtai.operations.v1 import matching_rule_pb2 as v1
from zhongtai.runtime.convert import message_of, value_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def publish_matching_rules(request: v1.PublishMatchingRulesRequest, unit: Unit) -> v1.PublishMatchingRulesResponse:
    """Publishes the next version of a set."""
    published = MatchingRules(
        request.rule_set,
        store.latest_version(unit, request.rule_set) + 1,
        tuple(value_of(rule, MatchingRule) for rule in request.rules),
        unit.now,
        unit.caller.subject,
    ).must_hold()
    store.versions.add(unit, published)
    unit.record(MatchingRulesPublished(published.rule_set, published.version))
    return v1.PublishMatchingRulesResponse(
        rule_set=published.rule_set, version=published.version, matching_rules=message_of(published, v1.MatchingRules)
    )


@rpc
def get_matching_rules(request: v1.GetMatchingRulesRequest, view: View) -> v1.GetMatchingRulesResponse:
    """One version of a set, or the latest."""
    found = store.load(view, request.rule_set, request.version)
    return v1.GetMatchingRulesResponse(matching_rules=message_of(found, v1.MatchingRules))
