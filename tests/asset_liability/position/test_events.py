"""Positions through the door: events in, positions out, whatever the order across contracts."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.asset_liability import book
from zhongtai.asset_liability.v1 import position_pb2 as v1
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.runtime.convert import date_of
from zhongtai.testing.doors import Door, in_process, opened
from zhongtai.testing.templates import fresh_sqlite

EVENTS: list[Message] = [
    book.loan_disbursed(),
    book.loan_repaid(100_000, 3_000, 31),
    book.loan_repaid(50_000, 500, 61),
    book.account_opened("acc_1"),
    book.account_opened("acc_9", "2241"),
    book.entry_posted("ent_1", "acc_1", 300_000),
    book.entry_posted("ent_2", "acc_1", -103_000, 31),
    *book.limit_events(),
]


async def tell(door: Door, events: list[Message]) -> None:
    door.today(book.START)
    for event in events:
        await door.deliver(event, event_id=f"evt_{EVENTS.index(event)}")


async def position(door: Door, position_id: str) -> v1.Position:
    found: v1.Position = (await door.call(v1.GetPositionRequest(position_id=position_id))).position
    return found


async def test_a_loan_is_an_asset_with_what_is_left_of_its_instalments(door: Door) -> None:
    await tell(door, EVENTS)
    loan = await position(door, "loan_1")
    assert (loan.kind, loan.side) == (v1.POSITION_KIND_LOAN, v1.POSITION_SIDE_ASSET)
    assert (loan.customer_id, loan.product_id, date_of(loan.start_date)) == ("cus_1", "consumer_instalment", book.START)
    assert (loan.nominal_interest_rate.value, loan.transfer_rate.value) == ("0.12", "0.03")
    assert loan.outstanding.minor_units == 150_000
    left = [(flow.number, date_of(flow.due_date), flow.principal.minor_units, flow.interest.minor_units)
            for flow in loan.cash_flows]  # fmt: skip
    assert left == [(2, date(2026, 5, 2), 50_000, 1_500), (3, date(2026, 6, 2), 100_000, 1_000)]


async def test_a_deposit_is_a_liability_of_what_the_ledger_posted(door: Door) -> None:
    await tell(door, EVENTS)
    deposit = await position(door, "acc_1")
    assert (deposit.kind, deposit.side) == (v1.POSITION_KIND_DEPOSIT, v1.POSITION_SIDE_LIABILITY)
    assert (deposit.customer_id, deposit.product_id) == ("cus_1", "demand_deposit")
    assert deposit.outstanding.minor_units == 197_000
    assert not deposit.HasField("nominal_interest_rate")
    assert not deposit.cash_flows
    assert (await door.refused(v1.GetPositionRequest(position_id="acc_9"))).reason == "POSITION_NOT_FOUND"


async def test_what_may_still_be_drawn_is_off_the_balance_sheet(door: Door) -> None:
    await tell(door, EVENTS)
    limit = await position(door, "lim_1")
    assert (limit.kind, limit.side) == (v1.POSITION_KIND_UNDRAWN_LIMIT, v1.POSITION_SIDE_OFF_BALANCE_SHEET)
    assert (limit.product_id, limit.outstanding.minor_units) == ("consumer", 250_000)


async def test_positions_are_listed_by_kind_currency_and_customer(door: Door) -> None:
    await tell(door, EVENTS)

    async def listed(**asked: object) -> list[str]:
        reply = await door.call(v1.ListPositionsRequest(**asked))  # type: ignore[arg-type]
        return [found.position_id for found in reply.positions]

    assert await listed() == ["acc_1", "lim_1", "loan_1"]
    assert await listed(kind=v1.POSITION_KIND_LOAN) == ["loan_1"]
    assert await listed(currency_code="USD") == []
    assert await listed(customer_id="cus_1", kind=v1.POSITION_KIND_DEPOSIT) == ["acc_1"]
    first = await door.call(v1.ListPositionsRequest(page=PageRequest(size=2)))
    assert await listed(page=PageRequest(token=first.page.next_token)) == ["loan_1"]


async def everything(door: Door) -> list[v1.Position]:
    listed = await door.call(v1.ListPositionsRequest())
    return [await position(door, found.position_id) for found in listed.positions]


@pytest.fixture(scope="module")
async def in_order(tmp_path_factory: pytest.TempPathFactory) -> list[v1.Position]:
    store = fresh_sqlite("asset_liability", tmp_path_factory.mktemp("in_order"))
    async with opened("asset_liability", store, in_process) as door:
        await tell(door, EVENTS)
        return await everything(door)


@settings(max_examples=20, deadline=None)
@given(order=st.permutations(EVENTS), again=st.lists(st.sampled_from(EVENTS), max_size=8))
async def test_duplicates_and_any_order_across_contracts_leave_the_same(
    in_order: list[v1.Position], order: list[Message], again: list[Message]
) -> None:
    with TemporaryDirectory() as folder:
        store = fresh_sqlite("asset_liability", Path(folder))
        async with opened("asset_liability", store, in_process) as door:
            await tell(door, book.in_order_of_key(order, EVENTS))
            await tell(door, again)
            assert await everything(door) == in_order
