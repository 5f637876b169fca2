"""`zhongtai import loans FILE`: sends a file to the running platform, has it checked, and lands its good rows.

The same command again goes on where it was stopped: a file is known by its content.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
import yaml
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.credit.file_import.domain import PART_BYTES
from zhongtai.credit.v1 import file_import_pb2 as v1
from zhongtai.kernel.refusals import Refusal
from zhongtai.runtime.client import Calls
from zhongtai.runtime.commands.local import ask, local_calls
from zhongtai.runtime.convert import money_of

app = typer.Typer(add_completion=False, no_args_is_help=True)
console = Console()
errors = Console(stderr=True)

_SHOWN = 20
_BAD_ROWS = 3
_ENCODINGS = {"utf-8": v1.TEXT_ENCODING_UTF_8, "gb18030": v1.TEXT_ENCODING_GB18030}
_WORKING = (v1.IMPORT_PHASE_CONVERTING, v1.IMPORT_PHASE_CHECKING, v1.IMPORT_PHASE_LANDING, v1.IMPORT_PHASE_ABANDONING)


@app.callback()
def _root() -> None:
    """Take rows of a file over: each is checked by every rule it would meet one by one."""


@app.command()
def loans(
    file: Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)],
    *,
    format: Annotated[str, typer.Option(help="csv or parquet; by the file's name if not said.")] = "",
    encoding: Annotated[str, typer.Option(help="utf-8 or gb18030 (GBK); found out if not said.")] = "",
    delimiter: Annotated[str, typer.Option(help="What separates the values of a csv file.")] = ",",
    mapping: Annotated[Path | None, typer.Option(help="YAML: columns, constants, ignored.", exists=True)] = None,
    all_or_nothing: Annotated[bool, typer.Option("--all-or-nothing", help="Land nothing if a row is bad.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the file; land nothing.")] = False,
    bad_rows: Annotated[Path | None, typer.Option(help="Write the bad rows to this CSV file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Take over loans under way with their opening balances."""
    request = _announcement(file, format or file.suffix.removeprefix("."), encoding, delimiter, mapping)
    request.kind, request.all_or_nothing = v1.IMPORT_KIND_LOANS, all_or_nothing
    try:
        found, findings = asyncio.run(_import(file, request, dry_run=dry_run, quiet=json))
    except Refusal as refusal:
        errors.print(f"{refusal.reason}: {refusal.sentence()}", style="red", highlight=False)
        raise typer.Exit(1) from None
    if bad_rows is not None:
        bad_rows.write_text("".join(_lines(findings)), encoding="utf-8-sig")
    if json:
        console.print_json(data=_told(found, findings, dry_run=dry_run))
    else:
        _show(found, findings, dry_run=dry_run)
    if found.bad_rows:
        raise typer.Exit(_BAD_ROWS)


async def _import(
    file: Path, request: v1.BeginFileImportRequest, *, dry_run: bool, quiet: bool
) -> tuple[v1.FileImport, list[v1.BadRow]]:
    async with local_calls() as calls:
        with Progress(console=errors, disable=quiet) as progress:
            begun = await ask(calls, request)
            found = await _received(calls, file, begun.file_import, progress)
            found = await _gone_on(calls, found, progress)
            findings = [row async for row in _findings(calls, found.import_id)]
            if found.phase == v1.IMPORT_PHASE_CHECKED:
                if dry_run:
                    await _abandon(calls, found.import_id, progress)
                else:
                    landing = v1.LandFileImportRequest(request_id=str(uuid4()), import_id=found.import_id)
                    found = await _gone_on(calls, (await ask(calls, landing)).file_import, progress)
                    findings = [row async for row in _findings(calls, found.import_id)]
            return found, findings


async def _received(calls: Calls, file: Path, found: v1.FileImport, progress: Progress) -> v1.FileImport:
    """Sends what is lacking of a file and seals it; one that is refused is given up."""
    if found.phase != v1.IMPORT_PHASE_RECEIVING:
        return found
    import_id = found.import_id
    task = progress.add_task("sent", total=found.size_bytes, completed=found.received_bytes)
    for number, part in enumerate(_parts(file)):
        if number * PART_BYTES >= found.received_bytes:
            sending = v1.AppendFilePartRequest(
                request_id=str(uuid4()), import_id=import_id, number=number, content=part
            )
            reply = await ask(calls, sending)
            progress.update(task, completed=reply.received_bytes)
    try:
        sealed = await ask(calls, v1.SealFileRequest(request_id=str(uuid4()), import_id=import_id))
    except Refusal:
        await _abandon(calls, import_id, progress)
        raise
    sealed_import: v1.FileImport = sealed.file_import
    return sealed_import


async def _abandon(calls: Calls, import_id: str, progress: Progress) -> None:
    reply = await ask(calls, v1.AbandonFileImportRequest(request_id=str(uuid4()), import_id=import_id))
    await _gone_on(calls, reply.file_import, progress)


