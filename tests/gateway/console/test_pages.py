"""The pages as a browser without scripts sees them: who may see what, in both languages, and that nothing can act."""

import html
import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.gateway.console.conftest import BORN, NAME, Bank
from zhongtai.operations.v1 import work_order_pb2
from zhongtai.runtime.call import Caller

PAGES = (
    "/console/",
    "/console/runs",
    "/console/runs?product=consumer_instalment&status=COMPLETED&outcome=APPROVED",
    "/console/work-orders",
    "/console/work-orders?status=ALL&overdue=1",
    "/console/work-orders?mine=1&queue=operator",
    "/console/workload",
    "/console/approvals",
    "/console/approvals?status=ALL&mine=1",
    "/console/portfolio",
    "/console/products",
    "/console/products/consumer_instalment",
    "/console/products/loan_repayment",
    "/console/credit-products/consumer_instalment",
    "/console/loans",
    "/console/loans?status=ACTIVE&customer_id=nobody",
    "/console/closing",
    "/console/closing/proofs",
    "/console/closing/proofs?job=ledger_proof",
    "/console/closing/preview?date=2026-05-04",
    "/console/reconciliations",
    "/console/reconciliations?state=ALL&account_id=nobody",
    "/console/bank-statements",
    "/console/deposits",
    "/console/deposits?customer_id=nobody",
    "/console/deposit-accruals",
    "/console/dormant-accounts?status=AWAKE",
    "/console/standing-orders?customer_id=nobody",
    "/console/limits",
    "/console/limits?kind=CUSTOMER&subject=nobody",
    "/console/components",
    "/console/components/credit/limit",
    "/console/components/marketing/customer",
)
LINK = re.compile(r'href="(/console/[^"]*)"')
TILE = re.compile(r'href="(/console/portfolio/sources\?figure=loans_disbursed&[^"]*)"><span class="figure">(\d+)<')
ROW = re.compile(r"<tbody>.*?</tbody>", re.DOTALL)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("language", "word"), [("en", "Sign out"), ("zh-CN", "退出")])
async def test_every_page_opens_in_both_languages(bank: Bank, path: str, language: str, word: str) -> None:
    async with bank.signed_in(language=language) as http:
        page = await http.get(path)
    assert page.status_code == 200
    assert page.headers["content-language"] == language
    assert f'<html lang="{language}"' in page.text
    assert word in page.text


@pytest.mark.parametrize("path", PAGES)
async def test_nothing_on_a_page_is_inline(bank: Bank, path: str) -> None:
    async with bank.signed_in() as http:
        page = await http.get(path)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", page.text)
    for attributes in re.findall(r"<script([^>]*)>", page.text):
        assert "src=" in attributes or 'type="application/json"' in attributes


@pytest.mark.parametrize("path", [*PAGES, "/console/runs/run_1", "/console/events/evt_1", "/console/work-orders/wo_1"])
async def test_a_stranger_is_asked_to_sign_in_and_led_back(bank: Bank, path: str) -> None:
    async with httpx.AsyncClient(base_url=bank.home) as http:
        answer = await http.get(path)
        assert answer.status_code == 303
        form = await http.get(answer.headers["location"])
    assert f'name="back" value="{html.escape(path)}"' in form.text


async def test_the_session_is_a_cookie_that_no_script_reads(bank: Bank) -> None:
    async with httpx.AsyncClient(base_url=bank.home) as http:
        form = {"client_id": "admin", "secret": bank.secret("admin"), "back": "https://elsewhere.example/console/"}
        answer = await http.post("/console/sign-in", data=form)
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/console", "max-age=900"))
    assert answer.headers["location"] == "/console/"


@pytest.mark.parametrize(
    "form", [{"client_id": "admin", "secret": "wrong"}, {"client_id": "nobody", "secret": "x"}, {}]
)
async def test_a_wrong_secret_is_told_gently_and_gets_nothing(bank: Bank, form: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=bank.home) as http:
        answer = await http.post("/console/sign-in", data=form)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "check both and try again" in answer.text


