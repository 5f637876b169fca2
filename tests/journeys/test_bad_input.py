"""What bad input gets at the doors of a running platform: its error, in the caller's language, and no trace anywhere.

Every case is sent to the HTTP door in both languages, and its like to the gRPC doors; before and after, every row of
every table of every service is the same.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf.message import Message
from google.rpc import status_pb2

from tests.journeys.bank import Bank, Customer, bank, eventually
from zhongtai.common.v1.money_pb2 import Money
from zhongtai.credit.v1 import limit_pb2, loan_pb2, rating_pb2
from zhongtai.gateway.v1 import business_day_pb2
from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime import contracts
from zhongtai.runtime.call import Caller
from zhongtai.runtime.client import STATUS_KEY
from zhongtai.runtime.errors import refusal_of
from zhongtai.runtime.settings import Jobs, Limits
from zhongtai.testing.embedded import embedded, tables

BODY_BYTES = 4096
CHINESE = re.compile(r"[\u4e00-\u9fff]")
HOUR = timedelta(hours=1)


@dataclass
class Doors:
    """A running platform with a customer who has a limit of CNY 1,000.00, and ways to send it anything."""

    bank: Bank
    http: httpx.AsyncClient
    customer: Customer
    limit_id: str

    def bearer(self, *scopes: str, issued: datetime | None = None) -> str:
        caller = Caller("app", "app", frozenset(scopes or ("*",)))
        return f"Bearer {self.bank.platforms[0].keys.issue(caller, HOUR, issued or datetime.now(UTC))}"

    async def send(self, verb: str, path: str, language: str, **request: Any) -> httpx.Response:
        given = request.pop("headers", {})
        headers = {
            "Authorization": self.bearer(),
            "Idempotency-Key": self.bank.key(),
            "Accept-Language": language,
            "Content-Type": "application/json",
        }
        kept = {name: value for name, value in (headers | given).items() if value}
        where = path.format(limit_id=self.limit_id, customer_id=self.customer.customer_id)
        return await self.http.request(verb, where, headers=kept, **request)

    async def refused(self, service: str, request: Message, language: str = "en", bearer: str = "") -> Refusal:
        """What a gRPC door refuses a request with."""
        return await self.refused_bytes(
            service, contracts.method_of(request).path, request.SerializeToString(), language, bearer=bearer
        )

    async def refused_bytes(
        self, service: str, path: str, body: bytes, language: str = "en", *, bearer: str = "", within_s: float = 10
    ) -> Refusal:
        metadata = (("authorization", bearer or self.bearer()), ("accept-language", language))
        address = self.bank.platforms[0].addresses[f"grpc {service}"]
        async with grpc.aio.insecure_channel(address) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as failed:
                await channel.unary_unary(path)(body, metadata=metadata, timeout=within_s)
        details = dict(failed.value.trailing_metadata() or ()).get(STATUS_KEY, b"")
        status = status_pb2.Status.FromString(details)
        return refusal_of(status if details else status_pb2.Status(code=failed.value.code().value[0]), service)

    def traces(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every store. How far a relay has told is a trace of earlier events only."""
        found = tables(self.bank.platforms[0].settings.data)
        return {name: rows for name, rows in found.items() if not name.endswith(".relay")}


@pytest.fixture(scope="module")
async def doors(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Doors]:
    folder: Path = tmp_path_factory.mktemp("platform")
    # Jobs would leave traces of their own.
    without_jobs = embedded(folder, limits=Limits(body_bytes=BODY_BYTES), jobs=Jobs(run=False))
    async with without_jobs as platform, bank(platform) as opened:
        customer = await opened.customer(1)
        amount = {"currencyCode": "CNY", "minorUnits": "100000"}
        granted = await opened.post("/v1/limits", customerId=customer.customer_id, productLine="test", amount=amount)
        async with httpx.AsyncClient(base_url=platform.addresses["http"]) as http:
            ready = Doors(opened, http, customer, granted["limitId"])
            await eventually(lambda: settled(ready))
            yield ready


async def settled(doors: Doors) -> None:
    """Every event that was published has been recorded, and so has what came of it."""
    count = await doors.bank.app.get("/v1/facts:count")
    assert int(count["total"]) == await doors.bank.published()


GRANT: dict[str, Any] = {
    "customerId": "cus_1",
    "productLine": "test",
    "amount": {"currencyCode": "CNY", "minorUnits": "100"},
}
LIMITS, HOLDS = "/v1/limits", "/v1/limits/{limit_id}/holds"
QUOTE: dict[str, Any] = {
    "productId": "consumer_instalment",
    "amount": {"currencyCode": "CNY", "minorUnits": "1200000"},
    "termMonths": 12,
}


