"""Who may come in now: clients that are not shut out, within their calls a second and their calls a day.

The rate is a token bucket in this process. The daily cap is exact and durable: the door takes calls in blocks from a
counter in the gateway's store (one group-committed change for up to 256 calls), and gives back what is left when it
stops. A door that is killed forfeits the rest of its block, so the cap is never exceeded.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from zhongtai.gateway.client import store
from zhongtai.gateway.client.domain import Client
from zhongtai.gateway.door.refusals import ClientShutOut, DailyCapReached
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.clock import BANK_ZONE
from zhongtai.runtime.errors import TooManyRequests
from zhongtai.runtime.security import Kept
from zhongtai.runtime.service import Service

# How long a door goes by what it knows of a client: a client that is shut out is out after so many seconds.
KNOWN_FOR_S = 2.0
_DOOR = Call(Caller(subject="door", client_id="door"))


@dataclass
class Standing:
    """What the door knows of one client."""

    client: Client | None
    known_until: float
    tokens: float = 0.0
    counted_at: float = 0.0
    day: date | None = None
    left: int = 0
    taking: asyncio.Lock = field(default_factory=asyncio.Lock)


class Admission:
    """Lets calls in, or refuses them. A client that is not in the store is part of the platform, without bounds."""

    def __init__(self, gateway: Service, monotonic: Callable[[], float] | None = None) -> None:
        self._gateway = gateway
        self._monotonic = monotonic or asyncio.get_running_loop().time
        self._standings: Kept[str, Standing] = Kept()

    async def admit(self, caller: Caller) -> None:
        """Counts one call; raises `ClientShutOut`, `TooManyRequests` or `DailyCapReached`."""
        now = self._monotonic()
        standing = self._standings.get(caller.client_id)
        if standing is None or standing.known_until <= now:
            standing = await self._know(caller.client_id)
        client = standing.client
        if client is None:
            return
        if not client.active:
            raise ClientShutOut(client_id=client.client_id)
        if client.calls_per_second:
            _take_token(standing, client.calls_per_second, now)
        if client.daily_cap:
            await self._take_call(standing, client)

    async def close(self) -> None:
        """Gives back what was taken from daily caps and not used."""
        for standing in self._standings.values():
            client, day, left = standing.client, standing.day, standing.left
            if client and day and left:
                standing.left = 0
                await self._give_back(client.client_id, day, left)

    async def _know(self, client_id: str) -> Standing:
        """Reads the client anew; what it has used stays."""
        client = await self._gateway.store.read(
            lambda reading: store.clients.find(self._gateway.view(reading, _DOOR), client_id)
        )
        now = self._monotonic()
        standing = self._standings.get(client_id)
        if standing is None:
            standing = Standing(client, 0.0, tokens=float(client.calls_per_second) if client else 0.0, counted_at=now)
            self._standings.put(client_id, standing)
        standing.client, standing.known_until = client, now + KNOWN_FOR_S
        return standing

    async def _take_call(self, standing: Standing, client: Client) -> None:
        here = self._gateway.clock.now().astimezone(BANK_ZONE)
        if standing.day != here.date() or standing.left < 1:
            async with standing.taking:
                # Another call may have taken a block while this one waited for the lock.
                if standing.day != here.date() or standing.left < 1:
                    standing.left = await self._take_block(client, here.date())
                    standing.day = here.date()
        if standing.left < 1:
            midnight = datetime.combine(here.date() + timedelta(days=1), time(), BANK_ZONE)
            raise DailyCapReached(cap=client.daily_cap, retry_after_seconds=(midnight - here).total_seconds())
        standing.left -= 1

    async def _take_block(self, client: Client, day: date) -> int:
        return await self._gateway.store.change(
            lambda writing: store.take_calls(
                self._gateway.unit(writing, _DOOR, ""), client.client_id, day, client.daily_cap
            )
        )

    async def _give_back(self, client_id: str, day: date, left: int) -> None:
        await self._gateway.store.change(
            lambda writing: store.give_back_calls(self._gateway.unit(writing, _DOOR, ""), client_id, day, left)
        )


def _take_token(standing: Standing, per_second: int, now: float) -> None:
    """Takes one token of a bucket that fills by `per_second` and holds as many."""
    filled = standing.tokens + (now - standing.counted_at) * per_second
    standing.tokens, standing.counted_at = min(filled, float(per_second)), now
    if standing.tokens < 1:
        raise TooManyRequests(retry_after_seconds=round((1 - standing.tokens) / per_second, 3))
    standing.tokens -= 1
