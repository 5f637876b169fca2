"""Asks a service until the answer is known.

A refusal is an answer. A deadline that passed, a service that is away, a defect are not: nobody knows what
became of the request, so it is sent again with the same id until somebody does. Nothing is ever undone, or
given up, on a guess.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from google.protobuf.message import Message

from zhongtai.gateway.run import store
from zhongtai.gateway.run.domain import RunReason, Step, StepKind, StepStatus, reason_of
from zhongtai.gateway.run.live import Live
from zhongtai.kernel.refusals import Contended, Limited, Refusal, Unreachable
from zhongtai.operations.v1 import work_order_pb2
from zhongtai.runtime.contracts import Method
from zhongtai.runtime.errors import DeadlineExceeded, Defect, Unauthenticated
from zhongtai.runtime.orchestration import Calling, Host
from zhongtai.runtime.unit import Unit

log = logging.getLogger(__name__)

# After these a request may have been done or not, or is worth repeating.
NOT_AN_ANSWER = (DeadlineExceeded, Unreachable, Defect, Unauthenticated, Contended, Limited)
UNEXPECTED = RunReason("DEFECT", "Something went wrong on our side.", "系统内部出错。")
ALARM_TIMEOUT_S = 5.0


class OutOfTimeError(Exception):
    """A run did not get to its pivot in time, and everything it did is known."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait before asking again, and when to call somebody. Seconds."""

    first_pause_s: float = 0.05
    longest_pause_s: float = 5.0
    late_after_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the step it belongs to, the RPC and its request, and whether a refusal ends the asking.

    `give_up_at` is for reads alone, in seconds of the loop's clock: giving up leaves nothing behind.
    """

    name: str
    kind: StepKind
    method: Method
    request: Message
    timeout_s: float
    must_succeed: bool
    give_up_at: float | None = None


class Asking:
    """Asks questions for runs."""

    def __init__(
        self, host: Host, patience: Patience, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._host = host
        self._patience = patience
        self._pause = pause

    async def ask(self, live: Live, question: Question) -> tuple[Message, "asyncio.Future[None]"]:
        """The answer, and the future of its entry in the journal.

        Raises the refusal that is the answer, and `OutOfTimeError` where a read was given up.
        """
        loop = asyncio.get_running_loop()
        began, started_at = loop.time(), self._host.clock.now()
        attempts = live.steps[question.name].attempts if question.name in live.steps else 0
        pause_s = self._patience.first_pause_s
        while True:
            attempts += 1
            try:
                reply = await self._send(live, question)
                done = self._step(live, question, StepStatus.DONE, attempts, started_at)
                return reply, live.note(replace(done, answered=reply.SerializeToString()))
            except Refusal as refusal:
                reason = reason_of(refusal)
                if not isinstance(refusal, NOT_AN_ANSWER) and not question.must_succeed:
                    refused = self._step(live, question, StepStatus.REFUSED, attempts, started_at)
                    live.note(replace(refused, refusal=reason))
                    raise
            except TimeoutError:
                reason = reason_of(DeadlineExceeded())
            except Exception:
                log.exception("a defect came in the way of %s of %s", question.name, live.run.run_id)
                reason = UNEXPECTED
            self._trying(live, question, attempts, started_at, reason)
            if question.give_up_at is not None and loop.time() >= question.give_up_at:
                raise OutOfTimeError
            if loop.time() - began >= self._patience.late_after_s:
                await self.alarm(live, question.name, reason)
            await self._pause(pause_s)
            pause_s = min(2 * pause_s, self._patience.longest_pause_s)

    async def alarm(self, live: Live, step: str, reason: RunReason) -> None:
        """Tells that a run is late, once, and opens a work order for the bank's people, as soon as that can be done."""
        if not live.run.late:
            live.run, fact = live.run.becomes_late(step, reason.code)
            late = live.run
            log.error("run %s is late in %s: %s", late.run_id, step, reason.code)

            def write(unit: Unit) -> None:
                store.runs.save(unit, late)
                unit.record(fact)

            live.write(write)
        if live.alarmed:
            return
        order = work_order_pb2.OpenWorkOrderRequest(
            request_id=live.request_id("late"),
            kind="run_late",
            role="operations_officer",
            subject=live.run.run_id,
            title=f"A run of {live.plan.title.en} does not get done",
            title_zh=f"{live.plan.title.zh}的流程迟迟未完成",
            details={"product": live.run.product},
        )
        deadline = asyncio.get_running_loop().time() + ALARM_TIMEOUT_S
        try:
            await self._calls().call(order, replace(live.call, deadline=deadline))
            live.alarmed = True
        except Exception as error:
            # Work orders may be what is down: the next round tries again.
            log.warning("no work order for the late run %s yet: %s", live.run.run_id, error)

    async def _send(self, live: Live, question: Question) -> Message:
        deadline = asyncio.get_running_loop().time() + question.timeout_s
        async with asyncio.timeout_at(deadline):
            return await self._calls().call(question.request, replace(live.call, deadline=deadline))

    def _calls(self) -> Calling:
        if self._host.calls is None:
            raise LookupError("the gateway was mounted without a way to call services")
        return self._host.calls

    def _trying(self, live: Live, question: Question, attempts: int, started_at: datetime, reason: RunReason) -> None:
        """Writes down that an outcome is not known: the first time and then rarely, for a service may be away for
        long.
        """
        if attempts & (attempts - 1) == 0:
            live.note(replace(self._step(live, question, StepStatus.TRYING, attempts, started_at), refusal=reason))

    def _step(self, live: Live, question: Question, status: StepStatus, attempts: int, started_at: datetime) -> Step:
        known = live.steps.get(question.name)
        return Step(
            run_id=live.run.run_id,
            name=question.name,
            position=live.position(question.name),
            kind=question.kind,
            subject=question.method.full_name,
            status=status,
            attempts=attempts,
            request_id=live.request_id(question.name),
            started_at=known.started_at if known else started_at,
            ended_at=None if status is StepStatus.TRYING else self._host.clock.now(),
            sent=question.request.SerializeToString(),
            answered=b"",
        )
