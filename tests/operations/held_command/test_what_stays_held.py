"""What was held stays held: whatever becomes of its policy, of its contract or of the services beside it meanwhile."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.operations.bank import Bank, cny
from tests.operations.held_command.test_rpc import POST, Desk, standing
from zhongtai.credit.v1 import limit_pb2
from zhongtai.operations.v1 import approval_policy_pb2, delegation_pb2, ledger_pb2
from zhongtai.operations.v1 import held_command_pb2 as v1
from zhongtai.runtime.approvals import totals

GRANT = "zhongtai.credit.v1.LimitService.GrantLimit"
MANY = 45


@pytest.fixture
def desk(bank: Bank) -> Desk:
    return Desk(bank)


def tiers(approvers: int, above: int | None = None) -> list[approval_policy_pb2.ApprovalTier]:
    least = None if above is None else cny(above)
    return [approval_policy_pb2.ApprovalTier(queue_id="approvals", approvers_needed=approvers, above=least)]


async def entries(desk: Desk, number: int, fen: int = 500) -> list[ledger_pb2.PostEntryRequest]:
    account = await desk.bank.internal("suspense", "acc_1")
    return [desk.bank.entry(("1001", "DEBIT", fen), (account, "CREDIT", fen)) for _ in range(number)]


async def test_a_policy_that_ends_or_asks_for_less_sets_free_nothing_that_was_held(desk: Desk) -> None:
    await desk.under()
    rejected, awaited, fresh = await entries(desk, 3)
    ids = [await desk.held(command) for command in (rejected, awaited)]
    await desk.decide(ids[0], by="bob", approve=False)
    for change in ({"amount_field": "draft.legs.amount", "tiers": tiers(1, 1_000_000)}, {"active": False}):
        await desk.under(**change)
        assert (await desk.door.refused(rejected)).reason == "APPROVAL_DENIED"
        assert await desk.held(awaited) == ids[1]
    assert await desk.bank.balance("1001") == 0
    await desk.door.call(fresh)
    await desk.decide(ids[1], by="bob")
    await desk.execute()
    await desk.door.call(awaited)
    assert await desk.bank.balance("1001") == 1_000


async def test_as_many_approve_as_were_needed_when_it_was_held(desk: Desk) -> None:
    await desk.under()
    (command,) = await entries(desk, 1)
    held = await desk.held(command)
    await desk.under(tiers=tiers(3))
    await desk.decide(held, by="bob")
    assert await standing(desk, held) == "APPROVED"
    assert (await desk.execute()).executed == 1


async def test_nobody_approves_twice_nor_for_the_maker_under_a_lent_role(desk: Desk) -> None:
    await desk.under(tiers=tiers(2))
    (command,) = await entries(desk, 1)
    held = await desk.held(command)
    for lender, borrower in (("ann", "eve"), ("bob", "fay"), ("carl", "gus")):
        desk.as_maker(lender, "operations.delegation.*", "role:checker")
        lend = delegation_pb2.DelegateRolesRequest(request_id=f"lend-{lender}", delegate=borrower, roles=["checker"])
        lend.valid_until.FromDatetime(desk.door.clock.now() + timedelta(days=1))
        await desk.door.call(lend)
    desk.as_maker("ann")
    await desk.decide(held, by="bob")
    # Bob again, whoever acts for bob, the maker, and whoever acts for the maker.
    for person in ("bob", "fay", "ann", "eve"):
        with pytest.raises(Exception, match="FOUR_EYES_MUST_DIFFER"):
            await desk.decide(held, by=person)
    assert await standing(desk, held) == "AWAITED"
    await desk.decide(held, by="gus")
    assert await standing(desk, held) == "APPROVED"


async def test_a_command_whose_contract_has_changed_since_ends_and_keeps_nothing_waiting(desk: Desk) -> None:
    await desk.under()
    gone, narrower, altered, good = await entries(desk, 4)
    ids = [await desk.held(command) for command in (gone, narrower, altered, good)]
    for held in ids:
        await desk.decide(held, by="bob")
    # What an upgrade would do: one RPC is there no more, one request meets its contract no more. And what an intruder
    # would do: another amount in the place of the one that was approved.
    del narrower.draft.legs[1]
    for leg in altered.draft.legs:
        leg.amount.minor_units = 900
    store = desk.door.service.store
    of = text("UPDATE held_command SET rpc = 'zhongtai.credit.v1.PastService.Do' WHERE held_command_id = :held")
    now = text("UPDATE held_command SET command = :command WHERE held_command_id = :held")
    await store.change(lambda writing: writing.execute(of, {"held": ids[0]}))
    for held, command in zip(ids[1:3], (narrower, altered), strict=True):
        changed = {"held": held, "command": command.SerializeToString(deterministic=True)}
        await store.change(lambda writing, changed=changed: writing.execute(now, changed))  # type: ignore[misc]
    counted = await desk.execute()
    assert (counted.executed, counted.refused, counted.more) == (1, 3, False)
    found = [(await desk.door.call(v1.GetHeldCommandRequest(held_command_id=held))).held for held in ids]
    assert [held.refusal_reason for held in found] == ["METHOD_UNKNOWN", "REQUEST_INVALID", "REQUEST_ID_REUSED", ""]
    assert await desk.bank.balance("1001") == 500


def test_an_amount_that_the_contract_has_no_more_is_above_every_threshold() -> None:
    assert totals(ledger_pb2.PostEntryRequest(), "draft.gone.amount") == {}


async def test_what_waits_for_a_service_that_is_down_keeps_no_other_waiting(desk: Desk) -> None:
    for rpc in (GRANT, POST):
        await desk.under(rpc)
    desk.door.caller = type(desk.door.caller)("approvals", "platform", frozenset({"*"}))
    for number in range(MANY):
        grant = limit_pb2.GrantLimitRequest(request_id=f"g{number}", customer_id="cus_1", product_line="consumer")
        hold = v1.HoldCommandRequest(
            request_id=f"hold-{number}",
            rpc=GRANT,
            command=grant.SerializeToString(deterministic=True),
            client_id="command",
            command_request_id=grant.request_id,
            maker="ann",
            scopes=["*"],
            is_rehearsed=True,
        )
        hold.business_date.year, hold.business_date.month, hold.business_date.day = 2026, 5, 4
        held = (await desk.door.call(hold)).held.held_command_id
        await desk.decide(held, by="bob")
    desk.as_maker("ann")
    (command,) = await entries(desk, 1)
    await desk.decide(await desk.held(command), by="bob")
    counted = await desk.execute()
    assert (counted.executed, counted.refused, counted.more) == (1, 0, False)
    assert await desk.bank.balance("1001") == 500
