"""The console in a real browser: no script complains, no policy is broken, charts are drawn, the keyboard suffices."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.gateway.console.conftest import Bank
from tests.gateway.console.test_payments import payroll, settled
from zhongtai.gateway.v1 import run_pb2
from zhongtai.operations.v1 import work_order_pb2

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# What the policy forbade is kept on the page itself, so that nothing is missed between two looks.
LISTEN = "window.broken = []; addEventListener('securitypolicyviolation', e => broken.push(e.violatedDirective));"
DRAWN = "[...document.querySelectorAll('[data-chart]')].every(holder => holder.dataset.drawn)"
NARROW, WIDE = 360, 1280


@dataclass
class Window:
    """A page of the browser, and what it complained of."""

    page: Page
    home: str
    complaints: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        """Opens a page that must be whole, in bounds and at peace."""
        answer = await self.page.goto(f"{self.home}{path}")
        assert answer is not None
        assert answer.status == 200, path
        await self.page.wait_for_function(DRAWN)
        wider = await self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wider, f"{path} is wider than its window"
        await self.at_peace()

    async def at_peace(self) -> None:
        """Nothing complained."""
        assert await self.page.evaluate("broken") == []
        assert self.complaints == []

    async def sign_in(self, client_id: str, secret: str) -> None:
        """Signs in by keyboard alone: the first field has the focus."""
        await self.page.goto(f"{self.home}/console/")
        await self.page.keyboard.type(client_id)
        await self.page.keyboard.press("Tab")
        await self.page.keyboard.type(secret)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_url(f"{self.home}/console/")


@pytest.fixture(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """One browser for all tests."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        await opened.close()


@asynccontextmanager
async def window(
    browser: Browser,
    bank: Bank,
    client_id: str = "admin",
    *,
    language: str = "en",
    width: int = WIDE,
    theme: str = "light",
) -> AsyncIterator[Window]:
    """A signed-in window."""
    async with await browser.new_context(
        locale=language, viewport={"width": width, "height": 900}, color_scheme="dark" if theme == "dark" else "light"
    ) as context:
        await context.add_init_script(LISTEN)
        found = Window(await context.new_page(), bank.home)
        found.page.on("console", lambda said: found.complaints.append(said.text) if said.type == "error" else None)
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        await found.sign_in(client_id, bank.secret(client_id))
        yield found


@pytest.mark.parametrize(
    ("language", "width", "theme"), [("en", WIDE, "light"), ("zh-CN", WIDE, "dark"), ("zh-CN", NARROW, "light")]
)
async def test_every_page_is_at_peace(bank: Bank, browser: Browser, language: str, width: int, theme: str) -> None:
    order = await bank.order()
    async with window(browser, bank, language=language, width=width, theme=theme) as opened:
        for path in (
            "",
            "runs",
            f"runs/{bank.runs['approved']}",
            f"runs/{bank.runs['declined']}",
            "work-orders",
            "work-orders?mine=1",
            f"work-orders/{order}",
            "workload",
            "approvals",
            "products",
            "products/consumer_instalment",
            "components",
            "components/operations/payment",
            "loans",
            f"loans/{await bank.loan()}",
            "payments",
            f"payments/{(await settled(bank)).payment_id}",
            "payment-orders",
            "payment-batches",
            "standing-orders",
            "deposits",
            "deposit-accruals",
            "dormant-accounts?status=AWAKE",
            f"payment-batches/{await payroll(bank)}",
            "credit-products/consumer_instalment",
            "limits",
            "closing",
            "closing/proofs",
            "closing/preview?date=2026-05-04",
            "messages?all=1",
            "notifications",
            "notification-templates",
            "notification-templates/job_failed/0",
            "notification-consents/cus_1",
            "portfolio",
        ):
            await opened.open(f"/console/{path}")
        heading = await opened.page.text_content("h1")
        assert heading == ("资产组合" if language == "zh-CN" else "Portfolio")


