"""What carries messages: the port. A channel is an adapter; nothing else of the house knows how it sends."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from zhongtai.operations.notification.domain import Answer, DeliveryOutcome
from zhongtai.operations.webhook_endpoint.domain import SigningKey


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way to one address; `keys` sign it where the channel is a webhook."""

    message_id: str
    address: str
    subject: str
    body: str
    keys: tuple[SigningKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a channel tells later of a message that it took."""

    provider_reference: str
    delivered: bool
    detail: str = ""


class Channel(Protocol):
    """What carries messages to one kind of address. It raises nothing: whatever comes of a message is an answer.

    It answers within 25 seconds, for messages are given to it under a lease, and `at_once` of them together.
    """

    @property
    def at_once(self) -> int:
        """How many messages it carries together."""

    async def send(self, message: Outgoing, now: datetime) -> Answer:
        """Gives a message to the channel."""

    async def ask(self, message: Outgoing) -> Answer:
        """What became of a message that may have been given to it: UNAVAILABLE where it never had it."""

    async def close(self) -> None:
        """Lets go of what it holds."""


@dataclass(frozen=True, slots=True)
class NoChannel:
    """A channel that this installation does not have: whatever is sent there is rejected, for the reason it gives."""

    reason: str
    at_once: int = 64

    async def send(self, message: Outgoing, now: datetime) -> Answer:
        """Rejects the message."""
        _ = message, now
        return Answer(DeliveryOutcome.REJECTED, self.reason)

    async def ask(self, message: Outgoing) -> Answer:
        """It never had it, nor will it."""
        _ = message
        return Answer(DeliveryOutcome.REJECTED, self.reason)

    async def close(self) -> None:
        """Holds nothing."""
