"""A job (定时作业): RPCs that are called until they say they are done, at the end of a business date or by the clock.

Always true: a job works on one occasion at a time, and an occasion only goes on. The request id of a call follows from
the occasion, the round, the step and the place of the call, so a call that is made again after a crash acts once.

A date is over when the bank is on a later one; what has to be done for it is asked of the services, which know what is
open. So the newest date stands for those that were missed, unless a job says that each is made up for by itself. A job
goes no further than those it waits for, and one that keeps in step begins a date when those behind it are done with the
date before: so one date at a time goes through the close of the day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from zhongtai.kernel.calendar import CHINA_INTERBANK
from zhongtai.kernel.refusals import Invalid, Missing

# So often is an occasion called in a row before it fails, with pauses that double from one second. What will pass by
# itself, such as events on their way or a service that starts anew, is waited for longer: two and a half minutes.
ATTEMPTS_AT_MOST, PASSING_AT_MOST = 5, 10
LONGEST_PAUSE_S = 30
# What a job of the clock has done is forgotten after this; a date is never forgotten.
REMEMBERED = timedelta(days=1)
_DAY = timedelta(days=1)
_SENTENCE_AT_MOST = 500
# The reason of an occasion whose proof does not hold.
UNPROVEN = "PROOF_MUST_HOLD"


class JobNotFound(Missing):
    """There is no job {job_id}: check its name, or define it first.

    作业{job_id}不存在：请核对名称，或先定义。
    """

    job_id: str


class JobRunNotFound(Missing):
    """{job_id} was never begun for {occasion}: check the occasion.

    作业{job_id}未曾运行{occasion}：请核对批次日期。
    """

    job_id: str
    occasion: str


class JobRpcUnknown(Invalid):
    """{rpc} is no RPC that a job may call: name one in full that must succeed in the end (EFFECT_RETRIABLE).

    {rpc}不是作业可调用的接口：请填写可重试接口的全名。
    """

    rpc: str


class JobStepMustFitItsRpc(Invalid):
    """The {part} of the step does not fit {rpc}: compare it with the contract.

    步骤的{part}与{rpc}不符：请与接口契约核对。
    """

    rpc: str
    part: str


class JobMustNotFollowItself(Invalid):
    """{job_id} would wait for itself by way of {through}: leave that one out.

    作业{job_id}将经由{through}等待自身：请去掉该前置作业。
    """

    job_id: str
    through: str


class JobIntervalMustBeGiven(Invalid):
    """A job of the clock needs the seconds between two occasions, and no other job has any.

    时钟作业须填写间隔秒数，其他作业不得填写。
    """


class JobOfClockMustStandAlone(Invalid):
    """A job of the clock has no dates: {job_id} can neither wait for one nor be waited for, nor make up for any.

    时钟作业没有日期：{job_id}不能作为或拥有前置作业，也不能逐日补做。
    """

    job_id: str


class JobMustStayOfItsKind(Invalid):
    """{job_id} cannot change between dates and the clock, for its occasions would not follow: use another name.

    作业{job_id}不能在日期与时钟之间变更：请使用新的名称。
    """

    job_id: str


class JobTrigger(StrEnum):
    """What sets a job off."""

    CLOCK = "CLOCK"
    EVERY_DATE = "EVERY_DATE"
    WORKING_DATE = "WORKING_DATE"
    MONTH_END = "MONTH_END"

    def takes(self, over: date) -> bool:
        """Whether the end of a date sets it off."""
        if self is JobTrigger.WORKING_DATE:
            return CHINA_INTERBANK.is_business_day(over)
        if self is JobTrigger.MONTH_END:
            return (over + _DAY).day == 1
        return self is JobTrigger.EVERY_DATE


class JobRunStatus(StrEnum):
    """How an occasion stands."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class JobLook:
    """An RPC that only reads, and its request as JSON."""

    rpc: str
    request: str = ""


