"""`zhongtai close`: closes a date on the running platform and shows its steps, or says what it would come to."""

import asyncio
from datetime import date, datetime
from typing import Annotated
from uuid import uuid4

import typer
from google.protobuf.json_format import MessageToDict
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from zhongtai.gateway.closing.domain import DEFAULT_BOOK
from zhongtai.gateway.v1 import closing_pb2 as v1
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime.commands.local import ask, local_calls
from zhongtai.runtime.convert import date_message, date_of, instant_of

app = typer.Typer(add_completion=False)
console = Console()

_LOOK_EVERY_S = 0.2


@app.command()
def close(
    on: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The business date to close.", metavar="DATE")],
    book: Annotated[str, typer.Option("--book", help="Which book.")] = DEFAULT_BOOK,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would come to; write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Close a date that is over, and before it those left; what failed goes on. Exits with 1 where it stops."""
    try:
        found = asyncio.run(_found(on.date(), book, dry_run=dry_run, quiet=json))
    except Refusal as refusal:
        Console(stderr=True).print(f"{refusal.reason}: {refusal.sentence()}", style="red")
        raise typer.Exit(1) from None
    if json:
        console.print_json(data=MessageToDict(found, preserving_proto_field_name=True))
    elif isinstance(found, v1.PreviewClosingResponse):
        _show_preview(found)
    else:
        _show(found)
    if isinstance(found, v1.Closing) and found.state == v1.CLOSING_STATE_STOPPED:
        raise typer.Exit(1)


async def _found(on: date, book: str, *, dry_run: bool, quiet: bool) -> v1.PreviewClosingResponse | v1.Closing:
    return await _preview(on, book) if dry_run else await _closed(on, book, quiet=quiet)


async def _closed(on: date, book: str, *, quiet: bool) -> v1.Closing:
    """The close once it is done or has stopped, after those of earlier dates that were left.

    Its jobs are run by the platform, which may be killed meanwhile.
    """
    asked = date_message(on)
    async with local_calls() as calls:
        with Progress(console=Console(stderr=True), disable=quiet) as progress:
            task = progress.add_task(f"{on}", total=None)
            while True:
                request = v1.BeginClosingRequest(request_id=str(uuid4()), book=book, business_date=asked)
                closing = (await ask(calls, request)).closing
                while closing.state in (v1.CLOSING_STATE_WAITING, v1.CLOSING_STATE_UNDER_WAY):
                    running = [step.job.job_id for step in closing.steps if step.state == v1.CLOSING_STEP_STATE_RUNNING]
                    told = f"{date_of(closing.business_date)} {', '.join(running)}"
                    progress.update(task, description=told, total=len(closing.steps), completed=closing.done)
                    await asyncio.sleep(_LOOK_EVERY_S)
                    look = v1.GetClosingRequest(book=book, business_date=closing.business_date)
                    closing = (await ask(calls, look)).closing
                if closing.state == v1.CLOSING_STATE_STOPPED or closing.business_date == asked:
                    found: v1.Closing = closing
                    return found


async def _preview(on: date, book: str) -> v1.PreviewClosingResponse:
    async with local_calls() as calls:
        reply: v1.PreviewClosingResponse = await ask(
            calls, v1.PreviewClosingRequest(book=book, business_date=date_message(on))
        )
        return reply


def _show(closing: v1.Closing) -> None:
    table = Table("step", "what it does", "stands", "seconds", "calls", "why", box=None)
    for step in closing.steps:
        state = v1.ClosingStepState.Name(step.state).removeprefix("CLOSING_STEP_STATE_").lower().replace("_", " ")
        state += ", paused" if step.paused else ""
        run = step.run
        seconds = ""
        if run.HasField("ended_at"):
            seconds = f"{(instant_of(run.ended_at) - instant_of(run.started_at)).total_seconds():.2f}"
        table.add_row(step.job.job_id, step.job.title, state, seconds, str(run.calls or ""), run.sentence)
    console.print(table)
    state = v1.ClosingState.Name(closing.state).removeprefix("CLOSING_STATE_").lower()
    books = "the books are closed" if closing.books_closed else "the books are open"
    told = f"{closing.book} {date_of(closing.business_date)}: {state}, {closing.done} of {len(closing.steps)} steps"
    console.print(f"{told}; {books}")


def _held(step: v1.ClosingPreview) -> str:
    return "holds" if step.holds else "does not hold"


def _show_preview(found: v1.PreviewClosingResponse) -> None:
    table = Table("step", "figure", "would come to", box=None)
    for step in found.steps:
        if step.reason:
            table.add_row(step.job_id, step.reason, step.sentence)
        for figure in step.figures:
            amount = figure.amount
            told = str(Money(amount.currency_code, amount.minor_units)) if amount.currency_code else f"{figure.count:,}"
            table.add_row(step.job_id, figure.name, told)
        if not step.previewed:
            table.add_row(step.job_id, "", "no preview")
        elif not step.figures and not step.reason:
            table.add_row(step.job_id, "", _held(step) if step.proof else "nothing")
    console.print(table)
