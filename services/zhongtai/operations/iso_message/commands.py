"""`zhongtai iso check FILE`: what an ISO 20022 document says, or where it is wrong; nothing has to run for it."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.iso_message.domain import CONTENT_MAX, IsoMessage, XmlMustBeShort
from zhongtai.operations.iso_message.reading import read

app = typer.Typer(add_completion=False, no_args_is_help=True)
console = Console()
errors = Console(stderr=True)


@app.callback()
def _root() -> None:
    """Look at messages of ISO 20022."""


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The document.", exists=True, dir_okay=False)],
    *,
    json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Check a document by the schema of its kind, and tell what it says."""
    try:
        told = _told(read(_content(file)))
    except Refusal as refusal:
        if json:
            console.print_json(data={"valid": False, "reason": refusal.reason, **refusal.metadata})
        else:
            errors.print(f"{refusal.reason}: {refusal.sentence()}", style="red", highlight=False)
        raise typer.Exit(1) from None
    if json:
        console.print_json(data={"valid": True, **told})
        return
    for name, value in told.items():
        console.print(f"{name}: {value}", highlight=False)


def _content(file: Path) -> bytes:
    """The bytes of a file; one that is too long is refused before it is read."""
    size = file.stat().st_size
    if size > CONTENT_MAX:
        raise XmlMustBeShort(size=size, maximum=CONTENT_MAX)
    return file.read_bytes()


def _told(message: IsoMessage) -> dict[str, Any]:
    """What a message says in all: how many transactions and bookings, and what they come to in each currency."""
    amounts = [one.amount for one in message.transactions if one.amount]
    amounts += [one.amount for statement in message.statements for one in statement.bookings]
    totals: Counter[str] = Counter()
    for amount in amounts:
        totals[amount.currency] += amount.minor_units
    return {
        "kind": str(message.kind),
        "message_id": message.message_id,
        "created_at": message.created_at.isoformat(),
        "transactions": len(message.transactions),
        "statements": len(message.statements),
        "bookings": sum(len(statement.bookings) for statement in message.statements),
        "total_minor_units": dict(sorted(totals.items())),
    }
