"""The API reference: vendored files as they were published, no inline script, and a page that a browser shows."""

import hashlib
import json
import re
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from tests.gateway.door.conftest import House
from zhongtai.gateway.door.application import application
from zhongtai.gateway.door.listening import listening
from zhongtai.gateway.door.openapi import Description
from zhongtai.gateway.door.rpc import RpcRoutes
from zhongtai.runtime import contracts

STATIC = Path(str(files("zhongtai.gateway.door") / "static"))
CHROMIUM = Path("/usr/bin/chromium")
PATIENCE_MS = 60_000
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def test_every_vendored_file_is_the_one_in_the_manifest() -> None:
    manifest = json.loads((STATIC / "manifest.json").read_text())
    found = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in STATIC.iterdir()
        if file.name not in ("manifest.json", "README.md")
    }
    assert found == manifest


def test_the_page_has_no_inline_script_and_fetches_from_nowhere_else() -> None:
    page = (STATIC / "reference.html").read_text()
    assert " spec-url=" not in page, "the viewer is given one component, not all"
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\son\w+=", page)
    assert not re.search(r"(?:src|href|url)=\"(?:https?:)?//", page)


async def test_the_pages_and_their_files_are_served(house: House) -> None:
    for path in ("/reference", "/reference/of/credit.LimitService"):
        page = await house.http.get(path)
        assert page.headers["content-type"].startswith("text/html")
        assert "script-src 'self';" in page.headers["content-security-policy"]
        for name in re.findall(r"/reference/([\w-]+\.(?:css|js))", page.text):
            assert (await house.http.get(f"/reference/{name}")).status_code == 200
    for name in ("manifest.json", "..%2Freference.py", "none.js", "of/credit.NoService", "of/"):
        assert (await house.http.get(f"/reference/{name}")).status_code == 404


async def test_the_contents_lead_to_every_operation_and_each_component_has_a_description(house: House) -> None:
    page = (await house.http.get("/reference")).text
    whole = (await house.http.get("/openapi.json")).json()
    operations = {(path, verb) for path, verbs in whole["paths"].items() for verb in verbs}
    assert page.count("<li>") == len(operations)
    parts: set[tuple[str, str]] = set()
    for name in re.findall(r'href="/reference/of/([\w.]+)"', page):
        part = (await house.http.get(f"/openapi/{name}.json")).json()
        parts |= {(path, verb) for path, verbs in part["paths"].items() for verb in verbs}
        for path, verbs in part["paths"].items():
            assert all(verbs[verb] == whole["paths"][path][verb] for verb in verbs)
        named = set(re.findall(r"#/components/schemas/([\w.]+)", json.dumps(part)))
        assert named <= set(part["components"]["schemas"])
    assert parts == operations
    assert (await house.http.get("/openapi/credit.NoService.json")).status_code == 404


def test_the_contents_are_made_once(house: House) -> None:
    image = (files("zhongtai.common.v1") / "contracts.binpb").read_bytes
    description = Description(RpcRoutes(house.given, contracts.all_methods()).bindings, image)
    assert description.contents is description.contents


async def test_the_bare_address_leads_to_the_page(house: House) -> None:
    assert (await house.http.get("/")).headers["location"] == "/reference"


@pytest.fixture
async def address(house: House) -> AsyncIterator[str]:
    async with listening(application(house.given), "127.0.0.1", 0) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium")
async def test_a_browser_shows_it_without_a_complaint(address: str) -> None:
    said: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("requestfailed", lambda request: said.append(request.url))
        await page.goto(f"{address}/reference")
        await page.click("text=Hold limit")
        await page.locator("[data-content-id='post-/v1/limits/-limit_id-/holds']").first.click()
        await page.get_by_text("LIMIT_EXHAUSTED").first.wait_for()
        await browser.close()
    assert said == []
