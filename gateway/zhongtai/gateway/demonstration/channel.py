"""A caller of the HTTP door, as any channel app would write it.

A token, retries that are safe, problems as exceptions.
"""

import asyncio
import random
from types import TracebackType
from typing import Any

import httpx

AT_ONCE = 16
TRIES = 60
PAUSE_S = 0.2
LONGEST_PAUSE_S = 2.0
AGAIN = frozenset({429, 502, 503, 504})


class Problem(Exception):
    """What the door answered instead: an RFC 9457 problem."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body.get('reason', '')}: {body.get('detail', body)}")
        self.status = status
        self.reason: str = body.get("reason", "")
        self.metadata: dict[str, str] = body.get("metadata", {})


class Channel:
    """One client of the door. Every change carries an Idempotency-Key, so whatever is in doubt is simply sent again."""

    def __init__(self, address: str, client_id: str, secret: str) -> None:
        self._secret = (client_id, secret)
        self._http = httpx.AsyncClient(
            base_url=address,
            timeout=35.0,
            limits=httpx.Limits(max_connections=2 * AT_ONCE, max_keepalive_connections=2 * AT_ONCE),
        )
        self._token = ""
        self._signing_in = asyncio.Lock()

    async def __aenter__(self) -> "Channel":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def get(self, path: str, **parameters: str | int) -> dict[str, Any]:
        """Reads."""
        return await self._send("GET", path, parameters=parameters)

    async def post(self, path: str, body: dict[str, Any], *, key: str) -> dict[str, Any]:
        """Changes something, once for each key."""
        return await self._send("POST", path, body=body, key=key)

    async def pages(self, path: str, field: str, **parameters: str | int) -> list[dict[str, Any]]:
        """Every item of a list, page by page."""
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            page = await self.get(path, **parameters, **{"page.size": 500}, **({"page.token": token} if token else {}))
            found += page.get(field, [])
            token = page.get("page", {}).get("nextToken", "")
            if not token:
                return found

    async def _send(
        self,
        verb: str,
        path: str,
        *,
        parameters: dict[str, str | int] | None = None,
        body: dict[str, Any] | None = None,
        key: str = "",
    ) -> dict[str, Any]:
        for attempt in range(1, TRIES + 1):
            try:
                answer = await self._once(verb, path, parameters, body, key)
            except httpx.TransportError as error:
                if attempt == TRIES:
                    raise Problem(
                        503, {"reason": "DOOR_UNREACHABLE", "detail": str(error) or type(error).__name__}
                    ) from error
            else:
                if answer.is_success:
                    content: dict[str, Any] = answer.json()
                    return content
                problem = (
                    answer.json() if "json" in answer.headers.get("content-type", "") else {"detail": answer.text[:200]}
                )
                if answer.status_code == 401 and attempt < TRIES:
                    self._token = ""
                elif answer.status_code not in AGAIN or attempt == TRIES:
                    raise Problem(answer.status_code, problem)
            await asyncio.sleep(min(PAUSE_S * attempt, LONGEST_PAUSE_S) * random.random())
        raise AssertionError("the last try answers or raises")

    async def _once(
        self, verb: str, path: str, parameters: dict[str, str | int] | None, body: dict[str, Any] | None, key: str
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self._bearer()}"}
        if key:
            headers["Idempotency-Key"] = key
        return await self._http.request(verb, path, params=parameters, json=body, headers=headers)

    async def _bearer(self) -> str:
        async with self._signing_in:
            if not self._token:
                answer = await self._http.post(
                    "/oauth/token", data={"grant_type": "client_credentials"}, auth=self._secret
                )
                if answer.status_code in (400, 401):
                    raise Problem(answer.status_code, answer.json())
                answer.raise_for_status()
                self._token = answer.json()["access_token"]
            return self._token
