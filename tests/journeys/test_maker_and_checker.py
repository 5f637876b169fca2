"""A command of credit under maker and checker, on the whole platform: across restarts, with rights asked anew."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from zhongtai.common.v1.money_pb2 import Money
from zhongtai.credit.v1 import limit_pb2
from zhongtai.gateway.client.ensuring import Wanted, ensure
from zhongtai.gateway.v1 import client_pb2, job_pb2
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import approval_policy_pb2, held_command_pb2, work_order_pb2
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.platform import Platform
from zhongtai.testing.embedded import embedded

GRANT = "zhongtai.credit.v1.LimitService.GrantLimit"
ANN = Wanted("ann", ("credit.*", "operations.approval_policy.*", "operations.held_command.read"))
BOB = Wanted("bob", ("operations.*", "role:checker"))
ADMIN = Call(Caller("admin", "admin", frozenset({"*"})))
WITHIN_S = 30


def person(wanted: Wanted) -> Call:
    return Call(Caller(wanted.client_id, wanted.client_id, frozenset(wanted.scopes)))


def grant(number: int) -> limit_pb2.GrantLimitRequest:
    return limit_pb2.GrantLimitRequest(
        request_id=f"grant-{number}",
        customer_id=f"cus_{number}",
        product_line="consumer",
        amount=Money(currency_code="CNY", minor_units=1_000_000),
    )


async def until(stands: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not await stands():
            await asyncio.sleep(0.05)


class Office:
    """The running platform as makers and checkers see it."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def ask(self, request: Message, call: Call) -> Any:
        return await self._platform.calls.call(request, call)

    async def reason(self, request: Message) -> str:
        """What ann is refused with; empty where she is answered."""
        try:
            await self.ask(request, person(ANN))
        except Refusal as refusal:
            return refusal.reason
        return ""

    async def approve_all(self) -> None:
        """Bob approves whatever waits, and the approval reaches the commands."""
        claim = work_order_pb2.ClaimNextWorkOrdersRequest(
            request_id=self._platform.services["operations"].ids.new("req"), count=10, queue_id="approvals"
        )
        for order in (await self.ask(claim, person(BOB))).work_orders:
            decide = work_order_pb2.DecideWorkOrderRequest(
                request_id=order.work_order_id,
                work_order_id=order.work_order_id,
                outcome=work_order_pb2.WORK_ORDER_OUTCOME_APPROVED,
            )
            await self.ask(decide, person(BOB))
        awaited = held_command_pb2.HELD_COMMAND_STATUS_AWAITED
        await until(lambda: self._no_more(awaited))

    async def _no_more(self, status: held_command_pb2.HeldCommandStatus) -> bool:
        asked = held_command_pb2.ListHeldCommandsRequest(status=status)
        return not (await self.ask(asked, ADMIN)).commands

    async def executed(self) -> None:
        """Has whatever was approved carried out, as the clock's job does every five seconds."""
        ids = self._platform.services["operations"].ids
        await self.ask(held_command_pb2.ExecuteHeldCommandsRequest(request_id=ids.new("req")), ADMIN)
        await until(lambda: self._no_more(held_command_pb2.HELD_COMMAND_STATUS_APPROVED))

    async def heard(self) -> bool:
        """Whether credit has heard that it must hold what grants a limit."""
        return self._platform.services["credit"].approvals.concern(GRANT, 0)

    async def refused(self) -> list[str]:
        """Why approved commands were not carried out."""
        asked = held_command_pb2.ListHeldCommandsRequest(status=held_command_pb2.HELD_COMMAND_STATUS_REFUSED)
        return [held.refusal_reason for held in (await self.ask(asked, ADMIN)).commands]

    async def limits(self) -> list[str]:
        found = await self.ask(limit_pb2.ListLimitsRequest(), ADMIN)
        return sorted(limit.customer_id for limit in found.limits)


async def under_approval(office: Office) -> None:
    """Puts granting a limit under maker and checker, which bob approves."""
    policy = approval_policy_pb2.ApprovalPolicy(
        rpc=GRANT,
        title="Grant a limit",
        title_zh="授信",
        active=True,
        amount_field="amount",
        tiers=[
            approval_policy_pb2.ApprovalTier(
                queue_id="approvals", approvers_needed=1, above=Money(currency_code="CNY", minor_units=10_000)
            )
        ],
        valid_minutes=600,
    )
    asked = approval_policy_pb2.SetApprovalPolicyRequest(request_id="policy", policy=policy)
    assert await office.reason(asked) == "APPROVAL_AWAITED"
    await office.approve_all()
    await office.executed()
    assert await office.reason(asked) == ""
    await until(office.heard)
    assert await office.reason(grant(1)) == "APPROVAL_AWAITED"


async def test_a_command_of_another_service_is_approved_and_carried_out_once_whatever_happens(tmp_path: Path) -> None:
    async with embedded(tmp_path) as platform:
        await ensure(platform.services["gateway"], tmp_path, (ANN, BOB))
        office = Office(platform)
        small = grant(0)
        small.amount.minor_units = 10_000
        assert await office.reason(small) == ""
        await under_approval(office)
        assert await office.reason(grant(2)) == "APPROVAL_AWAITED"
        # Approved, and the platform goes down before anything is carried out.
        pause = job_pb2.PauseJobRequest(request_id="pause", job_id="held_commands_by_clock")
        await office.ask(pause, ADMIN)
        await office.approve_all()
        before = await office.limits()
    async with embedded(tmp_path) as platform:
        office = Office(platform)
        assert await office.limits() == before
        resume = job_pb2.ResumeJobRequest(request_id="resume", job_id="held_commands_by_clock")
        await office.ask(resume, ADMIN)
        await office.executed()
        assert await office.limits() == sorted([*before, "cus_1", "cus_2"])
        assert await office.reason(grant(2)) == ""
        # Whoever has lost their rights meanwhile changes nothing any more.
        assert await office.reason(grant(3)) == "APPROVAL_AWAITED"
        await office.ask(client_pb2.DisableClientRequest(request_id="out", client_id="ann"), ADMIN)
        await office.approve_all()
        await office.executed()
        assert await office.refused() == ["SCOPE_MISSING"]
        assert await office.reason(grant(3)) == "APPROVED_COMMAND_REFUSED"
        assert "cus_3" not in await office.limits()