def grant(**changes: Any) -> dict[str, Any]:
    return {"json": GRANT | changes}


def cny(minor_units: int | str, currency: str = "CNY") -> dict[str, Any]:
    return {"currencyCode": currency, "minorUnits": minor_units}


FEBRUARY_30 = {"year": 2027, "month": 2, "day": 30}
OVER_HTTP: list[tuple[str, str, str, dict[str, Any], int, str]] = [
    ("an unknown field", "POST", LIMITS, grant(custmerId="cus_1"), 400, "REQUEST_INVALID"),
    ("an unknown field inside", "POST", LIMITS, grant(amount=cny(1) | {"exact": True}), 400, "REQUEST_INVALID"),
    ("a wrong type", "POST", LIMITS, grant(amount="a lot"), 400, "REQUEST_INVALID"),
    ("a fraction of a fen", "POST", LIMITS, grant(amount=cny("0.5")), 400, "REQUEST_INVALID"),
    (
        "a name given twice",
        "POST",
        LIMITS,
        {"content": b'{"productLine": "a", "productLine": "b"}'},
        400,
        "REQUEST_INVALID",
    ),
    ("nothing required", "POST", LIMITS, {"json": {}}, 400, "REQUEST_INVALID"),
    ("nothing at all", "POST", LIMITS, {"content": b""}, 400, "REQUEST_INVALID"),
    ("an amount of nothing", "POST", LIMITS, grant(amount=cny(0)), 400, "REQUEST_INVALID"),
    ("an amount below zero", "POST", LIMITS, grant(amount=cny(-1)), 400, "REQUEST_INVALID"),
    ("an amount beyond 64 bits", "POST", LIMITS, grant(amount=cny(1 << 63)), 400, "REQUEST_INVALID"),
    ("an amount no bank has", "POST", LIMITS, grant(amount=cny((1 << 63) - 1)), 400, "REQUEST_INVALID"),
    ("no currency there is", "POST", LIMITS, grant(amount=cny(1, "XQQ")), 400, "CURRENCY_UNKNOWN"),
    ("no currency at all", "POST", LIMITS, grant(amount=cny(1, "yuan")), 400, "REQUEST_INVALID"),
    ("another currency", "POST", HOLDS, {"json": {"amount": cny(1, "USD")}}, 400, "CURRENCY_MUST_MATCH"),
    ("more than there is", "POST", HOLDS, {"json": {"amount": cny(100_001)}}, 422, "LIMIT_EXHAUSTED"),
    ("JSON that breaks off", "POST", LIMITS, {"content": b'{"customerId": "cus'}, 400, "REQUEST_INVALID"),
    ("no Unicode", "POST", LIMITS, {"content": b'{"customerId": "\xff"}'}, 400, "REQUEST_INVALID"),
    ("too deep", "POST", LIMITS, {"content": b"[" * 2000}, 400, "REQUEST_INVALID"),
    ("not a number", "POST", LIMITS, {"content": b'{"amount": {"minorUnits": NaN}}'}, 400, "REQUEST_INVALID"),
    ("a body over the limit", "POST", LIMITS, grant(productLine="x" * BODY_BYTES), 413, "BODY_TOO_LARGE"),
    ("an id over its length", "POST", LIMITS, grant(customerId="x" * 200), 400, "REQUEST_INVALID"),
    (
        "a deadline that is past",
        "POST",
        LIMITS,
        grant() | {"headers": {"Zhongtai-Deadline-Ms": "0"}},
        504,
        "DEADLINE_EXCEEDED",
    ),
    (
        "a deadline that is none",
        "POST",
        LIMITS,
        grant() | {"headers": {"Zhongtai-Deadline-Ms": "soon"}},
        400,
        "REQUEST_INVALID",
    ),
    ("no token", "POST", LIMITS, grant() | {"headers": {"Authorization": ""}}, 401, "TOKEN_INVALID"),
    (
        "a token nobody signed",
        "POST",
        LIMITS,
        grant() | {"headers": {"Authorization": "Bearer abc.def.ghi"}},
        401,
        "TOKEN_INVALID",
    ),
    ("no idempotency key", "POST", LIMITS, grant() | {"headers": {"Idempotency-Key": ""}}, 400, "REQUEST_ID_REQUIRED"),
    (
        "a body of another kind",
        "POST",
        LIMITS,
        grant() | {"headers": {"Content-Type": "text/xml"}},
        415,
        "MEDIA_TYPE_UNSUPPORTED",
    ),
    ("a path that leads nowhere", "POST", "/v1/limitz", grant(), 404, "PATH_UNKNOWN"),
    ("a verb that is not served", "DELETE", LIMITS, {}, 405, "METHOD_NOT_ALLOWED"),
    (
        "a limit that is not there",
        "POST",
        "/v1/limits/lim_1/holds",
        {"json": {"amount": cny(1)}},
        404,
        "LIMIT_NOT_FOUND",
    ),
    (
        "30 February in a query",
        "GET",
        "/v1/ledger/trial-balance?on.year=2027&on.month=2&on.day=30",
        {},
        400,
        "DATE_MUST_EXIST",
    ),
    (
        "30 February to start on",
        "POST",
        "/v1/loans:quote",
        {"json": QUOTE | {"startDate": FEBRUARY_30}},
        400,
        "DATE_MUST_EXIST",
    ),
    (
        "30 February as the business date",
        "POST",
        "/v1/business-date:advance",
        {"json": {"to": FEBRUARY_30}},
        400,
        "DATE_MUST_EXIST",
    ),
    (
        "30 February as an end",
        "POST",
        "/v1/customers/{customer_id}/consents",
        {"json": {"purpose": "marketing", "validTo": FEBRUARY_30}},
        400,
        "DATE_MUST_EXIST",
    ),
    ("a token of a page that is none", "GET", "/v1/limits?page.token=abc", {}, 400, "PAGE_TOKEN_UNKNOWN"),
]


