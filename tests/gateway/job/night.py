"""What answers behind a gateway whose jobs are tried, and how a night is looked at."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

from zhongtai.credit.v1 import end_of_day_pb2, exposure_proof_pb2, pledge_pb2
from zhongtai.gateway.job.scheduling import Scheduler
from zhongtai.gateway.v1 import job_pb2 as v1
from zhongtai.kernel.refusals import Contended, Unmet
from zhongtai.operations.v1 import ledger_pb2
from zhongtai.runtime import contracts
from zhongtai.runtime.call import Call
from zhongtai.runtime.convert import date_of
from zhongtai.testing.doors import Door

Make = Callable[..., Scheduler]

CLOSE = "zhongtai.credit.v1.EndOfDayService.CloseThrough"
PROVE = "zhongtai.credit.v1.ExposureProofService.ProveExposure"
COVER = "zhongtai.credit.v1.PledgeService.SweepCoverage"


class Busy(Contended):
    """Busy.

    忙。
    """


class MustNotBe(Unmet):
    """It must not be.

    不可。
    """


@dataclass
class Services:
    """What answers behind the gateway: each RPC says `more` so many times; what is asked twice acts once."""

    pieces: dict[str, int] = field(default_factory=dict)
    refuse: dict[str, list[Exception]] = field(default_factory=dict)
    acted: list[tuple[str, str]] = field(default_factory=list)
    kept: dict[str, Message] = field(default_factory=dict)
    died_after: str = ""
    unproven: int = 0

    async def call(self, request: Message, call: Call) -> Message:
        method = contracts.method_of(request)
        name, asked = method.descriptor.name, getattr(request, "request_id", f"{len(self.acted)}")
        assert call.caller.scopes == frozenset({method.operation.scope})
        if self.refuse.get(name):
            raise self.refuse[name].pop(0)
        if asked not in self.kept:
            left = self.pieces.get(name, 0)
            self.pieces[name] = left - 1
            over = date_of(request.through).isoformat() if name == "CloseThrough" else ""  # type: ignore[attr-defined]
            over = over or str(getattr(request, "from_number", "")) or getattr(request, "position", "")
            self.acted.append((name, over))
            self.kept[asked] = self._reply(name, left > 0, left)
        if self.died_after == name:
            raise ConnectionAbortedError
        return self.kept[asked]

    def _reply(self, name: str, more: bool, left: int) -> Message:
        if name == "SweepCoverage":
            return pledge_pb2.SweepCoverageResponse(next_position=f"loan_{left}" if more else "")
        if name == "CloseThrough":
            return end_of_day_pb2.CloseThroughResponse(more=more)
        if name == "VerifyLedger":
            return ledger_pb2.VerifyLedgerResponse(next_number=left if more else 0, intact=True)
        self.unproven -= 1
        return exposure_proof_pb2.ProveExposureResponse(proof={"proven": self.unproven < 0})


def job(job_id: str, *steps: v1.JobStep, **fields: Any) -> v1.DefineJobRequest:
    fields = {"trigger": v1.JOB_TRIGGER_EVERY_DATE, "calls_at_most": 100} | fields
    told = v1.Job(job_id=job_id, title=job_id, title_zh="作业", steps=steps, **fields)
    return v1.DefineJobRequest(request_id=f"define-{job_id}", job=told)


CLOSING = v1.JobStep(rpc=CLOSE, date_field="through", more_field="more")
PROVING = v1.JobStep(rpc=PROVE)
COVERING = v1.JobStep(rpc=COVER, more_field="next_position", position_field="position")


async def look(scheduler: Scheduler, times: int = 1) -> None:
    for _ in range(times):
        await scheduler.look()
        await scheduler.settled()


async def latest(door: Door, job_id: str) -> v1.JobRun:
    states = (await door.call(v1.ListJobsRequest())).jobs
    run: v1.JobRun = next(state.latest for state in states if state.job.job_id == job_id)
    return run
