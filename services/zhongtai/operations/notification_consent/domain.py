"""What a customer lets the bank send (通知授权), by category and channel; when, and how often.

Always true: marketing is sent only to who agreed to it on that channel (Personal Information Protection Law, articles
13 to 16; Provisions on Short Message Services 通信短信息服务管理规定, article 18), a service message unless it was
refused, and what must be told for security in any case and at any hour.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from zhongtai.kernel.calendar import CHINA_INTERBANK, DateOutsideCalendar
from zhongtai.kernel.refusals import Missing, Unmet
from zhongtai.operations.notification_template.domain import NotificationChannel

_ONE_DAY = timedelta(days=1)


class NotificationCategoryNotFound(Missing):
    """There is no category {category}: use one of {categories}.

    通知类别{category}不存在：请使用{categories}之一。
    """

    category: str
    categories: str


class NotificationCategoryMustBeTold(Unmet):
    """{category} must be told, for the security of an account or because it is work: it cannot be refused.

    {category}涉及账户安全或岗位职责，必须告知：不能拒收。
    """

    category: str


class NotificationPurpose(StrEnum):
    """Why a message is sent."""

    SECURITY = "SECURITY"
    SERVICE = "SERVICE"
    MARKETING = "MARKETING"
    DUTY = "DUTY"


@dataclass(frozen=True, slots=True)
class NotificationConsentChanged:
    """A customer agreed to a category on a channel, or refused it."""

    customer_id: str
    category: str
    channel: NotificationChannel
    allowed: bool


@dataclass(frozen=True, slots=True)
class NotificationCap:
    """How often a category may use a channel for one customer on one day."""

    channel: NotificationChannel
    per_day: int


@dataclass(frozen=True, slots=True)
class NotificationCategory:
    """One kind of messages."""

    category: str
    title: str
    title_zh: str
    purpose: NotificationPurpose
    waits: bool
    caps: tuple[NotificationCap, ...]
    consent_purpose: str

    @property
    def must_be_told(self) -> bool:
        """Whether nobody is asked."""
        return self.purpose in (NotificationPurpose.SECURITY, NotificationPurpose.DUTY)

    def allows(self, stated: "Consent | None") -> bool:
        """Whether it may be sent on a channel of which the customer said this, or nothing."""
        if self.must_be_told:
            return True
        return self.purpose is NotificationPurpose.SERVICE if stated is None else stated.allowed

    def cap(self, channel: NotificationChannel) -> int | None:
        """How many of one day; None where there is no cap."""
        return next((cap.per_day for cap in self.caps if cap.channel is channel), None)

    def must_be_refusable(self) -> None:
        """Refuses to have refused what must be told."""
        if self.must_be_told:
            raise NotificationCategoryMustBeTold(category=self.category)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When customers are left in peace, by the bank's time: from one evening until the next morning."""

    from_hour: str
    to_hour: str
    to_hour_on_holidays: str

    def end(self, local: datetime) -> datetime | None:
        """The end of the quiet hours that an instant of the bank's zone lies in; None where it lies in none."""
        if local.time() >= time.fromisoformat(self.from_hour):
            return self._morning(local, local.date() + _ONE_DAY)
        morning = self._morning(local, local.date())
        return morning if local < morning else None

    def _morning(self, local: datetime, day: date) -> datetime:
        hour = self.to_hour if _is_worked(day) else self.to_hour_on_holidays
        return datetime.combine(day, time.fromisoformat(hour), tzinfo=local.tzinfo)


@dataclass(frozen=True, slots=True)
class NotificationPolicy:
    """The categories, and the hours in which those that wait are not sent."""

    quiet_hours: QuietHours
    categories: tuple[NotificationCategory, ...]

    @property
    def of_customers(self) -> tuple[NotificationCategory, ...]:
        """The categories of what customers are told; the others are told to staff."""
        return tuple(known for known in self.categories if known.purpose is not NotificationPurpose.DUTY)

    def category(self, name: str) -> NotificationCategory:
        """The category of that name; refuses where there is none."""
        for found in self.categories:
            if found.category == name:
                return found
        raise NotificationCategoryNotFound(
            category=name, categories=", ".join(known.category for known in self.categories)
        )

    def due(self, category: NotificationCategory, local: datetime) -> datetime:
        """When a message of a category may be sent that was made at an instant of the bank's zone."""
        return (self.quiet_hours.end(local) if category.waits else None) or local


@dataclass(frozen=True, slots=True)
class Consent:
    """What a customer said to one category on one channel."""

    customer_id: str
    category: str
    channel: NotificationChannel
    allowed: bool
    stated_at: datetime

    def changes(self, before: "Consent | None") -> NotificationConsentChanged | None:
        """The fact, unless the customer had said the same before."""
        if before is not None and before.allowed is self.allowed:
            return None
        return NotificationConsentChanged(self.customer_id, self.category, self.channel, self.allowed)


class Verdict(StrEnum):
    """Whether a channel may be used for a message now, else why not."""

    ALLOWED = "ALLOWED"
    NO_CONTACT = "NO_CONTACT"
    NO_CONSENT = "NO_CONSENT"
    CAP_REACHED = "CAP_REACHED"


def verdict(
    category: NotificationCategory,
    channel: NotificationChannel,
    *,
    address: str,
    stated: Consent | None,
    sent_today: Callable[[], int],
) -> Verdict:
    """Whether a message of a category may go over a channel to a customer; counts only where it comes to that."""
    if not address:
        return Verdict.NO_CONTACT
    if not category.allows(stated):
        return Verdict.NO_CONSENT
    cap = category.cap(channel)
    return Verdict.CAP_REACHED if cap is not None and sent_today() >= cap else Verdict.ALLOWED


def _is_worked(day: date) -> bool:
    """Whether banks work on a day; of one that the calendar does not know yet the later hour is the safe one."""
    try:
        return CHINA_INTERBANK.is_business_day(day)
    except DateOutsideCalendar:
        return False