async def test_charts_are_drawn_and_lead_to_sources(bank: Bank, browser: Browser) -> None:
    async with window(browser, bank) as opened:
        await opened.open("/console/portfolio")
        page = opened.page
        for key in ("approvals", "balances", "income", "gap"):
            canvas = page.locator(f"#{key} [data-drawn] canvas").first
            assert await canvas.evaluate(
                "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v)"
            )
        # A click into the middle of the first bar of decisions that there is.
        canvas = page.locator("#approvals canvas").first
        await canvas.scroll_into_view_if_needed()
        box = await canvas.bounding_box()
        assert box is not None
        bars = await page.evaluate(
            "(() => { const holder = document.querySelector('#approvals .chart');"
            " const chart = echarts.getInstanceByDom(holder);"
            " const told = JSON.parse(document.getElementById(holder.dataset.chart).textContent);"
            " const place = told.series[0].values.findIndex(v => v > 0);"
            " return chart.convertToPixel({ seriesIndex: 0 }, [place, told.series[0].values[place] / 2]); })()"
        )
        await page.mouse.click(box["x"] + bars[0], box["y"] + bars[1])
        await page.wait_for_url(re.compile(r"/console/portfolio/sources\?figure=approved&"))
        await page.get_by_role("link", name="ApplicationDecided").first.click()
        await page.wait_for_url("**/console/events/**")
        await opened.at_peace()


async def test_the_timeline_of_a_run(bank: Bank, browser: Browser) -> None:
    async with window(browser, bank) as opened:
        await opened.open("/console/runs")
        await opened.page.select_option("select[name=status]", "COMPLETED")
        # htmx took the list, and the address says what is shown.
        await opened.page.wait_for_url("**status=COMPLETED**")
        link = opened.page.locator("#list tbody a", has_text=bank.runs["approved"])
        await link.click()
        moments = opened.page.locator("#timeline .moment")
        await moments.first.wait_for()
        assert await moments.count() == 12
        payment = moments.filter(has_text="Disburse").first
        await payment.locator("summary").focus()
        await opened.page.keyboard.press("Enter")
        assert await payment.locator("pre").first.is_visible()
        await opened.at_peace()


async def test_an_officer_decides_by_keyboard_and_the_run_goes_on(bank: Bank, browser: Browser) -> None:
    async with window(browser, bank, "officer_li", language="zh-CN") as opened:
        page = opened.page
        await opened.open("/console/work-orders")
        request = work_order_pb2.ListWorkOrdersRequest(subject=bank.runs["referred"])
        (order,) = (await bank.call(request)).work_orders
        await page.focus(f'a[href="/console/work-orders/{order.work_order_id}"]')
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#comment")
        await page.focus("#comment")
        await page.keyboard.type("收入稳定，同意。")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.textContent") == "批准"
        await page.keyboard.press("Enter")
        said = page.locator("#order [role=status]")
        await said.wait_for()
        # What was done is said where the keyboard is now, on the same page.
        assert await said.evaluate("element => element === document.activeElement")
        await opened.at_peace()
    decided = await bank.state_of(order.work_order_id)
    assert decided.outcome == work_order_pb2.WORK_ORDER_OUTCOME_APPROVED
    assert (decided.comment, decided.claimed_by) == ("收入稳定，同意。", "officer_li")
    await bank.until_run(bank.runs["referred"], run_pb2.RUN_STATUS_COMPLETED)


async def test_light_and_dark_are_chosen_by_a_link(bank: Bank, browser: Browser) -> None:
    async with window(browser, bank) as opened:
        ground = "getComputedStyle(document.body).backgroundColor"
        before = await opened.page.evaluate(ground)
        await opened.page.click("a.to-dark")
        await opened.page.wait_for_selector("html[data-theme=dark]")
        assert await opened.page.evaluate(ground) != before
        await opened.page.click("a.to-light")
        await opened.page.wait_for_selector("html[data-theme=light]")
        assert await opened.page.evaluate(ground) == before


async def test_the_first_stop_of_the_keyboard_skips_to_the_content(bank: Bank, browser: Browser) -> None:
    async with window(browser, bank) as opened:
        await opened.open("/console/runs")
        await opened.page.keyboard.press("Tab")
        await opened.page.keyboard.press("Enter")
        assert await opened.page.evaluate("document.activeElement.id") == "content"
