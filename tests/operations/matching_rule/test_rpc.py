"""Matching rules through the door: versions that follow each other and stay."""

from tests.operations.bank import Bank
from zhongtai.operations.v1 import matching_rule_pb2 as v1

RULE = v1.MatchingRule(
    name="by_reference",
    title="By the reference",
    shape=v1.MATCH_SHAPE_ONE_TO_ONE,
    line_key=v1.LINE_KEY_REFERENCE,
    item_key=v1.ITEM_KEY_REFERENCE,
)


async def test_a_version_follows_the_one_before_and_each_stays(bank: Bank) -> None:
    asked = v1.GetMatchingRulesRequest(rule_set="nostro")
    shipped = (await bank.door.call(asked)).matching_rules
    assert shipped.version == 0
    assert "fee_charged" in [rule.name for rule in shipped.rules]
    for version in (1, 2):
        publish = v1.PublishMatchingRulesRequest(request_id=bank.request_id(), rule_set="nostro", rules=[RULE])
        assert (await bank.door.call(publish)).version == version
    assert (await bank.door.call(asked)).matching_rules.version == 2
    asked.version = 1
    assert list((await bank.door.call(asked)).matching_rules.rules) == [RULE]
    assert [one.version for one in await bank.door.facts(v1.MatchingRulesPublished)] == [1, 2]


async def test_what_is_not_there_or_cannot_be_followed_is_refused(bank: Bank) -> None:
    refusal = await bank.door.refused(v1.GetMatchingRulesRequest(rule_set="other"))
    assert refusal.reason == "MATCHING_RULES_NOT_FOUND"
    twice = v1.PublishMatchingRulesRequest(request_id=bank.request_id(), rule_set="nostro", rules=[RULE, RULE])
    assert (await bank.door.refused(twice)).reason == "MATCHING_RULE_MUST_BE_ONE"
