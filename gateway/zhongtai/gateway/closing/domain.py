"""The close of the day (日终) as one thing: the jobs that lead to the closed date of a book, for one date.

Always true: a close has no state of its own. It is what its jobs are, so the two can never tell different stories.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from zhongtai.gateway.job.domain import Job, JobRun, JobRunStatus, KeptJob, leading_to
from zhongtai.kernel.refusals import Missing, Unmet

DEFAULT_BOOK = "general"


class ClosingNotFound(Missing):
    """No job closes the book {book}: check its name.

    没有为账簿{book}定义日终：请核对账簿名称。
    """

    book: str


class ClosingDateMustBeOver(Unmet):
    """{business_date} is not over, the bank is on {today}: close it when the bank has gone on.

    {business_date}尚未结束，当前营业日为{today}：请在进入下一营业日后日终。
    """

    business_date: date
    today: date


class ClosingBeforeMustBeDone(Unmet):
    """The close of {before} is under way: begin {business_date} when it is done.

    {before}的日终正在进行：请在其完成后再开始{business_date}。
    """

    before: str
    business_date: date


class ClosingState(StrEnum):
    """How a close stands."""

    WAITING = "WAITING"
    UNDER_WAY = "UNDER_WAY"
    STOPPED = "STOPPED"
    CLOSED = "CLOSED"


class ClosingStepState(StrEnum):
    """How a step of a close stands."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    OVERRIDDEN = "OVERRIDDEN"
    PASSED_OVER = "PASSED_OVER"


_ENDED = (ClosingStepState.DONE, ClosingStepState.OVERRIDDEN, ClosingStepState.PASSED_OVER)


@dataclass(frozen=True, slots=True)
class ClosingStep:
    """A job of a close, and how it stands for the date."""

    job: Job
    state: ClosingStepState
    run: JobRun | None
    depth: int
    proof: bool
    paused: bool


@dataclass(frozen=True, slots=True)
class Closing:
    """The close of a date."""

    book: str
    business_date: date
    state: ClosingState
    steps: tuple[ClosingStep, ...]
    done: int
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Night:
    """What is known of the jobs: each by its name, its latest occasion, and the latest one that is done."""

    jobs: Mapping[str, KeptJob]
    latest: Mapping[str, JobRun]
    done: Mapping[str, str]

    def graph(self, last: str) -> tuple[str, ...]:
        """The jobs that lead to the last one, and that itself: each behind those it waits for, first the deep ones."""
        jobs = {job_id: kept.job for job_id, kept in self.jobs.items()}
        depths = self._depths(last)
        return tuple(sorted((last, *leading_to(last, jobs)), key=lambda name: (depths[name], name)))

    def _depths(self, last: str) -> dict[str, int]:
        """How many jobs stand before each on the longest way; the definition of a job lets none wait for itself."""
        jobs = {job_id: kept.job for job_id, kept in self.jobs.items()}
        names = {last, *leading_to(last, jobs)}
        depths: dict[str, int] = {}
        while len(depths) < len(names):
            ready = [name for name in names - depths.keys() if all(each in depths for each in jobs[name].after)]
            depths |= {name: 1 + max((depths[each] for each in jobs[name].after), default=-1) for name in ready}
        return depths

    def closing(self, book: str, last: str, on: date, runs: Mapping[str, JobRun]) -> Closing:
        """The close of a date; `runs` are the occasions of that date."""
        depths, occasion = self._depths(last), on.isoformat()
        steps = tuple(
            ClosingStep(
                job=self.jobs[name].job,
                state=self._state(name, occasion, runs.get(name)),
                run=runs.get(name),
                depth=depths[name],
                proof=any(step.holds_field for step in self.jobs[name].job.steps),
                paused=self.jobs[name].paused,
            )
            for name in self.graph(last)
        )
        ended = [run.ended_at for run in runs.values() if run.ended_at]
        is_closed = steps[-1].state in _ENDED
        return Closing(
            book,
            on,
            ClosingState.CLOSED if is_closed else _state_of(steps),
            steps,
            sum(step.state in _ENDED for step in steps),
            min((run.started_at for run in runs.values()), default=None),
            max(ended, default=None) if is_closed else None,
        )

    def _state(self, name: str, occasion: str, run: JobRun | None) -> ClosingStepState:
        if run is None:
            is_past = self.done.get(name, "") > occasion
            return ClosingStepState.PASSED_OVER if is_past else ClosingStepState.WAITING
        is_overridden = run.override is not None and bool(run.override.approved_by)
        if run.status is JobRunStatus.DONE and is_overridden:
            return ClosingStepState.OVERRIDDEN
        return ClosingStepState(run.status)

    def newest(self, last: str) -> str | None:
        """The newest date that any of its steps was begun for."""
        occasions = [self.latest[name].occasion for name in self.graph(last) if name in self.latest]
        return max(occasions, default=None)

    def begin(self, last: str, on: date, today: date, now: datetime) -> tuple[list[JobRun], list[JobRun]]:
        """The occasions that go on because they failed, and those that begin: those that wait for nothing.

        Raises `ClosingDateMustBeOver`, and `ClosingBeforeMustBeDone` where an earlier date is under way.
        """
        if on >= today:
            raise ClosingDateMustBeOver(business_date=on, today=today)
        graph, occasion = self.graph(last), on.isoformat()
        latest = [self.latest[name] for name in graph if name in self.latest]
        failed = [run for run in latest if run.status is JobRunStatus.FAILED and run.occasion <= occasion]
        if failed:
            return [run.again(now) for run in failed], []
        fresh = [name for name in graph if not self.jobs[name].job.after and self._last_begun(name) < occasion]
        before = max(map(self._last_begun, graph))
        if fresh and self.done.get(last, "") < before:
            raise ClosingBeforeMustBeDone(before=before, business_date=on)
        return [], [self.jobs[name].begin(occasion, now) for name in fresh]

    def _last_begun(self, name: str) -> str:
        return self.latest[name].occasion if name in self.latest else ""


def _state_of(steps: tuple[ClosingStep, ...]) -> ClosingState:
    states = {step.state for step in steps}
    if ClosingStepState.FAILED in states:
        return ClosingState.STOPPED
    return ClosingState.WAITING if states == {ClosingStepState.WAITING} else ClosingState.UNDER_WAY