@dataclass(frozen=True, slots=True)
class JobStep:
    """One RPC that is called until its reply says there is no more; a proof where its reply says whether it holds."""

    rpc: str
    request: str = ""
    date_field: str = ""
    more_field: str = ""
    position_field: str = ""
    holds_field: str = ""
    preview: JobLook | None = None
    breaks: JobLook | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """What is called, when, and behind which others."""

    job_id: str
    title: str
    title_zh: str
    trigger: JobTrigger
    every_seconds: int
    after: tuple[str, ...]
    each_date: bool
    steps: tuple[JobStep, ...]
    calls_at_most: int
    in_step: bool = False

    def must_agree(self, others: Mapping[str, "Job"]) -> None:
        """Refuses a job that contradicts itself or those it waits for."""
        by_clock = self.trigger is JobTrigger.CLOCK
        if by_clock is not bool(self.every_seconds):
            raise JobIntervalMustBeGiven
        waits = any(self.job_id in other.after for other in others.values())
        if by_clock and (self.after or self.each_date or waits):
            raise JobOfClockMustStandAlone(job_id=self.job_id)
        for name in self.after:
            self._must_not_lead_back(name, others)

    def _must_not_lead_back(self, first: str, others: Mapping[str, "Job"]) -> None:
        for name in (first, *leading_to(first, others)):
            if name == self.job_id:
                raise JobMustNotFollowItself(job_id=name, through=first)
            if name not in others:
                raise JobNotFound(job_id=name)
            if others[name].trigger is JobTrigger.CLOCK:
                raise JobOfClockMustStandAlone(job_id=name)

    def occasion(self, *, today: date, now: datetime) -> str:
        """The occasion a person asks for: the date that is over, or this moment of the clock."""
        if self.trigger is JobTrigger.CLOCK:
            seconds = int(now.timestamp())
            return datetime.fromtimestamp(seconds - seconds % self.every_seconds, UTC).isoformat()
        return (today - _DAY).isoformat()


@dataclass(frozen=True, slots=True)
class JobDefined:
    """A job was defined, or defined anew."""

    job_id: str
    job: Job


@dataclass(frozen=True, slots=True)
class JobFailed:
    """A job failed on an occasion."""

    job_id: str
    title: str
    title_zh: str
    occasion: str
    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class JobRecovered:
    """A job that had failed is done again."""

    job_id: str
    occasion: str


@dataclass(frozen=True, slots=True)
class JobOverridden:
    """A proof that failed was passed over, because two persons answer for it."""

    job_id: str
    occasion: str
    reason: str
    asked_by: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class Override:
    """Why a proof that failed was passed over, who asked for it, who approved it, and when it was."""

    reason: str
    asked_by: str
    approved_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class JobRun:
    """One occasion of a job, and how far it is: the next call is that of `step` and of the number `calls`."""

    job_id: str
    occasion: str
    status: JobRunStatus
    step: int
    calls: int
    rounds: int
    attempts: int
    reason: str
    sentence: str
    started_at: datetime
    ended_at: datetime | None
    position: str = ""
    override: Override | None = None

    @property
    def request_id(self) -> str:
        """The id of its next call: the same after a crash, another for each call."""
        return f"job:{self.job_id}:{self.occasion}:{self.rounds}:{self.calls}"

    @property
    def pause_s(self) -> int:
        """How long to wait before it is tried again, in seconds."""
        return min(1 << (self.attempts - 1), LONGEST_PAUSE_S) if self.attempts else 0

    def again(self, now: datetime) -> "JobRun":
        """The occasion taken up because somebody asks: where it failed, or anew where it was done."""
        if self.status is JobRunStatus.RUNNING:
            return self
        run = replace(self, status=JobRunStatus.RUNNING, attempts=0, ended_at=None, override=None)
        if self.status is JobRunStatus.DONE:
            run = replace(run, step=0, calls=0, rounds=self.rounds + 1, started_at=now)
        return run


