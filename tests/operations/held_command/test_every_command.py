"""Every command of every service can be put under maker and checker: held, shown, approved, carried out once.

All services are mounted, each on a store of its own, with what carries a command out replaced by a count: it is the
gate in front of the handlers that is looked at, and it must not matter which handler stands behind.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from sqlalchemy import select

from tests.operations.held_command.requests import amount_fields, made, with_amount
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.kernel.approvals import SET_POLICY
from zhongtai.operations.v1 import approval_policy_pb2, work_order_pb2
from zhongtai.operations.v1 import held_command_pb2 as v1
from zhongtai.runtime import contracts
from zhongtai.runtime.approvals import totals
from zhongtai.runtime.client import Calls
from zhongtai.runtime.contracts import PACKAGES, Method
from zhongtai.runtime.journal import AUDIT_ENTRY
from zhongtai.runtime.service import Handlers
from zhongtai.testing.doors import Door, opened
from zhongtai.testing.templates import fresh_sqlite

COMMANDS = tuple(method for method in contracts.all_methods() if not method.reads)
# Why these few cannot be put under a policy.
APPROVES = "it is what approves: under a policy, it would wait for itself"
AUTHENTICATES = "it carries what authenticates a person, which nobody else may look at"
NEVER = {
    "zhongtai.operations.v1.HeldCommandService.HoldCommand": APPROVES,
    "zhongtai.operations.v1.HeldCommandService.WithdrawHeldCommand": APPROVES,
    "zhongtai.operations.v1.HeldCommandService.ExecuteHeldCommands": APPROVES,
    "zhongtai.operations.v1.WorkOrderService.ClaimWorkOrder": APPROVES,
    "zhongtai.operations.v1.WorkOrderService.ClaimNextWorkOrders": APPROVES,
    "zhongtai.operations.v1.WorkOrderService.ReleaseWorkOrder": APPROVES,
    "zhongtai.operations.v1.WorkOrderService.DecideWorkOrder": APPROVES,
    "zhongtai.operations.v1.WalletService.StartAliasProof": AUTHENTICATES,
    "zhongtai.operations.v1.WalletService.ConfirmAlias": AUTHENTICATES,
    SET_POLICY: "it is under a policy that nobody can change",
}
HELD = tuple(method for method in COMMANDS if method.full_name not in NEVER)

_AUDITED = select(AUDIT_ENTRY.c.action).where(AUDIT_ENTRY.c.subject == "maker")


class Platform:
    """Every service, mounted, with a count of what was carried out in place of what would carry it out."""

    def __init__(self, doors: dict[str, Door]) -> None:
        self.doors = doors
        self.carried_out: Counter[str] = Counter()
        self.said = 0
        self._told = 0
        calls = Calls({name: door.service for name, door in doors.items()}, {})
        for door in doors.values():
            door.service.calls = calls
            door.calls = calls

    def count(self) -> None:
        """From now on the commands only count how often they were carried out, tried out ones as well."""
        for door in self.doors.values():
            service: Any = door.service
            counts = {
                method.full_name: self._counting(method, method.full_name in service._orchestrated)
                for method in HELD
                if method.service == service.name
            }
            service.handlers = Handlers({**service.handlers.rpcs, **counts}, service.handlers.events)

    def _counting(self, method: Method, is_orchestrated: bool) -> Callable[[Message, Any], Any]:
        def counted(request: Message, given: Any) -> Message:
            _ = request, given
            self.carried_out[method.full_name] += 1
            return method.response_type()

        async def orchestrated(request: Message, given: Any) -> Message:
            return counted(request, given)

        return orchestrated if is_orchestrated else counted

    async def call(self, person: str, request: Message, *scopes: str, client_id: str = "command") -> Any:
        """What somebody is answered."""
        door = self.doors["operations"]
        door.as_caller(person, *scopes, client_id=client_id)
        return await door.call(request)

    async def refused(self, person: str, request: Message) -> str:
        """Why somebody is refused."""
        door = self.doors["operations"]
        door.as_caller(person, client_id="command")
        return (await door.refused(request)).reason

    async def audited(self) -> Counter[str]:
        """How often the maker's commands were committed, by the audit trail."""
        found: Counter[str] = Counter()
        for door in self.doors.values():
            rows = await door.service.store.read(lambda reading: reading.rows(_AUDITED))
            found.update(row.action for row in rows)
        return found

    async def settle(self) -> None:
        """Brings the facts of operations to every service, as the bus would."""
        while told := await self.doors["operations"].service.store.outbox_after(self._told, 1_000):
            self._told = told[-1].sequence
            for door in self.doors.values():
                assert not any(await door.service.deliver(told))

    def request_id(self) -> str:
        """A request id that was not used before."""
        self.said += 1
        return f"r{self.said}"


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Platform]:
    async with AsyncExitStack() as stack:
        yield Platform(
            {name: await stack.enter_async_context(opened(name, fresh_sqlite(name, tmp_path))) for name in PACKAGES}
        )


