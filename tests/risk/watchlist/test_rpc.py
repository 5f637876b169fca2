"""Watchlists through the door."""

from datetime import date

from zhongtai.risk.v1 import watchlist_pb2 as v1
from zhongtai.testing.doors import Door


def put(request_id: str, *parties: tuple[str, str], watchlist_id: str = "sanctions") -> v1.PutOnWatchlistRequest:
    entries = [v1.WatchedParty(entry_id=entry_id, names=[name]) for entry_id, name in parties]
    return v1.PutOnWatchlistRequest(request_id=request_id, watchlist_id=watchlist_id, entries=entries)


async def test_entries_are_put_on_a_list_once_and_taken_off_once(door: Door) -> None:
    door.today(date(2026, 5, 8))
    assert (await door.call(put("p1", ("e1", "Viktor Bout"), ("e2", "王小明")))).changed == 2
    assert (await door.call(put("p2", ("e1", "Viktor Bout"), ("e2", "王晓明")))).changed == 1
    assert (await door.call(put("p3", ("e2", "王晓明")))).changed == 0
    off = v1.TakeOffWatchlistRequest(request_id="o1", watchlist_id="sanctions", entry_ids=["e1"])
    assert (await door.call(off)).changed == 1
    off.request_id = "o2"
    assert (await door.call(off)).changed == 0
    entry = (await door.call(v1.GetWatchlistEntryRequest(watchlist_id="sanctions", entry_id="e1"))).entry
    assert (entry.names, entry.taken_off.day) == (["Viktor Bout"], 8)
    told = [(one.put_on, one.taken_off) for one in await door.facts(v1.WatchlistChanged)]
    assert told == [(2, 0), (1, 0), (0, 1)]


async def test_entries_are_told_page_by_page(door: Door) -> None:
    await door.call(put("p1", ("e2", "two"), ("e1", "one")))
    await door.call(put("p2", ("e9", "nine"), watchlist_id="court"))
    request, found = v1.ListWatchlistEntriesRequest(page={"size": 2}), list[str]()
    while True:
        reply = await door.call(request)
        found += [one.entry_id for one in reply.entries]
        if not reply.page.next_token:
            break
        request.page.token = reply.page.next_token
    assert found == ["e9", "e1", "e2"]
    of_one = await door.call(v1.ListWatchlistEntriesRequest(watchlist_id="court"))
    assert [one.entry_id for one in of_one.entries] == ["e9"]


async def test_what_cannot_be_put_or_taken_leaves_no_trace(door: Door) -> None:
    refused = await door.refused(put("p1", ("e1", "Viktor Bout"), ("e2", "…")))
    assert (refused.reason, refused.metadata["entry_id"]) == ("WATCHED_NAME_MUST_HAVE_WORDS", "e2")
    off = v1.TakeOffWatchlistRequest(request_id="o1", watchlist_id="sanctions", entry_ids=["e1"])
    assert (await door.refused(off)).reason == "WATCHLIST_ENTRY_NOT_FOUND"
    one = v1.GetWatchlistEntryRequest(watchlist_id="sanctions", entry_id="e1")
    assert (await door.refused(one)).reason == "WATCHLIST_ENTRY_NOT_FOUND"
    assert not await door.envelopes()
