"""What a handler of the gateway is given: it composes calls to other services, which no service's handler may."""

from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar

from google.protobuf.message import Message

from zhongtai.runtime.call import Call
from zhongtai.runtime.clock import Clock
from zhongtai.runtime.database import Store
from zhongtai.runtime.ids import Ids
from zhongtai.runtime.security import SigningKeys
from zhongtai.runtime.transactions import Reading, Writing
from zhongtai.runtime.unit import Unit, View

T = TypeVar("T")


class Calling(Protocol):
    """Whatever sends a request to the service that answers it, wherever that is placed."""

    async def call(self, request: Message, call: Call) -> Message:
        """The reply, or the refusal raised."""


class Host(Protocol):
    """The mounted service an orchestration runs in."""

    store: Store
    clock: Clock
    ids: Ids
    calls: Calling | None
    signer: SigningKeys

    def view(self, reading: Reading, call: Call) -> View:
        """What a reading handler is given."""

    def unit(self, writing: Writing, call: Call, request_id: str) -> Unit:
        """What a changing handler is given."""


class Orchestration:
    """One request that is answered by calling others, with units of work of its own in between."""

    def __init__(self, host: Host, call: Call) -> None:
        self.host = host
        self.call = call
        self.store = host.store
        self.clock = host.clock
        self.signer = host.signer

    @property
    def calls(self) -> Calling:
        """The way to the other services; there is one wherever a gateway is mounted."""
        if self.host.calls is None:
            raise LookupError("this service was mounted without a way to call others")
        return self.host.calls

    def new_id(self, prefix: str) -> str:
        """A new identifier that sorts by the time it was made."""
        return self.host.ids.new(prefix)

    async def change(self, work: Callable[[Unit], T], request_id: str = "") -> T:
        """Runs work in a unit of work and answers after it is durable."""
        return await self.store.change(lambda writing: work(self.host.unit(writing, self.call, request_id)))

    async def read(self, work: Callable[[View], T], kind: Hashable = None) -> T:
        """Runs work on a consistent view; `kind` names work that takes about equally long, aside where that is long."""
        return await self.store.read(lambda reading: work(self.host.view(reading, self.call)), kind)
