"""Policies through the door."""

from dataclasses import replace

from tests.risk.examples import POLICY, SCORECARD, plant, publish_policy, publish_scorecard
from zhongtai.risk.v1 import policy_pb2 as v1
from zhongtai.testing.doors import Door


async def test_a_policy_is_published_and_read_back_whole_with_what_it_asks_for(door: Door) -> None:
    await door.call(publish_scorecard())
    request = publish_policy()
    await door.call(request)
    reply = await door.call(v1.GetPolicyRequest(policy_id="consumer_instalment"))
    reply.policy.ClearField("published_on")
    assert reply.policy == request.policy
    assert list(reply.required_attributes) == ["age", "housing"]
    (fact,) = await door.facts(v1.PolicyPublished)
    assert (fact.policy_id, fact.version, fact.scorecard_id, fact.scorecard_version) == (
        "consumer_instalment",
        1,
        "application",
        1,
    )


async def test_the_same_content_again_is_no_second_fact_and_other_content_is_refused(door: Door) -> None:
    await plant(door)
    await door.call(publish_policy())
    refusal = await door.refused(publish_policy(replace(POLICY, decline_below=500)))
    assert refusal.reason == "POLICY_VERSION_ALREADY_PUBLISHED"
    assert len(await door.facts(v1.PolicyPublished)) == 1


async def test_a_policy_needs_its_scorecard(door: Door) -> None:
    await door.call(publish_scorecard())
    refusal = await door.refused(publish_policy(replace(POLICY, scorecard_version=2)))
    assert refusal.reason == "SCORECARD_NOT_FOUND"
    assert refusal.metadata == {"scorecard_id": "application", "version": "2"}


async def test_the_newest_version_is_got_unless_one_is_named(door: Door) -> None:
    await door.call(publish_scorecard(SCORECARD))
    for version in (1, 10, 2):
        await door.call(publish_policy(replace(POLICY, version=version)))
    newest = await door.call(v1.GetPolicyRequest(policy_id="consumer_instalment"))
    assert newest.policy.version == 10
    named = await door.call(v1.GetPolicyRequest(policy_id="consumer_instalment", version=2))
    assert named.policy.version == 2
    listed = await door.call(v1.ListPoliciesRequest(policy_id="consumer_instalment", page={"size": 2}))
    assert [policy.version for policy in listed.policies] == [1, 2]
    assert listed.page.next_token
    refusal = await door.refused(v1.GetPolicyRequest(policy_id="consumer_instalment", version=3))
    assert (refusal.reason, refusal.metadata["version"]) == ("POLICY_NOT_FOUND", "3")


async def test_a_rule_can_only_refer_or_decline(door: Door) -> None:
    await door.call(publish_scorecard())
    request = publish_policy()
    request.policy.rules[0].otherwise = v1.OUTCOME_APPROVE
    refusal = await door.refused(request)
    assert "otherwise" in str(refusal.metadata)
