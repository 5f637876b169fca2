"""How watchlists rest: a row for each entry, and one for each key that it is found by while it is on the list."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Index, MetaData, Table, bindparam, select

from zhongtai.risk.watchlist.domain import WatchlistEntry, WatchlistEntryNotFound, Words
from zhongtai.runtime.plain import shipped
from zhongtai.runtime.store import Records, day, json, text
from zhongtai.runtime.unit import Unit, View

metadata = MetaData()
ENTRY = Table(
    "risk_watchlist_entry",
    metadata,
    text("watchlist_id", primary_key=True),
    text("entry_id", primary_key=True),
    json("names"),
    text("note"),
    day("put_on"),
    day("taken_off", nullable=True),
)
KEY = Table(
    "risk_watchlist_key",
    metadata,
    text("found_by", primary_key=True),
    text("watchlist_id", primary_key=True),
    text("entry_id", primary_key=True),
    Index("ix_risk_watchlist_key_entry", "watchlist_id", "entry_id"),
)
LEGAL_FORMS: frozenset[str] = frozenset(shipped(__package__, "legal_forms.json"))
entries = Records(ENTRY, WatchlistEntry)
_FOUND = (
    select(*entries.columns)
    .distinct()
    .join(KEY, (KEY.c.watchlist_id == ENTRY.c.watchlist_id) & (KEY.c.entry_id == ENTRY.c.entry_id))
    .where(KEY.c.found_by.in_(bindparam("keys", expanding=True)))
    .order_by(ENTRY.c.watchlist_id, ENTRY.c.entry_id)
)
_FORGET = KEY.delete().where(KEY.c.watchlist_id == bindparam("of_list"), KEY.c.entry_id == bindparam("of_entry"))


def load(view: View, watchlist_id: str, entry_id: str) -> WatchlistEntry:
    """One entry; refuses `WatchlistEntryNotFound`."""
    found = entries.find(view, watchlist_id, entry_id)
    if found is None:
        raise WatchlistEntryNotFound(watchlist_id=watchlist_id, entry_id=entry_id)
    return found


def put(unit: Unit, entry: WatchlistEntry) -> bool:
    """Writes an entry with the keys it is found by; false where it says nothing new."""
    keys = entry.keys(LEGAL_FORMS) if entry.taken_off is None else frozenset[str]()
    before = entries.find(unit, entry.watchlist_id, entry.entry_id)
    if before == entry:
        return False
    if before is None:
        entries.add(unit, entry)
    else:
        entries.save(unit, entry)
        unit.execute(_FORGET, {"of_list": entry.watchlist_id, "of_entry": entry.entry_id})
    of_entry = {"watchlist_id": entry.watchlist_id, "entry_id": entry.entry_id}
    if keys:
        unit.execute(KEY.insert(), [{"found_by": key, **of_entry} for key in sorted(keys)])
    return True


def like(view: View, said: Iterable[Words]) -> Sequence[WatchlistEntry]:
    """The entries on any list that one of these may be like, by their ids; each is still to be compared."""
    keys = sorted({key for words in said for key in words.looks_under()})
    return [entries.value(row) for row in view.rows(_FOUND, {"keys": keys})]
