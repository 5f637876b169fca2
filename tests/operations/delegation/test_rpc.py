"""Delegations through the door: the delegate decides in the lent role, but nothing the one who lends may not."""

from datetime import timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from tests.operations.bank import Bank
from tests.operations.work_order.test_rpc import claim, decide, opened
from zhongtai.operations.v1 import delegation_pb2 as v1

WRITE = ("operations.delegation.*", "operations.work_order.*")


async def lent(bank: Bank, to: str = "bob", days: int = 5) -> str:
    until = Timestamp()
    until.FromDatetime(bank.door.clock.now() + timedelta(days=days))
    request = v1.DelegateRolesRequest(
        request_id=bank.request_id(), delegate=to, roles=["credit_officer"], valid_until=until
    )
    return str((await bank.door.call(request)).delegation_id)


async def test_a_delegate_decides_until_the_delegation_ends(bank: Bank) -> None:
    orders = [await opened(bank, four_eyes=False, sla_minutes=50_000) for _ in range(4)]
    bank.door.as_caller("ann", *WRITE, "role:credit_officer")
    delegation = await lent(bank)
    bank.door.as_caller("bob", *WRITE)
    await bank.door.call(decide(bank, orders[0]))
    await bank.door.call(v1.EndDelegationRequest(request_id="e1", delegation_id=delegation))
    await bank.door.call(v1.EndDelegationRequest(request_id="e2", delegation_id=delegation))
    assert len(await bank.door.facts(v1.DelegationEnded)) == 1
    assert (await bank.door.refused(claim(bank, orders[1]))).reason == "ROLE_MUST_BE_HELD"
    bank.door.as_caller("ann", *WRITE, "role:credit_officer")
    await lent(bank)
    bank.door.now(bank.door.clock.now() + timedelta(days=5))
    bank.door.as_caller("bob", *WRITE)
    assert (await bank.door.refused(claim(bank, orders[2]))).reason == "ROLE_MUST_BE_HELD"
    listed = (await bank.door.call(v1.ListDelegationsRequest(person="bob"))).delegations
    assert [one.delegator for one in listed] == ["ann", "ann"]
    assert list((await bank.door.call(v1.ListDelegationsRequest(person="carl"))).delegations) == []


async def test_a_delegation_leads_round_no_four_eyes(bank: Bank) -> None:
    bank.door.as_caller("ann", *WRITE, "role:credit_officer")
    mine = await opened(bank)
    await lent(bank)
    bank.door.as_caller("bob", *WRITE, "role:credit_officer")
    refused = await bank.door.refused(decide(bank, mine))
    assert (refused.reason, refused.metadata["subject"]) == ("FOUR_EYES_MUST_DIFFER", "ann")


async def test_what_was_lent_is_not_lent_on(bank: Bank) -> None:
    bank.door.as_caller("ann", *WRITE, "role:credit_officer")
    await lent(bank)
    bank.door.as_caller("bob", *WRITE)
    until = Timestamp()
    until.FromDatetime(bank.door.clock.now() + timedelta(days=1))
    on = v1.DelegateRolesRequest(request_id="d", delegate="carl", roles=["credit_officer"], valid_until=until)
    assert (await bank.door.refused(on)).reason == "ROLES_MUST_BE_ONES_OWN"
    stranger = v1.EndDelegationRequest(request_id="e", delegation_id="dlg_0")
    assert (await bank.door.refused(stranger)).reason == "DELEGATION_NOT_FOUND"
