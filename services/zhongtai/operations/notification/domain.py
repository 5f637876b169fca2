"""A notification (通知): one message to one recipient, from the event that caused it to the word that it arrived.

Always true: what is given to a channel is SENDING until the channel's answer is written down. A receiver that drops a
second copy by its id (a webhook) is sent the message again where the answer is not known; any other channel is asked
what became of it, and where it cannot tell, nobody guesses and no other channel is tried.

How webhooks are tried again is the example schedule of the Standard Webhooks specification (spec/standard-webhooks.md,
"Deliverability and reliability"): ten tries over some 75 hours.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from zhongtai.kernel.refusals import Invalid, Missing, Unmet
from zhongtai.operations.notification_template.domain import Draft, NotificationChannel, NotificationTemplate

# A channel answers well within this; whoever took a message and has not written an answer by then died.
LEASE = timedelta(seconds=60)
REPLAYED_AT_ONCE = 100
WEBHOOK_RULE = "webhook"
_SOON = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1_800))
_WEBHOOK = tuple(timedelta(seconds=s) for s in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400))
RETRY_AFTER_AT_MOST = timedelta(days=1)


class NotificationNotFound(Missing):
    """There is no notification {notification_id}: check the id.

    通知{notification_id}不存在：请核对编号。
    """

    notification_id: str


class NotificationMustHaveEnded(Unmet):
    """The notification {notification_id} is under way: wait until it has arrived, failed or was suppressed.

    通知{notification_id}仍在处理中：请待其送达、失败或被抑制后再重发。
    """

    notification_id: str


class ReplayPeriodMustBeAheadOfItsEnd(Invalid):
    """The period from {from_time} to {to_time} is empty: end it later.

    {from_time}至{to_time}不是有效时段：请将结束时间推后。
    """

    from_time: datetime
    to_time: datetime


class ReplayedStatusMustBeFinal(Invalid):
    """What stands at {status} is under way: replay FAILED, SUPPRESSED, SENT or DELIVERED ones.

    状态为{status}的通知仍在处理中：请选择FAILED、SUPPRESSED、SENT或DELIVERED。
    """

    status: str


class NotificationStatus(StrEnum):
    """How a notification stands."""

    QUEUED = "QUEUED"
    SENDING = "SENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    SUPPRESSED = "SUPPRESSED"

    @property
    def under_way(self) -> bool:
        """Whether something is still to be done."""
        return self in (NotificationStatus.QUEUED, NotificationStatus.SENDING)


class NotificationReason(StrEnum):
    """Why a notification was not sent, or failed."""

    NO_CONTACT = "NO_CONTACT"
    NO_CONSENT = "NO_CONSENT"
    CAP_REACHED = "CAP_REACHED"
    ENDPOINT_DISABLED = "ENDPOINT_DISABLED"
    REJECTED = "REJECTED"
    ATTEMPTS_EXHAUSTED = "ATTEMPTS_EXHAUSTED"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    NOT_DELIVERED = "NOT_DELIVERED"


class DeliveryOutcome(StrEnum):
    """What a channel answers."""

    ACCEPTED = "ACCEPTED"
    DELIVERED = "DELIVERED"
    REJECTED = "REJECTED"
    UNAVAILABLE = "UNAVAILABLE"
    UNKNOWN = "UNKNOWN"
    GONE = "GONE"


@dataclass(frozen=True, slots=True)
class WebhookTestAsked:
    """Somebody had a test message sent to a partner's endpoint."""

    endpoint_id: str


@dataclass(frozen=True, slots=True)
class NotificationSent:
    """A channel took a message."""

    notification_id: str
    recipient_id: str
    channel: NotificationChannel


@dataclass(frozen=True, slots=True)
class NotificationDelivered:
    """A message arrived."""

    notification_id: str
    recipient_id: str
    channel: NotificationChannel


@dataclass(frozen=True, slots=True)
class NotificationFailed:
    """No channel could deliver a message."""

    notification_id: str
    recipient_id: str
    channel: NotificationChannel
    reason: NotificationReason


@dataclass(frozen=True, slots=True)
class NotificationSuppressed:
    """A message was not to be sent."""

    notification_id: str
    recipient_id: str
    reason: NotificationReason


Fact = NotificationSent | NotificationDelivered | NotificationFailed | NotificationSuppressed


