"""The token endpoint keeps to RFC 6749."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest

from tests.gateway.door.conftest import FORM, House
from zhongtai.gateway.v1 import client_pb2
from zhongtai.runtime.security import Verifier


async def test_a_token_opens_what_the_client_may(house: House) -> None:
    secret = await house.register("app", "credit.limit.read", "risk.*", subject="wang.fang")
    answer = await house.ask_token("app", secret)
    told = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert {name: told[name] for name in told if name != "access_token"} == {
        "token_type": "Bearer",
        "expires_in": 900,
        "scope": "credit.limit.read risk.*",
    }
    caller = Verifier(house.keys, house.clock).verify(told["access_token"])
    assert (caller.subject, caller.client_id) == ("wang.fang", "app")
    headers = {"authorization": f"Bearer {told['access_token']}"}
    assert (await house.http.get("/v1/limits", headers=headers)).status_code == 200
    other = await house.http.get("/v1/products", headers=headers)
    assert (other.status_code, other.json()["metadata"]) == (403, {"scope": "credit.product.read"})


async def test_the_secret_may_stand_in_the_body_and_scopes_may_be_fewer(house: House) -> None:
    secret = await house.register("app", "credit.*")
    form = FORM | {"client_id": "app", "client_secret": secret, "scope": "credit.limit.read"}
    answer = await house.http.post("/oauth/token", data=form)
    assert answer.json()["scope"] == "credit.limit.read"


@pytest.mark.parametrize(
    ("form", "auth", "status", "error"),
    [
        ({}, ("app", "SECRET"), 400, "invalid_request"),
        ({"grant_type": "password"}, ("app", "SECRET"), 400, "unsupported_grant_type"),
        (FORM, None, 401, "invalid_client"),
        (FORM, ("app", "wrong"), 401, "invalid_client"),
        (FORM, ("nobody", "SECRET"), 401, "invalid_client"),
        (FORM, ("app", "x" * 300), 401, "invalid_client"),
        (FORM | {"client_id": "app", "client_secret": "x"}, ("app", "SECRET"), 400, "invalid_request"),
        (FORM | {"client_id": "other"}, ("app", "SECRET"), 400, "invalid_request"),
        (FORM | {"scope": "risk.decision.write"}, ("app", "SECRET"), 400, "invalid_scope"),
        (FORM | {"scope": "*"}, ("app", "SECRET"), 400, "invalid_scope"),
        (FORM | {"scope": ["credit.*", "credit.*"]}, ("app", "SECRET"), 400, "invalid_request"),
    ],
)
async def test_what_is_refused_is_told_in_the_form_of_the_rfc(
    house: House, form: dict[str, Any], auth: tuple[str, str] | None, status: int, error: str
) -> None:
    secret = await house.register("app")
    basic = httpx.BasicAuth(auth[0], auth[1].replace("SECRET", secret)) if auth else httpx.USE_CLIENT_DEFAULT
    answer = await house.http.post("/oauth/token", data=form, auth=basic)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert ("www-authenticate" in answer.headers) == (status == 401)


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"{}", {"content-type": "application/json"}),
        (b"grant_type", {}),
        (b"\xff=1", {}),
        (b"grant_type=client_credentials", {"authorization": "Basic !!!"}),
        (b"grant_type=client_credentials", {"authorization": "Bearer x"}),
    ],
)
async def test_bodies_that_are_no_form(house: House, content: bytes, headers: dict[str, str]) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = await house.http.post("/oauth/token", content=content, headers=form | headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    large = await house.http.post("/oauth/token", content=b"a=" + b"b" * 20_000, headers=form)
    assert large.status_code == 413


async def test_basic_credentials_are_form_encoded(house: House) -> None:
    secret = await house.register("app-1")
    answer = await house.ask_token(quote_plus("app-1"), quote_plus(secret))
    assert answer.status_code == 200


async def test_a_rotated_secret_is_good_for_the_overlap_and_only_the_newest_of_the_old(house: House) -> None:
    first = await house.register("app")

    async def rotated(number: int, overlap_seconds: int) -> str:
        house.clock.instant += timedelta(seconds=1)
        request = client_pb2.RotateSecretRequest(
            request_id=f"r{number}", client_id="app", overlap_seconds=overlap_seconds
        )
        return str((await house.call(request)).secret)

    async def opens(secret: str) -> bool:
        return (await house.ask_token("app", secret)).status_code == 200

    second = await rotated(1, 60)
    assert (await opens(first), await opens(second)) == (True, True)
    third = await rotated(2, 60)
    assert (await opens(first), await opens(second), await opens(third)) == (False, True, True)
    house.clock.instant += timedelta(seconds=60)
    assert (await opens(second), await opens(third)) == (False, True)
    await rotated(3, 0)
    assert not await opens(third)


async def test_a_disabled_client_gets_no_token(house: House) -> None:
    secret = await house.register("app")
    await house.call(client_pb2.DisableClientRequest(request_id="d", client_id="app"))
    answer = await house.ask_token("app", secret)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
