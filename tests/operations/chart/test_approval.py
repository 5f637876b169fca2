"""A version of the chart is released by two people: the policy ships, and holds on every door."""

import pytest

from tests.operations.bank import Bank
from tests.operations.chart.test_rpc import TODAY, line, release
from tests.operations.held_command.test_rpc import Desk
from zhongtai.operations.v1 import approval_policy_pb2
from zhongtai.operations.v1 import chart_pb2 as v1
from zhongtai.runtime.seeds import seeds


@pytest.fixture
async def desk(bank: Bank) -> Desk:
    """A bank with the approval policies that ship."""
    bank.door.today(TODAY)
    bank.door.as_caller("seed", client_id="seed")
    for request in seeds("operations"):
        if isinstance(request, approval_policy_pb2.SetApprovalPolicyRequest):
            await bank.door.call(request)
    found = Desk(bank)
    await found.settle()
    return found


async def test_a_version_waits_for_another_and_is_released_once(desk: Desk) -> None:
    asked = release(desk.bank)
    held = await desk.held(asked)
    before = await desk.door.call(v1.ListChartVersionsRequest())
    assert [found.version for found in before.releases] == [1]
    await desk.decide(held, by="bob")
    assert (await desk.execute()).executed == 1
    assert (await desk.door.call(asked)).version == 2
    found = await desk.door.call(v1.GetChartVersionRequest(version=2))
    assert line() in found.accounts


async def test_what_nobody_could_release_is_refused_before_anybody_is_asked(desk: Desk) -> None:
    assert (await desk.door.refused(release(desk.bank, version=9))).reason == "CHART_VERSION_MUST_FOLLOW"
