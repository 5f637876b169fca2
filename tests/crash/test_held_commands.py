"""A process dies at each boundary of a held command's life: it is held once, carried out once, and answered alike."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from tests.operations.bank import drafted
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.v1 import account_pb2, approval_policy_pb2, ledger_pb2, work_order_pb2
from zhongtai.operations.v1 import held_command_pb2 as v1
from zhongtai.testing.doors import Door, opened
from zhongtai.testing.templates import fresh_sqlite

POST = "zhongtai.operations.v1.LedgerService.PostEntry"
MANY = 1_000
AT_ONCE = 8


class Died(BaseException):
    """The process is gone: nothing of it catches this."""


class Boundaries:
    """Counts the moments before and after each commit and each call, and dies at one of them."""

    def __init__(self, dies_at: int = 0) -> None:
        self.passed = 0
        self._dies_at = dies_at

    def guard(self, door: Door) -> None:
        """Has a service, mounted as it is, pass here."""
        store: Any = door.service.store
        calls: Any = door.service.calls
        store.change, store.change_all = self._guarded(store.change), self._guarded(store.change_all)
        calls.call = self._guarded(calls.call)

    def _guarded(self, does: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def guarded(*given: Any, **more: Any) -> Any:
            self._pass()
            answer = await does(*given, **more)
            self._pass()
            return answer

        return guarded

    def _pass(self) -> None:
        self.passed += 1
        if self.passed == self._dies_at:
            raise Died


class Story:
    """A maker, a checker, the bus and the executor, who ask again under the same ids whenever the platform is back."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.said: list[str] = []

    async def ask(self, person: str, request: Message) -> Any:
        """What somebody is answered; None where it waits for approval."""
        self.door.as_caller(person, *("operations.*", f"role:{person}"), client_id="command")
        try:
            return await self.door.call(request)
        except Refusal as refusal:
            if refusal.reason != "APPROVAL_AWAITED":
                raise
            return None

    async def settle(self) -> None:
        """Brings every fact to whoever hears it, as the bus would: what was handled before is nothing new."""
        told, before = await self.door.service.store.outbox_after(0, MANY), 0
        while len(told) > before:
            assert not any(await self.door.service.deliver(told[before:]))
            told, before = await self.door.service.store.outbox_after(0, MANY), len(told)

    async def approve(self) -> None:
        """The checker approves whatever waits."""
        waiting = await self.ask("checker", work_order_pb2.ListWorkOrdersRequest(status="WORK_ORDER_STATUS_OPEN"))
        for order in waiting.work_orders:
            decide = work_order_pb2.DecideWorkOrderRequest(
                request_id=order.subject, work_order_id=order.work_order_id, outcome="WORK_ORDER_OUTCOME_APPROVED"
            )
            await self.ask("checker", decide)
        await self.settle()

    async def through(self, request: Message, executor: str) -> Any:
        """A command from its maker through approval and execution, and back to its maker."""
        await self.ask("maker", request)
        await self.approve()
        await self.ask("clock", v1.ExecuteHeldCommandsRequest(request_id=executor))
        await self.settle()
        return await self.ask("maker", request)


def policy() -> approval_policy_pb2.SetApprovalPolicyRequest:
    """Puts posting by hand under four eyes."""
    tier = approval_policy_pb2.ApprovalTier(queue_id="approvals", approvers_needed=1)
    found = approval_policy_pb2.ApprovalPolicy(
        rpc=POST, title="Post", title_zh="记账", active=True, tiers=[tier], valid_minutes=600
    )
    return approval_policy_pb2.SetApprovalPolicyRequest(request_id="policy", policy=found)


def entry() -> ledger_pb2.PostEntryRequest:
    """The command that waits."""
    legs = (("1001", "DEBIT", 500), ("acc_1", "CREDIT", 500))
    return ledger_pb2.PostEntryRequest(request_id="entry", draft=drafted(*legs))


async def lived(url: str, dies_at: int) -> int:
    """One life of the platform, which dies at a boundary; how many it passed."""
    boundaries = Boundaries(dies_at)
    async with opened("operations", url) as door:
        boundaries.guard(door)
        try:
            await Story(door).through(entry(), "clock-1")
        except Died:
            await asyncio.sleep(0)
    return boundaries.passed


async def begun(url: str) -> None:
    """A bank whose postings by hand wait for approval."""
    async with opened("operations", url) as door:
        story = Story(door)
        await story.ask(
            "maker",
            account_pb2.OpenAccountRequest(
                request_id="account",
                account_class=account_pb2.ACCOUNT_CLASS_INTERNAL,
                product="suspense",
                currency_code="CNY",
                chosen_id="acc_1",
            ),
        )
        assert await story.through(policy(), "clock-0")


async def ended(url: str) -> tuple[int, list[str], int]:
    """What is left once everybody has asked again: the balance, how the commands stand, how often one was held."""
    async with opened("operations", url) as door:
        story = Story(door)
        reply = await story.through(entry(), "clock-2")
        assert await story.ask("maker", entry()) == reply
        balance = await story.ask("maker", ledger_pb2.GetBalanceRequest(account_code="1001"))
        held = (await story.ask("maker", v1.ListHeldCommandsRequest(rpc=POST))).commands
        stand = [v1.HeldCommandStatus.Name(one.status) for one in held]
        facts = [one for one in await door.facts(v1.CommandHeld) if one.rpc == POST]
        return balance.balances[0].minor_units, stand, len(facts)


async def test_wherever_the_platform_dies_a_held_command_is_carried_out_once(tmp_path: Path) -> None:
    await begun(fresh_sqlite("operations", tmp_path))

    async def story(dies_at: int) -> int:
        url = f"sqlite:///{shutil.copy(tmp_path / 'operations.db', tmp_path / f'{dies_at}.db')}"
        passed = await lived(url, dies_at)
        assert await ended(url) == (500, ["HELD_COMMAND_STATUS_EXECUTED"], 1), f"died at boundary {dies_at}"
        return passed

    boundaries = await story(0)
    assert boundaries > 20
    moments = range(1, boundaries + 1)
    for first in moments[::AT_ONCE]:
        await asyncio.gather(*(story(moment) for moment in moments[first - 1 :][:AT_ONCE]))
