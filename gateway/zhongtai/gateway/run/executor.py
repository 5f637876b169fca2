"""Executes runs: takes them up, walks them, lets them wait, takes them up again after a crash.

A run is a walk over its plan on a journalled world. Whatever stops a walk — a wait, a crash, a defect — the run
is taken up by walking again from the beginning: what the journal holds is not asked again, what it does not
hold is asked with the same request id as before.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from json import dumps
from typing import Any, TypeVar

from zhongtai.gateway.run import store
from zhongtai.gateway.run.asking import Asking, OutOfTimeError, Patience
from zhongtai.gateway.run.domain import Run, RunReason, RunStatus, TooManyRuns, Wait, WaitStatus
from zhongtai.gateway.run.journal import Journal
from zhongtai.gateway.run.live import Live
from zhongtai.gateway.run.products import Products
from zhongtai.gateway.run.store import Kept
from zhongtai.gateway.run.world import JournalledWorld, SuspendedError
from zhongtai.gateway.scenario.inputs import encode_outputs
from zhongtai.gateway.scenario.plan import REFUSED, TIMED_OUT, Plan
from zhongtai.gateway.scenario.walk import End, walk
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.orchestration import Host
from zhongtai.runtime.transactions import Writing
from zhongtai.runtime.unit import Unit, View
from zhongtai.runtime.writer import Change

T = TypeVar("T")
log = logging.getLogger(__name__)

SYSTEM = Call(Caller("gateway", "gateway", frozenset()))
OUT_OF_TIME = RunReason(TIMED_OUT, "It took too long and was taken back: try again.", "处理超时，已撤回：请重试。")
MOST_DUE = 500
FORGET_ARRIVALS_AFTER = timedelta(days=91)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many runs work at once, how many more may queue, and how often what runs wait for is looked at (seconds)."""

    at_work: int = 256
    queued: int = 2000
    look_every_s: float = 0.05
    patience: Patience = field(default_factory=Patience)