def policy(method: Method, amount_field: str = "", above: Money | None = None) -> approval_policy_pb2.ApprovalPolicy:
    tier = approval_policy_pb2.ApprovalTier(queue_id="approvals", approvers_needed=1, above=above)
    return approval_policy_pb2.ApprovalPolicy(
        rpc=method.full_name,
        title=method.descriptor.name,
        active=True,
        tiers=[tier],
        valid_minutes=600,
        amount_field=amount_field,
    )


async def test_every_command_is_held_shown_and_carried_out_once_after_its_approval(platform: Platform) -> None:
    for method in COMMANDS:
        request = approval_policy_pb2.SetApprovalPolicyRequest(request_id=platform.request_id(), policy=policy(method))
        if method.full_name in NEVER:
            assert await platform.refused("seed", request) == "COMMAND_MUST_BE_APPROVABLE", method.full_name
        else:
            await platform.call("seed", request, client_id="seed")
    await platform.settle()
    platform.count()
    commands = {method.full_name: made(method, f"own-{method.full_name}") for method in HELD}
    for rpc, command in commands.items():
        assert await platform.refused("maker", command) == "APPROVAL_AWAITED", rpc
    tried, platform.carried_out = platform.carried_out, Counter()
    orchestrated = {rpc for door in platform.doors.values() for rpc in door.service._orchestrated}
    assert tried == Counter({rpc: 1 for rpc in commands if rpc not in orchestrated})
    await approve(platform, commands)
    assert not platform.carried_out
    while (await platform.call("clock", v1.ExecuteHeldCommandsRequest(request_id=platform.request_id()))).more:
        pass
    assert platform.carried_out == Counter(dict.fromkeys(commands, 1))
    for rpc, command in commands.items():
        if rpc not in orchestrated:
            await platform.call("maker", command)
    assert await platform.audited() == Counter({rpc: 1 for rpc in commands if rpc not in orchestrated})


async def approve(platform: Platform, commands: dict[str, Message]) -> None:
    """A checker sees what each command would change, and approves it."""
    token = ""
    while True:
        asked = v1.ListHeldCommandsRequest(status="HELD_COMMAND_STATUS_AWAITED")
        asked.page.size, asked.page.token = 100, token
        listed = await platform.call("checker", asked)
        for held in listed.commands:
            shown = await platform.call("checker", v1.GetHeldCommandRequest(held_command_id=held.held_command_id))
            assert bool(shown.fields) == any(field.name != "request_id" for field, _ in commands[held.rpc].ListFields())
            decide = work_order_pb2.DecideWorkOrderRequest(
                request_id=platform.request_id(),
                work_order_id=held.work_order_id,
                outcome=work_order_pb2.WORK_ORDER_OUTCOME_APPROVED,
            )
            await platform.call("checker", decide, "*", "role:checker")
        token = listed.page.next_token
        if not token:
            break
    await platform.settle()


def test_every_service_has_commands_that_can_be_held() -> None:
    by_service = Counter(method.service for method in HELD)
    assert set(by_service) == set(PACKAGES)
    assert sum(by_service.values()) > 290


@pytest.mark.parametrize(
    "method", [pytest.param(one, id=one.full_name) for one in HELD if [*amount_fields(one.descriptor.input_type)]]
)
def test_any_amount_of_a_request_can_be_the_one_a_policy_looks_at(method: Method) -> None:
    for way in amount_fields(method.descriptor.input_type):
        request = method.request_type()
        assert totals(request, way) == {}
        with_amount(request, way, Money(currency_code="CNY", minor_units=501))
        assert totals(request, way) == {"CNY": 501}, way
