"""The platform in this process: the services the settings mount, on their stores, behind their doors, on the bus.

Everything on one machine and one service in a cluster are the same program with other settings.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from zhongtai.runtime import contracts, figures, migrate, seeds, telemetry
from zhongtai.runtime.broker import Broker
from zhongtai.runtime.bus import Bus, Limits
from zhongtai.runtime.call import Caller
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import Clock, SystemClock
from zhongtai.runtime.consumers import Consumers
from zhongtai.runtime.database import Store
from zhongtai.runtime.errors import ServiceUnreachable
from zhongtai.runtime.figures import Sample
from zhongtai.runtime.garbage import settled
from zhongtai.runtime.relay import Relay
from zhongtai.runtime.security import Mint, SigningKeys, Verifier
from zhongtai.runtime.server import Server
from zhongtai.runtime.service import Service
from zhongtai.runtime.settings import LEDGER, Settings

log = logging.getLogger(__name__)

Extension = Callable[["Platform", Service], AbstractAsyncContextManager[dict[str, str]]]


@dataclass
class Platform:
    """What runs here. `async with Platform(settings)` starts it in order and stops it in reverse.

    `addresses` names, for a person, where each door is.
    """

    settings: Settings
    clock: SystemClock = field(default_factory=SystemClock)
    services: dict[str, Service] = field(default_factory=dict)
    relays: dict[str, Relay] = field(default_factory=dict)
    consumers: dict[str, Consumers] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    jobs_figures: Callable[[], Iterator[Sample]] = figures.no_jobs
    keys: SigningKeys = field(init=False)
    verifier: Verifier = field(init=False)
    calls: Calls = field(init=False)
    front: "Everything" = field(init=False)
    bus: Bus = field(init=False)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> "Platform":
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        self._stack.enter_context(settled())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _start(self) -> None:
        settings = self.settings
        settings.data.mkdir(parents=True, exist_ok=True)
        if parts := settings.embedded():
            log.info("embedded, for one machine: %s", "; ".join(parts))
        if settings.telemetry.endpoint:
            telemetry.start(settings.telemetry.endpoint, "-".join(settings.mounted), settings.telemetry.sampling)
            self._stack.callback(telemetry.stop)
        self.keys = SigningKeys.open(settings.key_file())
        self.verifier = Verifier(self.keys, self.clock)
        mint = Mint(self.keys, self.clock)
        self.calls = Calls(self.services, settings.addresses, mint.token, body_bytes=settings.limits.body_bytes)
        self._stack.push_async_callback(self.calls.close)
        self.front = Everything(self.calls, self.clock)
        bus = asyncio.create_task(self._open_bus())
        try:
            await asyncio.gather(*(self._mount(name) for name in settings.mounted))
        finally:
            self.bus = await bus
        for name in settings.mounted:
            await self._join(name)
        telemetry.watch(self._figures)
        for name in settings.mounted:
            await seeds.plant(name, self.calls)
        for name in settings.mounted:
            await self._extend(name)

    async def _open_bus(self) -> Bus:
        nats = self.settings.nats
        url = nats.url
        if not url:
            broker = Broker(self.settings.data / "nats", port=nats.port)
            await broker.start()
            self._stack.push_async_callback(broker.stop)
            url = broker.url
        bus = await Bus.connect(url.split(","), limits=Limits(replicas=nats.replicas))
        self._stack.push_async_callback(bus.close)
        self.addresses["nats"] = ",".join(server.rpartition("@")[2] for server in url.split(","))
        return bus

    async def _mount(self, name: str) -> None:
        """Brings a service's store up to date, opens it, and finds its components."""
        url = self.settings.database_url(name)
        await asyncio.to_thread(migrate.upgrade, url, name)
        store = Store.open(url, name)
        self._stack.push_async_callback(asyncio.to_thread, store.close)
        signer = SigningKeys.open(self.settings.ledger_key_file()) if name == LEDGER else None
        self.services[name] = Service(name, store, self.clock, calls=self.calls, signer=signer)
        await self.services[name].approvals.know()

    async def _join(self, name: str) -> None:
        """Opens a service's gRPC door and ties it to the bus."""
        service = self.services[name]
        methods = contracts.all_methods() if name == "gateway" else None
        placed = self.settings.placements[name]
        target: Any = self.front if name == "gateway" else service
        server = Server(
            target,
            placed.grpc_port,
            self.verifier.verify,
            self.settings.limits,
            host=self.settings.host,
            methods=methods,
        )
        port = await server.start()
        self._stack.push_async_callback(server.stop)
        self.addresses[f"grpc {name}"] = f"{self.settings.host}:{port}"
        relay = self.relays[name] = Relay(name, service.store, self.bus)
        relay.start()
        self._stack.push_async_callback(relay.stop)
        consumers = self.consumers[name] = Consumers(service, self.bus)
        consumers.start()
        self._stack.push_async_callback(consumers.stop)

    def _figures(self) -> Iterator[Sample]:
        """How the bus and the services stand now, for whoever watches."""
        yield figures.BUS_CONNECTED, int(self.bus.connected.is_set()), {}
        for name, service in self.services.items():
            told = {"service": name}
            yield figures.STORE_WAITING, service.store.waiting, told
            yield figures.RELAY_PUBLISHED, self.relays[name].published, told
            yield figures.RELAY_BEHIND, self.relays[name].behind_seconds, told
            yield figures.EVENTS_APPLIED, self.consumers[name].applied, told
            yield figures.EVENTS_BURIED, self.consumers[name].buried, told
        yield from self.jobs_figures()

    async def _extend(self, name: str) -> None:
        """Runs what a service has beside its components: `zhongtai.<service>.extension.running`, where there is one."""
        module = f"zhongtai.{name}.extension"
        if find_spec(module):
            running: Extension = import_module(module).running
            self.addresses |= await self._stack.enter_async_context(running(self, self.services[name]))


class Everything:
    """The gateway's gRPC door: it answers every RPC of the platform, wherever the service is, to whom `admit` lets in.

    Until the gateway has said who that is, it lets nobody in.
    """

    name = "gateway"

    def __init__(self, calls: Calls, clock: Clock) -> None:
        self.admit: Callable[[Caller], Awaitable[None]] = _nobody_yet
        self._calls = calls
        self._clock = clock

    async def dispatch(self, method: contracts.Method, request: Any, call: Any) -> Any:
        """Passes the request on to the service that owns the method, with the bank's date where it names none."""
        _ = method
        await self.admit(call.caller)
        dated = call if call.business_date else replace(call, business_date=self._clock.business_date())
        return await self._calls.call(request, dated)


async def _nobody_yet(caller: Caller) -> None:
    _ = caller
    raise ServiceUnreachable(service="gateway")
