"""Queues through the door: what ships is there, and may be defined anew."""

from typing import Any

from tests.operations.bank import Bank
from zhongtai.operations.v1 import work_queue_pb2 as v1

FIELDS: dict[str, Any] = {
    "queue_id": "disputes",
    "title": "Disputes",
    "title_zh": "争议处理",
    "role": "dispute_officer",
    "approvers_needed": 1,
    "priority": 3,
    "sla_minutes": 60,
    "opens_minute": 540,
    "closes_minute": 1020,
}


def define(bank: Bank, **change: Any) -> v1.DefineWorkQueueRequest:
    return v1.DefineWorkQueueRequest(request_id=bank.request_id(), queue=v1.WorkQueue(**{**FIELDS, **change}))


async def test_a_queue_is_defined_and_defined_anew(bank: Bank) -> None:
    await bank.door.call(define(bank))
    await bank.door.call(define(bank))
    await bank.door.call(define(bank, queue_id="operator", sla_minutes=30))
    facts = await bank.door.facts(v1.WorkQueueDefined)
    assert [(fact.queue_id, fact.queue.sla_minutes) for fact in facts] == [("disputes", 60), ("operator", 30)]
    queues = (await bank.door.call(v1.ListWorkQueuesRequest())).queues
    known = {queue.queue_id: queue for queue in queues}
    assert {"approvals", "disputes", "limit_control", "operator"} <= set(known)
    assert list(known) == sorted(known)
    assert known["operator"].sla_minutes == 30
    assert (await bank.door.call(v1.GetWorkQueueRequest(queue_id="disputes"))).queue == known["disputes"]


async def test_bad_queues_leave_no_trace(bank: Bank) -> None:
    assert (await bank.door.refused(define(bank, closes_minute=1))).reason == "WORKING_HOURS_MUST_FOLLOW"
    assert (await bank.door.refused(define(bank, warn_minutes=60))).reason == "WARNING_MUST_COME_BEFORE_DUE"
    nowhere = [v1.EscalationStep(after_minutes=5, queue_id="nowhere")]
    assert (await bank.door.refused(define(bank, steps=nowhere))).reason == "WORK_QUEUE_NOT_FOUND"
    nothing = [v1.EscalationStep(after_minutes=5)]
    assert (await bank.door.refused(define(bank, steps=nothing))).reason == "ESCALATION_MUST_GO_ON"
    assert (await bank.door.refused(v1.GetWorkQueueRequest(queue_id="disputes"))).reason == "WORK_QUEUE_NOT_FOUND"
    assert await bank.door.envelopes() == []
