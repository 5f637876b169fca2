"""What the commands share: the way to the platform that runs with these settings on this machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import typer
from google.protobuf.message import Message
from rich.console import Console

from zhongtai.runtime import settings
from zhongtai.runtime.bus import Bus
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import SystemClock
from zhongtai.runtime.configuration import SettingsInvalid
from zhongtai.runtime.security import Mint, SigningKeys
from zhongtai.runtime.settings import Settings


def loaded() -> Settings:
    """The settings; exits with what is wrong with them."""
    try:
        return settings.load()
    except SettingsInvalid as refusal:
        Console(stderr=True).print(refusal.sentence(), style="red")
        raise typer.Exit(2) from None


def operator() -> Caller:
    """Whoever may read the signing keys of this machine may do everything; the audit says who it was."""
    return Caller(subject="operator", client_id="command", scopes=frozenset({"*"}))


def addresses(chosen: Settings) -> dict[str, str]:
    """Where each service's gRPC door is: where it runs elsewhere, there; else its port on this machine."""
    return {name: placed.address or f"{chosen.host}:{placed.grpc_port}" for name, placed in chosen.placements.items()}


@asynccontextmanager
async def local_calls() -> AsyncIterator[Calls]:
    """A client of the running platform."""
    chosen = loaded()
    if not chosen.key_file().exists():
        Console(stderr=True).print(f"no platform has run in {chosen.data}: start it with zhongtai serve", style="red")
        raise typer.Exit(1)
    calls = Calls({}, addresses(chosen), Mint(SigningKeys.open(chosen.key_file()), SystemClock()).token)
    try:
        yield calls
    finally:
        await calls.close()


async def ask(calls: Calls, request: Message) -> Any:
    """The reply to what the operator of this machine asks; raises its refusal."""
    return await calls.call(request, Call(operator()))


@asynccontextmanager
async def local_bus(chosen: Settings) -> AsyncIterator[Bus]:
    """A connection to the running platform's bus."""
    url = chosen.nats.url or f"nats://{chosen.host}:{chosen.nats.port}"
    bus = await Bus.connect(url.split(","), within=5)
    try:
        yield bus
    finally:
        await bus.close()
