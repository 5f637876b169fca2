"""Maker and checker at the door: held, shown, approved by another, carried out once; and nothing else gets through."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.message import Message

from tests.operations.bank import Bank, cny
from zhongtai.operations.held_command import difference
from zhongtai.operations.v1 import account_pb2, approval_policy_pb2, ledger_pb2, work_order_pb2
from zhongtai.operations.v1 import held_command_pb2 as v1
from zhongtai.runtime.envelope import Envelope

POST = "zhongtai.operations.v1.LedgerService.PostEntry"
CHECKER = ("operations.work_order.*", "role:checker")


class Desk:
    """A bank whose commands go through makers and checkers, who come from the command line."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.door = bank.door
        self._told = 0
        self.as_maker("ann")

    def as_maker(self, subject: str, *scopes: str) -> None:
        """From now on this person calls."""
        self.door.as_caller(subject, *scopes, client_id="command")

    async def settle(self) -> None:
        """Brings every fact so far to whoever hears it, as the bus would."""
        while told := await self.door.service.store.outbox_after(self._told, 1_000):
            self._told = told[-1].sequence
            await self._deliver(told)

    async def _deliver(self, told: list[Envelope]) -> None:
        for answer in await self.door.service.deliver(told):
            if answer is not None:
                raise answer

    async def decide(self, held: str, *, by: str, approve: bool = True) -> Any:
        """Decides on a command by its work order."""
        order = (await self.door.call(v1.GetHeldCommandRequest(held_command_id=held))).held.work_order_id
        before, self.door.caller = self.door.caller, self.door.caller
        self.as_maker(by, *CHECKER)
        outcome = work_order_pb2.WORK_ORDER_OUTCOME_APPROVED if approve else work_order_pb2.WORK_ORDER_OUTCOME_REJECTED
        request = work_order_pb2.DecideWorkOrderRequest(
            request_id=self.bank.request_id(), work_order_id=order, outcome=outcome, comment="seen"
        )
        try:
            return await self.door.call(request)
        finally:
            self.door.caller = before
            await self.settle()

    async def execute(self) -> v1.ExecuteHeldCommandsResponse:
        """Has the approved commands carried out."""
        request = v1.ExecuteHeldCommandsRequest(request_id=self.bank.request_id())
        reply: v1.ExecuteHeldCommandsResponse = await self.door.call(request)
        await self.settle()
        return reply

    async def held(self, request: Message) -> str:
        """The id under which a command is held."""
        refused = await self.door.refused(request)
        assert refused.reason == "APPROVAL_AWAITED", refused
        return str(refused.metadata["held_command_id"])

    async def under(self, rpc: str = POST, **fields: Any) -> None:
        """Puts an RPC under approval, as four eyes do it."""
        policy = approval_policy_pb2.ApprovalPolicy(
            rpc=rpc,
            title="Post",
            title_zh="记账",
            active=True,
            tiers=[approval_policy_pb2.ApprovalTier(queue_id="approvals", approvers_needed=1)],
            valid_minutes=600,
        )
        for name, value in fields.items():
            field = getattr(policy, name)
            if isinstance(value, list):
                del field[:]
                field.extend(value)
            else:
                setattr(policy, name, value)
        asked = approval_policy_pb2.SetApprovalPolicyRequest(request_id=self.bank.request_id(), policy=policy)
        await self.decide(await self.held(asked), by="bob")
        assert (await self.execute()).executed == 1


@pytest.fixture
def desk(bank: Bank) -> Desk:
    return Desk(bank)


async def standing(desk: Desk, held: str) -> str:
    found = (await desk.door.call(v1.GetHeldCommandRequest(held_command_id=held))).held
    return v1.HeldCommandStatus.Name(found.status).removeprefix("HELD_COMMAND_STATUS_")


