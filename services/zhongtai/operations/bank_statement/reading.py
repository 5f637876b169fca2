"""From a file to the lines of a statement: camt.053 by the messages' reader, CSV by a mapping.

The first fault refuses the file: a statement that lacks a line does not add up.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from itertools import count
from operator import itemgetter

from zhongtai.kernel.cells import CellMustNotBeEmpty, Cells
from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.tabular import Columns, Content, Field, Form, Layout, Record, RowMustHaveAllCells, TextEncoding
from zhongtai.operations.bank_statement.domain import (
    LINES_MAX,
    TEXT_MAX,
    AnnouncedStatement,
    BankStatementForm,
    StatementAmountMustBeOne,
    StatementContent,
    StatementDelimiterMustMatch,
    StatementEntry,
    StatementMapping,
    StatementMustBeOfOneAccount,
    StatementRowMustBeGood,
    StatementSideMustBeKnown,
)
from zhongtai.operations.iso_message.bookings import Bookings
from zhongtai.operations.iso_message.domain import MessageStatement
from zhongtai.operations.iso_message.reading import read_statements

LAYOUT = Layout(
    (
        Field("reference", required=False, longest=64),
        Field("booking_date", Content.DATE),
        Field("value_date", Content.DATE, required=False),
        Field("amount", Content.AMOUNT, required=False),
        Field("side", required=False),
        Field("credit", Content.AMOUNT, required=False),
        Field("debit", Content.AMOUNT, required=False),
        Field("currency", required=False, longest=3),
        Field("end_to_end_id", required=False, longest=64),
        Field("counterparty_name", required=False, longest=140),
        Field("counterparty_account", required=False, longest=64),
        Field("remittance_information", required=False, longest=TEXT_MAX),
        Field("bank_transaction_code", required=False, longest=35),
    )
)
_NAMES = tuple(field.name for field in LAYOUT.fields)
_AMOUNTS = ("amount", "credit", "debit")
_DATES = ("booking_date", "value_date")
_TOLD = itemgetter(*StatementEntry._fields[4:])
# 借 and 贷 are the other bank's sides: it credits us where our money with it grows.
_SIDES = {"CRDT": 1, "C": 1, "CR": 1, "贷": 1, "贷方": 1, "DBIT": -1, "D": -1, "DR": -1, "借": -1, "借方": -1}
_BOOKED = "BOOK"
_COMPACT_DATE = 8
_DELIMITERS = ",;|\t"
_SHOWN = 40


def read(announced: AnnouncedStatement, content: bytes, currency: str) -> StatementContent:
    """What the file says of an account in that currency. Raises what is wrong with it first."""
    if announced.form is BankStatementForm.CAMT_053:
        found = _of_message(announced, content, currency)
    else:
        found = _of_rows(announced.mapping, content, currency)
    return found.must_add_up()


def _of_message(announced: AnnouncedStatement, content: bytes, currency: str) -> StatementContent:
    statements = read_statements(content)
    accounts = sorted({one.account for one, _ in statements})
    wanted = announced.external_account or (accounts[0] if len(accounts) == 1 else "")
    chosen = [(one, bookings) for one, bookings in statements if one.account == wanted]
    if not chosen:
        raise StatementMustBeOfOneAccount(
            external_account=announced.external_account, found=", ".join(accounts)[:TEXT_MAX]
        )
    entries: list[StatementEntry] = []
    # Pages of one statement follow each other: the first has the opening balance, the last the closing one.
    lines = count(1)
    for _, bookings in chosen:
        entries += _booked(bookings, lines, currency)
    opening, closing = _balance(chosen[0][0], "OPBD", "PRCD"), _balance(chosen[-1][0], "CLBD")
    return StatementContent(currency, entries, opening, closing)


def _balance(statement: MessageStatement, *codes: str) -> Money | None:
    return next((one.amount for one in statement.balances if one.code in codes), None)


def _booked(bookings: Bookings, lines: Iterator[int], currency: str) -> Iterator[StatementEntry]:
    """The bookings that are no mere notice, numbered as they stand."""
    columns = zip(
        bookings.currencies,
        bookings.statuses,
        bookings.booking_dates,
        bookings.value_dates,
        bookings.minor_units,
        [one or other for one, other in zip(bookings.servicer_references, bookings.entry_references, strict=True)],
        bookings.end_to_end_ids,
        bookings.names,
        bookings.accounts,
        [text[:TEXT_MAX] for text in bookings.remittance_informations],
        bookings.bank_transaction_codes,
        strict=True,
    )
    for (said, status, booked, valued, *rest), line in zip(columns, lines, strict=False):
        on = booked or valued
        if status != _BOOKED:
            continue
        if said != currency:
            raise _bad(line, "Amt", CurrencyMustMatch(left=currency, right=said))
        if on is None:
            raise _bad(line, "BookgDt", CellMustNotBeEmpty(field="BookgDt"))
        yield StatementEntry(line, on, valued or on, *rest)


def _of_rows(mapping: StatementMapping, content: bytes, currency: str) -> StatementContent:
    # Whatever a mapping says: a file that begins with UTF-8's mark is in UTF-8, as spreadsheets write it.
    encoding = TextEncoding.UTF_8 if content.startswith(BOM_UTF8) else mapping.encoding
    form = Form(encoding, mapping.delimiter)
    names, begins, lines = form.header(content)
    if len(names) == 1 and any(other in names[0] for other in _DELIMITERS):
        raise StatementDelimiterMustMatch(header=names[0][:_SHOWN], delimiter=mapping.delimiter)
    rows = _Rows(LAYOUT.columns(names, mapping.columns, ["*"]), mapping.thousands, currency)
    records = form.read(content[begins:], most=LINES_MAX + 1, line=1 + lines, final=True).records
    # What spreadsheets leave behind the last row says nothing.
    said = (record for record in records if record.refusal is not None or any(record.cells))
    return StatementContent(currency, [rows.entry(record) for record in said])


class _Rows:
    """Reads the rows of one file: only the fields that it has are looked at."""

    def __init__(self, columns: Columns, thousands: str, currency: str) -> None:
        self._columns = columns
        self._thousands = thousands
        self._currency = currency
        # Anything else with that sign in it is no number: 1,23.00 may be 1.23 or 123.
        self._grouped = (
            re.compile(rf"-?[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+(?:\.[0-9]+)?") if thousands else None
        )
        there = [field for field, source in zip(LAYOUT.fields, columns.sources, strict=True) if source != ""]
        self._texts = [(field.name, field.longest) for field in there if field.content is Content.TEXT]
        self._amounts = [field.name for field in there if field.name in _AMOUNTS]

    def entry(self, record: Record) -> StatementEntry:
        """The line that a record holds. Raises what is wrong with it first."""
        if record.refusal is not None:
            raise _bad(record.line, "", record.refusal)
        if len(record.cells) != self._columns.width:
            raise _bad(record.line, "", RowMustHaveAllCells(found=len(record.cells), expected=self._columns.width))
        values = dict(zip(_NAMES, self._columns.cells(record.cells), strict=True))
        for name in _DATES:
            values[name] = _year_first(values[name])
        for name in self._amounts:
            if self._grouped and self._grouped.fullmatch(values[name]):
                values[name] = values[name].replace(self._thousands, "")
        cells = Cells(values)
        for name, longest in self._texts:
            cells.text(name, longest)
        booked, valued = map(cells.date, _DATES)
        amount = self._amount(cells)
        if cells.wrong:
            raise _bad(record.line, *cells.wrong[0])
        if booked is None:
            raise _bad(record.line, "booking_date", CellMustNotBeEmpty(field="booking_date"))
        if amount is None:
            raise _bad(record.line, "amount", StatementAmountMustBeOne())
        return StatementEntry(record.line, booked, valued or booked, amount.minor_units, *_TOLD(values))

    def _amount(self, cells: Cells) -> Money | None:
        """The amount of a row, above zero where we are credited; what is wrong is noted."""
        said = cells.currency("currency") or self._currency
        if said != self._currency:
            cells.refuse("currency", CurrencyMustMatch(left=self._currency, right=said))
            return None
        found = {name: cells.amount(name, said) for name in self._amounts}
        # Two columns of amounts hold nothing, or 0.00, in the one that does not apply.
        stated = {name: amount for name, amount in found.items() if amount}
        if len(stated) > 1:
            cells.refuse("amount", StatementAmountMustBeOne())
        if len(stated) != 1:
            return None
        ((name, amount),) = stated.items()
        side = cells.values["side"].upper()
        if name == "amount" and side:
            if side not in _SIDES:
                cells.refuse("side", StatementSideMustBeKnown(text=side[:8], known=", ".join(_SIDES)))
                return None
            return amount if _SIDES[side] > 0 else -amount
        return -amount if name == "debit" else amount


def _year_first(text: str) -> str:
    """A date as banks write it, 20260504, 2026/05/04 or 2026-05-04: no order of day and month has to be guessed."""
    if len(text) == _COMPACT_DATE and text.isdigit():
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return text.replace("/", "-")


def _bad(line: int, field: str, refusal: Refusal) -> StatementRowMustBeGood:
    return StatementRowMustBeGood(
        line=line,
        field=field or "*",
        wrong=refusal.sentence("en"),
        wrong_zh=refusal.sentence("zh-CN"),
        cause=refusal.reason,
    )
