"""The bookings of a document by columns: a hundred thousand of them in a second or two, without an object for each.

`bookings.xsl` says where each version keeps what; libxslt walks the document. What the texts say is read here, column
by column, so that a day that stands in every line is read once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, NoReturn, TypeVar

from lxml import etree

from zhongtai.kernel.currencies import EXPONENTS
from zhongtai.kernel.money import MINOR_UNITS_MAX, Money
from zhongtai.operations.iso_message.documents import Part
from zhongtai.operations.iso_message.domain import (
    MessageBooking,
    MessageMustHoldAmounts,
    MessageMustMatchItsSchema,
    MessageParty,
)

T = TypeVar("T")
# What ISO has written where there is nothing to write and something must stand.
NOT_PROVIDED = "NOTPROVIDED"
_CELL, _BOOKING, _STATEMENT = "\ufdd0", "\ufdd1", "\ufdd2"
_CELLS = 16
_DATE_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Bookings:
    """The bookings of one statement, each column of one thing of all; minor units above zero credit the owner."""

    currencies: Sequence[str] = ()
    minor_units: Sequence[int] = ()
    statuses: Sequence[str] = ()
    reversals: Sequence[bool] = ()
    booking_dates: Sequence[date | None] = ()
    value_dates: Sequence[date | None] = ()
    entry_references: Sequence[str] = ()
    servicer_references: Sequence[str] = ()
    bank_transaction_codes: Sequence[str] = ()
    end_to_end_ids: Sequence[str] = ()
    transactions: Sequence[int] = ()
    names: Sequence[str] = ()
    accounts: Sequence[str] = ()
    agents: Sequence[str] = ()
    remittance_informations: Sequence[str] = ()

    def each(self) -> tuple[MessageBooking, ...]:
        """The bookings one by one."""
        rest = (
            self.statuses,
            self.reversals,
            self.booking_dates,
            self.value_dates,
            self.entry_references,
            self.servicer_references,
            self.bank_transaction_codes,
            self.end_to_end_ids,
            self.transactions,
            map(MessageParty, self.names, self.accounts, self.agents),
            self.remittance_informations,
        )
        amounts = map(Money, self.currencies, self.minor_units)
        names = [name for name in MessageBooking.__slots__ if name != "amount"]
        return tuple(
            MessageBooking(amount=amount, **dict(zip(names, values, strict=True)))
            for amount, values in zip(amounts, zip(*rest, strict=True), strict=True)
        )


def bookings_of(message: Part, statements: Sequence[Part]) -> list[Bookings]:
    """The bookings of each statement of a valid message, in its order."""
    text = str(_stylesheet(message.namespace)(message.element.getroottree()))
    written = text.split(_STATEMENT)[:-1]
    return [_Reader(one).read(each) for one, each in zip(statements, written, strict=True)]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the cells of one statement; of a cell that says nothing that can be, it finds where it stands."""

    statement: Part

    def read(self, written: str) -> Bookings:
        rows = [row.split(_CELL) for row in written.split(_BOOKING)[:-1]]
        if not rows:
            return Bookings()
        assert len(rows[0]) == _CELLS, "the stylesheet writes as many cells as are read"
        columns = [[text.strip() for text in column] for column in zip(*rows, strict=True)]
        currencies, amounts, sides, statuses, reversals, booked, valued, entries, servicers = columns[:9]
        codes, end_to_end_ids, transactions, names, accounts, agents, remittances = columns[9:]
        return Bookings(
            currencies,
            self._minor_units(currencies, amounts, sides),
            statuses,
            [text in ("true", "1") for text in reversals],
            self._days(booked, "BookgDt"),
            self._days(valued, "ValDt"),
            entries,
            servicers,
            _provided(codes),
            _provided(end_to_end_ids),
            list(map(int, transactions)),
            names,
            _provided(accounts),
            _provided(agents),
            remittances,
        )

    def _minor_units(self, currencies: Sequence[str], amounts: Sequence[str], sides: Sequence[str]) -> list[int]:
        found: list[int] = []
        for place, (currency, text, side) in enumerate(zip(currencies, amounts, sides, strict=True)):
            minor_units = minor_units_of(currency, text)
            if minor_units is None:
                self._refuse_amount(place, currency, text)
            found.append(minor_units if side == "CRDT" else -minor_units)
        return found

    def _days(self, texts: Sequence[str], path: str) -> list[date | None]:
        return _each_once(texts, lambda text: self._day(text, texts, path))

    def _day(self, text: str, texts: Sequence[str], path: str) -> date | None:
        try:
            return date.fromisoformat(text[:_DATE_LENGTH]) if text else None
        except ValueError:
            found = self._part(texts.index(text), path)
            raise out_of_calendar(found.first("Dt", "DtTm") or found) from None

    def _refuse_amount(self, place: int, currency: str, text: str) -> NoReturn:
        found = self._part(place, "Amt")
        raise MessageMustHoldAmounts(line=found.line, path=found.path, text=text, currency=currency)

    def _part(self, place: int, path: str) -> Part:
        """What stands at a path of the booking at a place."""
        found = [*self.statement.all("Ntry")][place].first(path)
        assert found is not None, "it was read from there"
        return found


def minor_units_of(currency: str, text: str) -> int | None:
    """An amount as its schema allows it to be written; None where it is finer or larger than the currency's are."""
    exponent = EXPONENTS.get(currency)
    whole, _, decimals = text.partition(".")
    if len(decimals) == exponent and len(text) < len(str(MINOR_UNITS_MAX)) and f"{whole}{decimals}".isdecimal():
        # How nearly all are written; the way below takes every other one.
        return int(whole + decimals)
    scaled = Decimal(text).scaleb(exponent or 0)
    if exponent is None or scaled != int(scaled) or abs(scaled) > MINOR_UNITS_MAX:
        return None
    return int(scaled)


def out_of_calendar(found: Part) -> MessageMustMatchItsSchema:
    """XML knows years and hours (24:00:00) that calendars do not."""
    schema = found.namespace.rsplit(":", 1)[-1]
    return MessageMustMatchItsSchema(schema=schema, line=found.line, path=found.path, problem="date_out_of_calendar")


def provided(text: str) -> str:
    """A text; "" where it says that there is none."""
    return "" if text == NOT_PROVIDED else text


def _provided(texts: Sequence[str]) -> list[str]:
    return [provided(text) for text in texts] if NOT_PROVIDED in texts else list(texts)


def _each_once(texts: Sequence[str], read: Callable[[str], T]) -> list[T]:
    """What each text says, where few differ."""
    known = {text: read(text) for text in set(texts)}
    return [known[text] for text in texts]


@cache
def _stylesheet(namespace: str) -> Any:
    text = (files(__package__) / "bookings.xsl").read_text(encoding="utf-8").replace("{namespace}", namespace)
    # It is ours, and still reads no file and writes none.
    return etree.XSLT(etree.fromstring(text.encode()), access_control=etree.XSLTAccessControl.DENY_ALL)
