"""`zhongtai eod`: closes business dates on the running platform, one by one, or says what a close would come to."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.credit.v1 import classification_pb2
from zhongtai.credit.v1 import end_of_day_pb2 as v1
from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime.client import Calls
from zhongtai.runtime.commands.local import ask, local_calls
from zhongtai.runtime.convert import date_message, date_of

app = typer.Typer(add_completion=False)
console = Console()

_AMOUNTS = (
    "outstanding",
    "interest_accrued",
    "interest_reversed",
    "allowance",
    "allowance_raised",
    "allowance_released",
)
_NIGHT = timedelta(days=1)


@app.command()
def eod(
    on: Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="The business date to close.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would come to; write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Close a business date; dates before it that were skipped are closed first, one by one."""
    try:
        told = asyncio.run(_preview(on.date()) if dry_run else _close_through(on.date(), quiet=json))
    except Refusal as refusal:
        Console(stderr=True).print(f"{refusal.reason}: {refusal.sentence()}", style="red")
        raise typer.Exit(1) from None
    if json:
        console.print_json(data=told)
        return
    for day in told:
        _show(day)


async def _close_through(last: date, *, quiet: bool) -> list[dict[str, Any]]:
    async with local_calls() as calls:
        newest = await ask(calls, v1.ListEndsOfDayRequest(page=PageRequest(size=1, newest_first=True)))
        first = last
        for day in newest.ends_of_day:
            begun = date_of(day.business_date)
            first = min(last, begun + _NIGHT if day.phase == v1.END_OF_DAY_PHASE_CLOSED else begun)
        with Progress(console=Console(stderr=True), disable=quiet) as progress:
            dates = [first + _NIGHT * day for day in range((last - first).days + 1)]
            return [await _close(calls, on, progress) for on in dates]


async def _close(calls: Calls, on: date, progress: Progress) -> dict[str, Any]:
    business_date, task = date_message(on), progress.add_task(f"{on} changed contracts", total=None)
    reply = await ask(calls, v1.BeginEndOfDayRequest(request_id=str(uuid4()), business_date=business_date))
    while reply.end_of_day.phase != v1.END_OF_DAY_PHASE_CLOSED:
        reply = await ask(calls, v1.ContinueEndOfDayRequest(request_id=str(uuid4()), business_date=business_date))
        day = reply.end_of_day
        if day.partitions:
            progress.update(task, description=f"{on}", total=day.partitions, completed=day.partitions_closed)
    figures = [partition.figures async for partition in _partitions(calls, on)]
    return {"business_date": on.isoformat(), "figures": _summed(figures), "reclassified": reply.end_of_day.reclassified}


async def _partitions(calls: Calls, on: date) -> AsyncIterator[v1.EndOfDayPartition]:
    page = PageRequest(size=100)
    while True:
        reply = await ask(calls, v1.ListEndOfDayPartitionsRequest(business_date=date_message(on), page=page))
        for partition in reply.partitions:
            yield partition
        if not reply.page.next_token:
            return
        page = PageRequest(size=100, token=reply.page.next_token)


async def _preview(on: date) -> list[dict[str, Any]]:
    figures: list[v1.EndOfDayFigures] = []
    moves: Counter[tuple[str, int, str, int]] = Counter()
    position = ""
    async with local_calls() as calls:
        while True:
            request = v1.PreviewEndOfDayRequest(business_date=date_message(on), position=position)
            reply = await ask(calls, request)
            figures += reply.figures
            for move in reply.moves:
                before, after = (_category(code) for code in (move.category_before, move.category))
                moves[before, move.stage_before, after, move.stage] += move.loans
            position = reply.next_position
            if not position:
                break
    told = [f"{before}/{was} -> {after}/{stage}: {loans}" for (before, was, after, stage), loans in moves.items()]
    return [{"business_date": on.isoformat(), "dry_run": True, "figures": _summed(figures), "moves": sorted(told)}]


def _category(code: int) -> str:
    return classification_pb2.RiskCategory.Name(code).removeprefix("RISK_CATEGORY_")


def _summed(figures: list[v1.EndOfDayFigures]) -> list[dict[str, Any]]:
    """The figures by product and currency; amounts as texts."""
    lines: dict[tuple[str, str], Counter[str]] = {}
    for part in figures:
        line = lines.setdefault((part.product_id, part.outstanding.currency_code), Counter())
        line.update({name: getattr(part, name).minor_units for name in _AMOUNTS} | {"loans": part.loans})
    return [
        {"product_id": product_id, "loans": line["loans"]}
        | {name: str(Money(currency, line[name])) for name in _AMOUNTS}
        for (product_id, currency), line in sorted(lines.items())
    ]


def _show(day: dict[str, Any]) -> None:
    title = (
        f"{day['business_date']}, what it would come to" if day.get("dry_run") else f"{day['business_date']}, closed"
    )
    table = Table("product", "loans", *(name.replace("_", " ") for name in _AMOUNTS), title=title, box=None)
    for line in day["figures"]:
        table.add_row(line["product_id"], f"{line['loans']:,}", *(line[name] for name in _AMOUNTS))
    console.print(table)
    for move in day.get("moves", ()):
        console.print(f"  {move}")
