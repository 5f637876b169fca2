"""`zhongtai tail`: prints events as they happen, as any internal tool would receive them."""

import asyncio
import contextlib
from typing import Annotated, Any

import typer
from nats.aio.msg import Msg
from nats.js import api
from rich.console import Console

from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime import logs
from zhongtai.runtime.bus import stream_of
from zhongtai.runtime.cloud_events import envelope_of
from zhongtai.runtime.commands.local import loaded, local_bus
from zhongtai.runtime.contracts import PACKAGES
from zhongtai.runtime.envelope import Envelope

app = typer.Typer(add_completion=False)
console = Console()


@app.command()
def tail(
    subject: Annotated[str, typer.Argument(help="Only subjects that begin so, such as credit.v1.Loan.")] = "",
    all_of_them: Annotated[bool, typer.Option("--all", help="Begin with the oldest event that is kept.")] = False,
    json: Annotated[bool, typer.Option(help="One JSON object for each event.")] = False,
) -> None:
    """Print events as they happen, until Ctrl-C."""
    wanted = subject if subject.startswith("zhongtai.") or not subject else f"zhongtai.{subject}"
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_tail(wanted, from_start=all_of_them, as_json=json))
    except Refusal as refusal:
        Console(stderr=True).print(refusal.sentence(), style="red")
        raise typer.Exit(1) from None


async def _tail(wanted: str, *, from_start: bool, as_json: bool) -> None:
    policy = api.DeliverPolicy.ALL if from_start else api.DeliverPolicy.NEW

    async def show(message: Msg) -> None:
        if message.subject.startswith(wanted):
            _print(envelope_of(message.headers, message.data), as_json=as_json)

    async with local_bus(loaded()) as bus:
        for source in PACKAGES:
            await bus.streams.subscribe(
                f"zhongtai.{source}.v1.>",
                stream=stream_of(source),
                ordered_consumer=True,
                deliver_policy=policy,
                cb=show,
            )
        await asyncio.Event().wait()


def _print(envelope: Envelope, *, as_json: bool) -> None:
    # Personal data is masked by its class: a terminal is as public as a log.
    fields: dict[str, Any] = logs.loggable(envelope.message())
    if as_json:
        console.print_json(
            data={
                "id": envelope.event_id,
                "subject": envelope.subject,
                "key": envelope.key,
                "occurred_at": envelope.occurred_at.isoformat(),
                "business_date": envelope.business_date.isoformat(),
                "data": fields,
            },
            indent=None,
        )
        return
    name = envelope.subject.rsplit(".", 1)[1]
    source = envelope.source
    console.print(f"[dim]{envelope.occurred_at:%H:%M:%S.%f}[/dim] [cyan]{source}[/cyan] [bold]{name}[/bold] {fields}")