async def test_a_command_waits_for_another_and_is_carried_out_once(desk: Desk) -> None:
    await desk.under()
    account = await desk.bank.internal("suspense", "acc_1")
    entry = desk.bank.entry(("1001", "DEBIT", 500), (account, "CREDIT", 500))
    held = await desk.held(entry)
    assert await desk.held(entry) == held
    assert await desk.bank.balance("1001") == 0
    await desk.decide(held, by="bob")
    assert await standing(desk, held) == "APPROVED"
    # Its maker asks again a day later, before anybody carries it out, and the executor comes after: it acts once, on
    # the date that was approved.
    held_for = desk.door.clock.business_date()
    desk.door.today(held_for + timedelta(days=1))
    reply = await desk.door.call(entry)
    assert reply.entry.booking_date.day == held_for.day
    assert (await desk.execute()).executed == 1
    assert (await desk.execute()).executed == 0
    assert await desk.door.call(entry) == reply
    assert await desk.bank.balance("1001") == 500
    assert await standing(desk, held) == "EXECUTED"
    assert reply.entry.posted_by == "ann"


async def test_the_executor_carries_out_what_its_maker_learns_by_asking_again(desk: Desk) -> None:
    await desk.under()
    account = await desk.bank.internal("suspense", "acc_1")
    entry = desk.bank.entry(("1001", "DEBIT", 500), (account, "CREDIT", 500))
    held_for = desk.door.clock.business_date()
    held = await desk.held(entry)
    await desk.decide(held, by="bob")
    desk.door.today(held_for + timedelta(days=1))
    assert (await desk.execute()).executed == 1
    assert (await desk.bank.balance("1001")) == 500
    reply = await desk.door.call(entry)
    assert reply.entry.booking_date.day == held_for.day
    moved = [fact.status for fact in await desk.door.facts(v1.HeldCommandMoved) if fact.held_command_id == held]
    assert moved == [v1.HELD_COMMAND_STATUS_APPROVED, v1.HELD_COMMAND_STATUS_EXECUTED]


async def test_neither_the_maker_nor_whom_they_act_for_approves(desk: Desk) -> None:
    await desk.under()
    account = await desk.bank.internal("suspense", "acc_1")
    entry = desk.bank.entry(("1001", "DEBIT", 500), (account, "CREDIT", 500))
    desk.door.caller = type(desk.door.caller)("ann", "command", frozenset({"*"}), on_behalf_of="carl")
    held = await desk.held(entry)
    for person in ("ann", "carl"):
        with pytest.raises(Exception, match=f"FOUR_EYES_MUST_DIFFER: {person} asked"):
            await desk.decide(held, by=person)
    # An order that somebody else opened about the command, to decide it themselves, decides nothing.
    desk.as_maker("dan", *CHECKER)
    forged = await desk.door.call(
        work_order_pb2.OpenWorkOrderRequest(
            request_id="f", kind="approval", role="checker", subject=held, title="t", requested_by="ann"
        )
    )
    decision = work_order_pb2.DecideWorkOrderRequest(
        request_id="d", work_order_id=forged.work_order_id, outcome=work_order_pb2.WORK_ORDER_OUTCOME_APPROVED
    )
    await desk.door.call(decision)
    await desk.settle()
    desk.as_maker("ann")
    assert await standing(desk, held) == "AWAITED"


async def test_a_bad_command_is_refused_before_it_is_held(desk: Desk) -> None:
    await desk.under()
    before = len(await desk.door.envelopes())
    lame = desk.bank.entry(("1001", "DEBIT", 500), ("1002", "CREDIT", 400))
    assert (await desk.door.refused(lame)).reason == "ENTRY_MUST_BALANCE"
    assert (await desk.door.refused(ledger_pb2.PostEntryRequest(request_id="x"))).reason == "REQUEST_INVALID"
    assert len((await desk.door.call(v1.ListHeldCommandsRequest(rpc=POST))).commands) == 0
    assert len(await desk.door.envelopes()) == before
    assert await desk.bank.balance("1001") == 0
    account = await desk.bank.internal("suspense", "acc_1")
    entry = desk.bank.entry(("1001", "DEBIT", 500), (account, "CREDIT", 500))
    await desk.held(entry)
    entry.draft.legs[0].amount.minor_units = entry.draft.legs[1].amount.minor_units = 600
    assert (await desk.door.refused(entry)).reason == "REQUEST_ID_REUSED"


