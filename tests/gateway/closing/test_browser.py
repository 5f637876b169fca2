"""The close of the day in a real browser, by keyboard alone: begun, stopped by a proof, looked into, asked to go on."""

from pathlib import Path

from playwright.async_api import Browser

from tests.gateway.closing.test_close import CONTROLLER, Dying, bank_of, close, next_date, tamper
from tests.gateway.console.conftest import chromium
from tests.gateway.console.test_browser import Window, browser, window

__all__ = ["browser", "chromium"]


async def press(opened: Window, selector: str) -> None:
    """Goes to something by the keyboard's means and presses Enter."""
    await opened.page.focus(selector)
    await opened.page.keyboard.press("Enter")


async def test_a_broken_close_is_looked_into_by_keyboard(tmp_path: Path, browser: Browser) -> None:
    async with (
        bank_of(tmp_path) as (bank, clock),
        window(browser, bank, CONTROLLER.client_id, language="zh-CN", width=360) as opened,
    ):
        over = await next_date(bank, clock)
        tamper(tmp_path)
        page = opened.page
        await opened.open(f"/console/closing?date={over}")
        assert await page.text_content(".lead .tag") == "未开始"
        await press(opened, 'form[action="/console/closing/begin"] button')
        await page.wait_for_selector("[role=status]")
        assert await page.text_content("[role=status]") == "日终已开始或继续。"
        await close(bank, clock, Dying(bank.platform, undisturbed=True), over)
        await opened.open(f"/console/closing?date={over}")
        assert await page.text_content(".lead .tag") == "已停止"
        await press(opened, 'a[href$="job=ledger_chain"]')
        await page.wait_for_selector("text=nothing to see")
        assert await page.locator(".tag.failed").count() >= 2, "the proof is red, and so is what it says"
        await opened.at_peace()
        await opened.open(f"/console/closing?date={over}")
        await page.focus("textarea")
        await page.keyboard.type("已知差异，见工单七")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=须由另一人复核")
        await press(opened, 'p[role=status] a[href="/console/approvals"]')
        await page.wait_for_selector("text=核对不符强制放行")
        await opened.at_peace()


async def test_a_close_shows_what_guards_the_date_and_its_preview_by_name(tmp_path: Path, browser: Browser) -> None:
    async with (
        bank_of(tmp_path) as (bank, clock),
        window(browser, bank, CONTROLLER.client_id, language="zh-CN") as opened,
    ):
        over = await next_date(bank, clock)
        page = opened.page
        await opened.open(f"/console/closing/preview?date={over}&book=general")
        previewed = await page.inner_text("table")
        assert "日终头寸取数" in previewed
        assert "当夜资金成本" in previewed
        await close(bank, clock, Dying(bank.platform, undisturbed=True), over)
        await opened.open(f"/console/closing?date={over}&book=general")
        assert await page.locator(".lead .tag").all_inner_texts() == ["已完成", "账簿已关闭"]
        parts = await page.locator("tbody").all()
        assert [await part.locator("tr.part").inner_text() for part in parts] == [
            "关闭账簿及之前",
            "账簿关闭之后：失败不影响已关闭的账簿",
        ]
        assert "日终缺口计量" in await parts[1].inner_text()
        assert "账簿关闭之后" in (await page.text_content("figure svg") or "")
        await opened.open("/console/closing?book=nowhere")
        assert "没有为账簿nowhere定义日终" in await page.inner_text("main")
