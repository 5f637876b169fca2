"""`zhongtai status`: how every service is, how far its events have been told, and what lies among the dead letters."""

import asyncio
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import grpc
import typer
from grpc_health.v1 import health_pb2, health_pb2_grpc
from rich.console import Console
from rich.table import Table

from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime import journal
from zhongtai.runtime.commands.local import addresses, loaded, local_bus
from zhongtai.runtime.contracts import PACKAGES
from zhongtai.runtime.database import Store
from zhongtai.runtime.dead_letters import dead_letters
from zhongtai.runtime.settings import Settings

HEALTH_WITHIN_S = 2.0
app = typer.Typer(add_completion=False)


@dataclass(frozen=True)
class State:
    """How one service is; -1 where a figure cannot be had from here."""

    service: str
    address: str
    health: str
    facts: int
    relayed: int
    dead_letters: int


@app.command()
def status(json: Annotated[bool, typer.Option(help="Print it as JSON.")] = False) -> None:
    """Say how every service is: health, facts written and relayed, dead letters. Exits 1 where one does not serve."""
    states = asyncio.run(_states(loaded()))
    if json:
        Console().print_json(data=[asdict(state) for state in states])
    else:
        table = Table("service", "gRPC", "health", "facts", "relayed", "dead letters", box=None)
        for state in states:
            colour = "green" if state.health == "SERVING" else "red"
            table.add_row(
                state.service,
                state.address,
                f"[{colour}]{state.health}[/{colour}]",
                *(str(number) if number >= 0 else "—" for number in (state.facts, state.relayed, state.dead_letters)),
            )
        Console().print(table)
    if any(state.health != "SERVING" for state in states):
        raise typer.Exit(1)


async def _states(chosen: Settings) -> list[State]:
    where = addresses(chosen)
    buried = await _buried(chosen)
    healths = await asyncio.gather(*(_health(where[name]) for name in PACKAGES))
    states = []
    for name, health in zip(PACKAGES, healths, strict=True):
        facts, relayed = await _told(chosen, name)
        states.append(
            State(name, where[name], health, facts, relayed, buried.get(name, 0) if buried is not None else -1)
        )
    return states


async def _health(address: str) -> str:
    async with grpc.aio.insecure_channel(address) as channel:
        try:
            answer = await health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), timeout=HEALTH_WITHIN_S
            )
        except grpc.aio.AioRpcError:
            return "UNREACHABLE"
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


async def _told(chosen: Settings, name: str) -> tuple[int, int]:
    """How many facts a service's outbox holds and how many of them were relayed, read from its store."""
    url = chosen.database_url(name)
    if not _exists(url):
        return -1, -1
    store = Store.open(url, name)
    try:
        return await store.read(journal.last_sequence), await store.relayed()
    except Refusal:
        return -1, -1
    finally:
        await asyncio.to_thread(store.close)


def _exists(url: str) -> bool:
    """False for an SQLite store that was never made: opening it would make it."""
    return not url.startswith("sqlite") or Path(url.removeprefix("sqlite:///")).exists()


async def _buried(chosen: Settings) -> dict[str, int] | None:
    """Dead letters by the service that could not take them; None where the bus does not answer."""
    try:
        async with local_bus(chosen) as bus:
            counts: dict[str, int] = {}
            for letter in await dead_letters(bus, limit=1_000):
                counts[letter.service] = counts.get(letter.service, 0) + 1
            return counts
    except Refusal:
        return None
