"""A fact is small: one that is not would hold up every fact behind it, so it is a defect of whoever records it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from zhongtai.credit.limit.domain import LimitFrozen
from zhongtai.credit.v1 import limit_pb2
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.clock import GivenClock
from zhongtai.runtime.database import Store
from zhongtai.runtime.service import Service
from zhongtai.runtime.transactions import Writing
from zhongtai.runtime.unit import FACT_BYTES
from zhongtai.testing.templates import fresh_sqlite

TELLER = Call(Caller("teller", "tests"))


async def test_a_fact_of_more_than_a_mebibyte_is_a_defect(tmp_path: Path) -> None:
    store = Store.open(fresh_sqlite("credit", tmp_path), "credit")
    service = Service("credit", store, GivenClock())

    def recording(size: int) -> Callable[[Writing], None]:
        def work(writing: Writing) -> None:
            service.unit(writing, TELLER, "1").record(LimitFrozen("x" * size))

        return work

    try:
        with pytest.raises(ValueError, match="LimitFrozen"):
            await store.change(recording(FACT_BYTES))
        assert await store.outbox_after(0, 10) == []
        await store.change(recording(FACT_BYTES - 10))
        assert len(await store.outbox_after(0, 10)) == 1
    finally:
        await asyncio.to_thread(store.close)


async def test_facts_recorded_together_are_told_in_their_order(tmp_path: Path) -> None:
    store = Store.open(fresh_sqlite("credit", tmp_path), "credit")
    service = Service("credit", store, GivenClock())

    def work(writing: Writing) -> None:
        unit = service.unit(writing, TELLER, "1")
        unit.record(LimitFrozen("lim_0"))
        unit.record_all([LimitFrozen(f"lim_{number}") for number in range(1, 1_500)])
        unit.record_all([])

    try:
        await store.change(work)
        told = await store.outbox_after(0, 2_000)
        assert [envelope.key for envelope in told] == [f"lim_{number}" for number in range(1_500)]
        assert [limit_pb2.LimitFrozen.FromString(each.payload).limit_id for each in told] == [each.key for each in told]
        assert sorted({envelope.event_id for envelope in told}) == [envelope.event_id for envelope in told]
        assert {(envelope.subject, envelope.cause) for envelope in told} == {("zhongtai.credit.v1.LimitFrozen", "1")}
    finally:
        await asyncio.to_thread(store.close)