async def test_a_session_that_is_over_says_so(bank: Bank) -> None:
    caller = Caller("admin", "admin", frozenset({"*"}))
    old = bank.platform.keys.issue(caller, timedelta(minutes=15), datetime(2020, 1, 1, tzinfo=UTC))
    async with httpx.AsyncClient(base_url=bank.home, cookies={"zhongtai_session": old}) as http:
        answer = await http.get("/console/runs")
        assert "expired=1" in answer.headers["location"]
        assert "Your session is over" in (await http.get(answer.headers["location"])).text
        part = await http.get("/console/runs", headers={"hx-request": "true"})
        assert part.headers["hx-redirect"] == answer.headers["location"]


async def test_signing_out_forgets_the_session(bank: Bank) -> None:
    async with bank.signed_in() as http:
        token = _form_token((await http.get("/console/")).text)
        await http.post("/console/sign-out", data={"form_token": token})
        assert (await http.get("/console/")).status_code == 303


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/console/", "reporting.fact.read"),
        ("/console/portfolio", "reporting.portfolio.read"),
        ("/console/portfolio", "asset_liability.gap.read"),
        ("/console/work-orders", "operations.work_order.read"),
        ("/console/portfolio/sources?figure=loans_disbursed", "reporting.portfolio.read"),
        ("/console/events/evt_1", "reporting.fact.read"),
    ],
)
async def test_without_a_scope_the_page_says_which(bank: Bank, path: str, scope: str) -> None:
    async with bank.signed_in("guest") as http:
        page = await http.get(path)
    assert f"This needs the scope {scope}" in page.text
    assert "CNY" not in page.text


async def test_a_run_shows_each_step_with_what_it_caused(bank: Bank) -> None:
    async with bank.signed_in() as http:
        page = (await http.get(f"/console/runs/{bank.runs['approved']}")).text
        steps = re.findall(r'<p class="head">\s*<strong>(\w+)</strong>', page)
        assert steps == [
            "offer", "decision", "rating", "limit", "hold", "quote", "funding",
            "loan", "payment", "committed", "confirmed", "announced",
        ]  # fmt: skip
        assert all(event in page for event in ("ApplicationDecided", "LimitHeld", "LoanOpened", "RunEnded"))
        event = await http.get(_link(page, "LoanDisbursed"))
    assert event.status_code == 200
    assert '"loan_id"' in html.unescape(event.text)


async def test_a_declined_run_shows_what_was_undone_and_why(bank: Bank) -> None:
    async with bank.signed_in(language="zh-CN") as http:
        page = (await http.get(f"/console/runs/{bank.runs['declined']}")).text
    assert "WithdrawDecision" in page
    assert 'class="moment undo' in page
    assert "申请人未满18周岁" in page


async def test_personal_data_is_masked(bank: Bank) -> None:
    async with bank.signed_in() as http:
        run = (await http.get(f"/console/runs/{bank.runs['approved']}")).text
        order = (await http.get(f"/console/runs/{bank.runs['referred']}")).text
    assert "[C2]" in order
    assert not any(secret in page for page in (run, order) for secret in (NAME, f"{BORN:%Y%m%d}"))


async def test_every_figure_of_the_portfolio_leads_to_its_sources(bank: Bank) -> None:
    async with bank.signed_in() as http:
        page = (await http.get("/console/portfolio")).text
        links = {html.unescape(link) for link in LINK.findall(page) if "/sources?" in link}
        assert len(links) > 20
        for link in sorted(links):
            assert (await http.get(link)).status_code == 200, link
        ((disbursed, figure),) = TILE.findall(page)
        sources = (await http.get(html.unescape(disbursed))).text
    assert ROW.findall(sources)[0].count("<tr>") == int(figure) >= 1
    assert "LoanDisbursed" in sources


async def test_what_a_service_answers_is_shown_and_never_obeyed(bank: Bank) -> None:
    order = await bank.order(title="<script>alert(1)</script>", title_zh="<img src=x onerror=alert(1)>")
    for language in ("en", "zh-CN"):
        async with bank.signed_in("officer_li", language) as http:
            page = (await http.get(f"/console/work-orders/{order}")).text
        assert "<script>alert" not in page
        assert "<img" not in page


@pytest.mark.parametrize(
    "path", ["/console/runs/run_none", "/console/products/none", "/console/components/x/y", "/console/closing?date=x"]
)
async def test_what_is_not_there_is_told_on_a_page(bank: Bank, path: str) -> None:
    async with bank.signed_in() as http:
        page = await http.get(path)
    assert page.status_code == 404
    assert 'role="alert"' in page.text


