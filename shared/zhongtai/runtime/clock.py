"""The clock, given to whoever needs the time: nothing else in the platform asks the machine for it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

BANK_ZONE = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """What time it is, and which business date the bank is on."""

    def now(self) -> datetime:
        """The instant, in UTC."""

    def business_date(self) -> date:
        """The bank's business date."""


@dataclass
class SystemClock:
    """The machine's time; the business date is today's date where the bank is, until it is set."""

    today: date | None = None

    def now(self) -> datetime:
        """The instant, in UTC."""
        return datetime.now(UTC)

    def business_date(self) -> date:
        """The date set, else today's date in China."""
        return self.today or self.now().astimezone(BANK_ZONE).date()


@dataclass
class GivenClock:
    """A clock that stands still until it is told otherwise: for tests and the simulator."""

    instant: datetime = field(default_factory=lambda: datetime(2026, 1, 5, 1, 0, tzinfo=UTC))
    today: date | None = None

    def now(self) -> datetime:
        """The instant given."""
        return self.instant

    def business_date(self) -> date:
        """The date given, else that of the instant in China."""
        return self.today or self.instant.astimezone(BANK_ZONE).date()
