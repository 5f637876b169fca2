"""The tables of imports: each file's parts while they are needed, and what is wrong with its rows."""

from sqlalchemy import Executable, Index, MetaData, Table, bindparam, func, select

from zhongtai.credit.file_import.domain import (
    FileFormat,
    FileImport,
    FileImportNotFound,
    Finding,
    ImportPhase,
    Part,
)
from zhongtai.runtime.store import Records, instant, integer, json, octets, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()

# The columns stand in the order of the value's fields, so that a row of `select(FILE_IMPORT)` is one.
FILE_IMPORT = Table(
    "credit_file_import",
    metadata,
    text("kind"),
    text("format"),
    text("encoding"),
    text("delimiter"),
    text("name"),
    integer("size_bytes"),
    text("content_hash"),
    json("mapping"),
    json("ignored_columns"),
    integer("all_or_nothing"),
    text("import_id", primary_key=True),
    text("fingerprint"),
    instant("begun_at"),
    text("begun_by"),
    text("phase"),
    integer("received_bytes"),
    integer("parts"),
    integer("text_bytes"),
    json("columns", nullable=True),
    integer("begins"),
    integer("begins_line"),
    integer("cursor"),
    integer("line"),
    integer("rows"),
    integer("good_rows"),
    integer("bad_rows"),
    integer("findings"),
    integer("landed_rows"),
    integer("pieces"),
    json("totals"),
    Index("credit_file_import_of_file", "fingerprint"),
)
PART = Table(
    "credit_file_import_part",
    metadata,
    text("import_id", primary_key=True),
    integer("text", primary_key=True, autoincrement=False),
    integer("number", primary_key=True, autoincrement=False),
    integer("starts_at"),
    text("digest"),
    octets("content"),
)
FINDING = Table(
    "credit_file_import_finding",
    metadata,
    text("import_id", primary_key=True),
    integer("line", primary_key=True, autoincrement=False),
    integer("number", primary_key=True, autoincrement=False),
    text("key"),
    text("field"),
    text("reason"),
    text("sentence"),
    text("sentence_zh"),
)

imports = Records(FILE_IMPORT, FileImport, missing=FileImportNotFound)
parts = Records(PART, Part)
findings = Records(FINDING, Finding)

_GIVEN_UP = (ImportPhase.ABANDONING.value, ImportPhase.ABANDONED.value)
_OF_FILE = select(FILE_IMPORT).where(
    FILE_IMPORT.c.fingerprint == bindparam("of_file"), FILE_IMPORT.c.phase.not_in(_GIVEN_UP)
)
_DIGESTS = select(PART.c.digest).where(PART.c.import_id == bindparam("of_import")).order_by(PART.c.number)
_TEXT = PART.c.import_id == bindparam("of_import"), PART.c.text == 1
_AT = (
    select(PART.c.starts_at, PART.c.content)
    .where(*_TEXT, PART.c.starts_at <= bindparam("at"))
    .order_by(PART.c.number.desc())
    .limit(1)
)
_LAST_TEXT = select(func.coalesce(func.max(PART.c.number), -1)).where(*_TEXT)
_FILE = (
    select(PART.c.content)
    .where(PART.c.import_id == bindparam("of_import"), PART.c.text == 0, PART.c.number == bindparam("of_number"))
    .limit(1)
)
_FIRST_PART = select(func.min(PART.c.number)).where(PART.c.import_id == bindparam("of_import"))
_FORGET_PARTS = PART.delete().where(PART.c.import_id == bindparam("of_import"), PART.c.number < bindparam("before"))
_FORGET_FILE = PART.delete().where(PART.c.import_id == bindparam("of_import"), PART.c.text == 0)
_FORGET_TEXT = PART.delete().where(*_TEXT, PART.c.starts_at < bindparam("before"))
_FIRST_FINDING = select(func.min(FINDING.c.line)).where(FINDING.c.import_id == bindparam("of_import"))
_FORGET_FINDINGS = FINDING.delete().where(
    FINDING.c.import_id == bindparam("of_import"), FINDING.c.line < bindparam("before")
)


def of_file(view: View, fingerprint: str) -> FileImport | None:
    """The import of a file, read that way, that was not given up."""
    rows = view.rows(_OF_FILE, {"of_file": fingerprint})
    return imports.value(rows[0]) if rows else None


def digests(view: View, import_id: str) -> list[str]:
    """The digests of the parts that were received, in order."""
    return [row[0] for row in view.rows(_DIGESTS, {"of_import": import_id})]


def text_from(view: View, import_id: str, at: int, least: int) -> bytes:
    """The text from a byte on, at least so many bytes of it where there are so many."""
    found = b""
    while len(found) < least:
        rows = view.rows(_AT, {"of_import": import_id, "at": at + len(found)})
        more = bytes(rows[0].content)[at + len(found) - rows[0].starts_at :] if rows else b""
        if not more:
            break
        found += more
    return found


def part_of(view: View, found: FileImport, number: int) -> Part | None:
    """A part of a file as it was received, if it was."""
    return parts.find(view, found.import_id, int(found.format is FileFormat.CSV), number)


def file_part(view: View, import_id: str, number: int) -> bytes:
    """A part of a file as it was sent."""
    return bytes(view.rows(_FILE, {"of_import": import_id, "of_number": number})[0][0])


def add_text(unit: Unit, import_id: str, starts_at: int, content: bytes) -> None:
    """Writes the next part of a text that was made of a file."""
    number = int(unit.rows(_LAST_TEXT, {"of_import": import_id})[0][0]) + 1
    parts.add(unit, Part(import_id, True, number, starts_at, "", content))


def forget_text(unit: Unit, import_id: str, before: int) -> None:
    """Removes the parts of a text that begin before a byte."""
    unit.execute(_FORGET_TEXT, {"of_import": import_id, "before": before})


def forget_file(unit: Unit, import_id: str) -> None:
    """Removes a file as it was sent, where a text was made of it."""
    unit.execute(_FORGET_FILE, {"of_import": import_id})


def forget_parts(unit: Unit, import_id: str, most: int) -> bool:
    """Removes so many parts, the first ones; answers whether there were any."""
    return _forget(unit, _FIRST_PART, _FORGET_PARTS, import_id, most)


def forget_findings(unit: Unit, import_id: str, lines: int) -> bool:
    """Removes the findings of so many lines, the first ones; answers whether there were any."""
    return _forget(unit, _FIRST_FINDING, _FORGET_FINDINGS, import_id, lines)


def _forget(unit: Unit, first: Executable, statement: Executable, import_id: str, most: int) -> bool:
    found = unit.rows(first, {"of_import": import_id})[0][0]
    if found is not None:
        unit.execute(statement, {"of_import": import_id, "before": int(found) + most})
    return found is not None