async def test_a_date_that_is_none_is_told_on_the_page(bank: Bank) -> None:
    async with bank.signed_in() as http:
        page = await http.get("/console/portfolio?as_of=yesterday")
    assert page.status_code == 400
    assert "REQUEST_INVALID" in page.text


async def test_pages_of_a_list_follow_each_other_the_newest_run_first(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhongtai.gateway.console.runs.ROWS", 2)
    async with bank.signed_in() as http:
        first = (await http.get("/console/runs")).text
        (following,) = re.findall(r'<a href="(\?[^"]*)" rel="next">', first)
        second = (await http.get(f"/console/runs{html.unescape(following)}")).text
    found = [re.findall(r'href="/console/runs/(run_\w+)"', ROW.findall(page)[0]) for page in (first, second)]
    assert [*found[0], *found[1]] == list(bank.runs.values())[::-1]


async def test_an_order_is_claimed_and_decided_once(bank: Bank) -> None:
    order = await bank.order()
    async with bank.signed_in("officer_li") as http:
        page = f"/console/work-orders/{order}"
        claimed = await http.post(f"{page}/claim", data=_fields((await http.get(page)).text))
        assert claimed.headers["location"] == f"{page}?done=claim"
        fields = _fields((await http.get(page)).text) | {"comment": "收入稳定"}
        for _ in range(2):
            # The second is the same form sent again: it finds what the first was answered.
            assert (await http.post(f"{page}/approve", data=fields)).status_code == 303
        late = await http.post(f"{page}/reject", data=fields | {"request_id": "another"})
    state = await bank.state_of(order)
    assert (state.outcome, state.claimed_by) == (work_order_pb2.WORK_ORDER_OUTCOME_APPROVED, "officer_li")
    assert state.comment == "收入稳定"
    assert late.status_code == 422
    assert "WORK_ORDER_MUST_BE_OPEN" in late.text


async def test_a_form_of_another_site_or_session_changes_nothing(bank: Bank) -> None:
    order = await bank.order()
    path = f"/console/work-orders/{order}/approve"
    async with bank.signed_in("officer_li") as http, bank.signed_in("admin") as other:
        page = f"/console/work-orders/{order}"
        fields = _fields((await http.get(page)).text)
        stolen = fields | {"form_token": _form_token((await other.get(page)).text)}
        foreign = {"origin": "https://elsewhere.example"}
        answers = [
            await http.post(path, data={"request_id": "r"}),
            await http.post(path, data=stolen),
            await http.post(path, data=fields, headers=foreign),
            await http.post(path, data=fields, headers={"sec-fetch-site": "cross-site"}),
        ]
        assert [answer.status_code for answer in answers] == [403] * 4
        assert (await http.get(path)).status_code == 405
    assert (await bank.state_of(order)).status == work_order_pb2.WORK_ORDER_STATUS_OPEN


async def test_not_even_everything_makes_an_officer(bank: Bank) -> None:
    order = await bank.order()
    async with bank.signed_in("admin") as http:
        page = (await http.get(f"/console/work-orders/{order}")).text
    assert "role:credit_officer" in page
    assert "/approve" not in page


async def test_the_language_chosen_outlives_the_browsers(bank: Bank) -> None:
    async with bank.signed_in(language="en") as http:
        answer = await http.get("/console/language/zh-CN", params={"back": "/console/runs?status=WAITING"})
        assert answer.headers["location"] == "/console/runs?status=WAITING"
        assert '<html lang="zh-CN"' in (await http.get("/console/runs")).text
        await http.get("/console/theme/dark")
        assert 'data-theme="dark"' in (await http.get("/console/runs")).text


def _form_token(page: str) -> str:
    return str(re.findall(r'name="form_token" value="([0-9a-f]+)"', page)[0])


def _fields(page: str) -> dict[str, str]:
    request_id = re.findall(r'name="request_id" value="(\w+)"', page)
    return {"form_token": _form_token(page), "request_id": request_id[0] if request_id else "none"}


def _link(page: str, name: str) -> str:
    return str(re.findall(rf'href="([^"]+)">{name}</a>', page)[0])
