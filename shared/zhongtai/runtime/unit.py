"""The unit of work as a handler sees it: one message, one transaction, one place that commits, and it is not here.

`View` reads; `Unit` also changes, records facts and makes identifiers. `@rpc`, `@on` and `@on_each` mark handlers;
the service finds them.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar, get_type_hints

from google.protobuf.message import Message
from sqlalchemy import Executable, Table

from zhongtai.runtime import contracts
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.envelope import Envelope
from zhongtai.runtime.ids import Ids
from zhongtai.runtime.journal import Fact, add_facts
from zhongtai.runtime.transactions import Keeper, Reading, Writing

__all__ = ["Caller", "Envelope", "Unit", "View", "on", "on_each", "rpc"]

F = TypeVar("F", bound=Callable[..., Any])
# Far below what the broker takes (8 MiB), where one fact would hold up all that come after it.
FACT_BYTES = 1 << 20


class View:
    """What a handler that reads is given: a consistent view of its service's store, and who asks, when."""

    def __init__(self, reading: Reading, call: Call, now: datetime, business_date: date) -> None:
        self._reading = reading
        self.call = call
        self.now = now
        self.business_date = business_date

    @property
    def caller(self) -> Caller:
        """Who is asking."""
        return self.call.caller

    @property
    def language(self) -> str:
        """The language the caller reads: "en" or "zh-CN"."""
        return self.call.language

    def rows(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """The rows a statement answers, as tuples with names."""
        return self._reading.rows(statement, parameters)


class Unit(View):
    """What a handler that changes is given. Nothing it does is seen before the commit, or ever if it fails."""

    def __init__(
        self,
        writing: Writing,
        call: Call,
        now: datetime,
        business_date: date,
        *,
        service: str,
        ids: Ids,
        request_id: str,
    ) -> None:
        super().__init__(writing, call, now, business_date)
        self._writing = writing
        self._service = service
        self._ids = ids
        self.request_id = request_id

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> int:
        """Runs a change (once, or once for each mapping of a list) and answers how many rows it touched."""
        return self._writing.execute(statement, parameters)

    def append(self, table: Table, row: Mapping[str, Any]) -> None:
        """Adds a row to those that are inserted together with other callers' at the end; no read sees it before."""
        self._writing.append(table, row)

    def recall(self, keeper: Keeper, key: Hashable) -> Any:
        """The value the writer has in memory under a key; None where it has none."""
        return self._writing.recall(keeper, key)

    def remember(self, keeper: Keeper, key: Hashable, value: Any) -> None:
        """Keeps a value in the writer's memory that was read from the store or written to it."""
        self._writing.remember(keeper, key, value)

    def settle(self, keeper: Keeper, key: Hashable, value: Any) -> None:
        """Changes a value in the writer's memory, whose row is written once at the end, however often it changed."""
        self._writing.settle(keeper, key, value)

    def look_up(self, statement: Executable, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """The rows a statement answers as they rest, where the caller knows what waits in memory to be written."""
        return self._writing.look_up(statement, parameters)

    def note(self, key: Any, value: Any) -> None:
        """Leaves a word for the rest of this change and the later ones of the same commit."""
        self._writing.note(key, value)

    def noted(self, key: Any) -> Any:
        """What was noted under a key by this change or an earlier one of the same commit; None where nothing was."""
        return self._writing.noted(key)

    @property
    def guarded(self) -> bool:
        """True where something seems to come a second time: what can be looked up is looked up."""
        return self._writing.guarded

    def new_id(self, prefix: str) -> str:
        """A new identifier, `<prefix>_<26 characters>`, that sorts by the time it was made."""
        return self._ids.new(prefix, self.now)

    def new_ids(self, prefix: str, count: int) -> list[str]:
        """So many new identifiers, in the order in which they sort."""
        return self._ids.many(prefix, count, self.now)

    def record(self, fact: Any) -> None:
        """Tells the world of a fact once the change is committed: a dataclass named as its event in the contract, or
        the event's message itself.

        Raises ValueError, a defect, for a fact above 1 MiB: it belongs in a store, with its key in the fact.
        """
        self.record_all((fact,))

    def record_all(self, facts: Sequence[Any]) -> None:
        """Tells the world of many facts, in this order, or of none; raises as `record` does."""
        event_ids = self.new_ids("evt", len(facts))
        add_facts(
            self._writing,
            [_told(self._service, fact, event_id) for fact, event_id in zip(facts, event_ids, strict=True)],
            occurred_at=self.now,
            business_date=self.business_date,
            cause=self.request_id,
            trace=self.call.trace,
        )


@dataclass(frozen=True, slots=True)
class _Event:
    """The event of one class of facts: its message, its name, the field that names its aggregate."""

    kind: type[Message]
    subject: str
    key: str


@cache
def _event(service: str, fact: Any) -> _Event:
    kind = contracts.events()[f"zhongtai.{service}.v1.{fact.__name__}"]
    return _Event(kind, kind.DESCRIPTOR.full_name, contracts.event_key(kind.DESCRIPTOR))


def _told(service: str, fact: Any, event_id: str) -> Fact:
    kind: Any = type(fact)
    event = _event(service, kind)
    message = fact if isinstance(fact, Message) else message_of(fact, event.kind)
    key = str(getattr(message, event.key))
    payload = message.SerializeToString(deterministic=True)
    if len(payload) > FACT_BYTES:
        raise ValueError(f"{event.subject} of {key} has {len(payload)} bytes: {FACT_BYTES} at most")
    return Fact(event_id, event.subject, key, payload)


def rpc(handler: F) -> F:
    """Marks the handler of one RPC, found by the type of its first parameter: each RPC has a request of its own."""
    handler.__rpc__ = True  # type: ignore[attr-defined]
    return handler


def on(handler: F) -> F:
    """Marks a handler of one event, found by the type of its first parameter; `Envelope` means every event."""
    handler.__on__ = True  # type: ignore[attr-defined]
    return handler


def on_each(subjects: Iterable[str]) -> Callable[[F], F]:
    """Marks a handler of every event of those names, which data may tell; its first parameter is a `Message`.

    To the inbox it is for each of them the handler of that name, `loan_repaid` for LoanRepaid, so that an event becomes
    data, or a function of its own again, and none acts twice.
    """

    def marked(handler: F) -> F:
        handler.__on_each__ = tuple(subjects)  # type: ignore[attr-defined]
        return handler

    return marked


def subject_of(handler: Callable[..., Any]) -> str:
    """The full name of the message a handler takes; "*" for a handler of every event."""
    hints = get_type_hints(handler)
    first = hints[next(name for name in hints if name != "return")]
    return "*" if first is Envelope else str(first.DESCRIPTOR.full_name)
