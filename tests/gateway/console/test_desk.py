"""The pages around one's work: files on an order, who stands in for whom, policies, and how much waits where."""

import hashlib
import html
import re
from datetime import timedelta

import httpx
import pytest

from tests.gateway.console.conftest import OFFICER, Bank
from tests.gateway.console.test_approvals import CHECKER, MAKER, send
from zhongtai.gateway.client.ensuring import ensure
from zhongtai.operations.v1 import approval_policy_pb2, held_command_pb2, work_note_pb2, work_order_pb2
from zhongtai.runtime.clock import BANK_ZONE

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 3
POLICY = "/console/approval-policies/zhongtai.credit.v1.LimitService.GrantLimit"


@pytest.fixture
async def people(bank: Bank) -> None:
    await ensure(bank.platform.services["gateway"], bank.data, (MAKER, CHECKER))


async def attach(http: httpx.AsyncClient, order: str, name: str, content: bytes, **fields: str) -> httpx.Response:
    """Sends the form of notes with a file, as a browser would."""
    page = f"/console/work-orders/{order}"
    form = (await http.get(page)).text.partition(f'action="{page}/note"')[2]
    hidden = dict(re.findall(r'name="(form_token|request_id)" value="([^"]+)"', form))
    return await http.post(f"{page}/note", data={**hidden, **fields}, files={"file": (name, content)})


async def test_a_file_is_attached_by_the_page_shown_with_its_hash_and_saved_as_it_was(bank: Bank) -> None:
    order = await bank.order()
    async with bank.signed_in(language="zh-CN") as http:
        added = await attach(http, order, "合同 扫描.png", PNG, comment="见附件")
        assert added.status_code == 303, added.text
        text = (await http.get(added.headers["location"])).text
        assert "批注已添加" in text
        assert hashlib.sha256(PNG).hexdigest() in text
        (path,) = re.findall(r"/console/work-notes/[a-z0-9_]+/file", text)
        saved = await http.get(path)
        assert saved.content == PNG
        # Without a file the form is a comment, without a comment a file.
        assert (await attach(http, order, "", b"", comment="so be it")).status_code == 303
        assert (await attach(http, order, "lines.csv", b"a,b\r\n1,2\r\n")).status_code == 303
    notes = (await bank.call(work_note_pb2.ListWorkNotesRequest(work_order_id=order))).notes
    assert [(note.comment, note.file_name) for note in notes] == [
        ("见附件", "合同 扫描.png"),
        ("so be it", ""),
        ("", "lines.csv"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("run.exe", b"MZ", "FILE_MUST_BE_OF_KNOWN_TYPE"),
        ("contract.pdf", b"MZ", "ATTACHMENT_MUST_BE_OF_ITS_TYPE"),
        ("scan.png", PNG + bytes(524_288), "FILE_MUST_BE_SMALLER"),
        ("", b"", "REQUEST_INVALID"),
    ],
)
async def test_a_file_that_cannot_be_attached_is_refused_and_leaves_no_note(
    bank: Bank, name: str, content: bytes, reason: str
) -> None:
    order = await bank.order()
    async with bank.signed_in() as http:
        refused = await attach(http, order, name, content)
        assert refused.status_code == 400
        assert reason in refused.text
        far = await http.post(
            f"/console/work-orders/{order}/note", data={"comment": "x"}, files={"file": ("a.txt", b"a")}
        )
        assert far.status_code == 403
        torn = {"content-type": "multipart/form-data; boundary=x"}
        assert (await http.post(f"/console/work-orders/{order}/note", content=b"--y", headers=torn)).status_code in (
            400,
            403,
        )
    assert not (await bank.call(work_note_pb2.ListWorkNotesRequest(work_order_id=order))).notes