async def test_what_is_rejected_lapses_or_is_taken_back_is_never_carried_out(desk: Desk) -> None:
    await desk.under()
    account = await desk.bank.internal("suspense", "acc_1")

    def entry() -> ledger_pb2.PostEntryRequest:
        return desk.bank.entry(("1001", "DEBIT", 500), (account, "CREDIT", 500))

    rejected, taken, late = entry(), entry(), entry()
    ids = [await desk.held(one) for one in (rejected, taken, late)]
    await desk.decide(ids[0], by="bob", approve=False)
    denied = await desk.door.refused(rejected)
    assert (denied.reason, denied.metadata["decided_by"], denied.metadata["comment"]) == (
        "APPROVAL_DENIED",
        "bob",
        "seen",
    )
    desk.as_maker("bob")
    withdraw = v1.WithdrawHeldCommandRequest(request_id="w", held_command_id=ids[1])
    assert (await desk.door.refused(withdraw)).reason == "HELD_COMMAND_MUST_BE_ONES_OWN"
    desk.as_maker("ann")
    await desk.door.call(withdraw)
    assert (await desk.door.refused(taken)).reason == "APPROVAL_MUST_BE_IN_TIME"
    done = v1.WithdrawHeldCommandRequest(request_id="w2", held_command_id=ids[0])
    assert (await desk.door.refused(done)).reason == "HELD_COMMAND_MUST_NOT_BE_DONE"
    desk.door.now(desk.door.clock.now() + timedelta(minutes=601))
    assert (await desk.execute()).lapsed == 1
    late_refused = await desk.door.refused(late)
    assert (late_refused.reason, late_refused.metadata["status"]) == ("APPROVAL_MUST_BE_IN_TIME", "LAPSED")
    orders = (await desk.door.call(work_order_pb2.ListWorkOrdersRequest(kind="approval"))).work_orders
    assert {order.status for order in orders} == {
        work_order_pb2.WORK_ORDER_STATUS_DECIDED,
        work_order_pb2.WORK_ORDER_STATUS_CANCELLED,
    }
    assert await desk.bank.balance("1001") == 0


async def test_what_is_refused_when_it_is_carried_out_says_why_and_rights_are_asked_again(desk: Desk) -> None:
    account = await desk.bank.deposit(500)
    till = ("1001", "CREDIT", 500)
    await desk.under()
    takes = [desk.bank.entry((account, "DEBIT", 500), till) for _ in range(2)]
    for take in takes:
        await desk.decide(await desk.held(take), by="bob")
    counted = await desk.execute()
    assert (counted.executed, counted.refused) == (1, 1)
    await desk.door.call(takes[0])
    refused = await desk.door.refused(takes[1])
    assert (refused.reason, refused.metadata["refusal_reason"]) == (
        "APPROVED_COMMAND_REFUSED",
        "AVAILABLE_BALANCE_EXHAUSTED",
    )
    # A client that nobody has registered has no rights left: in this test there is no register to ask at all.
    desk.door.as_caller("eve", client_id="channel")
    await desk.decide(await desk.held(desk.bank.entry(("1001", "DEBIT", 5), (account, "CREDIT", 5))), by="bob")
    assert (await desk.execute()).executed == 0


async def test_only_commands_above_an_amount_are_held_and_several_approve_the_largest(desk: Desk) -> None:
    tier = approval_policy_pb2.ApprovalTier
    tiers = [
        tier(queue_id="approvals", approvers_needed=1, above=cny(1_000)),
        tier(queue_id="approvals", approvers_needed=2, above=cny(10_000)),
    ]
    await desk.under(amount_field="draft.legs.amount", tiers=tiers)
    account = await desk.bank.internal("suspense", "acc_1")
    await desk.bank.post(("1001", "DEBIT", 500), (account, "CREDIT", 500))
    large = desk.bank.entry(("1001", "DEBIT", 5_001), (account, "CREDIT", 5_001))
    held = await desk.held(large)
    await desk.decide(held, by="bob")
    assert await standing(desk, held) == "AWAITED"
    await desk.decide(held, by="dan")
    assert (await desk.execute()).executed == 1


