"""The close of the day (日终) as one thing: the jobs that close a book and those behind them, for one date.

Always true: a close has no state of its own. It is what its jobs are, so the two can never tell different stories.
The job that takes the date to its closed state is what the others are seen from: those that lead to it guard the
closed date; what comes behind it, positions and reports, may fail, and the date stays closed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from zhongtai.gateway.job.domain import Job, JobRun, JobRunStatus, leading_to
from zhongtai.gateway.job.graph import Graph
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
    guards: bool


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
    books_closed: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """What beginning a close comes to: the date that is closed next, what failed and goes on, and what begins."""

    business_date: date
    again: tuple[JobRun, ...] = ()
    fresh: tuple[JobRun, ...] = ()


@dataclass(frozen=True, slots=True)
class Night:
    """The jobs of a book's close: the one it is `closed_by`, what comes behind that, and all that leads to these."""

    graph: Graph
    closed_by: str

    @property
    def guards(self) -> frozenset[str]:
        """The jobs that a closed date waits for, and the one that closes it."""
        return frozenset((self.closed_by, *leading_to(self.closed_by, self._jobs())))

    def _jobs(self) -> dict[str, Job]:
        return {job_id: kept.job for job_id, kept in self.graph.jobs.items()}

    def steps(self, on: date | None = None) -> tuple[str, ...]:
        """The jobs, those of a date or all, each behind those it waits for."""
        depths = self._depths(on)
        return tuple(sorted(depths, key=lambda name: (depths[name], name)))

    def _depths(self, on: date | None) -> dict[str, int]:
        """How many jobs stand before each on the longest way; the definition of a job lets none wait for itself."""
        jobs = self._jobs()
        before_each = {name: leading_to(name, jobs) for name in jobs}
        ends = [name for name, leading in before_each.items() if self.closed_by in (name, *leading)]
        every = {name for end in ends for name in (end, *before_each[end])}
        names = {name for name in every if on is None or jobs[name].trigger.takes(on)}
        before = {name: [each for each in jobs[name].after if each in names] for name in names}
        depths: dict[str, int] = {}
        while len(depths) < len(names):
            ready = [name for name in names - depths.keys() if all(each in depths for each in before[name])]
            depths |= {name: 1 + max((depths[each] for each in before[name]), default=-1) for name in ready}
        return depths

    def closing(self, book: str, on: date, runs: Mapping[str, JobRun]) -> Closing:
        """The close of a date; `runs` are the occasions of that date."""
        depths, occasion, jobs, guards = self._depths(on), on.isoformat(), self.graph.jobs, self.guards
        steps = tuple(
            ClosingStep(
                job=jobs[name].job,
                state=self._state(name, occasion, runs.get(name)),
                run=runs.get(name),
                depth=depths[name],
                proof=any(step.holds_field for step in jobs[name].job.steps),
                paused=jobs[name].paused,
                guards=name in guards,
            )
            for name in self.steps(on)
        )
        ended = [run.ended_at for run in runs.values() if run.ended_at]
        state = _state_of(steps)
        return Closing(
            book,
            on,
            state,
            steps,
            sum(step.state in _ENDED for step in steps),
            min((run.started_at for run in runs.values()), default=None),
            max(ended, default=None) if state is ClosingState.CLOSED else None,
            all(step.state in _ENDED for step in steps if step.guards),
        )

    def _state(self, name: str, occasion: str, run: JobRun | None) -> ClosingStepState:
        if run is None:
            is_past = self.graph.done.get(name, "") > occasion
            return ClosingStepState.PASSED_OVER if is_past else ClosingStepState.WAITING
        if run.status is JobRunStatus.DONE and run.override is not None:
            return ClosingStepState.OVERRIDDEN
        return ClosingStepState(run.status)

    def newest(self) -> str:
        """The newest date that any of its steps was begun for; "" where there is none."""
        return max((self._last_begun(name) for name in self.steps()), default="")

    def begin(self, on: date, today: date, now: datetime) -> Begun:
        """What goes on because it failed, and what waits for nothing and begins, for the first date that is left.

        Raises `ClosingDateMustBeOver`.
        """
        if on >= today:
            raise ClosingDateMustBeOver(business_date=on, today=today)
        occasion, latest = on.isoformat(), self.graph.latest
        runs = [latest[name] for name in self.steps() if name in latest]
        failed = [run for run in runs if run.status is JobRunStatus.FAILED and run.occasion <= occasion]
        fresh = [
            kept.begin(due, now)
            for kept in map(self.graph.jobs.__getitem__, self.steps())
            if not kept.job.after and self.graph.is_in_step(kept)
            if (due := kept.due(latest.get(kept.job_id), today=today, now=now, reach=occasion))
        ]
        if fresh or failed:
            return Begun(_first(fresh or failed), tuple(run.again(now) for run in failed), tuple(fresh))
        newest = self.newest()
        is_under_way = any(self.graph.through(name) < newest for name in self.steps())
        return Begun(date.fromisoformat(newest) if is_under_way and newest < occasion else on)

    def _last_begun(self, name: str) -> str:
        return self.graph.latest[name].occasion if name in self.graph.latest else ""


def _first(runs: Sequence[JobRun]) -> date:
    return date.fromisoformat(min(run.occasion for run in runs))


def _state_of(steps: Sequence[ClosingStep]) -> ClosingState:
    states = {step.state for step in steps}
    if states <= set(_ENDED):
        return ClosingState.CLOSED
    if ClosingStepState.FAILED in states:
        return ClosingState.STOPPED
    open_yet = {step.job.job_id for step in steps if step.state not in _ENDED}
    next_ones = [step for step in steps if step.job.job_id in open_yet and not open_yet.intersection(step.job.after)]
    if all(step.paused and step.state is ClosingStepState.WAITING for step in next_ones):
        return ClosingState.STOPPED
    return ClosingState.WAITING if states == {ClosingStepState.WAITING} else ClosingState.UNDER_WAY
