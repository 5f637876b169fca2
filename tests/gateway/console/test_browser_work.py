"""Makers and checkers in a real browser, by keyboard and in both languages: what would change, and the decision."""

import hashlib

import pytest
from playwright.async_api import Browser

from tests.gateway.console.conftest import Bank
from tests.gateway.console.test_approvals import CHECKER, MAKER, hold
from tests.gateway.console.test_browser import browser, window
from zhongtai.gateway.client.ensuring import ensure

__all__ = ["browser"]
TERMS = "各方约定如下".encode()


@pytest.mark.parametrize(
    ("language", "approve", "shown"), [("en", "Approve", "What it would change"), ("zh-CN", "批准", "变更内容")]
)
async def test_a_checker_takes_the_next_command_and_approves_it_by_keyboard(
    bank: Bank, browser: Browser, language: str, approve: str, shown: str
) -> None:
    await ensure(bank.platform.services["gateway"], bank.data, (MAKER, CHECKER))
    await hold(bank, f"browser-{language}")
    async with window(browser, bank, CHECKER.client_id, language=language) as opened:
        page = opened.page
        for path in (
            "workload",
            "approvals",
            "approval-policies",
            "delegations",
            "notification-rules",
            "webhook-endpoints",
        ):
            await opened.open(f"/console/{path}")
        await opened.open("/console/work-orders?queue=approvals")
        await page.focus('form[action="/console/work-orders/next"] button')
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/console/work-orders/wo_*")
        order = page.url.rpartition("/")[2].partition("?")[0]
        assert await page.text_content("#difference-title") == shown
        assert await page.locator("section[aria-labelledby=difference-title] tbody tr").count() > 3
        await page.focus("#note")
        await page.keyboard.type("looks right")
        await page.set_input_files("#file", {"name": "合同.txt", "mimeType": "text/plain", "buffer": TERMS})
        await page.focus('form[action$="/note"] button')
        await page.keyboard.press("Enter")
        await page.locator("article blockquote", has_text="looks right").wait_for()
        assert await page.text_content("article code.whole") == hashlib.sha256(TERMS).hexdigest()
        await page.focus("#comment")
        await page.keyboard.type("agreed")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.textContent") == approve
        await page.keyboard.press("Enter")
        await page.locator("#decide-title").wait_for(state="detached")
        said = page.locator("#order [role=status]")
        assert await said.evaluate("element => element === document.activeElement")
        await opened.at_peace()
    decided = await bank.state_of(order)
    assert (decided.comment, list(decided.approved_by)) == ("agreed", [CHECKER.client_id])
