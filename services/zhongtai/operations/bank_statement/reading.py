"""From a file to the lines of a statement: camt.053 by the messages' reader, CSV by a mapping.

The first fault refuses the file: a statement that lacks a line does not add up.
"""

from typing import Any

from zhongtai.kernel.cells import CellMustNotBeEmpty, Cells
from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.kernel.tabular import Columns, Content, Field, Form, Layout, Record, RowMustHaveAllCells
from zhongtai.operations.bank_statement.domain import (
    LINES_MAX,
    TEXT_MAX,
    AnnouncedStatement,
    BankStatementForm,
    StatementAmountMustBeOne,
    StatementContent,
    StatementEntry,
    StatementMapping,
    StatementMustBeOfOneAccount,
    StatementRowMustBeGood,
    StatementSideMustBeKnown,
)
from zhongtai.operations.iso_message.domain import MessageBooking, MessageStatement
from zhongtai.operations.iso_message.reading import read as read_message

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
# 借 and 贷 are the other bank's sides: it credits us where our money with it grows.
_SIDES = {"CRDT": 1, "C": 1, "CR": 1, "贷": 1, "贷方": 1, "DBIT": -1, "D": -1, "DR": -1, "借": -1, "借方": -1}
_BOOKED = "BOOK"
_COMPACT_DATE = 8


def read(announced: AnnouncedStatement, content: bytes, currency: str) -> StatementContent:
    """What the file says of an account in that currency. Raises what is wrong with it first."""
    if announced.form is BankStatementForm.CAMT_053:
        found = _of_message(announced, content)
    else:
        found = _of_rows(announced.mapping, content, currency)
    return found.must_add_up(currency)


def _of_message(announced: AnnouncedStatement, content: bytes) -> StatementContent:
    statements = read_message(content).statements
    accounts = sorted({one.account for one in statements})
    wanted = announced.external_account or (accounts[0] if len(accounts) == 1 else "")
    chosen = [one for one in statements if one.account == wanted]
    if not chosen:
        raise StatementMustBeOfOneAccount(
            external_account=announced.external_account, found=", ".join(accounts)[:TEXT_MAX]
        )
    # Pages of one statement follow each other: the first has the opening balance, the last the closing one.
    entries = [
        _entry(booking, number)
        for number, booking in enumerate((booking for one in chosen for booking in one.bookings), 1)
        if booking.status == _BOOKED
    ]
    return StatementContent(entries, _balance(chosen[0], "OPBD", "PRCD"), _balance(chosen[-1], "CLBD"))


def _balance(statement: MessageStatement, *codes: str) -> Money | None:
    return next((one.amount for one in statement.balances if one.code in codes), None)


def _entry(booking: MessageBooking, number: int) -> StatementEntry:
    booked = booking.booking_date or booking.value_date
    if booked is None:
        raise _bad(number, "BookgDt", CellMustNotBeEmpty(field="BookgDt"))
    return StatementEntry(
        line=number,
        booking_date=booked,
        value_date=booking.value_date or booked,
        amount=booking.amount,
        reference=booking.servicer_reference or booking.entry_reference,
        end_to_end_id=booking.end_to_end_id,
        counterparty_name=booking.counterparty.name,
        counterparty_account=booking.counterparty.account,
        remittance_information=booking.remittance_information[:TEXT_MAX],
        bank_transaction_code=booking.bank_transaction_code,
    )


def _of_rows(mapping: StatementMapping, content: bytes, currency: str) -> StatementContent:
    form = Form(mapping.encoding, mapping.delimiter)
    names, begins, lines = form.header(content)
    columns = LAYOUT.columns(names, mapping.columns, ["*"])
    rows = form.read(content[begins:], most=LINES_MAX + 1, line=1 + lines, final=True).records
    return StatementContent([_row(record, columns, mapping.thousands, currency) for record in rows])


def _row(record: Record, columns: Columns, thousands: str, currency: str) -> StatementEntry:
    if record.refusal is not None:
        raise _bad(record.line, "", record.refusal)
    if len(record.cells) != columns.width:
        raise _bad(record.line, "", RowMustHaveAllCells(found=len(record.cells), expected=columns.width))
    values = dict(zip(_NAMES, columns.cells(record.cells), strict=True))
    for name in ("booking_date", "value_date"):
        values[name] = _year_first(values[name])
    for name in _AMOUNTS:
        values[name] = values[name].replace(thousands, "") if thousands else values[name]
    cells = Cells(values)
    for field in LAYOUT.fields:
        if field.content is Content.TEXT:
            cells.text(field.name, field.longest)
    booked = cells.date("booking_date")
    valued = cells.date("value_date")
    amount = _amount(cells, currency)
    if cells.wrong:
        raise _bad(record.line, *cells.wrong[0])
    if booked is None or amount is None:
        raise _bad(record.line, "amount" if booked else "booking_date", StatementAmountMustBeOne())
    texts = {name: values[name] for name in _NAMES if name not in (*_AMOUNTS, "side", "currency")}
    told: dict[str, Any] = {**texts, "booking_date": booked, "value_date": valued or booked}
    return StatementEntry(line=record.line, amount=amount, **told)


def _amount(cells: Cells, currency: str) -> Money | None:
    """The amount of a row, above zero where we are credited; what is wrong is noted."""
    said = cells.currency("currency") or currency
    if said != currency:
        cells.refuse("currency", CurrencyMustMatch(left=currency, right=said))
        return None
    found = {name: cells.amount(name, currency) for name in _AMOUNTS}
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