async def _gone_on(calls: Calls, found: v1.FileImport, progress: Progress) -> v1.FileImport:
    tasks: dict[int, Any] = {}
    while found.phase in _WORKING:
        if found.phase not in tasks:
            name = v1.ImportPhase.Name(found.phase).removeprefix("IMPORT_PHASE_").lower()
            tasks[found.phase] = progress.add_task(name, total=1000)
        progress.update(tasks[found.phase], completed=found.progress)
        asked = v1.ContinueFileImportRequest(request_id=str(uuid4()), import_id=found.import_id)
        found = (await ask(calls, asked)).file_import
    return found


async def _findings(calls: Calls, import_id: str) -> AsyncIterator[v1.BadRow]:
    page = PageRequest(size=1000)
    while True:
        reply = await ask(calls, v1.ListBadRowsRequest(import_id=import_id, page=page))
        for row in reply.bad_rows:
            yield row
        if not reply.page.next_token:
            return
        page = PageRequest(size=1000, token=reply.page.next_token)


def _announcement(
    file: Path, written: str, encoding: str, delimiter: str, mapping: Path | None
) -> v1.BeginFileImportRequest:
    """What is said of a file beforehand; exits where its format, encoding or mapping is none."""
    formats = {"csv": v1.FILE_FORMAT_CSV, "txt": v1.FILE_FORMAT_CSV, "parquet": v1.FILE_FORMAT_PARQUET}
    said = yaml.safe_load(mapping.read_text(encoding="utf-8")) if mapping else {}
    if not isinstance(said, dict) or set(said) - {"columns", "constants", "ignored"}:
        raise typer.BadParameter("a mapping says columns, constants and ignored, nothing else", param_hint="--mapping")
    if written.lower() not in formats:
        raise typer.BadParameter("say csv or parquet", param_hint="--format")
    is_text = formats[written.lower()] == v1.FILE_FORMAT_CSV
    encoding = encoding.lower() or (_encoding(file) if is_text else "utf-8")
    if encoding not in _ENCODINGS:
        raise typer.BadParameter("say utf-8 or gb18030", param_hint="--encoding")
    sources = [v1.ColumnSource(field=str(name), column=str(it)) for name, it in said.get("columns", {}).items()]
    sources += [v1.ColumnSource(field=str(name), constant=str(it)) for name, it in said.get("constants", {}).items()]
    return v1.BeginFileImportRequest(
        request_id=str(uuid4()),
        format=formats[written.lower()],
        encoding=_ENCODINGS[encoding],
        delimiter=delimiter.replace("\\t", "\t"),
        name=file.name,
        size_bytes=file.stat().st_size,
        content_hash=sha256(b"".join(sha256(part).digest() for part in _parts(file))).hexdigest(),
        mapping=sources,
        ignored_columns=[str(name) for name in said.get("ignored", [])],
    )


def _encoding(file: Path) -> str:
    """UTF-8 where all of the file is, else GB18030."""
    try:
        with file.open(encoding="utf-8") as text:
            while text.read(PART_BYTES):
                pass
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _parts(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while part := opened.read(PART_BYTES):
            yield part


def _lines(findings: list[v1.BadRow]) -> Iterator[str]:
    """The bad rows as the lines of a CSV file."""
    yield "line,key,field,reason,sentence,sentence_zh\n"
    for row in findings:
        cells = (str(row.line), row.key, row.field, row.reason, row.sentence, row.sentence_zh)
        yield ",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n"


def _told(found: v1.FileImport, findings: list[v1.BadRow], *, dry_run: bool) -> dict[str, Any]:
    totals = [{"group": one.group, "rows": one.rows, "amount": str(money_of(one.amount))} for one in found.totals]
    told: dict[str, Any] = {
        name: getattr(found, name) for name in ("import_id", "rows", "good_rows", "bad_rows", "landed_rows")
    }
    rows = [{"line": row.line, "key": row.key, "field": row.field, "reason": row.reason} for row in findings]
    phase = v1.ImportPhase.Name(found.phase).removeprefix("IMPORT_PHASE_")
    return told | {"phase": phase, "dry_run": dry_run, "totals": totals, "findings": rows}


def _show(found: v1.FileImport, findings: list[v1.BadRow], *, dry_run: bool) -> None:
    done = f"{found.good_rows:,} would land" if dry_run else f"{found.landed_rows:,} landed"
    console.print(f"{found.rows:,} rows: {done}, {found.bad_rows:,} are bad", highlight=False)
    for one in found.totals:
        console.print(f"  {one.group}: {one.rows:,} rows, {money_of(one.amount)}", highlight=False)
    if findings:
        table = Table("line", "key", "field", "reason", "", box=None)
        for row in findings[:_SHOWN]:
            table.add_row(str(row.line), row.key, row.field, row.reason, row.sentence)
        console.print(table)
    if len(findings) > _SHOWN:
        console.print(f"and {len(findings) - _SHOWN:,} more: write them all with --bad-rows FILE", highlight=False)
