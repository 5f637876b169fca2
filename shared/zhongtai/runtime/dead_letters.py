"""The dead letters: events a service could not apply, with the reason, until they are redelivered or discarded.

A dead letter holds the event as it came. Redelivery brings it to that service only, through its own consumer; there
it is tried like any other event and becomes a dead letter again if it still fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

from zhongtai.kernel.refusals import Missing, Refusal
from zhongtai.runtime.bus import DEAD_LETTERS, Bus, BusUnreachable
from zhongtai.runtime.cloud_events import SOURCE_PREFIX

MOST_LISTED = 1000
_SERVICE = "Dead-Letter-Service"
_REASON = "Dead-Letter-Reason"
_DETAIL = "Dead-Letter-Detail"
_DETAIL_CHARACTERS = 500


class DeadLetterNotFound(Missing):
    """There is no dead letter {number}: it was redelivered or discarded already, or the number is wrong.

    没有编号为{number}的死信：可能已重投或已丢弃，或编号有误。
    """

    number: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that `service` could not apply: why, when, and which event it was.

    `reason` is the refusal's machine reason, or the name of the defect; `detail` the refusal's sentence. A defect's
    own text stays in the log of the service, because it may hold personal data.
    """

    number: int
    service: str
    reason: str
    detail: str
    buried_at: datetime
    event_id: str
    subject: str
    key: str
    source: str


async def bury(bus: Bus, service: str, message: Msg, error: BaseException) -> None:
    """Keeps a message that could not be applied; returns when it is on disk. Raises BusUnreachable."""
    refusal = error if isinstance(error, Refusal) else None
    headers = _carried(message.headers or {})
    headers[_SERVICE] = service
    headers[_REASON] = refusal.reason if refusal else type(error).__name__
    headers[_DETAIL] = refusal.sentence()[:_DETAIL_CHARACTERS] if refusal else ""
    # The place in its stream, not the event's id: a redelivered event that fails again is a new dead letter.
    headers["Nats-Msg-Id"] = f"{message.metadata.stream}:{message.metadata.sequence.stream}:{service}"
    await bus.store(f"zhongtai.dead_letters.{service}", message.data, headers)


async def dead_letters(bus: Bus, service: str = "", *, after: int = 0, limit: int = 100) -> list[DeadLetter]:
    """The dead letters of one service, or of all, in the order they came, behind a number. Raises BusUnreachable."""
    assert 0 < limit <= MOST_LISTED, "a page of dead letters holds one to a thousand"
    found: list[DeadLetter] = []
    subject = f"zhongtai.dead_letters.{service or '*'}"
    while len(found) < limit:
        try:
            message = await bus.streams.get_msg(DEAD_LETTERS, seq=after + 1, subject=subject, next=True)
        except NotFoundError:
            break
        except (NatsError, TimeoutError, OSError) as failure:
            raise BusUnreachable(detail=str(failure) or type(failure).__name__) from failure
        found.append(_letter(message))
        after = found[-1].number
    return found


async def redeliver(bus: Bus, number: int) -> DeadLetter:
    """Sends a dead letter to the service that could not apply it, and takes it off the list.

    Raises DeadLetterNotFound and BusUnreachable. Done twice, or broken off between, the event still acts once.
    """
    message = await _load(bus, number)
    letter = _letter(message)
    headers = _carried(message.headers or {}) | {"Nats-Msg-Id": f"redelivery:{number}"}
    await bus.store(f"zhongtai.redeliveries.{letter.service}", message.data or b"", headers)
    await _remove(bus, number)
    return letter


async def discard(bus: Bus, number: int) -> DeadLetter:
    """Takes a dead letter off the list for good; the event stays in its outbox.

    Raises DeadLetterNotFound and BusUnreachable.
    """
    letter = _letter(await _load(bus, number))
    await _remove(bus, number)
    return letter


def _carried(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of the event itself, without what the server and the dead letter added."""
    return {name: value for name, value in headers.items() if not name.startswith(("Nats-", "Dead-Letter-"))}


def _letter(message: RawStreamMsg) -> DeadLetter:
    headers = message.headers or {}
    assert message.seq is not None, "a stored message has its number"
    assert isinstance(message.time, datetime), "a stored message has its time"
    return DeadLetter(
        number=message.seq,
        service=headers.get(_SERVICE, ""),
        reason=headers.get(_REASON, ""),
        detail=headers.get(_DETAIL, ""),
        buried_at=message.time,
        event_id=headers.get("ce-id", ""),
        subject=headers.get("ce-type", ""),
        key=unquote(headers.get("ce-subject", "")),
        source=headers.get("ce-source", "").removeprefix(SOURCE_PREFIX),
    )


async def _load(bus: Bus, number: int) -> RawStreamMsg:
    try:
        return await bus.streams.get_msg(DEAD_LETTERS, seq=number)
    except NotFoundError as absent:
        raise DeadLetterNotFound(number=number) from absent
    except (NatsError, TimeoutError, OSError) as failure:
        raise BusUnreachable(detail=str(failure) or type(failure).__name__) from failure


async def _remove(bus: Bus, number: int) -> None:
    try:
        await bus.streams.delete_msg(DEAD_LETTERS, number)
    except (NatsError, TimeoutError, OSError) as failure:
        raise BusUnreachable(detail=str(failure) or type(failure).__name__) from failure
