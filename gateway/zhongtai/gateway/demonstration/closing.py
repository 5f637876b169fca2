"""The end of day: the story's last act closes every business date that is over, as `zhongtai eod` does."""

from datetime import date, timedelta
from typing import Any

from zhongtai.gateway.demonstration.channel import Channel

_NIGHT = timedelta(days=1)
_CLOSED = "END_OF_DAY_PHASE_CLOSED"


async def close(channel: Channel, digest: str) -> date:
    """Closes what is not closed yet up to the day before today, day by day; answers that day.

    A book that was never closed begins with that day: its first close recognises all interest since each loan began.
    """
    last = _date((await channel.get("/v1/business-date"))["businessDate"]) - _NIGHT
    latest = await channel.get("/v1/ends-of-day", **{"page.size": "1", "page.newestFirst": "true"})
    first = last
    for day in latest.get("endsOfDay", []):
        begun = _date(day["businessDate"])
        first = begun + _NIGHT if day["phase"] == _CLOSED else begun
    for night in range((last - first).days + 1):
        await _close(channel, digest, first + night * _NIGHT)
    return last


async def _close(channel: Channel, digest: str, on: date) -> None:
    """Asks for one piece after the other. Each has a key of its own, so a story told again closes nothing twice."""
    body = {"businessDate": {"year": on.year, "month": on.month, "day": on.day}}
    reply = await channel.post("/v1/ends-of-day", body, key=f"{digest}-close-{on}")
    piece = 0
    while reply["endOfDay"]["phase"] != _CLOSED:
        piece += 1
        reply = await channel.post("/v1/ends-of-day:continue", body, key=f"{digest}-close-{on}-{piece}")


async def figures(channel: Channel, on: date) -> list[dict[str, Any]]:
    """What each partition of a closed day came to."""
    partitions = await channel.pages("/v1/ends-of-day/partitions", "partitions", businessDate=on.isoformat())
    return [partition["figures"] for partition in partitions]


def _date(message: dict[str, int]) -> date:
    return date(message["year"], message["month"], message["day"])
