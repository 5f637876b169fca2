"""`zhongtai ledger`: verifies the books, writes the proof of an entry, seals what is new.

Verifying and proving read the store beside whatever runs; they believe the keys of this machine, or those they are
given, and nothing that lies in the store. Exit codes: 0 intact, 1 tampered with, 2 asked wrongly.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, NoReturn
from uuid import uuid4

import typer
from rich.console import Console
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.ledger_seal import store
from zhongtai.operations.ledger_seal.domain import LedgerMustBeIntact, LedgerSeal, seal_of
from zhongtai.operations.ledger_seal.verification import SERVICE, Verification, Verifying, opened
from zhongtai.operations.v1 import ledger_seal_pb2 as v1
from zhongtai.runtime.commands.local import ask, loaded, local_calls
from zhongtai.runtime.security import SigningKeys
from zhongtai.runtime.settings import Settings
from zhongtai.runtime.unit import View

app = typer.Typer(
    add_completion=False, help="Verify the ledger, prove an entry, seal what is new.", no_args_is_help=True
)
console = Console()
Keys = Annotated[Path | None, typer.Option("--keys", help="The bank's keys (JWK set); else those of this machine.")]
Json = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


@app.command()
def verify(
    *,
    book: Annotated[str, typer.Option(help="Only this book.")] = "",
    begin: Annotated[int, typer.Option("--from", min=1, help="Begin at this entry; balances are then left out.")] = 1,
    keys: Keys = None,
    seals: Annotated[
        Path | None, typer.Option(help="Seals that were published; else the file of this machine.")
    ] = None,
    json: Json = False,
) -> None:
    """Read every entry, balance and seal again, and name the first that is bad."""
    chosen = loaded()
    known = _public_keys(chosen, keys)
    published = _published(seals or chosen.ledger_seals_file(), asked=seals is not None)
    url = chosen.database_url(SERVICE)
    started = perf_counter()
    with _store(url) as view:
        books = {*store.books(view), *(one.book for one in published)}
        if book and book not in books:
            _fail(f"there is no book {book}: there are {', '.join(sorted(books)) or 'none'}", 2)
        found = [
            Verifying(view, name, known, begin).verify(url, [one for one in published if one.book == name])
            for name in ((book,) if book else sorted(books))
        ]
    seconds = perf_counter() - started
    if json:
        console.print_json(data=[_told(one) for one in found])
    for one in () if json else found:
        console.print(_sentence(one, seconds), style="red" if one.fault else "green", soft_wrap=True)
    if any(one.fault for one in found):
        raise typer.Exit(1)


@app.command()
def proof(
    entry: Annotated[str, typer.Argument(help="The entry's id.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write it to this file.")] = None,
    keys: Keys = None,
    json: Json = False,
) -> None:
    """Write the proof that an entry is in its book; deploy/check_proof.py checks it without this platform."""
    chosen = loaded()
    known = {key_id: key.hex() for key_id, key in _public_keys(chosen, keys).items()}
    try:
        with _store(chosen.database_url(SERVICE)) as view:
            document = store.proof(view, entry, known).document()
    except Refusal as refusal:
        tampered = isinstance(refusal, LedgerMustBeIntact)
        _fail(f"{refusal.reason}: {refusal.sentence()}", 1 if tampered else 2)
    if output is None:
        # The proof is JSON however it is asked for.
        typer.echo(document, nl=False)
        return
    output.write_bytes(document.encode())
    if json:
        console.print_json(data={"entry": entry, "file": str(output)})


@app.command()
def seal(book: Annotated[str, typer.Option(help="Only this book.")] = "", json: Json = False) -> None:
    """Have the running platform seal what no seal covers yet."""
    try:
        made = asyncio.run(_sealed(book))
    except Refusal as refusal:
        _fail(f"{refusal.reason}: {refusal.sentence()}", 1)
    if json:
        console.print_json(data=[{"book": one.book, "seal_number": one.seal_number, "root": one.root} for one in made])
        return
    for one in made:
        console.print(
            f"{one.book}: seal {one.seal_number} covers {one.size:,} entries, root {one.root}", soft_wrap=True
        )
    if not made:
        console.print("every entry is sealed")


async def _sealed(book: str) -> list[v1.LedgerSeal]:
    made: list[v1.LedgerSeal] = []
    async with local_calls() as calls:
        while True:
            reply: Any = await ask(calls, v1.SealLedgerRequest(request_id=str(uuid4()), book=book))
            made += reply.seals
            if not reply.more:
                return made


@contextmanager
def _store(url: str) -> Iterator[View]:
    """The store as it is; where there is none, or it cannot be read, nothing is said of the books."""
    file = make_url(url).database
    # SQLite would make an empty file of a store that is not there.
    if url.startswith("sqlite") and not (file and Path(file).exists()):
        _fail(f"there is no ledger: {file} is not there", 2)
    try:
        with opened(url) as view:
            yield view
    except DBAPIError:
        _fail("the store of the ledger cannot be read: is it where the settings say, did zhongtai serve make it?", 2)


def _public_keys(chosen: Settings, file: Path | None) -> dict[str, bytes]:
    """The keys that are believed; none where no platform has made any, so that every seal is doubted."""
    path = file or chosen.ledger_key_file()
    if not path.exists():
        if file:
            _fail(f"{path}: there is no such file", 2)
        return {}
    try:
        return SigningKeys.open(path).public_keys
    except ValueError as error:
        _fail(str(error), 2)


def _published(path: Path, *, asked: bool) -> list[LedgerSeal]:
    """The seals of a file; a line that is none is told as what it is, for nobody but a forger wrote it."""
    if not path.exists():
        if asked:
            _fail(f"{path}: there is no such file", 2)
        return []
    try:
        return [seal_of(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (ValueError, KeyError, TypeError):
        _fail(f"{path}: not every line is a seal", 1)


def _told(found: Verification) -> dict[str, Any]:
    fault = found.fault
    return {
        "book": found.book,
        "intact": fault is None,
        "entries": found.entries,
        "balances": found.balances,
        "seals": found.seals,
        "fault": str(fault.fault) if fault else "",
        "bad_number": fault.number if fault else 0,
        "bad_entry_id": found.bad_entry_id,
        "detail": fault.detail if fault else "",
    }


def _sentence(found: Verification, seconds: float) -> str:
    fault = found.fault
    if fault:
        where = f"entry {fault.number} {found.bad_entry_id}".rstrip() if fault.number else "a balance"
        return f"{found.book}: TAMPERED WITH at {where}: {fault.fault}: {fault.detail}"
    read = f"{found.entries:,} entries, {found.balances:,} balances, {found.seals:,} seals"
    return f"{found.book}: intact, {read}, in {seconds:.1f} s ({found.entries / max(seconds, 1e-9):,.0f} entries/s)"


def _fail(sentence: str, code: int) -> NoReturn:
    Console(stderr=True).print(sentence, style="red", soft_wrap=True)
    raise typer.Exit(code)
