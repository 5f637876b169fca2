"""The acknowledgements of all consumers of a connection, which travel together.

Each write to the server costs as much as many acknowledgements. What waits here and is lost is delivered again, and the
inbox passes it over; so nobody waits for it.
"""

import asyncio
import contextlib
from collections.abc import Sequence

from nats.aio.client import Client
from nats.errors import Error as NatsError

WITHIN_SECONDS = 0.05
MOST_WAITING = 200


class Acknowledgements:
    """What is yet to be acknowledged, by reply subject; sent after 50 milliseconds, or when 200 wait."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._waiting: list[str] = []
        self._soon: asyncio.Task[None] | None = None

    async def add(self, replies: Sequence[str]) -> None:
        """Tells the server soon that the messages with these reply subjects need not come again."""
        self._waiting += replies
        if len(self._waiting) >= MOST_WAITING:
            await self.send()
        elif self._soon is None:
            self._soon = asyncio.create_task(self._send_soon(), name="acknowledgements")

    async def send(self) -> None:
        """Sends what waits."""
        waiting, self._waiting = self._waiting, []
        with contextlib.suppress(NatsError):
            for reply in waiting:
                await self._client.publish(reply, b"+ACK")

    async def close(self) -> None:
        """Sends what waits, at last."""
        if self._soon:
            self._soon.cancel()
            await self.send()

    async def _send_soon(self) -> None:
        await asyncio.sleep(WITHIN_SECONDS)
        self._soon = None
        await self.send()
