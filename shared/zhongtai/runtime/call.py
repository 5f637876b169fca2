"""Who calls, by when, on which business date: what travels beside every message."""

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling: a person or a program (`subject`), through which client, with which rights.

    `on_behalf_of` is the channel's subject where the gateway calls for it.
    """

    subject: str
    client_id: str
    scopes: frozenset[str] = frozenset()
    on_behalf_of: str = ""

    @property
    def acting(self) -> str:
        """Who acts: where a channel or the gateway calls for somebody, that somebody: four eyes go by it."""
        return self.on_behalf_of or self.subject

    def may(self, scope: str) -> bool:
        """True where the caller holds the scope, `*`, or a prefix of it such as `credit.*`."""
        return _covers(self.scopes, scope)


# Asked twice for each request at the HTTP door; there are as many answers as RPCs for each set of rights.
@lru_cache(maxsize=4096)
def _covers(scopes: frozenset[str], scope: str) -> bool:
    if scope in scopes or "*" in scopes:
        return True
    parts = scope.split(".")
    return any(".".join(parts[:length]) + ".*" in scopes for length in range(1, len(parts)))


@dataclass(frozen=True, slots=True)
class Call:
    """What travels with one request.

    `deadline` is in seconds of the running loop's monotonic clock (`asyncio.get_running_loop().time()`), or None for
    the server's own bound. `business_date` None means the bank's calendar decides. `trace` holds W3C trace context
    headers. `approved_by` is who approved it as another than the caller: it is set at the door of the service that
    carries it out and never travels.
    """

    caller: Caller
    deadline: float | None = None
    business_date: date | None = None
    language: str = "en"
    trace: dict[str, str] = field(default_factory=dict)
    approved_by: str = ""
