"""`zhongtai operations bank_statement …`: says what a bank's file holds, or what is wrong in which line, and sends it.

Checking needs nothing that runs; sending speaks to the running platform. The same file sent again changes nothing.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.console import Console

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.bank_statement import store
from zhongtai.operations.bank_statement.domain import (
    PART_BYTES,
    AnnouncedStatement,
    BankStatementForm,
    StatementContent,
    must_be_short,
)
from zhongtai.operations.bank_statement.reading import read
from zhongtai.operations.v1 import bank_statement_pb2 as v1
from zhongtai.runtime.call import Call
from zhongtai.runtime.commands.local import local_calls, operator
from zhongtai.runtime.convert import money_of

app = typer.Typer(add_completion=False, no_args_is_help=True)
console = Console()
errors = Console(stderr=True)

_FILE = typer.Argument(help="The file, camt.053 (.xml) or CSV.", exists=True, dir_okay=False)
_MAPPING = typer.Option(help="How a CSV file is read; ListStatementMappings tells the names.")
_EXTERNAL = typer.Option(help="Our account's number with the other bank, where a file has several.")
_JSON = typer.Option("--json", help="Print what was found as JSON.")


@app.callback()
def _root() -> None:
    """Check files of bank statements, and send them."""


@app.command()
def check(
    file: Annotated[Path, _FILE],
    *,
    mapping: Annotated[str, _MAPPING] = "plain",
    currency: Annotated[str, typer.Option(help="The currency of the account.")] = "CNY",
    external_account: Annotated[str, _EXTERNAL] = "",
    json: Annotated[bool, _JSON] = False,
) -> None:
    """Say what a file holds, or what is wrong in which line of it."""
    with _refusals(json=json):
        content = _content(file)
        announced = AnnouncedStatement(
            account_id="",
            external_account=external_account,
            form=_form(file),
            mapping=store.mapping(mapping),
            name=file.name,
            size_bytes=len(content),
            content_hash=sha256(content).hexdigest(),
        )
        _print(_held(read(announced, content, currency)), json=json)


@app.command()
def send(
    account_id: Annotated[str, typer.Argument(help="Our own account that the statement is of.")],
    file: Annotated[Path, _FILE],
    *,
    mapping: Annotated[str, _MAPPING] = "plain",
    external_account: Annotated[str, _EXTERNAL] = "",
    json: Annotated[bool, _JSON] = False,
) -> None:
    """Send a file to the running platform and land it; the same file again is the statement that is there."""
    with _refusals(json=json):
        content = _content(file)
        request = v1.BeginBankStatementRequest(
            request_id=str(uuid4()),
            account_id=account_id,
            external_account=external_account,
            form=f"BANK_STATEMENT_FORM_{_form(file)}",
            mapping_name=mapping,
            name=file.name,
            size_bytes=len(content),
            content_hash=sha256(content).hexdigest(),
        )
        landed = asyncio.run(_landed(request, content))
        closing = str(money_of(landed.closing)) if landed.HasField("closing") else ""
        told = {"statement_id": landed.statement_id, "lines": landed.lines, "lines_before": landed.lines_before}
        _print({**told, "closing": closing}, json=json)


async def _landed(request: v1.BeginBankStatementRequest, content: bytes) -> v1.BankStatement:
    async with local_calls() as calls:

        async def ask(asked: Any) -> Any:
            return await calls.call(asked, Call(operator()))

        begun = (await ask(request)).bank_statement
        # A file that was sent in part goes on where it was stopped.
        for number in range(begun.received_bytes // PART_BYTES, -(-len(content) // PART_BYTES)):
            part = content[number * PART_BYTES : (number + 1) * PART_BYTES]
            if begun.status == v1.BANK_STATEMENT_STATUS_RECEIVING and begun.received_bytes < len(content):
                sending = v1.AppendBankStatementPartRequest(
                    request_id=str(uuid4()), statement_id=begun.statement_id, number=number, content=part
                )
                await ask(sending)
        landing = v1.LandBankStatementRequest(request_id=str(uuid4()), statement_id=begun.statement_id)
        found: v1.BankStatement = (await ask(landing)).bank_statement
        return found


@contextmanager
def _refusals(*, json: bool) -> Iterator[None]:
    """What is refused is printed, and ends the command with 1."""
    try:
        yield
    except Refusal as refusal:
        if json:
            console.print_json(data={"reason": refusal.reason, **refusal.metadata})
        else:
            errors.print(f"{refusal.reason}: {refusal.sentence()}", style="red", highlight=False, markup=False)
        raise typer.Exit(1) from None


def _content(file: Path) -> bytes:
    """The bytes of a file; one that is too long is refused before it is read."""
    must_be_short(file.stat().st_size)
    return file.read_bytes()


def _form(file: Path) -> BankStatementForm:
    return BankStatementForm.CAMT_053 if file.suffix.lower() == ".xml" else BankStatementForm.CSV


def _held(content: StatementContent) -> dict[str, Any]:
    days = [entry.booking_date for entry in content.entries]
    moved = Money(content.currency, sum(entry.minor_units for entry in content.entries))
    return {
        "lines": len(days),
        "from": min(days).isoformat() if days else "",
        "to": max(days).isoformat() if days else "",
        "opening": str(content.opening or ""),
        "moved": str(moved),
        "closing": str(content.closing or ""),
    }


def _print(told: dict[str, Any], *, json: bool) -> None:
    if json:
        console.print_json(data=told)
        return
    for name, value in told.items():
        console.print(f"{name}: {value}", highlight=False, markup=False)
