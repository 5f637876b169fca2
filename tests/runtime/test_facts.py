"""A fact is small: one that is not would hold up every fact behind it, so it is a defect of whoever records it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from zhongtai.credit.limit.domain import LimitFrozen
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
