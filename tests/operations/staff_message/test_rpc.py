"""Messages to staff through the door: who sees what, and that the first who reads one reads for the role."""

from datetime import UTC, datetime

from tests.operations.bank import Bank
from zhongtai.gateway.v1 import job_pb2
from zhongtai.operations.v1 import delegation_pb2, work_order_pb2
from zhongtai.operations.v1 import notification_inbox_pb2 as inbox_v1
from zhongtai.operations.v1 import staff_message_pb2 as v1

SCOPES = ("operations.staff_message.*", "operations.delegation.*")
FAILED = job_pb2.JobFailed(
    job_id="end_of_day",
    title="Close the business date for all loans",
    title_zh="贷款日终",
    occasion="2026-05-06",
    reason="PROOF_MUST_HOLD",
    sentence="3 breaks.",
)


async def listed(bank: Bank, unread: bool = False) -> tuple[list[tuple[str, str]], int]:
    found = await bank.door.call(v1.ListStaffMessagesRequest(unread=unread))
    return [(each.recipient, each.subject) for each in found.messages], found.unread


async def test_a_failed_step_of_the_close_is_told_to_operators_and_to_nobody_else(bank: Bank) -> None:
    for _ in range(2):
        await bank.door.deliver(FAILED, event_id="evt_1")
    bank.door.as_caller("ann", *SCOPES, "role:operator")
    assert await listed(bank) == ([("role:operator", "作业失败：贷款日终")], 1)
    (message,) = (await bank.door.call(v1.ListStaffMessagesRequest())).messages
    assert message.body == "作业“贷款日终”（2026-05-06）失败：PROOF_MUST_HOLD。3 breaks."
    bank.door.as_caller("tom", *SCOPES, "role:teller")
    assert await listed(bank) == ([], 0)
    read = v1.MarkStaffMessageReadRequest(request_id="1", notification_id=message.notification_id)
    assert (await bank.door.refused(read)).reason == "STAFF_MESSAGE_NOT_FOUND"
    bank.door.as_caller("tests")
    assert (await bank.door.call(inbox_v1.ListInboxMessagesRequest(customer_id="role:operator"))).unread == 0


async def test_the_first_who_reads_a_message_reads_it_for_the_role(bank: Bank) -> None:
    await bank.door.deliver(FAILED)
    bank.door.as_caller("ann", *SCOPES, "role:operator")
    (message,) = (await bank.door.call(v1.ListStaffMessagesRequest())).messages
    for subject in ("ann", "bob"):
        bank.door.as_caller(subject, *SCOPES, "role:operator")
        read = v1.MarkStaffMessageReadRequest(request_id="1", notification_id=message.notification_id)
        assert (await bank.door.call(read)).message.read_by == "ann"
    assert await listed(bank, unread=True) == ([], 0)
    (fact,) = await bank.door.facts(v1.StaffMessageRead)
    assert (fact.recipient, fact.read_by) == ("role:operator", "ann")
    unknown = v1.MarkStaffMessageReadRequest(request_id="2", notification_id="ntf_none")
    assert (await bank.door.refused(unknown)).reason == "STAFF_MESSAGE_NOT_FOUND"


async def test_a_role_that_is_lent_reads_too_and_a_claimed_order_warns_who_claimed_it(bank: Bank) -> None:
    bank.door.now(datetime(2026, 5, 6, 1, 0, tzinfo=UTC))
    opened = work_order_pb2.WorkOrderOpened(
        work_order_id="wo_1", kind="exposure_break", role="limit_controller", subject="brk_1"
    )
    await bank.door.deliver(opened)
    await bank.door.deliver(
        work_order_pb2.WorkOrderWarned(work_order_id="wo_1", role="limit_controller", claimed_by="bob")
    )
    await bank.door.deliver(work_order_pb2.WorkOrderWarned(work_order_id="wo_2", role="limit_controller"))
    bank.door.as_caller("ann", *SCOPES, "role:limit_controller")
    lent = delegation_pb2.DelegateRolesRequest(
        request_id="1",
        delegate="bob",
        roles=["limit_controller"],
        valid_from=datetime(2026, 5, 6, 0, 0, tzinfo=UTC),
        valid_until=datetime(2026, 5, 8, 0, 0, tzinfo=UTC),
    )
    await bank.door.call(lent)
    assert await listed(bank) == ([("role:limit_controller", "新工单：exposure_break")], 1)
    bank.door.as_caller("bob", *SCOPES)
    assert await listed(bank) == (
        [("role:limit_controller", "新工单：exposure_break"), ("staff:bob", "工单即将到期")],
        2,
    )
