"""Decisions through the door."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import update

from tests.risk.examples import (
    GOOD_INPUTS,
    POLICY,
    SCORECARD,
    decide,
    plant,
    publish_policy,
    publish_scorecard,
    request_id,
)
from zhongtai.common.v1.money_pb2 import Money as MoneyMessage
from zhongtai.common.v1.options_pb2 import DATA_CLASS_C2
from zhongtai.risk.decision.store import DECISION
from zhongtai.risk.v1 import decision_pb2 as v1
from zhongtai.risk.v1 import policy_pb2
from zhongtai.runtime.contracts import data_class, events
from zhongtai.testing.doors import Door


async def test_an_application_is_decided_and_everything_is_kept(door: Door) -> None:
    door.today(date(2026, 3, 2))
    await plant(door)
    reply = await door.call(decide(inputs=GOOD_INPUTS | {"telephone": "yes"}))
    assert reply.decision_id.startswith("dec_")
    assert (reply.outcome, reply.score) == (policy_pb2.OUTCOME_APPROVE, 615)
    assert reply.probability_of_default.value == str(SCORECARD.probability_of_default(615))
    assert not reply.reasons
    assert reply.maximum_amount == MoneyMessage(currency_code="CNY", minor_units=20_000_000)
    kept = (await door.call(v1.GetDecisionRequest(decision_id=reply.decision_id))).decision
    assert dict(kept.inputs) == GOOD_INPUTS | {"telephone": "yes"}
    assert (kept.policy_version, kept.scorecard_version) == (1, 1)
    assert [(each.characteristic, each.points) for each in kept.points] == [("term", 30), ("housing", 25)]
    assert kept.status == v1.DECISION_STATUS_STANDING
    assert (kept.decided_on.year, kept.decided_on.month, kept.decided_on.day) == (2026, 3, 2)
    (fact,) = await door.facts(v1.ApplicationDecided)
    assert (fact.decision_id, fact.customer_id, fact.score) == (reply.decision_id, "cus_1", 615)


async def test_a_decline_is_a_result_with_reasons_in_both_languages(door: Door) -> None:
    await plant(door)
    reply = await door.call(decide(term_months=36, inputs={"housing": "rent", "age": "17"}))
    assert reply.outcome == policy_pb2.OUTCOME_DECLINE
    assert [reason.code for reason in reply.reasons] == ["TOO_YOUNG", "SCORE_BELOW_CUT_OFF", "TERM", "HOUSING"]
    assert all(reason.text and reason.text_zh for reason in reply.reasons)
    (fact,) = await door.facts(v1.ApplicationDecided)
    assert list(fact.reason_codes) == [reason.code for reason in reply.reasons]


async def test_the_event_carries_no_attribute_of_the_applicant(door: Door) -> None:
    await plant(door)
    await door.call(decide(inputs=GOOD_INPUTS | {"telephone": "a-very-personal-number"}))
    (envelope,) = [found for found in await door.envelopes() if found.subject.endswith("ApplicationDecided")]
    assert b"a-very-personal-number" not in envelope.payload
    told = [event for name, event in events().items() if name.startswith("zhongtai.risk.")]
    assert v1.ApplicationDecided in told
    fields: list[Any] = [field for event in told for field in event.DESCRIPTOR.fields]
    assert all(data_class(field) < DATA_CLASS_C2 for field in fields)


async def test_a_decision_outlives_newer_versions(door: Door) -> None:
    await plant(door)
    decision_id = (await door.call(decide())).decision_id
    await door.call(publish_scorecard(replace(SCORECARD, version=2, initial_points=400)))
    await door.call(publish_policy(replace(POLICY, version=2, scorecard_version=2)))
    newer = await door.call(decide())
    assert (newer.policy_version, newer.outcome) == (2, policy_pb2.OUTCOME_DECLINE)
    verified = await door.call(v1.VerifyDecisionRequest(decision_id=decision_id))
    assert verified.recomputed_equal
    kept = (await door.call(v1.GetDecisionRequest(decision_id=decision_id))).decision
    assert (kept.policy_version, kept.outcome) == (1, policy_pb2.OUTCOME_APPROVE)


async def test_a_decision_altered_behind_our_back_is_found_out(door: Door) -> None:
    await plant(door)
    decision_id = (await door.call(decide())).decision_id
    await door.service.store.change(lambda writing: writing.execute(update(DECISION).values(score=700)))
    verified = await door.call(v1.VerifyDecisionRequest(decision_id=decision_id))
    assert not verified.recomputed_equal
    assert list(verified.differences) == ["score"]


async def test_withdrawing_is_idempotent_and_keeps_the_record(door: Door) -> None:
    await plant(door)
    decision_id = (await door.call(decide())).decision_id
    for _ in range(2):
        reply = await door.call(v1.WithdrawDecisionRequest(request_id=request_id(), decision_id=decision_id))
        assert (reply.decision_id, reply.status) == (decision_id, v1.DECISION_STATUS_WITHDRAWN)
    assert await door.facts(v1.DecisionWithdrawn) == [
        v1.DecisionWithdrawn(decision_id=decision_id, customer_id="cus_1")
    ]
    assert (await door.call(v1.VerifyDecisionRequest(decision_id=decision_id))).recomputed_equal


async def test_a_repeated_request_is_one_decision_and_another_body_is_refused(door: Door) -> None:
    await plant(door)
    first = await door.call(decide(request_id="once"))
    assert first == await door.call(decide(request_id="once"))
    assert len((await door.call(v1.ListDecisionsRequest())).decisions) == 1
    await door.refused(decide(request_id="once", term_months=7))
    assert len((await door.call(v1.ListDecisionsRequest())).decisions) == 1


async def test_wrong_inputs_leave_no_trace(door: Door) -> None:
    await plant(door)
    facts = len(await door.envelopes())
    for request, reason in (
        (decide(inputs={"housing": "own"}), "ATTRIBUTES_MISSING"),
        (decide(inputs=GOOD_INPUTS | {"shoe_size": "42"}), "ATTRIBUTE_UNKNOWN"),
        (decide(inputs=GOOD_INPUTS | {"term": "60"}), "ATTRIBUTE_MUST_AGREE_WITH_REQUEST"),
        (decide(amount=MoneyMessage(currency_code="USD", minor_units=1)), "CURRENCY_MUST_MATCH"),
        (decide(policy_id="unheard_of"), "POLICY_NOT_FOUND"),
    ):
        assert (await door.refused(request)).reason == reason
    for decision_id in ("dec_x",):
        for read in (v1.GetDecisionRequest, v1.VerifyDecisionRequest):
            assert (await door.refused(read(decision_id=decision_id))).reason == "DECISION_NOT_FOUND"
    await door.refused(decide(amount=MoneyMessage(currency_code="CNY", minor_units=0)))
    assert len(await door.envelopes()) == facts
    assert not (await door.call(v1.ListDecisionsRequest())).decisions


async def test_decisions_are_listed_by_customer_policy_and_outcome_in_pages(door: Door) -> None:
    await plant(door)
    ids = [(await door.call(decide(customer_id=f"cus_{number % 2}"))).decision_id for number in range(3)]
    declined = (await door.call(decide(inputs=GOOD_INPUTS | {"age": "3"}))).decision_id

    async def listed(**wanted: Any) -> list[str]:
        reply = await door.call(v1.ListDecisionsRequest(**wanted))
        return [decision.decision_id for decision in reply.decisions]

    assert await listed() == [*ids, declined]
    assert await listed(customer_id="cus_0") == [ids[0], ids[2]]
    assert await listed(outcome=policy_pb2.OUTCOME_DECLINE) == [declined]
    assert await listed(policy_id="other") == []
    assert await listed(customer_id="cus_1", outcome=policy_pb2.OUTCOME_DECLINE, policy_id="consumer_instalment") == [
        declined
    ]
    first = await door.call(v1.ListDecisionsRequest(page={"size": 3}))
    assert await listed(page={"size": 3, "token": first.page.next_token}) == [declined]
