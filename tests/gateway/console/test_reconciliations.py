"""The pages of reconciliation: statements, what is open, matches by hand, differences under four eyes, and breaks."""

import re
from hashlib import sha256

import httpx
import pytest
from google.protobuf.message import Message

from tests.gateway.console.conftest import Bank
from zhongtai.operations.v1 import account_pb2, bank_statement_pb2, ledger_pb2
from zhongtai.operations.v1 import reconciliation_pb2 as v1

ACCOUNT = "acc_console_nostro"
FILE = """booking_date,amount,reference,remittance_information
2026-01-05,500.00,THEIRS-1,货款
2026-01-05,-8.00,THEIRS-2,账户管理费 手续费
"""
TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
REQUEST = re.compile(r'name="request_id" value="([^"]+)"')
BOX = re.compile(r'type="checkbox" name="((?:line|item) [^"]+)"')
MATCH = re.compile(r'name="match_id" value="([^"]+)"')
BASE = f"/console/reconciliations/{ACCOUNT}"


@pytest.fixture(scope="module")
async def statement_id(bank: Bank) -> str:
    """A statement of an account of our own, whose only entry has nothing in common with its line but the amount."""
    made = iter(range(100))

    async def call(request: Message) -> Message:
        request.request_id = f"console-nostro-{next(made)}"  # type: ignore[attr-defined]
        found: Message = await bank.call(request)
        return found

    await call(
        account_pb2.OpenAccountRequest(
            account_class=account_pb2.ACCOUNT_CLASS_INTERNAL,
            product="nostro",
            currency_code="CNY",
            chosen_id=ACCOUNT,
        )
    )
    amount = {"currency_code": "CNY", "minor_units": 500_00}
    legs = [
        ledger_pb2.Leg(account_id=ACCOUNT, side=ledger_pb2.SIDE_DEBIT, amount=amount),
        ledger_pb2.Leg(account_code="6011", side=ledger_pb2.SIDE_CREDIT, amount=amount),
    ]
    await call(ledger_pb2.PostEntryRequest(draft=ledger_pb2.EntryDraft(reference="OURS-1", legs=legs)))
    await call(v1.SetReconciliationRequest(account_id=ACCOUNT, break_after_days=2))
    content = FILE.encode()
    begun = await call(
        bank_statement_pb2.BeginBankStatementRequest(
            account_id=ACCOUNT,
            form=bank_statement_pb2.BANK_STATEMENT_FORM_CSV,
            name="五月对账单.csv",
            size_bytes=len(content),
            content_hash=sha256(content).hexdigest(),
        )
    )
    found: str = begun.statement_id  # type: ignore[attr-defined]
    await call(bank_statement_pb2.AppendBankStatementPartRequest(statement_id=found, content=content))
    await call(bank_statement_pb2.LandBankStatementRequest(statement_id=found))
    await call(v1.ReconcileAccountRequest(account_id=ACCOUNT))
    return found


async def sent(http: httpx.AsyncClient, page: httpx.Response, verb: str, **fields: str) -> httpx.Response:
    """What a form of the page is answered."""
    token, request = TOKEN.search(page.text), REQUEST.search(page.text)
    assert token is not None
    assert request is not None
    form = {"form_token": token[1], "request_id": request[1], **fields}
    return await http.post(f"{BASE}/{verb}", data=form)


async def test_a_statement_is_shown_with_its_lines(bank: Bank, statement_id: str) -> None:
    for language, said in (("en", ("Opening balance", "landed")), ("zh-CN", ("期初余额", "已导入"))):
        async with bank.signed_in(language=language) as http:
            assert statement_id in (await http.get(f"/console/bank-statements?account_id={ACCOUNT}")).text
            page = await http.get(f"/console/bank-statements/{statement_id}")
        assert [text for text in (*said, "五月对账单.csv", "THEIRS-1", "CNY -8.00") if text not in page.text] == []
    async with bank.signed_in() as http:
        opened = await http.get(f"/console/bank-statements/{statement_id}?unmatched=1")
        assert "THEIRS-2" not in opened.text, "a rule has proposed to post the fee"
        assert "THEIRS-1" in opened.text
        assert "BANK_STATEMENT_NOT_FOUND" in (await http.get("/console/bank-statements/bst_x")).text


async def test_a_person_matches_and_takes_apart(bank: Bank, statement_id: str) -> None:
    async with bank.signed_in() as http:
        page = await http.get(BASE)
        boxes = BOX.findall(page.text)
        assert len(boxes) == 2
        alone = await sent(http, page, "match", **{boxes[0]: "on"}, reason="on purpose")
        assert "MATCH_MUST_BALANCE" in alone.text, "a refusal stands above what is open"
        done = await sent(http, await http.get(BASE), "match", **dict.fromkeys(boxes, "on"), reason="seen by eye")
        assert done.headers["location"] == f"{BASE}?done=match"
        after = await http.get(f"{BASE}?done=match")
        assert "The match was made." in after.text
        assert "seen by eye" in after.text
        assert BOX.findall(after.text) == []
        made = (await bank.call(v1.ListMatchesRequest(account_id=ACCOUNT))).matches
        by_hand = next(one.match_id for one in made if one.rule == "by_hand")
        undone = await sent(http, after, "undo", match_id=by_hand, reason="wrong")
        assert undone.status_code == 303
        assert len(BOX.findall((await http.get(BASE)).text)) == 2


async def test_a_break_is_shown_with_what_might_be_done(bank: Bank, statement_id: str) -> None:
    async with bank.signed_in(language="zh-CN") as http:
        page = await http.get(f"/console/reconciliations?account_id={ACCOUNT}")
    assert [text for text in ("对方对账单", "建议匹配", "未处理", ACCOUNT) if text not in page.text] == []


async def test_a_difference_waits_for_somebody_else(bank: Bank, statement_id: str) -> None:
    async with bank.signed_in() as http:
        page = await http.get(BASE)
        waiting = MATCH.search(page.text)
        assert waiting is not None
        assert "CNY -8.00" in page.text
        assert (await sent(http, page, "approve", match_id=waiting[1])).status_code == 303
        assert "The difference was posted." in (await http.get(f"{BASE}?done=approve")).text
        again = await sent(http, page, "approve", match_id=waiting[1], request_id="another")
        assert "DIFFERENCE_MUST_BE_PROPOSED" in again.text
        assert (await sent(http, page, "burn")).status_code == 404


@pytest.mark.parametrize("path", ["/console/reconciliations", "/console/bank-statements"])
async def test_whoever_may_not_see_them_is_told_so(bank: Bank, path: str) -> None:
    async with bank.signed_in("guest") as http:
        assert "SCOPE_MISSING" in (await http.get(path)).text
