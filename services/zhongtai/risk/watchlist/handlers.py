"""The RPCs of watchlists."""

from zhongtai.risk.v1 import watchlist_pb2 as v1
from zhongtai.risk.watchlist import store
from zhongtai.risk.watchlist.domain import WatchlistChanged, WatchlistEntry
from zhongtai.runtime.convert import message_of
from zhongtai.runtime.unit import Unit, View, rpc


@rpc
def put_on_watchlist(request: v1.PutOnWatchlistRequest, unit: Unit) -> v1.PutOnWatchlistResponse:
    """Puts entries on a list, or tells their names anew."""
    changed = 0
    for one in request.entries:
        asked = WatchlistEntry(
            watchlist_id=request.watchlist_id,
            entry_id=one.entry_id,
            names=tuple(one.names),
            note=one.note,
            put_on=unit.business_date,
        )
        before = store.entries.find(unit, asked.watchlist_id, asked.entry_id)
        changed += store.put(unit, before.put_again(asked) if before else asked)
    if changed:
        unit.record(WatchlistChanged(request.watchlist_id, put_on=changed, taken_off=0))
    return v1.PutOnWatchlistResponse(changed=changed)


@rpc
def take_off_watchlist(request: v1.TakeOffWatchlistRequest, unit: Unit) -> v1.TakeOffWatchlistResponse:
    """Takes entries off a list; one that is off already stays as it is."""
    found = [store.load(unit, request.watchlist_id, entry_id) for entry_id in request.entry_ids]
    changed = sum(store.put(unit, entry.off(unit.business_date)) for entry in found)
    if changed:
        unit.record(WatchlistChanged(request.watchlist_id, put_on=0, taken_off=changed))
    return v1.TakeOffWatchlistResponse(changed=changed)


@rpc
def get_watchlist_entry(request: v1.GetWatchlistEntryRequest, view: View) -> v1.GetWatchlistEntryResponse:
    """One entry."""
    entry = store.load(view, request.watchlist_id, request.entry_id)
    return v1.GetWatchlistEntryResponse(entry=message_of(entry, v1.WatchlistEntry))


@rpc
def list_watchlist_entries(request: v1.ListWatchlistEntriesRequest, view: View) -> v1.ListWatchlistEntriesResponse:
    """Entries of one list or of all, page by page."""
    wanted = [store.ENTRY.c.watchlist_id == request.watchlist_id] if request.watchlist_id else []
    found, page = store.entries.page(view, request.page, *wanted)
    return v1.ListWatchlistEntriesResponse(entries=[message_of(one, v1.WatchlistEntry) for one in found], page=page)
