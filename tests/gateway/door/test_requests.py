"""Requests at the HTTP door: what goes in, what comes out, and what bad input gets."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.gateway.door.conftest import House
from zhongtai.credit.v1 import limit_pb2
from zhongtai.gateway.door.application import application
from zhongtai.runtime import journal

GRANT = {
    "customerId": "cus_1",
    "productLine": "consumer",
    "amount": {"currencyCode": "CNY", "minorUnits": "100000"},
}


async def grant(house: House, key: str = "g1", **headers: str) -> httpx.Response:
    """Grants a limit over HTTP."""
    return await house.http.post("/v1/limits", json=GRANT, headers=house.token() | {"idempotency-key": key} | headers)


async def traces(house: House) -> int:
    """How many rows of any kind the services wrote."""
    count = 0
    for service in house.services.values():
        for table in (journal.OUTBOX, journal.KEPT_REPLY, journal.AUDIT_ENTRY):
            count += len(await service.store.read(lambda reading, table=table: reading.rows(table.select())))  # type: ignore[misc]
    return count


def reasons(answer: httpx.Response) -> list[tuple[str, str]]:
    """The violations of a problem, as field and reason."""
    return [(found["field"], found["reason"]) for found in answer.json()["violations"]]


async def test_a_change_and_a_read(house: House) -> None:
    granted = await grant(house)
    assert granted.status_code == 200
    assert granted.headers["content-type"] == "application/json"
    limit = granted.json()["limit"]
    assert limit["granted"] == {"currencyCode": "CNY", "minorUnits": "100000"}
    assert limit["status"] == "LIMIT_STATUS_ACTIVE"
    read = await house.http.get(f"/v1/limits/{limit['limitId']}", headers=house.token())
    assert read.json() == {"limit": limit}
    listed = await house.http.get("/v1/limits", params={"customer_id": "cus_1"}, headers=house.token())
    assert listed.json() == {"limits": [limit], "page": {"nextToken": ""}}


async def test_the_same_id_and_body_get_the_same_reply_and_another_body_is_refused(house: House) -> None:
    first, again = await grant(house), await grant(house)
    assert first.content == again.content
    quoted = await grant(house, '"g1"')
    assert quoted.content == first.content
    other = await house.http.post(
        "/v1/limits", json=GRANT | {"customerId": "cus_2"}, headers=house.token() | {"idempotency-key": "g1"}
    )
    assert (other.status_code, other.json()["reason"]) == (409, "REQUEST_ID_REUSED")


async def test_a_change_needs_an_id(house: House) -> None:
    answer = await house.http.post("/v1/limits", json=GRANT, headers=house.token())
    assert (answer.status_code, answer.json()["reason"]) == (400, "REQUEST_ID_REQUIRED")
    in_body = await house.http.post("/v1/limits", json=GRANT | {"requestId": "b1"}, headers=house.token())
    assert in_body.status_code == 200
    both = await house.http.post(
        "/v1/limits", json=GRANT | {"requestId": "b1"}, headers=house.token() | {"idempotency-key": "h1"}
    )
    assert reasons(both) == [("request_id", "REQUEST_ID_MISMATCH")]


async def test_everything_that_is_wrong_is_told_at_once_in_the_callers_language(house: House) -> None:
    body = {"customerID": "x", "amount": {"currencyCode": "cny", "minorUnits": 0}, "productLine": 7}
    answer = await house.http.post("/v1/limits", json=body, headers=house.token() | {"accept-language": "zh-CN"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "zh-CN"
    assert reasons(answer) == [
        ("customerID", "UNKNOWN_FIELD"),
        ("product_line", "WRONG_TYPE"),
        ("request_id", "REQUEST_ID_REQUIRED"),
        ("customer_id", "STRING_MIN_LEN"),
        ("amount", "AMOUNT_MUST_BE_POSITIVE"),
        ("amount.currency_code", "STRING_PATTERN"),
    ]
    problem = answer.json()
    assert problem["instance"] == "/v1/limits"
    assert len(problem["trace_id"]) == 32
    assert "请求有误" in problem["detail"]
    assert "须为文本" in problem["violations"][1]["description"]


async def test_a_refusal_is_a_problem_with_its_status_and_metadata(house: House) -> None:
    answer = await house.http.get("/v1/limits/lim_none", headers=house.token())
    assert answer.status_code == 404
    assert answer.json()["reason"] == "LIMIT_NOT_FOUND"
    assert answer.json()["metadata"] == {"limit_id": "lim_none"}
    limit_id = (await grant(house)).json()["limitId"]
    hold = {"amount": {"currencyCode": "CNY", "minorUnits": "100001"}}
    exhausted = await house.http.post(
        f"/v1/limits/{limit_id}/holds", json=hold, headers=house.token() | {"idempotency-key": "h"}
    )
    assert (exhausted.status_code, exhausted.json()["reason"]) == (422, "LIMIT_EXHAUSTED")


async def test_the_path_names_verbs_and_ids(house: House) -> None:
    limit_id = (await grant(house)).json()["limitId"]
    frozen = await house.http.post(f"/v1/limits/{limit_id}:freeze", headers=house.token() | {"idempotency-key": "f"})
    assert frozen.json()["limit"]["status"] == "LIMIT_STATUS_FROZEN"
    encoded = limit_id.replace("_", "%5F")
    assert (await house.http.get(f"/v1/limits/{encoded}", headers=house.token())).status_code == 200
    mismatch = await house.http.post(
        f"/v1/limits/{limit_id}:freeze", json={"limitId": "other"}, headers=house.token() | {"idempotency-key": "f2"}
    )
    assert reasons(mismatch) == [("limit_id", "PATH_MISMATCH")]
    strange = await house.http.get("/v1/limits/%FF", headers=house.token())
    assert (strange.status_code, strange.json()["reason"]) == (404, "PATH_UNKNOWN")


QUERIES: list[tuple[str, list[tuple[str, str]]]] = [
    ("page.size=x", [("page.size", "TEXT_MALFORMED")]),
    ("page.size=5&page.size=6", [("page.size", "DUPLICATE_KEY")]),
    ("customer_id=a&customerId=b", [("customerId", "DUPLICATE_KEY")]),
    ("customer=a", [("customer", "UNKNOWN_FIELD")]),
    ("page.size=5000", [("page.size", "INT32_GTE_LTE")]),
    ("customerId=%FF", [("", "NOT_UNICODE")]),
    ("&".join(f"a{number}=1" for number in range(101)), [("", "TOO_MANY")]),
]


@pytest.mark.parametrize(("query", "wanted"), QUERIES, ids=range(len(QUERIES)))
async def test_a_query_is_read_as_strictly(house: House, query: str, wanted: list[tuple[str, str]]) -> None:
    answer = await house.http.get(f"/v1/limits?{query}", headers=house.token())
    assert (answer.status_code, reasons(answer)) == (400, wanted)


async def test_a_query_may_give_a_date_as_text(house: House) -> None:
    for query in ("on=2026-05-04", "on.year=2026&on.month=5&on.day=4"):
        answer = await house.http.get(f"/v1/products/none?{query}", headers=house.token())
        assert answer.json()["reason"] == "PRODUCT_NOT_FOUND"
    wrong = await house.http.get("/v1/products/none?on=4.5.2026", headers=house.token())
    assert reasons(wrong) == [("on", "TEXT_MALFORMED")]


async def test_bodies_that_are_none_leave_no_trace(house: House) -> None:
    headers = house.token() | {"idempotency-key": "k", "content-type": "application/json"}
    before = await traces(house)

    async def sent(content: Any, **more: str) -> tuple[int, str]:
        answer = await house.http.post("/v1/limits", content=content, headers=headers | more)
        return answer.status_code, answer.json()["reason"]

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 100

    assert await sent(b"{") == (400, "REQUEST_INVALID")
    assert await sent(b"null") == (400, "REQUEST_INVALID")
    assert await sent(b"{}" + b" " * 5000) == (413, "BODY_TOO_LARGE")
    assert await sent(endless()) == (413, "BODY_TOO_LARGE")
    assert await sent(b"<a/>", **{"content-type": "application/xml"}) == (415, "MEDIA_TYPE_UNSUPPORTED")
    assert await sent(b"{}", **{"zhongtai-deadline-ms": "-1"}) == (504, "DEADLINE_EXCEEDED")
    assert await sent(b"{}", **{"request-timeout": "0"}) == (504, "DEADLINE_EXCEEDED")
    assert await sent(b"{}", **{"zhongtai-deadline-ms": "soon"}) == (400, "REQUEST_INVALID")
    assert await sent(b"{}", **{"zhongtai-deadline-ms": "nan"}) == (400, "REQUEST_INVALID")
    assert await sent(b"{}", **{"authorization": "Bearer x.y.z"}) == (401, "TOKEN_INVALID")
    assert await sent(b"{}", **{"authorization": "Basic abc"}) == (401, "TOKEN_INVALID")
    # Who may not call is not told what is wrong with the body.
    assert await sent(b"{", **house.token("credit.limit.read")) == (403, "SCOPE_MISSING")
    expired = house.token()
    house.clock.instant += timedelta(hours=1)
    assert await sent(b"{}", **expired) == (401, "TOKEN_EXPIRED")
    assert await traces(house) == before


async def test_a_read_takes_no_body(house: House) -> None:
    answer = await house.http.request("GET", "/v1/limits", json={}, headers=house.token())
    assert reasons(answer) == [("", "BODY_NOT_EXPECTED")]


async def test_methods_that_do_not_go_with_a_path(house: House) -> None:
    refused = await house.http.delete("/v1/limits")
    assert (refused.status_code, refused.json()["reason"]) == (405, "METHOD_NOT_ALLOWED")
    assert refused.json()["status"] == 405
    assert refused.headers["allow"] == "GET, POST, HEAD, OPTIONS"
    options = await house.http.options("/v1/limits")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, POST, HEAD, OPTIONS")
    full = await house.http.get("/v1/limits", headers=house.token())
    head = await house.http.head("/v1/limits", headers=house.token())
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(full.content))
    nothing = await house.http.get("/v1/limits/")
    assert (nothing.status_code, nothing.json()["reason"]) == (404, "PATH_UNKNOWN")
    elsewhere = await house.http.post("/healthz")
    assert (elsewhere.status_code, elsewhere.json()["reason"]) == (405, "METHOD_NOT_ALLOWED")
    assert elsewhere.headers["allow"] == "GET, HEAD"


async def test_every_answer_is_armoured(house: House) -> None:
    for answer in (await grant(house), await house.http.get("/nothing"), await house.http.get("/healthz")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_trace_of_the_caller_is_told_back(house: House) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = await house.http.get("/v1/limits/none", headers=house.token() | {"traceparent": trace})
    assert answer.json()["trace_id"] == "0af7651916cd43dd8448eb211c80319c"


async def test_a_defect_is_told_as_a_number(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(house.services["credit"], "dispatch", broken)
    answer = await house.http.get("/v1/limits", headers=house.token())
    assert (answer.status_code, answer.json()["reason"]) == (500, "INTERNAL")
    assert answer.json()["metadata"]["trace_id"] == answer.json()["trace_id"]
    assert "secret detail" not in answer.text


async def test_calls_beyond_the_room_are_told_when_to_come_back(house: House) -> None:
    began, go = asyncio.Event(), asyncio.Event()
    waiting = 0

    async def slow(*_: object) -> limit_pb2.ListLimitsResponse:
        nonlocal waiting
        waiting += 1
        if waiting == 8:
            began.set()
        await go.wait()
        return limit_pb2.ListLimitsResponse()

    house.services["credit"].dispatch = slow  # type: ignore[assignment,method-assign]
    calls = [asyncio.create_task(house.http.get("/v1/limits", headers=house.token())) for _ in range(8)]
    await began.wait()
    refused = await house.http.get("/v1/limits", headers=house.token())
    assert (refused.status_code, refused.json()["reason"]) == (429, "TOO_MANY_REQUESTS")
    assert refused.headers["retry-after"] == "1"
    go.set()
    assert {(await call).status_code for call in calls} == {200}


async def test_a_body_that_never_comes_runs_out_of_time(house: House) -> None:
    async def silent() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    headers = house.token() | {"content-type": "application/json", "zhongtai-deadline-ms": "20"}
    answer = await house.http.post("/v1/limits", content=silent(), headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (504, "DEADLINE_EXCEEDED")


async def test_a_caller_who_hangs_up_is_not_answered(house: House) -> None:
    sent: list[Any] = []

    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(name.encode(), value.encode()) for name, value in house.token().items()]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/limits",
        "raw_path": b"/v1/limits",
        "query_string": b"",
        "headers": [*headers, (b"content-length", b"5")],
    }
    await application(house.given)(scope, gone, send)
    assert sent == []


async def test_calls_carry_the_business_date_and_only_some_may_choose_it(house: House) -> None:
    seen = []
    dispatch = house.services["credit"].dispatch

    async def watched(method: Any, request: Any, call: Any) -> Any:
        seen.append(call.business_date)
        return await dispatch(method, request, call)

    house.services["credit"].dispatch = watched  # type: ignore[method-assign]
    await house.http.get("/v1/limits", headers=house.token())
    chosen = {"zhongtai-business-date": "2026-05-04"}
    await house.http.get("/v1/limits", headers=house.token() | chosen)
    assert [day.isoformat() for day in seen] == [house.clock.business_date().isoformat(), "2026-05-04"]
    refused = await house.http.get("/v1/limits", headers=house.token("credit.*") | chosen)
    assert refused.json()["reason"] == "SCOPE_MISSING"


async def test_health_and_readiness(house: House) -> None:
    assert (await house.http.get("/healthz")).json() == {"status": "ok"}
    assert (await house.http.get("/readyz")).json() == {"status": "ready", "parts": {"store": True}}
    house.parts["bus"] = False
    away = await house.http.get("/readyz")
    assert (away.status_code, away.json()["parts"]["bus"]) == (503, False)