class Executor:
    """The runs of one gateway process."""

    def __init__(
        self,
        host: Host,
        products: Products,
        limits: Limits | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.products = products
        self._host = host
        self._limits = limits or Limits()
        self._pause = pause
        self._journal = Journal(host)
        self._asking = Asking(host, self._limits.patience, pause)
        self._places = asyncio.Semaphore(self._limits.at_work)
        self._live: dict[str, Live] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._of_product: Counter[str] = Counter()
        self._starting: Counter[str] = Counter()
        self._waiting = 0

    async def open(self) -> None:
        """Takes up every run that has not ended, and begins to look after those that wait."""
        unfinished, self._waiting = await self._read(lambda view: (store.unfinished(view), store.waiting(view)))
        for kept in unfinished:
            await self._take_up(kept)
        self._spawn(self._look_after_waiting())

    async def close(self) -> None:
        """Stops: runs are left where they are and taken up at the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._journal.close()

    def abandon(self) -> None:
        """Lets go of everything at once, as a process that dies does: what is queued for the journal is not written."""
        for task in self._tasks:
            task.cancel()
        self._journal.abandon()

    async def start(self, run_id: str, plan: Plan, write: Callable[[], Awaitable[Run]]) -> Run:
        """Writes the start of a run and puts it to work, also where the caller goes away meanwhile.

        `write` gives the run once it is durable; where that is an earlier run, it is at work or done already. Raises
        `TooManyRuns` before anything is written.
        """
        of_product = self._of_product[plan.product] + self._starting[plan.product]
        everywhere = len(self._live) + self._starting.total()
        if everywhere >= self._limits.at_work + self._limits.queued or of_product >= plan.at_once:
            raise TooManyRuns(product=plan.product)
        self._starting[plan.product] += 1
        return await asyncio.shield(self._spawn(self._start(run_id, plan, write)))

    async def _start(self, run_id: str, plan: Plan, write: Callable[[], Awaitable[Run]]) -> Run:
        try:
            run = await write()
            if run.run_id == run_id:
                began = asyncio.get_running_loop().time()
                self._put_to_work(Live(run, plan, self._journal, recovered=False, began=began))
            return run
        finally:
            self._starting[plan.product] -= 1

    async def settled(self, run_id: str, deadline: float) -> Run:
        """The run as it stands when it has ended, or waits, or the deadline (seconds of the loop's clock) is near."""
        live = self._live.get(run_id)
        if live is None:
            return await self._read(lambda view: store.runs.load(view, run_id))
        try:
            async with asyncio.timeout_at(deadline):
                await live.settled.wait()
        except TimeoutError:
            log.info("the caller of run %s is answered before its end", run_id)
        return live.run

    async def look(self) -> None:
        """Takes up the runs whose event came, or whose time is over: all there are, with one read and one commit."""
        now = self._host.clock.now()
        lapsed, came = await self._read(lambda view: (store.due(view, now, MOST_DUE), store.came(view, MOST_DUE)))
        if lapsed:
            await self._change(lambda unit: _lapse(unit, lapsed))
            came = await self._read(lambda view: store.came(view, MOST_DUE))
        await self._resume([kept for kept in came if kept.run.run_id not in self._live])

    async def _resume(self, came: list[Kept]) -> None:
        """Writes that runs go on, each by itself though they share a commit, and puts them to work."""
        works = [Change(self._changing(partial(_resumed, kept))) for kept in came]
        for kept, answer in zip(came, await self._host.store.change_all(works), strict=True):
            if isinstance(answer, BaseException):
                log.error("run %s is not resumed yet; it is looked at again", kept.run.run_id, exc_info=answer)
            elif answer is not None:
                self._waiting -= 1
                await self._take_up(replace(kept, run=answer))

    async def _take_up(self, kept: Kept) -> None:
        """Puts a run to work again from its journal. One whose product does not compile any more stops no other."""
        run = kept.run
        try:
            plan = await self.products.version(run.product, run.version)
        except Exception:
            log.exception("run %s cannot be taken up; it is tried again at the next start", run.run_id)
            return
        if run.run_id not in self._live:
            live = Live(run, plan, self._journal, recovered=True, began=asyncio.get_running_loop().time())
            live.remember(kept)
            self._put_to_work(live)

    def _put_to_work(self, live: Live) -> None:
        self._live[live.run.run_id] = live
        self._of_product[live.run.product] += 1
        self._spawn(self._work(live))

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _work(self, live: Live) -> None:
        run_id, product = live.run.run_id, live.run.product
        pause_s = self._limits.patience.first_pause_s
        try:
            async with self._places:
                while not await self._advance(live):
                    await self._pause(pause_s)
                    pause_s = min(2 * pause_s, self._limits.patience.longest_pause_s)
                    await self._reload(live)
        finally:
            self._live.pop(run_id, None)
            self._of_product[product] -= 1
            if live.run.status is not RunStatus.RUNNING and live.run.status is not RunStatus.UNDOING:
                live.settled.set()

    async def _advance(self, live: Live) -> bool:
        """Walks a run as far as it goes now; False where a defect came in the way and it must be walked again."""
        try:
            if live.run.status is RunStatus.UNDOING:
                live.find_undoable()
                await self._turn_back(live)
            else:
                await self._walk(live)
        except SuspendedError as suspended:
            await self._suspend(live, suspended.wait)
        except Exception:
            log.exception("a defect came in the way of run %s", live.run.run_id)
            return False
        return True

    async def _reload(self, live: Live) -> None:
        """Brings a run back to what its journal says of it."""
        try:
            kept = await self._read(lambda view: store.kept(view, live.run.run_id))
        except Exception:
            log.exception("the journal of run %s cannot be read", live.run.run_id)
            return
        if not kept.run.status.ended:
            live.remember(kept)
            live.undoable, live.unsettled, live.forward, live.recovered = [], [], False, True

    async def _walk(self, live: Live) -> None:
        world = JournalledWorld(live, self._asking, self._host.clock)
        try:
            end = await walk(live.plan, live.inputs, live.facts, world)
        except OutOfTimeError:
            end = End("deadline", TIMED_OUT, done=False, answered=False)
        reasons = tuple(RunReason(found.code, found.text, found.text_zh) for found in end.reasons)
        if end.done:
            result = encode_outputs(live.plan, end.output or {})
            await self._end(live, RunStatus.COMPLETED, end.outcome, (), dumps(result, ensure_ascii=False))
            return
        reasons = reasons or (OUT_OF_TIME,)
        if live.undoable:
            live.run, fact = live.run.turns_back(end.outcome, reasons)
            turned = live.run

            def write(unit: Unit) -> None:
                store.runs.save(unit, turned)
                unit.record(fact)

            await live.written(write)
            await self._turn_back(live)
        else:
            await self._end(live, _status(end.outcome), end.outcome, reasons, "")

    async def _turn_back(self, live: Live) -> None:
        await JournalledWorld(live, self._asking, self._host.clock).undo()
        await self._end(live, _status(live.run.outcome), live.run.outcome, live.run.reasons, "")

    async def _end(
        self, live: Live, status: RunStatus, outcome: str, reasons: tuple[RunReason, ...], result: str
    ) -> None:
        worked_s = asyncio.get_running_loop().time() - live.began
        over_budget = worked_s > live.plan.budget.latency_s
        ended, fact = live.run.ends(
            status, outcome, reasons, result=result, now=self._host.clock.now(), over_budget=over_budget
        )

        def write(unit: Unit) -> None:
            store.runs.save(unit, ended)
            unit.record(fact)

        await live.written(write)
        live.run = ended

    async def _suspend(self, live: Live, wait: Wait) -> None:
        waiting, fact = live.run.waits(wait.step, wait.subject, wait.until)

        def write(unit: Unit) -> None:
            store.runs.save(unit, waiting)
            unit.record(fact)

        await live.written(write)
        live.run = waiting
        self._waiting += 1

    async def _look_after_waiting(self) -> None:
        while True:
            await asyncio.sleep(self._limits.look_every_s)
            if not self._waiting:
                continue
            try:
                await self.look()
            except Exception:
                log.exception("looking after the runs that wait failed; it is done again")

    async def _change(self, work: Callable[[Unit], T]) -> T:
        return await self._host.store.change(self._changing(work))

    def _changing(self, work: Callable[[Unit], T]) -> Callable[[Writing], T]:
        return lambda writing: work(self._host.unit(writing, SYSTEM, "look"))

    async def _read(self, work: Callable[[View], T]) -> T:
        return await self._host.store.read(lambda reading: work(self._host.view(reading, SYSTEM)))


def _resumed(kept: Kept, unit: Unit) -> Run | None:
    """Writes that a run goes on; None where it does not wait any more."""
    found = store.runs.load(unit, kept.run.run_id)
    if found.status is not RunStatus.WAITING:
        return None
    came = any(wait.status is WaitStatus.ARRIVED for wait in kept.waits)
    resumed, fact = found.resumes(came, unit.business_date)
    store.runs.save(unit, resumed)
    unit.record(fact)
    return resumed


def _lapse(unit: Unit, lapsed: list[tuple[str, str]]) -> None:
    for run_id, step in lapsed:
        wait = store.waits.find(unit, run_id, step)
        if wait is not None:
            store.waits.save(unit, wait.lapses())
    store.forget_arrivals(unit, unit.now - FORGET_ARRIVALS_AFTER)


def _status(outcome: str) -> RunStatus:
    """How a run that turned back ends: by an answer of its product, or by none."""
    return RunStatus.FAILED if outcome in (REFUSED, TIMED_OUT) else RunStatus.DECLINED
