"""One mounted service: finds its handlers and runs every message through the same chain.

    a call    scope → contract → deadline → unit of work (kept reply, handler, facts, audit entry) → reply
    an event  inbox → unit of work (handler, facts, inbox mark)

The chain is the same whether the message came over gRPC, over HTTP or from the same process.
"""

import asyncio
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

from google.protobuf.message import Message

from zhongtai.kernel.refusals import Contended
from zhongtai.runtime import approvals, contracts, journal
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.clock import Clock
from zhongtai.runtime.contracts import Method
from zhongtai.runtime.database import Store
from zhongtai.runtime.envelope import Envelope
from zhongtai.runtime.errors import DeadlineExceeded, MethodUnknown, RequestIdReused, ScopeMissing
from zhongtai.runtime.ids import Ids
from zhongtai.runtime.orchestration import Calling, Orchestration
from zhongtai.runtime.security import SigningKeys
from zhongtai.runtime.transactions import Reading, StartAgain, Writing
from zhongtai.runtime.unit import Unit, View, subject_of
from zhongtai.runtime.violations import check
from zhongtai.runtime.writer import Change

Handler = Callable[..., Any]
EVERY = "*"
LONGEST_CALL_S = 30.0


@dataclass(frozen=True)
class Handlers:
    """What a service answers and listens to: RPC handlers by full name, event handlers by subject."""

    rpcs: Mapping[str, Handler]
    events: Mapping[str, tuple[Handler, ...]]


@dataclass(frozen=True, slots=True)
class Listener:
    """One event handler, by the name its inbox marks carry."""

    name: str
    handler: Handler
    wants_envelope: bool


@cache
def _bus(source: str) -> Caller:
    """Who calls where an event does: what it posts is posted by `event:credit`."""
    return Caller(subject=f"event:{source}", client_id="bus", scopes=frozenset({EVERY}))


@cache
def _listener(handler: Handler, subject: str) -> Listener:
    if hasattr(handler, "__on_each__"):
        event = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", subject.rpartition(".")[2]).lower()
        return Listener(f"{handler.__module__}.{event}", handler, wants_envelope=False)
    return Listener(f"{handler.__module__}.{handler.__qualname__}", handler, subject_of(handler) == EVERY)


class EventMustWait(Contended):
    """The event {event_id} comes after one of the same key that could not be applied yet: bring it again.

    事件{event_id}须等待同一对象的前一事件：请稍后重投。
    """

    event_id: str


def components(service: str) -> tuple[str, ...]:
    """The nouns of a service: the folders of its package that have handlers. The folder is the registration."""
    package = import_module(f"zhongtai.{service}")
    names = sorted(found.name for found in iter_modules(package.__path__) if found.ispkg)
    return tuple(name for name in names if find_spec(f"zhongtai.{service}.{name}.handlers"))


def handlers(service: str) -> Handlers:
    """Imports every component of a service and gathers what its handlers are marked for."""
    rpcs: dict[str, Handler] = {}
    events: dict[str, list[Handler]] = {}
    for noun in components(service):
        module = import_module(f"zhongtai.{service}.{noun}.handlers")
        for handler in vars(module).values():
            if not inspect.isfunction(handler) or handler.__module__ != module.__name__:
                continue
            if hasattr(handler, "__rpc__"):
                rpcs[_method_of(handler).full_name] = handler
            for subject in heard_by(handler):
                events.setdefault(subject, []).append(handler)
    events.setdefault(approvals.POLICY_SET, []).append(approvals.policy_set)
    return Handlers(rpcs, {subject: tuple(found) for subject, found in events.items()})


def heard_by(handler: Handler) -> tuple[str, ...]:
    """The events a function is marked for. Raises `TypeError` where data names one that no contract has."""
    if hasattr(handler, "__on__"):
        return (subject_of(handler),)
    named: tuple[str, ...] = getattr(handler, "__on_each__", ())
    for subject in named:
        if subject not in contracts.events():
            raise TypeError(f"{handler.__module__}.{handler.__name__} hears {subject}, an event of no contract")
    return named


