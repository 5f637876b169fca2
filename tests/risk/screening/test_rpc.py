"""Screenings through the door: clear, hit or incomplete, once each, and no name in an event."""

from itertools import count
from typing import Any

from tests.risk.watchlist.test_rpc import put
from zhongtai.risk.v1 import screening_pb2 as v1
from zhongtai.risk.v1 import watchlist_pb2
from zhongtai.testing.doors import Door

CLEAR, HIT, INCOMPLETE = (getattr(v1, f"SCREENING_OUTCOME_{name}") for name in ("CLEAR", "HIT", "INCOMPLETE"))
_requests = count(1)


def asked(screening_id: str = "scr_1", **parts: Any) -> v1.ScreenPaymentRequest:
    said = {"payment_order_id": "po_1", "debtor_name": "张三", "creditor_name": "Alice Zhang", **parts}
    return v1.ScreenPaymentRequest(request_id=f"s{next(_requests)}", screening_id=screening_id, **said)


async def screened(door: Door, request: v1.ScreenPaymentRequest) -> v1.Screening:
    found: v1.Screening = (await door.call(request)).screening
    return found


async def test_a_payment_is_clear_hit_or_incomplete(door: Door) -> None:
    await door.call(put("p1", ("e1", "Viktor Bout"), ("e2", "王小明"), ("e3", "Ali")))
    cases: list[tuple[dict[str, str], Any, list[str]]] = [
        ({}, CLEAR, []),
        ({"creditor_name": "Vikter BOUT"}, HIT, ["CREDITOR e1"]),
        ({"debtor_name": "王小明"}, HIT, ["DEBTOR e2"]),
        ({"remittance_information": "for Viktor Bout"}, HIT, ["REMITTANCE e1"]),
        ({"remittance_information": "Ali"}, CLEAR, []),
        ({"creditor_name": "Ali", "debtor_name": "王小明"}, HIT, ["DEBTOR e2", "CREDITOR e3"]),
        ({"debtor_name": ""}, INCOMPLETE, []),
        ({"creditor_name": "···"}, INCOMPLETE, []),
        ({"creditor_name": "", "debtor_name": "Viktor Bout"}, HIT, ["DEBTOR e1"]),
    ]
    for number, (parts, outcome, found) in enumerate(cases):
        screening = await screened(door, asked(f"scr_{number}", **parts))
        said = [f"{v1.ScreenedPart.Name(one.part)[14:]} {one.entry_id}" for one in screening.matches]
        assert (screening.outcome, said) == (outcome, found), parts
    hits = await door.call(v1.ListScreeningsRequest(payment_order_id="po_1", outcome=HIT))
    assert [one.screening_id for one in hits.screenings] == ["scr_1", "scr_2", "scr_3", "scr_5", "scr_8"]


async def test_a_screening_is_done_once_whatever_the_lists_say_later(door: Door) -> None:
    first = await screened(door, asked(creditor_name="Viktor Bout"))
    assert first.outcome == CLEAR
    await door.call(put("p1", ("e1", "Viktor Bout")))
    assert await screened(door, asked(creditor_name="Viktor Bout")) == first
    assert (await screened(door, asked("scr_2", creditor_name="Viktor Bout"))).outcome == HIT
    assert (await door.refused(asked(payment_order_id="po_2"))).reason == "SCREENING_MUST_BE_OF_ONE_PAYMENT"
    told = [(one.screening_id, one.outcome, one.matches) for one in await door.facts(v1.PaymentScreened)]
    assert told == [("scr_1", CLEAR, 0), ("scr_2", HIT, 1)]
    off = watchlist_pb2.TakeOffWatchlistRequest(request_id="o1", watchlist_id="sanctions", entry_ids=["e1"])
    await door.call(off)
    assert (await screened(door, asked("scr_3", creditor_name="Viktor Bout"))).outcome == CLEAR
    assert (await door.call(v1.GetScreeningRequest(screening_id="scr_2"))).screening.outcome == HIT
    assert (await door.refused(v1.GetScreeningRequest(screening_id="scr_9"))).reason == "SCREENING_NOT_FOUND"


async def test_no_event_says_whom_a_payment_was_like(door: Door) -> None:
    await door.call(put("p1", ("e1", "Viktor Bout")))
    await screened(door, asked(creditor_name="Viktor Bout", remittance_information="a private matter"))
    for envelope in await door.envelopes():
        assert not any(word in envelope.payload for word in (b"Viktor", b"private", "张三".encode()))
    (told,) = await door.facts(v1.PaymentScreened)
    assert (told.payment_order_id, told.first_match) == ("po_1", "sanctions/e1")
