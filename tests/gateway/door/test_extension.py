"""The gateway as the platform starts it: a real port, the first client, and a date that is kept over a start."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gateway.door.conftest import FORM
from zhongtai.gateway.v1 import business_day_pb2, client_pb2
from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime import contracts
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import SystemClock
from zhongtai.runtime.errors import ServiceUnreachable
from zhongtai.runtime.platform import Everything, Platform
from zhongtai.runtime.settings import Limits, Nats, Placement, Settings


def gateway_alone(data: Path) -> Settings:
    away = Placement(mounted=False)
    return Settings(
        data=data,
        http_port=0,
        limits=Limits(body_bytes=4096),
        nats=Nats(port=0),
        marketing=away,
        credit=away,
        operations=away,
        risk=away,
        asset_liability=away,
        reporting=away,
        gateway=Placement(grpc_port=0),
    )


@asynccontextmanager
async def started(data: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A started gateway, as its administrator reaches it over a socket."""
    async with (
        Platform(gateway_alone(data)) as platform,
        httpx.AsyncClient(base_url=platform.addresses["http"], timeout=30) as http,
    ):
        admin = json.loads((data / "admin.json").read_text())
        answer = await http.post("/oauth/token", data=FORM, auth=(admin["client_id"], admin["secret"]))
        http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        yield http


async def test_from_an_empty_folder_to_a_kept_date(tmp_path: Path) -> None:
    async with started(tmp_path) as http:
        assert (await http.get("/readyz")).json()["parts"] == {"store": True, "bus": True}
        today = (await http.get("/v1/business-date")).json()
        assert today["movable"]
        later: dict[str, Any] = {"to": {**today["businessDate"], "year": today["businessDate"]["year"] + 1, "day": 1}}
        moved = await http.post("/v1/business-date:advance", json=later, headers={"idempotency-key": "a1"})
        assert moved.status_code == 200
        away = await http.get("/v1/limits")
        assert (away.status_code, away.json()["reason"]) == (503, "SERVICE_UNREACHABLE")
    secret = (tmp_path / "admin.json").read_text()
    async with started(tmp_path) as http:
        assert (await http.get("/v1/business-date")).json()["businessDate"] == later["to"]
        assert (tmp_path / "admin.json").read_text() == secret


async def test_over_a_socket(tmp_path: Path) -> None:
    async with started(tmp_path) as http:
        head = await http.head("/v1/clients")
        full = await http.get("/v1/clients")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(full.content))
        large = await http.post(
            "/v1/clients",
            content=b" " * 1_000_000,
            headers={"content-type": "application/json", "idempotency-key": "x"},
        )
        assert (large.status_code, large.json()["reason"]) == (413, "BODY_TOO_LARGE")
        chinese = await http.get("/v1/clients/无", headers={"accept-language": "zh"})
        assert chinese.json()["detail"] == "调用方无不存在：请核对编号，或先登记。"


async def test_both_doors_count_the_calls_of_a_client(tmp_path: Path) -> None:
    async with Platform(gateway_alone(tmp_path)) as platform:
        app = Caller("app", "app", frozenset({"gateway.*"}))
        bounds = client_pb2.RegisterClientRequest(
            request_id="r1", client_id="app", scopes=sorted(app.scopes), daily_cap=2
        )
        await platform.calls.call(bounds, Call(replace(app, client_id="tests")))
        token = platform.keys.issue(app, timedelta(minutes=5), datetime.now(UTC))
        over_grpc = Calls({}, {"gateway": platform.addresses["grpc gateway"]}, lambda caller: token)
        headers = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=platform.addresses["http"], headers=headers) as http:
            assert (await http.get("/v1/business-date")).status_code == 200
            await over_grpc.call(business_day_pb2.GetBusinessDateRequest(), Call(app))
            assert (await http.get("/v1/business-date")).json()["reason"] == "DAILY_CAP_REACHED"
            with pytest.raises(Refusal) as refused:
                await over_grpc.call(business_day_pb2.GetBusinessDateRequest(), Call(app))
            assert refused.value.reason == "DAILY_CAP_REACHED"
        await over_grpc.close()


async def test_the_grpc_door_lets_nobody_in_before_the_gateway_is_there() -> None:
    door = Everything(Calls({}, {}), SystemClock())
    request = business_day_pb2.GetBusinessDateRequest()
    with pytest.raises(ServiceUnreachable):
        await door.dispatch(contracts.method_of(request), request, Call(Caller("app", "app")))


async def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    async with started(tmp_path / "one") as http:
        settings = replace(gateway_alone(tmp_path / "two"), http_port=http.base_url.port or 0)
        with pytest.raises(OSError, match="in use"):
            async with Platform(settings):
                pass