def _method_of(handler: Handler) -> Method:
    subject = subject_of(handler)
    found = next(
        (method for method in contracts.all_methods() if method.descriptor.input_type.full_name == subject),
        None,
    )
    if found is None or found.function != handler.__name__:
        raise TypeError(f"{handler.__module__}.{handler.__name__} answers no RPC of that name: check its request type")
    return found


class Service:
    """One service of the platform, mounted in this process on its own store."""

    def __init__(
        self,
        name: str,
        store: Store,
        clock: Clock,
        *,
        ids: Ids | None = None,
        calls: Calling | None = None,
        signer: SigningKeys | None = None,
    ) -> None:
        self.name = name
        self.store = store
        self.clock = clock
        self.ids = ids or Ids(clock)
        self.calls = calls
        # What it signs with must outlive it; a key of its own is for tests.
        self.signer = signer or SigningKeys.new()
        self.handlers = handlers(name)
        self.approvals = approvals.Approvals(self)
        self._orchestrated = {rpc for rpc, found in self.handlers.rpcs.items() if inspect.iscoroutinefunction(found)}

    @property
    def subjects(self) -> set[str]:
        """The events its components listen to; "*" means all."""
        return set(self.handlers.events)

    async def dispatch(self, method: Method, request: Message, call: Call) -> Message:
        """Answers one request, or raises the refusal.

        Raises `ScopeMissing`, `RequestInvalid`, `RequestIdReused`, `DeadlineExceeded`, what the contract lists for the
        RPC, and whatever a defect raises, which the door tells as INTERNAL.
        """
        handler = self.handlers.rpcs.get(method.full_name)
        if handler is None:
            raise MethodUnknown(method=method.full_name)
        if not call.caller.may(method.operation.scope):
            raise ScopeMissing(scope=method.operation.scope)
        check(request)
        loop = asyncio.get_running_loop()
        if call.deadline is None:
            call = replace(call, deadline=loop.time() + LONGEST_CALL_S)
        elif call.deadline <= loop.time():
            raise DeadlineExceeded
        try:
            async with asyncio.timeout_at(call.deadline):
                if self.approvals.concern(method.full_name, loop.time()):
                    call = await self.approvals.admit(method, request, call, self._rehearsal(handler, method, request))
                answer: Message = await self._answer(handler, method, request, call)
                return answer
        except TimeoutError:
            raise DeadlineExceeded from None

    async def deliver(self, envelopes: Sequence[Envelope]) -> list[BaseException | None]:
        """Hands events to the handlers that want them, each once; answers what went wrong with each, or None.

        Where a handler cannot take an event, it is not given the later ones of the same key: those are answered with
        `EventMustWait`, to be brought again, so that each handler sees the events of one key in order.
        """
        before: dict[tuple[str, str, str], str] = {}
        changes: list[Change] = []
        owners: list[int] = []
        for place, envelope in enumerate(envelopes):
            for handler in (*self.handlers.events.get(envelope.subject, ()), *self.handlers.events.get(EVERY, ())):
                listener = _listener(handler, envelope.subject)
                order = (listener.name, envelope.source, envelope.key)
                work = self._event(listener, envelope, before.get(order, ""))
                changes.append(Change(work, kind=listener.name))
                owners.append(place)
                before[order] = envelope.event_id
        answers: list[BaseException | None] = [None] * len(envelopes)
        for place, answer in zip(owners, await self.store.change_all(changes), strict=True):
            if isinstance(answer, BaseException) and answers[place] is None:
                answers[place] = answer
        if any(envelope.subject == approvals.POLICY_SET for envelope in envelopes):
            self.approvals.forget()
        return answers

    def view(self, reading: Reading, call: Call) -> View:
        """What a reading handler is given."""
        return View(reading, call, self.clock.now(), call.business_date or self.clock.business_date())

    def unit(self, writing: Writing, call: Call, request_id: str) -> Unit:
        """What a changing handler is given."""
        now, business_date = writing.moment(self.clock)
        return Unit(
            writing,
            call,
            now,
            call.business_date or business_date,
            service=self.name,
            ids=self.ids,
            request_id=request_id,
        )

    def _rehearsal(self, handler: Handler, method: Method, request: Message) -> Callable[[Unit], Any] | None:
        """What a command does in one unit of work; None where it works in several, or reads."""
        if method.reads or method.full_name in self._orchestrated:
            return None
        return lambda unit: handler(request, unit)

    async def _answer(self, handler: Handler, method: Method, request: Message, call: Call) -> Any:
        if method.full_name in self._orchestrated:
            return await handler(request, Orchestration(self, call))
        # Requests of one RPC take about equally long where they are about equally large.
        kind = (method.full_name, request.ByteSize().bit_length())
        if method.reads:
            return await self.store.read(lambda reading: handler(request, self.view(reading, call)), kind)
        return await self.store.change(self._change(handler, method, request, call), call.deadline, kind)

    def _change(self, handler: Handler, method: Method, request: Message, call: Call) -> Callable[[Writing], Message]:
        """The whole unit of work of one request, to be run by the writer."""
        request_id: str = request.request_id  # type: ignore[attr-defined]
        fingerprint = sha256(request.SerializeToString(deterministic=True)).digest()
        key = journal.RequestKey(call.caller.client_id, method.full_name, request_id)

        def kept(writing: Writing) -> Message | None:
            found = journal.kept_reply(writing, key)
            if found is None:
                return None
            if found.fingerprint != fingerprint:
                raise RequestIdReused(request_id=request_id)
            reply: Message = method.response_type.FromString(found.reply)
            return reply

        def work(writing: Writing) -> Message:
            # Hardly any request comes twice, so it is looked up only where it seems to. One that does finds its reply
            # kept when it is to be kept again, at the end of the batch, or trips over what it did before: then the
            # batch begins again, guarded.
            if (writing.guarded or writing.noted(key)) and (reply := kept(writing)) is not None:
                return reply
            unit = self.unit(writing, call, request_id)
            try:
                answer: Message = handler(request, unit)
            except Exception as error:
                if not writing.guarded and kept(writing) is not None:
                    raise StartAgain from error
                raise
            journal.keep_reply(
                writing,
                key,
                journal.KeptReply(fingerprint, answer.SerializeToString(deterministic=True)),
                unit.now,
            )
            self._audit(writing, unit, method.full_name, fingerprint)
            return answer

        return work

    def _event(self, listener: Listener, envelope: Envelope, after: str) -> Callable[[Writing], None]:
        """The whole unit of work of one event and one handler, to be run by the writer. Its audit is the inbox mark.

        `after` is the event of the same key that the handler must have had before; empty where there is none.
        """
        call = Call(_bus(envelope.source), business_date=envelope.business_date, trace=envelope.trace)

        def work(writing: Writing) -> None:
            if journal.handled(writing, envelope.event_id, listener.name):
                return
            # The inbox knows, whether the handler could not take it or the commit that it was in failed as a whole.
            if after and not journal.was_handled(writing, after, listener.name):
                raise EventMustWait(event_id=envelope.event_id)
            unit = self.unit(writing, call, envelope.event_id)
            listener.handler(envelope if listener.wants_envelope else envelope.message(), unit)
            journal.mark_handled(writing, envelope.event_id, listener.name, unit.now)

        return work

    def _audit(self, writing: Writing, unit: Unit, action: str, fingerprint: bytes) -> None:
        journal.add_audit(
            writing,
            now=unit.now,
            business_date=unit.business_date,
            subject=unit.caller.subject,
            client_id=unit.caller.client_id,
            on_behalf_of=unit.caller.on_behalf_of,
            action=action,
            request_id=unit.request_id,
            fingerprint=fingerprint,
        )