async def test_an_officer_lends_a_role_for_some_days_and_ends_it(bank: Bank, people: None) -> None:
    page = "/console/delegations"
    today = bank.platform.clock.now().astimezone(BANK_ZONE).date()
    async with bank.signed_in(OFFICER.client_id, language="zh-CN") as http:
        fields = {"delegate": MAKER.client_id, "role:credit_officer": "1", "from": ""}
        until = {"until": (today + timedelta(days=3)).isoformat()}
        assert "您没有可授权的角色" not in (await http.get(page)).text
        late = await send(http, page, f"{page}/lend", **fields, until=(today + timedelta(days=120)).isoformat())
        assert "DELEGATION_MUST_END_IN_TIME" in late.text
        assert f'value="{MAKER.client_id}"' in late.text
        lent = await send(http, page, f"{page}/lend", **fields, **until)
        text = (await http.get(lent.headers["location"])).text
        assert "角色已授权" in text
        # The last day is lent whole, in the bank's time.
        assert (today + timedelta(days=4)).isoformat() + " 00:00:00" in text
        order = await bank.order()
    async with bank.signed_in(MAKER.client_id) as http:
        assert OFFICER.client_id in (await http.get(page)).text
        assert "To decide this you need:" not in (await http.get(f"/console/work-orders/{order}")).text
        (ending,) = set(re.findall(r"/console/delegations/[a-z0-9_]+/end", (await http.get(page)).text))
        await send(http, page, ending)
        assert "To decide this you need:" in (await http.get(f"/console/work-orders/{order}")).text
        assert "ended" in (await http.get(f"{page}?all=1")).text


async def test_a_policy_is_changed_by_a_form_that_waits_for_a_checker(bank: Bank, people: None) -> None:
    async with bank.signed_in(MAKER.client_id) as http:
        listed = await http.get("/console/approval-policies")
        assert "zhongtai.gateway.v1.JobService.OverrideJob" in listed.text
        rpc = POLICY.rpartition("/")[2]
        chosen = await http.get("/console/approval-policies", params={"rpc": rpc})
        assert chosen.headers["location"] == POLICY
        text = (await http.get(POLICY)).text
        assert "no policy" in text
        assert '<option value="amount">' in text
        form = {"active": "1", "title_zh": "授信", "clients": "app, desk", "amount_field": "amount"}
        tier = {"queue_1": "approvals", "approvers_1": "2", "above_1": "CNY 10,000.00"}
        wrong = await send(
            http, POLICY, f"{POLICY}/change", **form, **{**tier, "above_1": "ten"}, title="Grant", valid_minutes="60"
        )
        assert "AMOUNT_MUST_BE_WELL_FORMED" in wrong.text
        assert 'value="app, desk"' in wrong.text
        asked = await send(http, POLICY, f"{POLICY}/change", **form, **tier, title="Grant", valid_minutes="60")
        assert asked.status_code == 303, asked.text
        waits = await http.get(asked.headers["location"])
        assert "waits here until somebody else approves it" in waits.text
        assert "policy.tiers[0].above" in html.unescape(waits.text)
    held = (await bank.call(held_command_pb2.ListHeldCommandsRequest(maker=MAKER.client_id))).commands[-1]
    shown = await bank.call(held_command_pb2.GetHeldCommandRequest(held_command_id=held.held_command_id))
    stated = {line.path: line.proposed for line in shown.fields}
    assert stated["policy.clients[1]"] == "desk"
    assert stated["policy.tiers[0].approvers_needed"] == "2"
    with pytest.raises(Exception, match="APPROVAL_POLICY_NOT_FOUND"):
        await bank.call(approval_policy_pb2.GetApprovalPolicyRequest(rpc=rpc))


async def test_a_policy_of_what_is_no_command_is_not_there(bank: Bank) -> None:
    async with bank.signed_in() as http:
        for rpc in ("zhongtai.credit.v1.LimitService.GetLimit", "zhongtai.credit.v1.LimitService.Nothing"):
            assert (await http.get(f"/console/approval-policies/{rpc}")).status_code == 404
    async with bank.signed_in("guest") as http:
        assert "SCOPE_MISSING" in (await http.get("/console/approval-policies")).text
        assert "SCOPE_MISSING" in (await http.get("/console/delegations")).text


async def test_the_workload_says_how_long_each_queue_may_take(bank: Bank) -> None:
    request = work_order_pb2.OpenWorkOrderRequest(
        request_id="in-a-queue", kind="reconciliation_break", queue_id="approvals", subject="s", title="A break"
    )
    await bank.call(request)
    async with bank.signed_in(language="zh-CN") as http:
        text = (await http.get("/console/workload")).text
    assert "处理时限" in text
    assert re.search(r"[0-9.]+小时", text)