async def test_nobody_but_the_platform_holds_commands(desk: Desk) -> None:
    forged = v1.HoldCommandRequest(
        request_id="h", rpc=POST, client_id="command", command_request_id="r", maker="ann", is_rehearsed=True
    )
    forged.business_date.year = 2026
    assert (await desk.door.refused(forged)).reason == "ONLY_THE_PLATFORM_HOLDS_COMMANDS"


async def test_a_command_is_shown_beside_what_stands_there_now(desk: Desk) -> None:
    account = await desk.bank.deposit(500)
    await desk.under("zhongtai.operations.v1.AccountService.FreezeAccount")
    freeze = account_pb2.FreezeAccountRequest(request_id="f", account_id=account, reason="court order")
    held = await desk.held(freeze)
    found = await desk.door.call(v1.GetHeldCommandRequest(held_command_id=held))
    (line,) = [field for field in found.fields if field.path == "account_id"]
    assert (line.proposed, line.present, line.is_known) == (account, account, True)
    # The account as it stands is beside it, for whoever has to judge.
    beside = {field.path: field.present for field in found.kept}
    assert beside["account.status"] == "ACTIVE"
    assert "account.account_id" not in beside
    assert found.held.title_zh == "记账"
    missing = await desk.door.refused(v1.GetHeldCommandRequest(held_command_id="held_0"))
    assert missing.reason == "HELD_COMMAND_NOT_FOUND"


async def test_what_a_whole_part_leaves_out_is_shown_as_gone_and_what_is_too_long_as_left_out(desk: Desk) -> None:
    tiers = [approval_policy_pb2.ApprovalTier(queue_id="approvals", approvers_needed=1)]
    await desk.under(clients=["channel"], tiers=tiers)
    policy = (await desk.door.call(approval_policy_pb2.GetApprovalPolicyRequest(rpc=POST))).policy
    policy.active = False
    del policy.clients[:]
    changes = approval_policy_pb2.SetApprovalPolicyRequest(request_id="off", policy=policy)
    found = await desk.door.call(v1.GetHeldCommandRequest(held_command_id=await desk.held(changes)))
    changed = {line.path: (line.present, line.proposed) for line in found.fields if line.present != line.proposed}
    assert changed == {"policy.active": ("True", ""), "policy.clients[0]": ("channel", "")}
    long = approval_policy_pb2.SetApprovalPolicyRequest(request_id="long", policy=policy)
    long.policy.clients.extend(f"client_{number}" for number in range(difference.MOST_LINES))
    found = await desk.door.call(v1.GetHeldCommandRequest(held_command_id=await desk.held(long)))
    assert (len(found.fields), found.left_out > 0) == (difference.MOST_LINES, True)


async def test_what_was_answered_before_the_policy_is_answered_again(desk: Desk) -> None:
    account = await desk.bank.internal("suspense", "acc_1")
    entry = desk.bank.entry(("1001", "DEBIT", 500), (account, "CREDIT", 500))
    reply = await desk.door.call(entry)
    await desk.under()
    assert await desk.door.call(entry) == reply
    assert len((await desk.door.call(v1.ListHeldCommandsRequest(rpc=POST))).commands) == 0


async def test_however_many_carry_it_out_at_once_it_acts_once(desk: Desk) -> None:
    await desk.under()
    account = await desk.bank.internal("suspense", "acc_1")
    entry = desk.bank.entry(("1001", "DEBIT", 500), (account, "CREDIT", 500))
    held = await desk.held(entry)
    await desk.decide(held, by="bob")
    sweeps = [v1.ExecuteHeldCommandsRequest(request_id=f"sweep-{number}") for number in range(4)]
    replies = await asyncio.gather(*(desk.door.call(request) for request in [entry, *sweeps, entry]))
    assert replies[0] == replies[-1]
    assert await desk.bank.balance("1001") == 500
    assert await standing(desk, held) == "EXECUTED"
    ends = [fact for fact in await desk.door.facts(v1.HeldCommandMoved) if fact.held_command_id == held]
    assert len(ends) == 2
