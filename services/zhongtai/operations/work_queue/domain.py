"""A queue of work (工作队列): the role and skills it asks for, its clock on the bank's calendar, its escalation.

Always true: a queue's hours lie within a day, its warning comes before its due time, and its steps follow each other.
The clock counts business minutes: those between opening and closing, in China, on the days that banks work.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from zhongtai.kernel.calendar import CHINA_INTERBANK, BankCalendar
from zhongtai.kernel.refusals import Invalid, Missing

ZONE = ZoneInfo("Asia/Shanghai")
_SATURDAY = 5


class WorkQueueNotFound(Missing):
    """There is no queue {queue_id}: check the id, or define it first.

    队列{queue_id}不存在：请核对编号，或先行定义。
    """

    queue_id: str


class WorkingHoursMustFollow(Invalid):
    """The queue {queue_id} closes at minute {closes_minute}, not after it opens: state a later closing.

    队列{queue_id}的收工时间（第{closes_minute}分钟）不晚于开工时间：请填写更晚的收工时间。
    """

    queue_id: str
    closes_minute: int


class WarningMustComeBeforeDue(Invalid):
    """The queue {queue_id} would warn {warn_minutes} minutes ahead of a time limit no longer than that: warn later.

    队列{queue_id}的预警提前量{warn_minutes}分钟不短于办理时限：请缩短提前量。
    """

    queue_id: str
    warn_minutes: int


class EscalationMustGoOn(Invalid):
    """Step {step} of the queue {queue_id} must come after the one before it and change something: mend it.

    队列{queue_id}的第{step}个升级步骤须晚于前一步骤，且须改变角色、队列或优先级：请更正。
    """

    queue_id: str
    step: int


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """What happens to an order that nobody has decided after so many business minutes in the queue."""

    after_minutes: int
    role: str = ""
    queue_id: str = ""
    priority: int = 0


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """A queue."""

    queue_id: str
    title: str
    title_zh: str
    role: str
    skills: tuple[str, ...] = ()
    four_eyes: bool = False
    approvers_needed: int = 1
    priority: int = 3
    sla_minutes: int = 480
    warn_minutes: int = 0
    opens_minute: int = 540
    closes_minute: int = 1050
    steps: tuple[EscalationStep, ...] = ()

    def must_be_whole(self) -> None:
        """Refuses hours, a warning or steps that contradict themselves."""
        if self.closes_minute <= self.opens_minute:
            raise WorkingHoursMustFollow(queue_id=self.queue_id, closes_minute=self.closes_minute)
        if self.warn_minutes >= self.sla_minutes:
            raise WarningMustComeBeforeDue(queue_id=self.queue_id, warn_minutes=self.warn_minutes)
        before = 0
        for number, step in enumerate(self.steps, 1):
            changes = step.role or step.priority or step.queue_id
            if step.after_minutes <= before or not changes or step.queue_id == self.queue_id:
                raise EscalationMustGoOn(queue_id=self.queue_id, step=number)
            before = step.after_minutes

    def after(self, start: datetime, minutes: int, calendar: BankCalendar = CHINA_INTERBANK) -> datetime:
        """The instant, in UTC, at which so many business minutes have gone by since the start."""
        assert minutes >= 0, "a clock does not run back"
        left, moment = timedelta(minutes=minutes), start.astimezone(ZONE)
        while True:
            midnight = datetime.combine(moment.date(), time.min, ZONE)
            begins = max(moment, midnight + timedelta(minutes=self.opens_minute))
            room = midnight + timedelta(minutes=self.closes_minute) - begins
            if room >= timedelta(0) and _is_worked(moment.date(), calendar):
                if left <= room:
                    return (begins + left).astimezone(UTC)
                left -= room
            moment = midnight + timedelta(days=1)

    def step_at(self, taken: int, entered_at: datetime) -> datetime | None:
        """When the step of escalation after those taken is due for what came in then; None where there is none."""
        return self.after(entered_at, self.steps[taken].after_minutes) if taken < len(self.steps) else None

    def step_due(self, taken: int, entered_at: datetime, now: datetime) -> EscalationStep | None:
        """The step after those taken, where it is due by now."""
        due_at = self.step_at(taken, entered_at)
        return self.steps[taken] if due_at is not None and due_at <= now else None


def _is_worked(day: date, calendar: BankCalendar) -> bool:
    """Whether banks work on a day; weekdays are taken for worked where the calendar does not reach.

    A date of money may not be guessed, but an order that cannot be opened at all would be seen by nobody.
    """
    if calendar.first_year <= day.year <= calendar.last_year:
        return calendar.is_business_day(day)
    return day.weekday() < _SATURDAY


@dataclass(frozen=True, slots=True)
class WorkQueueDefined:
    """A queue was defined, or defined anew."""

    queue_id: str
    queue: WorkQueue
