"""Kept connections to an HTTP door: the standard library's client, a thread for each request that is under way.

A request costs 0.2 ms of CPU, where httpx took 1.7 ms (aiohttp takes 0.1 ms, but nats-py imports it wherever it is
installed, which every process of the platform would pay for with 0.3 s at start and 8 MB).
"""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from queue import Empty, LifoQueue
from socket import SHUT_RDWR
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_S = 35.0


class DoorUnreachableError(Exception):
    """No answer came, or only a part of one: nobody knows whether the request was done."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and what came with it; text that is no JSON is the `detail`."""

    status: int
    content: dict[str, Any]


class Connections:
    """The connections to one address, `http://host:port`, for so many requests at once."""

    def __init__(self, address: str, at_once: int) -> None:
        place = urlsplit(address)
        self._host, self._port = place.hostname or "", place.port
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="channel")
        self._idle: LifoQueue[HTTPConnection] = LifoQueue()
        self._made: list[HTTPConnection] = []

    async def ask(self, verb: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Sends a request once. Raises `DoorUnreachableError`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._ask, verb, path, body, headers)

    def close(self) -> None:
        """Breaks off what is under way: nobody waits for it any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for socket in [connection.sock for connection in self._made if connection.sock]:
            with suppress(OSError):
                socket.shutdown(SHUT_RDWR)
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _ask(self, verb: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        connection = self._connection()
        try:
            connection.request(verb, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException) as error:
            connection.close()
            raise DoorUnreachableError(str(error) or type(error).__name__) from error
        finally:
            self._idle.put(connection)
        if "json" in answer.getheader("Content-Type", ""):
            return Answer(answer.status, json.loads(content))
        return Answer(answer.status, {"detail": content[:200].decode(errors="replace")})

    def _connection(self) -> HTTPConnection:
        """One that is kept, or a new one; one that was closed opens itself again."""
        try:
            return self._idle.get_nowait()
        except Empty:
            made = HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
            self._made.append(made)
            return made
