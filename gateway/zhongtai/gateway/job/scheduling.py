"""Runs the jobs: one process at a time, by a lease, looks what is due and calls until it is done.

How far an occasion is, is written after each call and before the next. A process that dies leaves it there; whoever
holds the lease next makes the same call with the same request id, and the service answers what it answered.

Decisions
    A date's jobs begin so many seconds after the bank has left it (`jobs.settle_seconds`): its last events are applied.
    An occasion runs beside those of other jobs, never beside another of its own; order is what `after` says: a job goes
    as far as all that it waits for are done. What waits for nothing waits for the settling, and the others with it.
    A proof that does not hold is proved anew a few times, since events may be on their way, and then fails.
    Calls carry the bank's present date and the one scope their RPC asks for. Not chosen: a right to everything.
    A failure is a fact; operations makes a work order of it. Not chosen: to call OpenWorkOrder, which may be down too.
    Two processes that both believe to hold the lease make the same calls, which act once. So a lease is enough.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from zhongtai.gateway.job import calls, store
from zhongtai.gateway.job.domain import (
    ATTEMPTS_AT_MOST,
    PASSING_AT_MOST,
    JobRun,
    JobRunStatus,
    JobTrigger,
    KeptJob,
)
from zhongtai.gateway.job.graph import Graph
from zhongtai.kernel.refusals import Contended, Limited, Refusal, Unreachable
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.figures import JOBS_CALLED, JOBS_FAILING, Sample
from zhongtai.runtime.orchestration import Calling, Host
from zhongtai.runtime.unit import Unit, View

T = TypeVar("T")
log = logging.getLogger(__name__)

LEASE_LASTS = timedelta(seconds=30)
LOOK_EVERY_S = 1.0
# Nobody waits for a call of a job, so it may take longer than a caller's; a door between processes cuts it shorter.
LONGEST_CALL_S = 600.0
_PASSING = (Contended, Limited, Unreachable)
_SYSTEM = Call(Caller("jobs", "jobs"))


class Scheduler:
    """The jobs of one gateway process."""

    def __init__(
        self,
        host: Host,
        given: Calling,
        *,
        settle_seconds: float,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._host = host
        self._calls = given
        self._settle = timedelta(seconds=settle_seconds)
        self._pause = pause
        self._owner = host.ids.new("jobs")
        self._leads_until: datetime | None = None
        self._date: tuple[date, datetime] | None = None
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._ended = asyncio.Event()
        self._called = 0
        self._failing = 0

    def samples(self) -> Iterator[Sample]:
        """How the jobs stand, for whoever watches."""
        yield JOBS_CALLED, self._called, {}
        yield JOBS_FAILING, self._failing, {}

    async def go_on(self) -> None:
        """Looks again and again, until it is cancelled."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("looking after the jobs failed; it is done again")
            self._ended.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), LOOK_EVERY_S)

    async def close(self) -> None:
        """Leaves every occasion where it is."""
        tasks = list(self._at_work.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def settled(self) -> None:
        """Waits until nothing that this process works on is left to call."""
        while self._at_work:
            await asyncio.gather(*self._at_work.values(), return_exceptions=True)

    async def look(self) -> None:
        """Takes up what is under way and begins what is due, where this process holds the lease."""
        if not await self._leads():
            return
        known, under_way = await self._read(lambda view: (store.graph(view), store.under_way(view)))
        self._failing = sum(kept.failing for kept in known.jobs.values())
        for run in under_way:
            self._put_to_work(known.jobs[run.job_id], run)
        for kept in known.jobs.values():
            occasion = self._due(kept, known)
            if occasion is not None and kept.job_id not in self._at_work:
                self._put_to_work(kept, await self._begin(kept, occasion))

    def _due(self, kept: KeptJob, known: Graph) -> str | None:
        """The occasion of a job that may begin now; a job whose calendar ends stops no other."""
        today, now = self._host.clock.business_date(), self._host.clock.now()
        waits_for_date = kept.job.trigger is not JobTrigger.CLOCK and not kept.job.after
        if waits_for_date and not self._is_settled(today, now):
            return None
        try:
            if not known.is_in_step(kept):
                return None
            return kept.due(known.latest.get(kept.job_id), today=today, now=now, reach=known.reach(kept))
        except Refusal as refusal:
            log.error("the job %s cannot be reckoned: %s", kept.job_id, refusal)
            return None

    def _is_settled(self, today: date, now: datetime) -> bool:
        if self._date is None or self._date[0] != today:
            self._date = (today, now)
        return now - self._date[1] >= self._settle

    def _put_to_work(self, kept: KeptJob, run: JobRun) -> None:
        if kept.job_id not in self._at_work:
            task = self._at_work[kept.job_id] = asyncio.create_task(self._work(kept, run))
            task.add_done_callback(lambda _: self._has_ended(kept.job_id))

    def _has_ended(self, job_id: str) -> None:
        """What waits for it is looked at at once."""
        self._at_work.pop(job_id, None)
        self._ended.set()

    async def _work(self, kept: KeptJob, run: JobRun) -> None:
        """Calls until the occasion is done, has failed, or the lease is another's."""
        try:
            while run.status is JobRunStatus.RUNNING and await self._leads():
                await self._pause(run.pause_s)
                run = await self._called_once(kept, run)
        except Exception:
            log.exception("the job %s stopped at %s; it is taken up again", kept.job_id, run.occasion)

    async def _called_once(self, kept: KeptJob, run: JobRun) -> JobRun:
        """The occasion after its next call, written."""
        clock = self._host.clock
        try:
            step = kept.job.steps[run.step]
            request = calls.request(step, run)
            caller = Caller("jobs", "jobs", frozenset({calls.method(step).operation.scope}))
            deadline = asyncio.get_running_loop().time() + LONGEST_CALL_S
            reply = await self._calls.call(request, Call(caller, deadline, clock.business_date()))
            self._called += 1
            if calls.holds(step, reply):
                more, position = calls.more(step, reply)
                further, fact = kept.called(run, clock.now(), more=more, position=position)
            else:
                further, fact = kept.unproven(run, clock.now())
        except Refusal as refusal:
            tries = PASSING_AT_MOST if isinstance(refusal, _PASSING) else 1
            further, fact = kept.refused(run, refusal.reason, refusal.sentence(), clock.now(), tries=tries)
        except Exception as defect:
            log.exception("a defect came in the way of the job %s", kept.job_id)
            further, fact = kept.refused(run, "INTERNAL", type(defect).__name__, clock.now(), tries=ATTEMPTS_AT_MOST)

        def write(unit: Unit) -> None:
            store.runs.save(unit, further)
            if fact is not None:
                present = store.jobs.load(unit, kept.job_id)
                store.jobs.save(unit, replace(present, failing=further.status is JobRunStatus.FAILED))
                unit.record(fact)

        await self._change(write)
        return further

    async def _begin(self, kept: KeptJob, occasion: str) -> JobRun:
        run = kept.begin(occasion, self._host.clock.now())
        await self._change(lambda unit: store.begin(unit, kept, run))
        return run

    async def _leads(self) -> bool:
        """Whether this process runs the jobs; the lease is written anew when half of it is over."""
        now = self._host.clock.now()
        if self._leads_until is not None and now < self._leads_until - LEASE_LASTS / 2:
            return True
        taken = await self._change(lambda unit: store.take_lease(unit, self._owner, LEASE_LASTS))
        self._leads_until = now + LEASE_LASTS if taken else None
        return taken

    async def _change(self, work: Callable[[Unit], T]) -> T:
        return await self._host.store.change(lambda writing: work(self._host.unit(writing, _SYSTEM, "jobs")))

    async def _read(self, work: Callable[[View], T]) -> T:
        return await self._host.store.read(lambda reading: work(self._host.view(reading, _SYSTEM)))


@asynccontextmanager
async def running(host: Host, given: Calling, *, settle_seconds: float) -> AsyncIterator[Scheduler]:
    """Jobs run while this is open."""
    scheduler = Scheduler(host, given, settle_seconds=settle_seconds)
    looking = asyncio.create_task(scheduler.go_on())
    try:
        yield scheduler
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await scheduler.close()
