"""A caller of the HTTP door, as any channel app would write it.

A token, retries that are safe, problems as exceptions.
"""

import asyncio
import json
import random
from base64 import b64encode
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

from zhongtai.gateway.demonstration.connections import Answer, Connections, DoorUnreachableError

AT_ONCE = 16
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

    # A minute or two: as long as a platform takes that starts again.
    tries = 60

    def __init__(self, address: str, client_id: str, secret: str) -> None:
        self._secret = b64encode(f"{client_id}:{secret}".encode()).decode()
        self._connections = Connections(address, 2 * AT_ONCE)
        self._token = ""
        self._signing_in = asyncio.Lock()

    async def __aenter__(self) -> "Channel":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._connections.close()

    async def get(self, path: str, **parameters: str | int) -> dict[str, Any]:
        """Reads."""
        return await self._send("GET", f"{path}?{urlencode(parameters)}" if parameters else path)

    async def post(self, path: str, body: dict[str, Any], *, key: str) -> dict[str, Any]:
        """Changes something, once for each key."""
        return await self._send("POST", path, json.dumps(body).encode(), key)

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

    async def _send(self, verb: str, path: str, body: bytes | None = None, key: str = "") -> dict[str, Any]:
        for attempt in range(1, self.tries + 1):
            try:
                answer = await self._once(verb, path, body, key)
            except DoorUnreachableError as error:
                if attempt == self.tries:
                    raise Problem(503, {"reason": "DOOR_UNREACHABLE", "detail": str(error)}) from error
            else:
                if answer.status < 300:
                    return answer.content
                if answer.status == 401 and attempt < self.tries:
                    self._token = ""
                elif answer.status not in AGAIN or attempt == self.tries:
                    raise Problem(answer.status, answer.content)
            await asyncio.sleep(min(PAUSE_S * attempt, LONGEST_PAUSE_S) * random.random())
        raise AssertionError("the last try answers or raises")

    async def _once(self, verb: str, path: str, body: bytes | None, key: str) -> Answer:
        headers = {"Authorization": f"Bearer {await self._bearer()}"}
        if body is not None:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": key}
        return await self._connections.ask(verb, path, body, headers)

    async def _bearer(self) -> str:
        async with self._signing_in:
            if not self._token:
                headers = {
                    "Authorization": f"Basic {self._secret}",
                    "Content-Type": "application/x-www-form-urlencoded",
                }
                answer = await self._connections.ask("POST", "/oauth/token", b"grant_type=client_credentials", headers)
                if answer.status != 200:
                    raise Problem(answer.status, answer.content)
                self._token = answer.content["access_token"]
            return self._token
