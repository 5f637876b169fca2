"""A fact (事实): one event of any service, kept as it was published."""

from dataclasses import dataclass
from datetime import date, datetime

from zhongtai.kernel.refusals import Missing


class FactNotFound(Missing):
    """There is no fact {event_id}: check the id, or wait until the event has arrived.

    事实{event_id}不存在：请核对编号，或等待事件到达。
    """

    event_id: str


@dataclass(frozen=True, slots=True)
class FactSummary:
    """One event without what it says; `sequence` is its place in the outbox of `source`."""

    event_id: str
    subject: str
    key: str
    source: str
    sequence: int
    occurred_at: datetime
    business_date: date
    cause: str


@dataclass(frozen=True, slots=True)
class Fact(FactSummary):
    """One event; `payload` is the message in protobuf, of the type that `subject` names."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class SubjectCount:
    """How many facts a subject has."""

    subject: str
    count: int