@dataclass(frozen=True, slots=True)
class KeptJob:
    """A job as it is kept: whether it is paused, since when it counts, and whether it fails.

    Only what comes after `since` sets it off: a date, or an instant for the clock. `failing` stays from a failure until
    an occasion is done.
    """

    job_id: str
    job: Job
    paused: bool
    since: str
    failing: bool = False

    def due(self, latest: JobRun | None, *, today: date, now: datetime, reach: str | None = None) -> str | None:
        """The occasion to begin now, no later than `reach` where it waits for others; None where there is none."""
        if self.paused or (latest is not None and latest.status is JobRunStatus.RUNNING):
            return None
        last = max(self.since, latest.occasion) if latest else self.since
        newest = self.job.occasion(today=today, now=now)
        if self.job.trigger is JobTrigger.CLOCK:
            return newest if newest > last else None
        if self.job.each_date and latest is not None and latest.status is JobRunStatus.FAILED:
            return None
        return self._date(date.fromisoformat(last), date.fromisoformat(min(newest, reach or newest)))

    def through(self, done: str) -> str:
        """The date through which nothing is left to do, where `done` is the last that is done; "" for none.

        Dates that do not set it off are done when the one before them is; so is what came before it was defined.
        """
        day = date.fromisoformat(max(self.since, done))
        while not self.job.trigger.takes(day + _DAY):
            day += _DAY
        return day.isoformat()

    def _date(self, last: date, newest: date) -> str | None:
        days = [last + _DAY * ahead for ahead in range(1, (newest - last).days + 1)]
        ordered: Iterable[date] = days if self.job.each_date else reversed(days)
        return next((day.isoformat() for day in ordered if self.job.trigger.takes(day)), None)

    def begin(self, occasion: str, now: datetime) -> JobRun:
        """An occasion that begins."""
        return JobRun(self.job_id, occasion, JobRunStatus.RUNNING, 0, 0, 1, 0, "", "", now, None)

    def called(
        self, run: JobRun, now: datetime, *, more: bool, position: str = ""
    ) -> tuple[JobRun, JobRecovered | JobFailed | None]:
        """The occasion after a call: there is more to do, the next step comes, or it is done."""
        run = replace(run, calls=run.calls + 1, attempts=0, reason="", sentence="")
        run = replace(run, position=position) if more else replace(run, step=run.step + 1, position="")
        if run.step == len(self.job.steps):
            done = replace(run, status=JobRunStatus.DONE, ended_at=now)
            return done, JobRecovered(run.job_id, run.occasion) if self.failing else None
        if run.calls >= self.job.calls_at_most:
            sentence = f"It was not done after {run.calls} calls."
            return self._failed(run, "JOB_CALLS_AT_MOST", sentence, now)
        return run, None

    def unproven(self, run: JobRun, now: datetime) -> tuple[JobRun, JobFailed | None]:
        """The occasion after a proof that did not hold: proved anew where it is, for events may come, or failed."""
        answered = replace(run, calls=run.calls + 1)
        sentence = f"The proof {self.job.steps[run.step].rpc.rpartition('.')[2]} does not hold."
        return self.refused(answered, UNPROVEN, sentence, now, tries=ATTEMPTS_AT_MOST)

    def refused(
        self, run: JobRun, reason: str, sentence: str, now: datetime, *, tries: int
    ) -> tuple[JobRun, JobFailed | None]:
        """The occasion after a call that was refused: to be tried again, or failed at the last of so many tries."""
        run = replace(run, attempts=run.attempts + 1, reason=reason, sentence=sentence[:_SENTENCE_AT_MOST])
        if run.attempts < tries:
            return run, None
        return self._failed(run, reason, run.sentence, now)

    def _failed(self, run: JobRun, reason: str, sentence: str, now: datetime) -> tuple[JobRun, JobFailed]:
        failed = replace(run, status=JobRunStatus.FAILED, reason=reason, sentence=sentence, ended_at=now)
        return failed, JobFailed(self.job_id, self.job.title, self.job.title_zh, run.occasion, reason, sentence)


def define(job: Job, present: KeptJob | None, *, today: date, now: datetime) -> KeptJob:
    """A job as it is kept once it is defined; a new one counts from now on. Raises `JobMustStayOfItsKind`."""
    if present is None:
        return KeptJob(job.job_id, job, paused=False, since=job.occasion(today=today, now=now))
    if (job.trigger is JobTrigger.CLOCK) is not (present.job.trigger is JobTrigger.CLOCK):
        raise JobMustStayOfItsKind(job_id=job.job_id)
    return replace(present, job=job)


def leading_to(job_id: str, jobs: Mapping[str, Job]) -> list[str]:
    """The jobs that a job waits for, by way of others as well, each once; a name that is no job leads nowhere."""
    found: dict[str, None] = {}
    ahead = [job_id]
    while ahead:
        job = jobs.get(ahead.pop())
        fresh = [name for name in job.after if name not in found] if job else []
        found |= dict.fromkeys(fresh)
        ahead += fresh
    return list(found)
