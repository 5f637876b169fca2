"""A simulated SMS gateway: what it answers follows from the telephone number alone, as `sms_gateway.json` lists it.

It rejects, is busy, loses an answer though it has the message, loses message and answer, and tells by a report whether
what it took arrived. It knows messages by our id and can be asked; it does not drop a second copy.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from zhongtai.operations.notification.channels import Outgoing, Report
from zhongtai.operations.notification.domain import Answer, DeliveryOutcome
from zhongtai.runtime.plain import reader, shipped


@dataclass(frozen=True, slots=True)
class SmsRule:
    """How numbers with an ending are answered; whether the gateway keeps the message, and whether it arrives."""

    phone_ends_with: str
    outcome: DeliveryOutcome
    detail: str
    keeps: bool
    arrives: bool


_RULES = tuple(map(reader(SmsRule), shipped(__package__, "sms_gateway.json")))


class SimulatedSmsGateway:
    """The gateway; `carried` counts how often it carried the message of each id, which more than once is a fault."""

    at_once = 16

    def __init__(self) -> None:
        self.carried: Counter[str] = Counter()
        self._arrived: dict[str, bool] = {}
        self._reports: list[Report] = []

    async def send(self, message: Outgoing, now: datetime) -> Answer:
        """Takes a message as the first rule says whose ending the number has; one that was lost once is taken after."""
        _ = now
        rule = next(rule for rule in _RULES if message.address.endswith(rule.phone_ends_with))
        if rule.keeps:
            self.carried[message.message_id] += 1
            self._arrived[message.message_id] = rule.arrives
            self._reports.append(Report(_reference(message), rule.arrives, "" if rule.arrives else "EXPIRED"))
        reference = _reference(message) if rule.outcome is DeliveryOutcome.ACCEPTED else ""
        return Answer(rule.outcome, rule.detail, reference)

    async def ask(self, message: Outgoing) -> Answer:
        """What became of a message: a report may have come when nobody knew its reference yet."""
        arrived = self._arrived.get(message.message_id)
        if arrived is None:
            return Answer(DeliveryOutcome.UNAVAILABLE, "NOT_FOUND")
        outcome = DeliveryOutcome.DELIVERED if arrived else DeliveryOutcome.REJECTED
        return Answer(outcome, "ASKED", _reference(message))

    async def close(self) -> None:
        """Holds nothing."""

    def reports(self) -> list[Report]:
        """What it has to tell since it was asked last."""
        told, self._reports = self._reports, []
        return told


def _reference(message: Outgoing) -> str:
    return f"sms-{message.message_id}"