@dataclass(frozen=True, slots=True)
class Answer:
    """What a channel said; `retry_after` is how long it asks to be left alone."""

    outcome: DeliveryOutcome
    detail: str = ""
    provider_reference: str = ""
    retry_after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class DeliveryTry:
    """One try to deliver a notification, or one question what became of it."""

    notification_id: str
    number: int
    channel: NotificationChannel
    asked: bool
    outcome: DeliveryOutcome
    detail: str
    provider_reference: str
    began_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Notification:
    """One message to one recipient.

    `drafts` are its texts by channel in order, of which that at `place` is under way on `channel`. `message_id` is what
    its receiver may know it by: that of the first where a webhook is replayed. `attempts` counts on the channel,
    `tries` over all. `due_at` is when it is looked at next, also while a channel is asked.
    """

    notification_id: str
    message_id: str
    dedupe_key: str
    rule_id: str
    event_id: str
    event: str
    recipient_id: str
    category: str
    template_id: str
    template_version: int
    drafts: tuple[Draft, ...]
    channel: NotificationChannel
    day: date
    due_at: datetime | None
    created_at: datetime
    place: int = 0
    status: NotificationStatus = NotificationStatus.QUEUED
    reason: NotificationReason | None = None
    attempts: int = 0
    tries: int = 0
    provider_reference: str = ""
    ended_at: datetime | None = None
    replay_of: str = ""
    replayed_by: str = ""

    @property
    def draft(self) -> Draft:
        """What is sent over its channel."""
        return self.drafts[self.place]

    @property
    def subject(self) -> str:
        """The subject on its channel."""
        return self.draft.subject

    @property
    def body(self) -> str:
        """The text on its channel."""
        return self.draft.body

    @property
    def sms_parts(self) -> int:
        """How many parts it takes as an SMS."""
        return self.draft.sms_parts

    @property
    def receiver_drops_copies(self) -> bool:
        """Whether its receiver drops a second copy by its id."""
        return self.channel is NotificationChannel.WEBHOOK

    @property
    def fact(self) -> Fact | None:
        """What its present state is to others; None while it is under way."""
        match self.status:
            case NotificationStatus.SENT:
                return NotificationSent(self.notification_id, self.recipient_id, self.channel)
            case NotificationStatus.DELIVERED:
                return NotificationDelivered(self.notification_id, self.recipient_id, self.channel)
            case NotificationStatus.FAILED if self.reason:
                return NotificationFailed(self.notification_id, self.recipient_id, self.channel, self.reason)
            case NotificationStatus.SUPPRESSED if self.reason:
                return NotificationSuppressed(self.notification_id, self.recipient_id, self.reason)
        return None

    def chosen(
        self, against: Callable[[NotificationChannel], NotificationReason | None], now: datetime
    ) -> "Notification":
        """The notification on the first channel, from its present one on, that nothing is said against.

        In the app it has arrived at once. Where no channel is left it failed for what it failed of, or is suppressed.
        """
        said: NotificationReason | None = None
        for place in range(self.place, len(self.drafts)):
            channel = self.drafts[place].channel
            reason = against(channel)
            if reason is None:
                moved = self if place == self.place else replace(self, place=place, channel=channel, attempts=0)
                return (
                    moved._ended(NotificationStatus.DELIVERED, now) if channel is NotificationChannel.IN_APP else moved
                )
            # That a channel has no address says least: it is told only where none has.
            said = reason if said in (None, NotificationReason.NO_CONTACT) else said
        if self.reason is not None:
            return self._ended(NotificationStatus.FAILED, now, self.reason)
        return self._ended(NotificationStatus.SUPPRESSED, now, said or NotificationReason.NO_CONTACT)

    def given(self, now: datetime) -> "Notification":
        """The notification that is given to its channel now, or about which the channel is asked now."""
        assert self.status.under_way, "what has ended is sent no more"
        return replace(self, status=NotificationStatus.SENDING, attempts=self.attempts + 1, due_at=now + LEASE)

    def given_back(self, now: datetime, *, asked: bool) -> "Notification":
        """The notification that was taken and came to no turn: it waits again, or is to be asked about again."""
        assert self.status is NotificationStatus.SENDING, "only what was taken is given back"
        status = NotificationStatus.SENDING if asked else NotificationStatus.QUEUED
        return replace(self, status=status, attempts=self.attempts - 1, due_at=now)

    def answered(self, answer: Answer, now: datetime, jitter_permille: int) -> "Notification":
        """The notification after its channel answered; `jitter_permille` (0 to 1,000) lengthens a wait."""
        assert self.status is NotificationStatus.SENDING, "only what was given to a channel is answered"
        tried = replace(self, tries=self.tries + 1, provider_reference=answer.provider_reference)
        match answer.outcome:
            case DeliveryOutcome.DELIVERED:
                return tried._ended(NotificationStatus.DELIVERED, now)
            case DeliveryOutcome.ACCEPTED:
                return replace(tried, status=NotificationStatus.SENT, due_at=None, reason=None)
            case DeliveryOutcome.REJECTED | DeliveryOutcome.GONE:
                return tried._beyond(NotificationReason.REJECTED, now)
        unknown = answer.outcome is DeliveryOutcome.UNKNOWN and not self.receiver_drops_copies
        wait = self._wait(answer.retry_after, jitter_permille)
        if wait is None and unknown:
            return tried._ended(NotificationStatus.FAILED, now, NotificationReason.OUTCOME_UNKNOWN)
        if wait is None:
            return tried._beyond(NotificationReason.ATTEMPTS_EXHAUSTED, now)
        status = NotificationStatus.SENDING if unknown else NotificationStatus.QUEUED
        return replace(tried, status=status, due_at=now + wait)

    def reported(self, *, delivered: bool, now: datetime) -> "Notification":
        """The notification after its channel told whether it arrived; nothing changes where that was known."""
        if self.status is not NotificationStatus.SENT:
            return self
        if delivered:
            return self._ended(NotificationStatus.DELIVERED, now)
        return self._beyond(NotificationReason.NOT_DELIVERED, now)

    def written_by(self, template: NotificationTemplate) -> "Notification":
        """The notification whose texts are those of a template."""
        return replace(
            self, category=template.category, template_id=template.template_id, template_version=template.version
        )

    def due(self, at: datetime, day: date) -> "Notification":
        """The notification that may be sent then, which counts in the caps of that day."""
        return replace(self, due_at=at, day=day)

    def replay(self, notification_id: str, *, day: date, now: datetime) -> "Notification":
        """The same message anew. A webhook keeps its id, so that a receiver who has it drops it."""
        if self.status.under_way:
            raise NotificationMustHaveEnded(notification_id=self.notification_id)
        webhook = self.drafts[0].channel is NotificationChannel.WEBHOOK
        return Notification(
            notification_id=notification_id,
            message_id=self.message_id if webhook else notification_id,
            dedupe_key=f"replay:{notification_id}",
            rule_id=self.rule_id,
            event_id=self.event_id,
            event=self.event,
            recipient_id=self.recipient_id,
            category=self.category,
            template_id=self.template_id,
            template_version=self.template_version,
            drafts=self.drafts,
            channel=self.drafts[0].channel,
            day=day,
            due_at=now,
            created_at=now,
            replay_of=self.notification_id,
        )

    def _wait(self, retry_after: timedelta, jitter_permille: int) -> timedelta | None:
        """How long until the next try; None where there is none."""
        assert 0 <= jitter_permille <= 1_000, "a share"
        waits = _WEBHOOK if self.channel is NotificationChannel.WEBHOOK else _SOON
        if self.attempts > len(waits):
            return None
        wait = waits[self.attempts - 1]
        return max(wait + wait * jitter_permille // 10_000, min(retry_after, RETRY_AFTER_AT_MOST))

    def _beyond(self, reason: NotificationReason, now: datetime) -> "Notification":
        """The next channel's turn, or the end where there is none."""
        place = self.place + 1
        if place == len(self.drafts):
            return self._ended(NotificationStatus.FAILED, now, reason)
        channel = self.drafts[place].channel
        return replace(
            self, place=place, channel=channel, status=NotificationStatus.QUEUED, reason=reason, attempts=0, due_at=now
        )

    def _ended(
        self, status: NotificationStatus, now: datetime, reason: NotificationReason | None = None
    ) -> "Notification":
        return replace(self, status=status, reason=reason, due_at=None, ended_at=now)


def check_replay(status: NotificationStatus, from_time: datetime, to_time: datetime) -> None:
    """Refuses a period that ends before it begins, and a state that is not the end."""
    if from_time >= to_time:
        raise ReplayPeriodMustBeAheadOfItsEnd(from_time=from_time, to_time=to_time)
    if status.under_way:
        raise ReplayedStatusMustBeFinal(status=status)
