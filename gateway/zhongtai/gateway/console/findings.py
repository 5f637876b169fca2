"""What a proof says, whatever its contract: its own fields, each list as a table, and the entries it leads to."""

from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.type.date_pb2 import Date

from zhongtai.common.v1.money_pb2 import Money
from zhongtai.common.v1.page_pb2 import PageInfo, PageRequest
from zhongtai.gateway.console import formats
from zhongtai.gateway.console.catalogue import sentences
from zhongtai.gateway.console.language import Words
from zhongtai.gateway.console.site import Visit
from zhongtai.operations.v1 import ledger_pb2

ENTRIES_AT_MOST = 20
OF_A_SUBJECT = 5
_ENTRY, _SUBJECT = "entry_id", "subject"


@dataclass(frozen=True)
class Cell:
    """What a field holds, as text; a truth is good or bad besides."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Section:
    """One message with its fields as one row, or a list of messages with a row for each."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def sections_of(words: Words, message: Message, name: str = "") -> list[Section]:
    """The plain fields of a reply as one section, then its lists and the messages within it."""
    plain = [(field, value) for field, value in _fields(message) if _is_plain(field)]
    sections = []
    if plain:
        columns = tuple(_called(words, field.name) for field, _ in plain)
        sections.append(Section(name, columns, (tuple(_cell(words, field, value) for field, value in plain),)))
    for field, value in _fields(message):
        if _is_plain(field) or isinstance(value, PageInfo):
            continue
        if field.is_repeated:
            sections += _table(words, f"{name}{field.name}", value)
        else:
            sections += sections_of(words, value, f"{name}{field.name}.")
    return sections


async def entries_of(visit: Visit, message: Message) -> list[ledger_pb2.Entry]:
    """The entries that a reply names, and the newest about each subject it names, as far as the person may see them."""
    named, subjects = list(dict.fromkeys(_named(message, _ENTRY))), list(dict.fromkeys(_named(message, _SUBJECT)))
    found: dict[str, ledger_pb2.Entry] = {}
    for entry_id in named[:ENTRIES_AT_MOST]:
        told = await visit.told(ledger_pb2.GetEntryRequest(entry_id=entry_id))
        if told:
            found[entry_id] = told.reply.entry
    page = PageRequest(size=OF_A_SUBJECT, newest_first=True)
    for subject in subjects[:ENTRIES_AT_MOST]:
        told = await visit.told(ledger_pb2.ListEntriesRequest(reference=subject, page=page))
        found |= {entry.entry_id: entry for entry in told.reply.entries} if told else {}
    return list(found.values())


def _named(message: Message, ending: str) -> list[str]:
    """The texts of all fields whose name ends so, in the message and within it."""
    found: list[str] = []
    for field, value in message.ListFields():
        values = list(value) if field.is_repeated else [value]
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            found += [text for each in values for text in _named(each, ending)]
        elif field.name.removesuffix("s").endswith(ending):
            found += [text for text in values if text]
    return found


def _table(words: Words, name: str, rows: Any) -> list[Section]:
    """A list of messages, a column for each plain field; behind it the lists within each, named by its first field."""
    if not len(rows) or not isinstance(rows[0], Message):
        return []
    fields = [field for field in rows[0].DESCRIPTOR.fields if _is_plain(field)]
    cells = tuple(tuple(_cell(words, field, getattr(row, field.name)) for field in fields) for row in rows)
    within = [
        section
        for row, told in zip(rows, cells, strict=True)
        for field, value in row.ListFields()
        if field.is_repeated and not _is_plain(field)
        for section in _table(words, f"{told[0].text if told else name} · {field.name}", value)
    ]
    return [Section(_called(words, name), tuple(_called(words, field.name) for field in fields), cells), *within]


def _fields(message: Message) -> list[tuple[Any, Any]]:
    """Every field that is set, and every plain one besides: a proof that does not hold says so by a false."""
    return [
        (field, getattr(message, field.name))
        for field in message.DESCRIPTOR.fields
        if (_is_plain(field) and field.message_type is None) or field.is_repeated or message.HasField(field.name)
    ]


def _called(words: Words, name: str) -> str:
    """What a field is called on a page; its own name where nothing else is known."""
    return words.known(f"figure.{name}", name.replace("_", " "))


def _is_plain(field: Any) -> bool:
    """Whether a field is one text, number, truth, date or amount, or a list of texts."""
    if field.message_type is None:
        return True
    return not field.is_repeated and field.message_type.full_name in (
        Money.DESCRIPTOR.full_name,
        Date.DESCRIPTOR.full_name,
    )


def _cell(words: Words, field: Any, value: Any) -> Cell:
    if isinstance(value, Money):
        return Cell(formats.money(value))
    if isinstance(value, Date):
        return Cell(formats.day(value))
    if field.enum_type is not None and not field.is_repeated:
        return Cell(_meaning(words, field.enum_type.values_by_number[value]))
    if isinstance(value, bool):
        return Cell(words("closing.yes"), "done") if value else Cell(words("closing.no"), "failed")
    return Cell(", ".join(map(str, value)) if field.is_repeated else str(value))


def _meaning(words: Words, value: Any) -> str:
    """What its contract says of a value, "Suspense accounts have nothing — 挂账清零.", in the language of the page."""
    sentence = sentences().get(f"{value.type.full_name}.{value.name}", value.name)
    english, _, chinese = sentence.rstrip(".").partition(" — ")
    return words.either(english, chinese)
