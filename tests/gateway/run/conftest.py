"""A gateway on a fresh store, and a simulated bank behind it that answers by example, keeps its replies and fails
on demand.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct

from zhongtai.gateway.run.asking import Patience
from zhongtai.gateway.run.domain import AgainRefused, RunReason
from zhongtai.gateway.run.executor import Executor, Limits
from zhongtai.gateway.run.products import Products
from zhongtai.gateway.run.running import _opened, running
from zhongtai.gateway.scenario.kinds import decode, kind_of_message
from zhongtai.gateway.scenario.plan import Plan
from zhongtai.gateway.scenario.shipped import ScenarioFile, compile_all, shipped
from zhongtai.gateway.v1 import run_pb2 as v1
from zhongtai.runtime import contracts
from zhongtai.runtime.call import Call
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.database import Store
from zhongtai.runtime.errors import DeadlineExceeded, RequestIdReused
from zhongtai.runtime.service import Service
from zhongtai.testing.doors import TESTER, Door
from zhongtai.testing.templates import fresh_sqlite

INSTALMENT = {
    "customer_id": "cus_1",
    "account_id": "acc_1",
    "amount": "CNY 12,000.00",
    "term_months": 12,
    "attributes": {"purpose": "furniture"},
}


@dataclass
class Bank:
    """The services behind the gateway: replies are kept by request id, as the runtime keeps them."""

    replies: dict[str, dict[str, Any]]
    faults: dict[str, list[Callable[[], Exception | None]]] = field(default_factory=dict)
    kept: dict[str, tuple[bytes, Message]] = field(default_factory=dict)
    # What took effect, in order, each once; and what was asked, each time.
    done: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    business_dates: list[Any] = field(default_factory=list)
    gate: asyncio.Event | None = None
    # After so many requests the gateway's process dies, before the reply of the last one reaches it.
    dies_after: int | None = None
    died: asyncio.Event = field(default_factory=asyncio.Event)

    def fails(self, rpc: str, *faults: Callable[[], Exception | None]) -> None:
        """The next calls of an RPC fail so, one after the other."""
        self.faults.setdefault(rpc, []).extend(faults)

    async def call(self, request: Message, call: Call) -> Message:
        """Answers a request once and then always the same."""
        method = contracts.method_of(request)
        name = method.descriptor.name
        assert call.caller.may(method.operation.scope), f"the gateway asked for {name} without its scope"
        if self.gate is not None:
            await self.gate.wait()
        self.asked.append(name)
        self.business_dates.append(call.business_date)
        fault = self.faults[name].pop(0) if self.faults.get(name) else None
        raised = fault() if fault else None
        if raised is not None and not getattr(raised, "after", False):
            raise raised
        reply = self._answer(method, request, name)
        if self.dies_after is not None and len(self.asked) >= self.dies_after:
            self.died.set()
            await asyncio.Event().wait()
        if raised is not None:
            raise raised
        return reply

    def _answer(self, method: contracts.Method, request: Message, name: str) -> Message:
        reply: Message = decode(kind_of_message(method.descriptor.output_type), self.replies.get(name, {}))
        if method.reads:
            return reply
        request_id: str = request.request_id  # type: ignore[attr-defined]
        body = request.SerializeToString(deterministic=True)
        if request_id in self.kept:
            if self.kept[request_id][0] != body:
                raise RequestIdReused(request_id=request_id)
            return self.kept[request_id][1]
        self.kept[request_id] = (body, reply)
        self.done.append(name)
        return reply


def lost_before() -> Exception:
    """The request never reached the service."""
    return DeadlineExceeded()


def lost_after() -> Exception:
    """The service did it; its reply was lost."""
    lost = DeadlineExceeded()
    lost.after = True  # type: ignore[attr-defined]
    return lost


def refuses(reason: str) -> Callable[[], Exception]:
    """The service refuses."""
    return lambda: AgainRefused.by(RunReason(reason, f"{reason}.", f"{reason}。"))


def fine() -> None:
    """Nothing goes wrong this time."""


REPLIES: dict[str, dict[str, Any]] = {
    "CheckOffer": {"eligible": True},
    "Decide": {"decision_id": "dec_1", "outcome": "APPROVE", "score": 640, "probability_of_default": "0.02"},
    "AssignRating": {"rating_id": "rat_1", "grade": "A"},
    "GrantLimit": {"limit_id": "lim_1", "grant_id": "gra_1"},
    "HoldLimit": {"limit_id": "lim_1", "hold_id": "hold_1"},
    "QuoteLoan": {
        "instalments": [{"number": 1, "due_date": "2026-02-05", "principal": "CNY 1.00", "total": "CNY 1.10"}],
        "nominal_interest_rate": "0.12",
    },
    "QuoteTransferPrice": {"rate": "0.0235"},
    "OpenLoan": {"loan_id": "loan_1"},
    "Disburse": {"payment_id": "pay_1"},
    "OpenWorkOrder": {"work_order_id": "wo_1"},
}
QUICK = Limits(at_work=64, queued=400, look_every_s=0.005, patience=Patience(0.001, 0.004, 60))


@dataclass
class Gateway:
    """The gateway under test: it can be killed and started again on the same store."""

    url: str
    clock: GivenClock
    bank: Bank
    files: tuple[ScenarioFile, ...]
    limits: Limits = QUICK
    door: Door = field(init=False)
    service: Service = field(init=False)
    _running: Any = None

    async def start(self) -> None:
        """Starts a process, as it were: unfinished runs are taken up."""
        self.service = Service("gateway", Store.open(self.url, "gateway"), self.clock, calls=self.bank)
        self.door = Door(self.service, Calls({"gateway": self.service}, {}), self.clock)
        self.door.caller = TESTER
        plans = _plans(self.files)
        executor = Executor(self.service, await Products.open(self.service, plans), self.limits)
        await executor.open()
        _opened[self.service] = asyncio.get_running_loop().create_task(_same(executor))
        self._running = running(self.service)
        self.executor = await self._running.__aenter__()

    async def stop(self) -> None:
        """Stops it, in the middle of whatever it does."""
        await self._running.__aexit__(None, None, None)
        await asyncio.to_thread(self.service.store.close)

    async def restart(self, **limits: Any) -> None:
        """Stops it and starts it again, with other limits."""
        await self.stop()
        self.limits = replace(self.limits, **limits)
        await self.start()

    async def begin(self, product: str = "consumer_instalment", request_id: str = "r1", **given: Any) -> Any:
        """Starts a run and waits for its answer."""
        body: Any = Struct()
        body.update(given or INSTALMENT)
        return await self.door.call(v1.StartRunRequest(request_id=request_id, product=product, input=body))

    async def run(self, run_id: str) -> v1.Run:
        """A run with its journal."""
        found: v1.Run = (await self.door.call(v1.GetRunRequest(run_id=run_id))).run
        return found

    async def started(self, count: int) -> None:
        """Returns once so many runs have started."""
        while True:
            if len(await self.door.facts(v1.RunStarted)) >= count:
                return
            await asyncio.sleep(0.002)

    async def ended(self, run_id: str) -> v1.Run:
        """The run, once it has ended."""
        while True:
            found = await self.run(run_id)
            if found.status >= v1.RUN_STATUS_COMPLETED:
                return found
            await asyncio.sleep(0.002)


@cache
def _plans(files: tuple[ScenarioFile, ...]) -> dict[str, Plan]:
    return compile_all(files)


async def _same(executor: Executor) -> Executor:
    return executor


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    """A running gateway with the shipped products."""
    bank = Bank({name: dict(reply) for name, reply in REPLIES.items()})
    found = Gateway(fresh_sqlite("gateway", tmp_path), GivenClock(), bank, shipped())
    await found.start()
    yield found
    await found.stop()


class Faults:
    """What can go wrong with a call."""

    lost_before = staticmethod(lost_before)
    lost_after = staticmethod(lost_after)
    refuses = staticmethod(refuses)
    fine = staticmethod(fine)


@pytest.fixture
def faults() -> type[Faults]:
    """The ways a call can fail."""
    return Faults
