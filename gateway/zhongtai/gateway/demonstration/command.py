"""`zhongtai demo`: tells the story over the HTTP door of the platform that runs, and checks what must hold."""

import time
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from zhongtai.gateway.demonstration.channel import Problem
from zhongtai.gateway.demonstration.proof import Proof, prove
from zhongtai.gateway.demonstration.staff import CHANNEL_SCOPES, OFFICER_SCOPES, Notebook, sign_in
from zhongtai.gateway.demonstration.story import Story, Told
from zhongtai.runtime.commands.local import loaded
from zhongtai.testing.applicants import columns_of, digest, read, write

app = typer.Typer(add_completion=False)
errors = Console(stderr=True)


@app.command()
def demo(
    applicants: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A CSV file of applicants; none means invented ones."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Makes the invented applicants, and everybody's name.")] = 7,
    count: Annotated[int, typer.Option(min=400, max=10_000, help="How many are invented.")] = 1000,
    json: Annotated[bool, typer.Option(help="Print the table as JSON.")] = False,
) -> None:
    """Send 1,000 applicants through a product and check what must hold; exits 1 where a line fails."""
    settings = loaded()
    file = applicants
    if file is None:
        file = settings.data / f"applicants-{seed}-{count}.csv"
        if not file.exists():
            write(file, seed, count)
    try:
        proof = uvloop.run(_tell(settings.data, f"http://{settings.host}:{settings.http_port}", file, seed))
    except* Problem as group:
        errors.print(f"the door refused: {group.exceptions[0]}", style="red")
        raise typer.Exit(1) from None
    except* (ValueError, FileNotFoundError) as group:
        errors.print(f"{group.exceptions[0]}", style="red")
        raise typer.Exit(2) from None
    _print(proof, as_json=json)
    if proof.failed:
        raise typer.Exit(1)


async def _tell(data: Path, address: str, file: Path, seed: int) -> Proof:
    notebook = Notebook(data)
    begun = time.perf_counter()
    columns = TextColumn("{task.description:34}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    channel = await sign_in(address, data, notebook, "demo-channel", CHANNEL_SCOPES)
    officer = await sign_in(address, data, notebook, "demo-officer", OFFICER_SCOPES)
    async with channel, officer:
        with Progress(*columns, console=errors, refresh_per_second=4) as progress:
            people = read(file, seed)
            story = Story(channel, officer, notebook, people, file, columns_of(file), digest(file), progress)
            told = await story.tell()
        proof = Proof()
        _tell_outcomes(proof, told, len(people))
        await prove(channel, proof, told.closed)
    _tell_times(proof, told, time.perf_counter() - begun)
    return proof


def _tell_outcomes(proof: Proof, told: Told, applied: int) -> None:
    ended = sum(told.outcomes.values())
    proof.say("applied = runs that ended", f"{applied:,} = {ended:,}", applied == ended)
    proof.say("approved and disbursed", f"{len(told.loans):,}")
    proof.say("referred to an officer", f"{told.referred:,}")
    for outcome, count in told.outcomes.most_common():
        proof.say(f"  outcome {outcome}", f"{count:,}")
    for reason, count in told.reasons.most_common(6):
        proof.say(f"  declined: {reason}", f"{count:,}")
    proof.say("repayments booked, missed", f"{told.repaid:,}, {told.missed:,}")


def _tell_times(proof: Proof, told: Told, seconds: float) -> None:
    ordered = sorted(told.run_seconds)
    p50, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 for share in (0.5, 0.99))
    proof.say("run at the door, p50 and p99", f"{p50:.0f} ms, {p99:.0f} ms")
    proof.say("the whole demonstration", f"{seconds:.1f} s")


def _print(proof: Proof, *, as_json: bool) -> None:
    console = Console()
    if as_json:
        console.print_json(
            data=[{"line": name.strip(), "value": value, "holds": holds} for name, value, holds in proof.lines]
        )
        return
    table = Table("line", "value", "", box=None)
    marks = {True: "[green]holds[/green]", False: "[red]FAILS[/red]", None: ""}
    for name, value, holds in proof.lines:
        table.add_row(name, value, marks[holds])
    console.print(table)
