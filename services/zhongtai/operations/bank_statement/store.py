"""How statements rest: one row each, the file in parts until it has landed, one row for each line; and the mappings."""

from collections.abc import Sequence

from sqlalchemy import Index, MetaData, Table, bindparam, func, select

from zhongtai.operations.bank_statement.domain import (
    BankStatement,
    BankStatementNotFound,
    StatementEntry,
    StatementLine,
    StatementMapping,
    StatementMappingNotFound,
    StatementPart,
)
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, day, instant, integer, json, money, octets, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
BANK_STATEMENT = Table(
    "bank_statement",
    metadata,
    text("statement_id", primary_key=True),
    text("account_id", index=True),
    text("external_account"),
    text("form"),
    json("mapping"),
    text("name"),
    integer("size_bytes"),
    text("content_hash"),
    text("fingerprint", unique=True),
    instant("begun_at"),
    text("begun_by"),
    text("status"),
    integer("received_bytes"),
    integer("parts"),
    integer("lines"),
    integer("lines_before"),
    *money("opening", nullable=True),
    *money("closing", nullable=True),
    day("from_date", nullable=True),
    day("to_date", nullable=True),
)
STATEMENT_PART = Table(
    "bank_statement_part",
    metadata,
    text("statement_id", primary_key=True),
    integer("number", primary_key=True, autoincrement=False),
    text("digest"),
    octets("content"),
)
STATEMENT_LINE = Table(
    "bank_statement_line",
    metadata,
    text("line_id", primary_key=True),
    text("account_id"),
    text("statement_id"),
    integer("line"),
    day("booking_date"),
    day("value_date"),
    *money("amount"),
    text("reference"),
    text("end_to_end_id"),
    text("counterparty_name"),
    text("counterparty_account"),
    text("remittance_information"),
    text("bank_transaction_code"),
    text("match_id"),
    integer("by_hand"),
    Index("ix_bank_statement_line_open", "account_id", "match_id"),
    Index("ix_bank_statement_line_statement_id", "statement_id", "line"),
)
statements = Records(BANK_STATEMENT, BankStatement, missing=BankStatementNotFound)
parts = Records(STATEMENT_PART, StatementPart)
lines = Records(STATEMENT_LINE, StatementLine)

_IN_MAX = 10_000
_ADD_LINE = STATEMENT_LINE.insert()
_OF_FILE = select(BANK_STATEMENT.c.statement_id).where(BANK_STATEMENT.c.fingerprint == bindparam("fingerprint"))
_CONTENT = (
    select(STATEMENT_PART.c.content)
    .where(STATEMENT_PART.c.statement_id == bindparam("statement_id"))
    .order_by(STATEMENT_PART.c.number)
)
_COUNT_OF = (
    select(func.count()).select_from(STATEMENT_LINE).where(STATEMENT_LINE.c.statement_id == bindparam("statement_id"))
)
_FORGET = STATEMENT_PART.delete().where(STATEMENT_PART.c.statement_id == bindparam("of_statement"))

MAPPINGS: dict[str, StatementMapping] = {
    mapping.name: mapping for mapping in map(reader(StatementMapping), shipped(__package__, "mappings.json"))
}


def mapping(name: str) -> StatementMapping:
    """The shipped mapping of that name; refuses where there is none."""
    if name not in MAPPINGS:
        raise StatementMappingNotFound(mapping_name=name, known=", ".join(MAPPINGS))
    return MAPPINGS[name]


def of_file(view: View, fingerprint: str) -> BankStatement | None:
    """The statement of a file, if it was sent before."""
    rows = view.rows(_OF_FILE, {"fingerprint": fingerprint})
    return statements.load(view, rows[0][0]) if rows else None


def content(view: View, statement_id: str) -> bytes:
    """The file as far as it was received."""
    return b"".join(bytes(row[0]) for row in view.rows(_CONTENT, {"statement_id": statement_id}))


def add_missing(unit: Unit, found: BankStatement, currency: str, lines: Sequence[tuple[str, StatementEntry]]) -> None:
    """Adds those lines of a statement, by their ids, that are not there from whichever file."""
    known: set[str] = set()
    for start in range(0, len(lines), _IN_MAX):
        chosen = STATEMENT_LINE.c.line_id.in_([line_id for line_id, _ in lines[start : start + _IN_MAX]])
        known |= {row[0] for row in unit.rows(select(STATEMENT_LINE.c.line_id).where(chosen))}
    days = {day: day.isoformat() for _, entry in lines for day in (entry.booking_date, entry.value_date)}
    # Row by row through `lines` would take half the time of landing.
    rows = [
        {
            "line_id": line_id,
            "account_id": found.account_id,
            "statement_id": found.statement_id,
            "line": entry.line,
            "booking_date": days[entry.booking_date],
            "value_date": days[entry.value_date],
            "amount_minor": entry.minor_units,
            "amount_currency": currency,
            "reference": entry.reference,
            "end_to_end_id": entry.end_to_end_id,
            "counterparty_name": entry.counterparty_name,
            "counterparty_account": entry.counterparty_account,
            "remittance_information": entry.remittance_information,
            "bank_transaction_code": entry.bank_transaction_code,
            "match_id": "",
            "by_hand": 0,
        }
        for line_id, entry in lines
        if line_id not in known
    ]
    unit.execute(_ADD_LINE, rows)


def count_of(view: View, statement_id: str) -> int:
    """How many lines a statement brought that were not there before."""
    return int(view.rows(_COUNT_OF, {"statement_id": statement_id})[0][0])


def forget_content(unit: Unit, statement_id: str) -> None:
    """Removes the file of a statement, once its lines are there."""
    unit.execute(_FORGET, {"of_statement": statement_id})
