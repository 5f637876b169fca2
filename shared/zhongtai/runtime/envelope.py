"""An event on its way: the message and what CloudEvents says beside it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from google.protobuf.message import Message

from zhongtai.runtime import contracts


@dataclass(frozen=True, slots=True)
class Envelope:
    """One committed fact.

    `sequence` is its place in the outbox of `source` (a service's name); `subject` the full name of its message; `key`
    its aggregate: events of one source and key arrive in order. `event_id` is the same wherever the event is seen
    again.
    """

    event_id: str
    subject: str
    key: str
    source: str
    sequence: int
    occurred_at: datetime
    business_date: date
    payload: bytes
    cause: str = ""
    trace: dict[str, str] = field(default_factory=dict)

    def message(self) -> Message:
        """The event itself; KeyError where its contract is not known here."""
        return contracts.events()[self.subject].FromString(self.payload)