@pytest.mark.parametrize("case", OVER_HTTP, ids=[case[0] for case in OVER_HTTP])
async def test_at_the_http_door(doors: Doors, case: tuple[str, str, str, dict[str, Any], int, str]) -> None:
    _, verb, path, request_, status, reason = case
    before = doors.traces()
    english, chinese = [await doors.send(verb, path, language, **request_) for language in ("en", "zh-CN")]
    for answer in (english, chinese):
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
    said, said_in_chinese = told(english), told(chinese)
    assert len(said) == len(said_in_chinese)
    assert all(sentence and not CHINESE.search(sentence) for sentence in said), said
    assert all(CHINESE.search(sentence) for sentence in said_in_chinese), said_in_chinese
    assert doors.traces() == before


def told(answer: httpx.Response) -> list[str]:
    """Every sentence of a problem: the detail, and of each violation."""
    problem = json.loads(answer.text)
    return [problem["detail"], *(violation["description"] for violation in problem["violations"])]


async def test_an_expired_token_and_a_missing_scope(doors: Doors) -> None:
    before = doors.traces()
    old = {"Authorization": doors.bearer(issued=datetime.now(UTC) - 2 * HOUR)}
    assert (await doors.send("POST", LIMITS, "en", json=GRANT, headers=old)).json()["reason"] == "TOKEN_EXPIRED"
    reader = {"Authorization": doors.bearer("credit.limit.read")}
    refused = await doors.send("POST", LIMITS, "en", json=GRANT, headers=reader)
    assert (refused.status_code, refused.json()["reason"]) == (403, "SCOPE_MISSING")
    assert doors.traces() == before


async def test_a_reused_id_with_another_body(doors: Doors) -> None:
    headers = {"Idempotency-Key": "the same"}
    first = await doors.send("POST", LIMITS, "en", headers=headers, **grant())
    assert first.status_code == 200
    await eventually(lambda: settled(doors))
    before = doors.traces()
    other = await doors.send("POST", LIMITS, "zh-CN", headers=headers, **grant(productLine="other"))
    assert (other.status_code, other.json()["reason"]) == (409, "REQUEST_ID_REUSED")
    assert CHINESE.search(other.json()["detail"])
    assert (await doors.send("POST", LIMITS, "en", headers=headers, **grant())).content == first.content
    assert doors.traces() == before


async def test_callers_who_race_for_the_last_of_a_limit(doors: Doors) -> None:
    """Ten want 600 of 1,000 at once: one gets it, nine are told, and only the one leaves a trace."""
    granted = await doors.send("POST", LIMITS, "en", **grant(productLine="race", amount=cny(1000)))
    path = f"/v1/limits/{granted.json()['limitId']}/holds"
    await eventually(lambda: settled(doors))
    before = doors.traces()
    answers = await asyncio.gather(*(doors.send("POST", path, "en", json={"amount": cny(600)}) for _ in range(10)))
    reasons = sorted(answer.json().get("reason", "") for answer in answers)
    assert reasons == ["", *["LIMIT_EXHAUSTED"] * 9]
    await eventually(lambda: settled(doors))
    after = doors.traces()
    grown = {name: len(rows) - len(before[name]) for name, rows in after.items() if len(rows) != len(before[name])}
    assert {name: grown[name] for name in grown if name.startswith("credit.")} == {
        "credit.outbox": 1,
        "credit.kept_reply": 1,
        "credit.audit_entry": 1,
        "credit.credit_limit_hold": 1,
        "credit.credit_limit_node": 2,  # the customer's and the product line's: they count from the first hold on
    }
    assert grown["reporting.fact"] == 1


