"""`zhongtai data`: looks after the stores: migrations, replays from the outboxes, dead letters."""

import asyncio
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime import dead_letters, migrate
from zhongtai.runtime.clock import SystemClock
from zhongtai.runtime.commands.local import loaded, local_bus
from zhongtai.runtime.contracts import PACKAGES
from zhongtai.runtime.database import Store
from zhongtai.runtime.replay import replay as replay_outbox
from zhongtai.runtime.service import Service

app = typer.Typer(
    add_completion=False, help="Look after the stores: migrate, replay, dead letters.", no_args_is_help=True
)
console = Console()
Json = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


@app.command("migrate")
def migrate_(
    services: Annotated[list[str] | None, typer.Argument(help="Only these services.")] = None, json: Json = False
) -> None:
    """Bring every store to the tables the code expects. Running it again changes nothing."""
    chosen = loaded()
    done = {name: migrate.upgrade(chosen.database_url(name), name) for name in _named(services)}
    if json:
        console.print_json(data=done)
    else:
        for name, changed in done.items():
            console.print(f"{name}: {'migrated' if changed else 'up to date'}")


@app.command()
def revision(component: Annotated[str, typer.Argument(help="Such as credit/covenant.")], json: Json = False) -> None:
    """Write the first migration of a component from the tables its store declares."""
    service, _, noun = component.partition("/")
    _named([service])
    file = str(migrate.revision(service, noun))
    if json:
        console.print_json(data={"file": file})
    else:
        console.print(file)


@app.command()
def replay(
    service: Annotated[str, typer.Argument(help="The service that is to have the events.")],
    source: Annotated[str, typer.Option(help="Only the events of this service.")] = "",
    json: Json = False,
) -> None:
    """Bring every event of the outboxes to a service again: what it has had already acts no more."""
    _named([service, *([source] if source else [])])
    done = asyncio.run(_replay(service, [source] if source else list(PACKAGES)))
    if json:
        console.print_json(data=done)
        return
    table = Table("source", "read", "wanted", "failed", box=None)
    for name, counts in done.items():
        table.add_row(name, *(str(counts[key]) for key in ("read", "wanted", "failed")))
    console.print(table)


@app.command("dead-letters")
def list_dead_letters(
    service: Annotated[str, typer.Argument(help="Only those of this service.")] = "", json: Json = False
) -> None:
    """List the events that could not be applied, each with its reason."""
    letters = _on_bus(lambda bus: dead_letters.dead_letters(bus, service))
    if json:
        console.print_json(data=[_told(letter) for letter in letters])
        return
    table = Table("number", "service", "event", "key", "reason", "detail", box=None)
    for letter in letters:
        table.add_row(str(letter.number), letter.service, letter.subject, letter.key, letter.reason, letter.detail)
    console.print(table)


@app.command()
def redeliver(number: Annotated[int, typer.Argument(help="The dead letter's number.")], json: Json = False) -> None:
    """Send a dead letter to its service again."""
    letter = _on_bus(lambda bus: dead_letters.redeliver(bus, number))
    if json:
        console.print_json(data=_told(letter))
    else:
        console.print(f"{letter.subject} {letter.event_id} was sent to {letter.service}")


@app.command()
def discard(number: Annotated[int, typer.Argument(help="The dead letter's number.")], json: Json = False) -> None:
    """Take a dead letter off the list for good; the event stays in its outbox."""
    letter = _on_bus(lambda bus: dead_letters.discard(bus, number))
    if json:
        console.print_json(data=_told(letter))
    else:
        console.print(f"{letter.subject} {letter.event_id} is off the list of {letter.service}")


def _told(letter: dead_letters.DeadLetter) -> dict[str, Any]:
    """A dead letter as JSON has it."""
    texts = {name: str(getattr(letter, name)) for name in letter.__slots__ if name != "number"}
    return {"number": letter.number, **texts}


def _named(services: list[str] | None) -> tuple[str, ...]:
    strangers = [name for name in services or () if name not in PACKAGES]
    if strangers:
        Console(stderr=True).print(
            f"{', '.join(strangers)}: no such service; there are {', '.join(PACKAGES)}", style="red"
        )
        raise typer.Exit(2)
    return tuple(services or PACKAGES)


def _on_bus(work: Any) -> Any:
    async def run() -> Any:
        async with local_bus(loaded()) as bus:
            return await work(bus)

    try:
        return asyncio.run(run())
    except Refusal as refusal:
        Console(stderr=True).print(refusal.sentence(), style="red")
        raise typer.Exit(1) from None


async def _replay(name: str, sources: list[str]) -> dict[str, dict[str, int]]:
    """Opens the stores beside whatever runs: SQLite and PostgreSQL both let a second process in."""
    chosen = loaded()
    migrate.upgrade(chosen.database_url(name), name)
    store = Store.open(chosen.database_url(name), name)
    service = Service(name, store, SystemClock())
    done = {}
    try:
        for source in sources:
            migrate.upgrade(chosen.database_url(source), source)
            outbox = store if source == name else Store.open(chosen.database_url(source), source)
            result = await replay_outbox(outbox, service)
            done[source] = {"read": result.read, "wanted": result.wanted, "failed": len(result.failures)}
            if outbox is not store:
                await asyncio.to_thread(outbox.close)
    finally:
        await asyncio.to_thread(store.close)
    return done
