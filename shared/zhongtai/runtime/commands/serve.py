"""`zhongtai serve`: starts what the settings mount, says where it is, and serves until Ctrl-C."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from zhongtai.runtime import logs, settings
from zhongtai.runtime.configuration import SettingsInvalid
from zhongtai.runtime.platform import Platform
from zhongtai.runtime.settings import Settings

STOP_WITHIN_S = 4.5
app = typer.Typer(add_completion=False)
console = Console(stderr=True)


@app.command()
def serve(
    services: Annotated[list[str] | None, typer.Argument(help="Only these services; none named means all.")] = None,
    demo: Annotated[bool, typer.Option(help="Run the demonstration after the start.")] = False,
    json: Annotated[bool, typer.Option(help="Print the addresses as JSON.")] = False,
) -> None:
    """Start the platform, or only the services named, and serve until Ctrl-C."""
    try:
        loaded = settings.load()
        chosen = (loaded.only(services) if services else loaded).check()
    except SettingsInvalid as refusal:
        console.print(refusal.sentence(), style="red")
        raise typer.Exit(2) from None
    logs.start(chosen.log_level)
    sys.exit(uvloop.run(_serve(chosen, demo=demo, as_json=json)))


async def _serve(chosen: Settings, *, demo: bool, as_json: bool) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Platform(chosen) as platform:
        _print(platform, as_json=as_json)
        if demo:
            await _until_either(_demonstrate(), stop)
            _print(platform, as_json=as_json)
        if not stop.is_set():
            console.print("serving until Ctrl-C", style="dim")
        await stop.wait()
        console.print("stopping", style="dim")
        # Stopping has a bound of its own: whatever hangs is left to the journal, which survives a kill.
        loop.call_later(STOP_WITHIN_S, _leave)
    return 0


async def _demonstrate() -> None:
    """Runs the demonstration as a client of its own, in another process, over the HTTP door."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "zhongtai.runtime.main", "demo")
    try:
        await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _until_either(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    task = asyncio.create_task(work)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    for pending in (task, stopped):
        pending.cancel()
    await asyncio.gather(task, stopped, return_exceptions=True)


def _print(platform: Platform, *, as_json: bool) -> None:
    if as_json:
        Console().print_json(data=platform.addresses)
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, address in platform.addresses.items():
        table.add_row(f"[bold]{name}[/bold]", address)
    console.print(table)


def _leave() -> None:
    console.print("stopped before everything was closed", style="yellow")
    sys.stderr.flush()
    signal.raise_signal(signal.SIGKILL)