def grant_message(**changes: Any) -> limit_pb2.GrantLimitRequest:
    given: dict[str, Any] = {
        "request_id": "1",
        "customer_id": "cus_1",
        "product_line": "test",
        "amount": Money(currency_code="CNY", minor_units=100),
    }
    return limit_pb2.GrantLimitRequest(**(given | changes))


def february_30(request: Any, field: str) -> Any:
    day = getattr(request, field)
    day.year, day.month, day.day = 2027, 2, 30
    return request


def rating(probability: str) -> rating_pb2.AssignRatingRequest:
    request = rating_pb2.AssignRatingRequest(request_id="1", customer_id="cus_1", decision_id="dec_1")
    request.probability_of_default.value = probability
    return request


def ages_ago(request: Any) -> Any:
    request.expires_at.seconds = -(1 << 62)
    return request


OVER_GRPC: list[tuple[str, Message, str]] = [
    ("nothing required", limit_pb2.GrantLimitRequest(), "REQUEST_INVALID"),
    ("an amount of nothing", grant_message(amount=Money(currency_code="CNY")), "REQUEST_INVALID"),
    ("no currency there is", grant_message(amount=Money(currency_code="XQQ", minor_units=1)), "CURRENCY_UNKNOWN"),
    ("a body over the limit", grant_message(customer_id="x" * BODY_BYTES), "BODY_TOO_LARGE"),
    (
        "30 February to start on",
        february_30(
            loan_pb2.QuoteLoanRequest(
                product_id="consumer_instalment", amount=Money(currency_code="CNY", minor_units=1200000), term_months=12
            ),
            "start_date",
        ),
        "DATE_MUST_EXIST",
    ),
    ("a number that is none", rating("much"), "REQUEST_INVALID"),
    ("a limit that is not there", limit_pb2.GetLimitRequest(limit_id="lim_1"), "LIMIT_NOT_FOUND"),
]


@pytest.mark.parametrize("service", ["credit", "gateway"])
@pytest.mark.parametrize(("request_", "reason"), [case[1:] for case in OVER_GRPC], ids=[case[0] for case in OVER_GRPC])
async def test_at_the_grpc_doors(doors: Doors, service: str, request_: Message, reason: str) -> None:
    """The service's own door and the gateway's, which passes everything on, say the same."""
    before = doors.traces()
    english, chinese = [await doors.refused(service, request_, language) for language in ("en", "zh-CN")]
    assert english.reason == chinese.reason == reason
    assert not CHINESE.search(english.sentence("en"))
    assert CHINESE.search(chinese.sentence("zh-CN"))
    assert doors.traces() == before


@pytest.mark.parametrize("service", ["credit", "gateway"])
async def test_bytes_and_tokens_that_are_none_at_the_grpc_doors(doors: Doors, service: str) -> None:
    before = doors.traces()
    request = grant_message()
    path, body = contracts.method_of(request).path, request.SerializeToString()
    assert (await doors.refused_bytes(service, path, body[:-1])).reason == "REQUEST_INVALID"
    assert (await doors.refused_bytes(service, path, body + b"\xa0\x06\x01")).reason == "REQUEST_INVALID"
    assert (await doors.refused_bytes(service, path + "s", body)).reason == "METHOD_UNKNOWN"
    assert (await doors.refused_bytes(service, path, body, bearer="Bearer x")).reason == "TOKEN_INVALID"
    old = doors.bearer(issued=datetime.now(UTC) - 2 * HOUR)
    assert (await doors.refused_bytes(service, path, body, bearer=old)).reason == "TOKEN_EXPIRED"
    reader = doors.bearer("credit.limit.read")
    assert (await doors.refused_bytes(service, path, body, bearer=reader)).reason == "SCOPE_MISSING"
    assert (await doors.refused_bytes(service, path, body, within_s=0)).reason == "DEADLINE_EXCEEDED"
    assert doors.traces() == before


async def test_an_impossible_instant_and_date_at_the_gateway_door(doors: Doors) -> None:
    before = doors.traces()
    hold = limit_pb2.HoldLimitRequest(
        request_id="1", limit_id=doors.limit_id, amount=Money(currency_code="CNY", minor_units=1)
    )
    refused = await doors.refused("gateway", ages_ago(hold))
    assert refused.reason in ("INSTANT_MUST_EXIST", "REQUEST_INVALID")
    advance = february_30(business_day_pb2.AdvanceBusinessDateRequest(request_id="1"), "to")
    assert (await doors.refused("gateway", advance)).reason == "DATE_MUST_EXIST"
    assert doors.traces() == before
