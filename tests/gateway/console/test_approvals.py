"""Maker and checker in the console: what a command would change, who may approve it, and what becomes of it."""

import html
import re

import httpx
import pytest

from tests.gateway.console.conftest import Bank
from zhongtai.gateway.client.ensuring import Wanted, ensure
from zhongtai.operations.v1 import approval_policy_pb2, delegation_pb2, held_command_pb2, work_note_pb2
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.platform import Platform

POST = "zhongtai.operations.v1.LedgerService.PostEntry"
MAKER = Wanted("maker_wang", ("operations.*",))
CHECKER = Wanted("checker_zhao", ("operations.*", "role:checker"))


@pytest.fixture
async def people(bank: Bank) -> None:
    await ensure(bank.platform.services["gateway"], bank.data, (MAKER, CHECKER))


async def send(http: httpx.AsyncClient, page: str, path: str, **fields: str) -> httpx.Response:
    """Sends the form of a page that leads to a path, as a browser would."""
    text = (await http.get(page)).text
    form = next(found for found in re.findall(r"<form.*?</form>", text, re.DOTALL) if f'action="{path}"' in found)
    hidden = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', form))
    return await http.post(path, data={**hidden, **fields}, headers={"accept-language": "en"})


async def hold(bank: Bank, request_id: str) -> held_command_pb2.HeldCommand:
    """A command of the maker's that waits: it would put posting by hand under approval."""
    policy = approval_policy_pb2.ApprovalPolicy(
        rpc=POST,
        title="Post by hand",
        title_zh="手工记账",
        active=False,
        tiers=[approval_policy_pb2.ApprovalTier(queue_id="approvals", approvers_needed=1)],
        valid_minutes=600,
    )
    asked = approval_policy_pb2.SetApprovalPolicyRequest(request_id=request_id, policy=policy)
    maker = Call(Caller(MAKER.client_id, MAKER.client_id, frozenset(MAKER.scopes)))
    with pytest.raises(Exception, match="APPROVAL_AWAITED"):
        await bank.platform.calls.call(asked, maker)
    listed = await bank.call(held_command_pb2.ListHeldCommandsRequest(maker=MAKER.client_id))
    found: held_command_pb2.HeldCommand = listed.commands[-1]
    return found


async def test_a_checker_sees_what_would_change_and_approves_it(bank: Bank, people: None) -> None:
    held = await hold(bank, "console-1")
    page = f"/console/work-orders/{held.work_order_id}"
    async with bank.signed_in(MAKER.client_id) as http:
        assert "To decide this you need:" in (await http.get(page)).text
    async with bank.signed_in(CHECKER.client_id) as http:
        assert f'href="{page}"' in (await http.get("/console/approvals")).text
        text = html.unescape((await http.get(page)).text)
        assert "What it would change" in text
        assert "policy.tiers[0].queue_id" in text
        # The sentence of the contract stands beside the field.
        assert "How long an approval may take before the command lapses." in text
        taken = await send(http, "/console/work-orders?queue=approvals", "/console/work-orders/next")
        assert taken.headers["location"].startswith("/console/work-orders/wo_")
        answer = await send(http, page, f"{page}/note", comment="looks right")
        assert answer.status_code == 303
        assert "looks right" in (await http.get(page)).text
        await send(http, page, f"{page}/approve")
    state = await bank.state_of(held.work_order_id)
    assert list(state.approved_by) == [CHECKER.client_id]


async def test_the_http_door_tells_a_maker_where_their_command_waits(bank: Bank, people: None) -> None:
    tier = {"queueId": "approvals", "approversNeeded": 1}
    policy = {"rpc": POST, "title": "Post", "titleZh": "记账", "tiers": [tier], "validMinutes": 600}
    asked = {"requestId": "over-http", "policy": policy}
    async with httpx.AsyncClient(base_url=bank.home, timeout=30) as http:
        login = (MAKER.client_id, bank.secret(MAKER.client_id))
        token = (await http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=login)).json()
        headers = {"authorization": f"Bearer {token['access_token']}", "accept-language": "zh-CN"}
        answers = [await http.post("/v1/approval-policies", json=asked, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [422, 422]
    first, again = (answer.json() for answer in answers)
    assert (first["reason"], "复核" in first["detail"]) == ("APPROVAL_AWAITED", True)
    assert first["metadata"]["held_command_id"] == again["metadata"]["held_command_id"]


async def test_a_maker_takes_back_what_waits(bank: Bank, people: None) -> None:
    held = await hold(bank, "console-2")
    path = f"/console/approvals/{held.held_command_id}/withdraw"
    async with bank.signed_in(CHECKER.client_id) as http:
        assert path not in (await http.get("/console/approvals")).text
    async with bank.signed_in(MAKER.client_id, language="zh-CN") as http:
        await send(http, "/console/approvals", path)
        assert "已撤回" in (await http.get("/console/approvals?status=ALL&mine=1")).text


async def test_a_file_is_saved_and_never_opened_here(bank: Bank, people: None) -> None:
    order = await bank.order()
    added = await bank.call(
        work_note_pb2.AddWorkNoteRequest(
            request_id=f"file-{order}",
            work_order_id=order,
            file_name="说明.txt",
            media_type="text/plain",
            content=b"<script>",
        )
    )
    async with bank.signed_in(CHECKER.client_id) as http:
        path = f"/console/work-notes/{added.work_note_id}/file"
        assert path in (await http.get(f"/console/work-orders/{order}")).text
        answer = await http.get(path)
    assert answer.content == b"<script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")


async def test_a_role_that_was_lent_opens_the_form(bank: Bank, people: None) -> None:
    order = await bank.order()
    platform: Platform = bank.platform
    officer = Call(Caller("officer_li", "officer_li", frozenset({"operations.*", "role:credit_officer"})))
    until = platform.clock.now().replace(microsecond=0)
    lend = delegation_pb2.DelegateRolesRequest(request_id=f"lend-{order}", delegate=CHECKER.client_id)
    lend.roles.append("credit_officer")
    lend.valid_until.FromSeconds(int(until.timestamp()) + 3_600)
    async with bank.signed_in(CHECKER.client_id) as http:
        page = f"/console/work-orders/{order}"
        assert "role:credit_officer" in (await http.get(page)).text
        await platform.calls.call(lend, officer)
        assert "To decide this you need:" not in (await http.get(page)).text


async def test_the_workload_links_to_its_queues(bank: Bank, people: None) -> None:
    await hold(bank, "console-3")
    async with bank.signed_in(CHECKER.client_id) as http:
        text = (await http.get("/console/workload")).text
        assert "/console/work-orders?queue=approvals&amp;role=checker" in text
        assert (await http.get("/console/work-orders?queue=approvals&role=checker")).status_code == 200
