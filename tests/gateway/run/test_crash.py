"""The process dies after every single request of a run, in every kind of run: it ends as if nothing had happened."""

import asyncio
from typing import Any

import pytest

from zhongtai.gateway.v1 import run_pb2 as v1

LENGTHS = {"good": 11, "refused": 14, "declined": 3}


@pytest.mark.parametrize(
    ("story", "dies_after"), [(story, at) for story, length in LENGTHS.items() for at in range(1, length + 1)]
)
async def test_a_run_survives_the_death_of_its_process(gateway: Any, faults: Any, story: str, dies_after: int) -> None:
    expected = await _tell(gateway, faults, story)
    clean = list(gateway.bank.done)
    gateway.bank.done.clear()
    gateway.bank.kept.clear()
    gateway.bank.asked.clear()
    gateway.bank.dies_after = dies_after
    _arrange(gateway, faults, story)
    begun = asyncio.create_task(gateway.begin(request_id="crash"))
    await gateway.bank.died.wait()
    begun.cancel()
    await gateway.stop()
    gateway.bank.dies_after = None
    _arrange(gateway, faults, story, again=True)
    await gateway.start()
    run_id = (await gateway.door.facts(v1.RunStarted))[-1].run_id
    run = await gateway.ended(run_id)
    assert run.outcome == expected
    assert gateway.bank.done == clean
    # Who asks again is told the same run.
    assert (await gateway.begin(request_id="crash")).run_id == run_id
    assert len([fact for fact in await gateway.door.facts(v1.RunEnded) if fact.run_id == run_id]) == 1


async def test_a_changed_file_needs_a_new_version_while_runs_are_under_way(gateway: Any) -> None:
    gateway.bank.replies["Decide"]["outcome"] = "REFER"
    await gateway.begin()
    await gateway.stop()
    shipped = gateway.files
    gateway.files = tuple(_mended(file) for file in shipped)
    with pytest.raises(Exception, match="version: 2"):
        await gateway.start()
    await asyncio.to_thread(gateway.service.store.close)
    gateway.files = shipped
    await gateway.start()


def _mended(file: Any) -> Any:
    return type(file)(file.name, file.text + "\n# mended\n")


async def _tell(gateway: Any, faults: Any, story: str) -> str:
    _arrange(gateway, faults, story)
    return str((await gateway.begin(request_id="clean")).outcome)


def _arrange(gateway: Any, faults: Any, story: str, *, again: bool = False) -> None:
    """What the services do in a story. A service that refused once refuses again."""
    if story == "declined":
        gateway.bank.replies["Decide"]["outcome"] = "DECLINE"
    if story == "refused":
        gateway.bank.faults["Disburse"] = [faults.refuses("ACCOUNT_NOT_FOUND")] * (2 if again else 1)


@pytest.mark.parametrize("stops_after", range(1, 12))
async def test_what_the_journal_lost_is_not_done_twice_nor_otherwise(
    gateway: Any, monkeypatch: pytest.MonkeyPatch, stops_after: int
) -> None:
    """The disk stops at some request, the run goes on as far as it may, the process dies; then prices have moved."""
    bank, store = gateway.bank, gateway.service.store
    written = store.change

    async def change(*work: Any) -> Any:
        if len(bank.asked) >= stops_after:
            await asyncio.Event().wait()
        return await written(*work)

    monkeypatch.setattr(store, "change", change)
    begun = asyncio.create_task(gateway.begin())
    await _stands_still(bank)
    begun.cancel()
    gateway.executor.abandon()
    monkeypatch.undo()
    await gateway.stop()
    bank.replies["QuoteTransferPrice"] = {"rate": "0.0999"}
    await gateway.start()
    (started,) = await gateway.door.facts(v1.RunStarted)
    assert (await gateway.ended(started.run_id)).outcome == "APPROVED"
    assert len(bank.done) == len(set(bank.done)) == 8


async def _stands_still(bank: Any) -> None:
    """Returns once the gateway asks nothing more."""
    seen = -1
    while seen != len(bank.asked) or not seen:
        seen = len(bank.asked)
        await asyncio.sleep(0.05)
