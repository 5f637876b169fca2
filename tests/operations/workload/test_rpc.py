"""The workload through the door: every live order is counted once by queue and, where claimed, once by person."""

from datetime import timedelta

from tests.operations.bank import Bank
from tests.operations.work_order.test_rpc import SCOPES, claim, decide, opened
from zhongtai.operations.v1 import workload_pb2 as v1


async def test_live_orders_are_counted_by_queue_role_person_and_age(bank: Bank) -> None:
    old = await opened(bank, sla_minutes=60)
    await opened(bank, sla_minutes=50_000, role="", queue_id="operator")
    for days in (2, 2, 4):
        bank.door.now(bank.door.clock.now() + timedelta(days=days))
        await opened(bank, sla_minutes=50_000)
    gone = await opened(bank)
    bank.door.as_caller("ann", *SCOPES, "operations.workload.read")
    await bank.door.call(claim(bank, old))
    await bank.door.call(decide(bank, gone))
    found = await bank.door.call(v1.GetWorkloadRequest())
    lines = {(line.queue_id, line.role): line for line in found.queues}
    assert set(lines) == {("", "credit_officer"), ("operator", "operator")}
    line = lines["", "credit_officer"]
    assert (line.waiting, line.claimed, line.overdue) == (3, 1, 1)
    assert (line.within_a_day, line.within_three_days, line.within_a_week, line.older) == (1, 0, 2, 1)
    (person,) = found.people
    assert (person.person, person.claimed, person.waiting, person.overdue, person.older) == ("ann", 1, 0, 1, 1)
