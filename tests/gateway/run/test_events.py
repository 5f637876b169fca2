"""Runs that wait: for a person, for an event, in vain; events that come early, twice, or for nobody."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from google.protobuf.message import Message

from zhongtai.gateway.run.domain import Run
from zhongtai.gateway.run.handlers import arrive
from zhongtai.gateway.run.products import Products
from zhongtai.gateway.scenario.shipped import ScenarioFile, shipped
from zhongtai.gateway.v1 import run_pb2 as v1
from zhongtai.operations.v1 import payment_pb2, work_order_pb2
from zhongtai.runtime.call import Call

SETTLEMENT = """
product: settled_gift
version: 1
title: {en: Settled gift, zh: 到账捐赠}
input: {debtor_account_id: string, charity_account_id: string, amount: money}
budget: {latency: 1s, deadline: 10s, calls: 3}
steps:
  - id: hold
    call: operations.AccountService.PlaceHold
    with: {account_id: input.debtor_account_id, amount: input.amount}
  - id: settled
    wait: operations.PaymentSettled
    match: {payment_id: hold.hold_id}
    timeout: {after: 2d, outcome: NEVER_SETTLED}
done: GIVEN
output: {payment_id: settled.payment_id}
outcomes:
  GIVEN: {en: Given., zh: 已捐。}
  NEVER_SETTLED: {en: It never settled., zh: 未到账。}
examples:
  - name: it settles
    input: {debtor_account_id: acc_1, charity_account_id: acc_2, amount: "CNY 1.00"}
    replies: {hold: {hold_id: hold_7}, settled: {payment_id: hold_7}}
    expect: {outcome: GIVEN}
  - name: it never settles
    input: {debtor_account_id: acc_1, charity_account_id: acc_2, amount: "CNY 1.00"}
    replies: {hold: {hold_id: hold_7}, settled: timeout}
    expect: {outcome: NEVER_SETTLED, undone: [hold]}
"""
GIFT = {"debtor_account_id": "acc_1", "charity_account_id": "acc_2", "amount": "CNY 1.00"}


def decided(outcome: str, order: str = "wo_1") -> Message:
    """A person's decision."""
    name = f"WORK_ORDER_OUTCOME_{outcome}"
    return work_order_pb2.WorkOrderDecided(
        work_order_id=order,
        kind="credit_referral",
        outcome=name,
        decided_by="officer",
    )


@pytest.fixture
async def referred(gateway: Any) -> Any:
    """A gateway whose decisions are referred to a person."""
    gateway.bank.replies["Decide"]["outcome"] = "REFER"
    return gateway


@pytest.mark.parametrize(("outcome", "end"), [("APPROVED", "APPROVED"), ("REJECTED", "REVIEW_REJECTED")])
async def test_a_person_decides(referred: Any, outcome: str, end: str) -> None:
    reply = await referred.begin()
    assert (reply.status, reply.waiting_in) == (v1.RUN_STATUS_WAITING, "review")
    await referred.door.deliver(decided(outcome))
    run = await referred.ended(reply.run_id)
    assert run.outcome == end
    assert referred.bank.asked.count("Decide") == 1
    assert "CancelWorkOrder" not in referred.bank.asked
    (waiting,) = await referred.door.facts(v1.RunWaiting)
    assert waiting.subject == "zhongtai.operations.v1.WorkOrderDecided"
    (resumed,) = await referred.door.facts(v1.RunResumed)
    assert resumed.came


async def test_nobody_decides_in_time(referred: Any) -> None:
    reply = await referred.begin()
    referred.door.now(referred.clock.now() + timedelta(days=5, seconds=1))
    run = await referred.ended(reply.run_id)
    assert (run.status, run.outcome) == (v1.RUN_STATUS_DECLINED, "REVIEW_EXPIRED")
    assert referred.bank.done[-2:] == ["CancelWorkOrder", "WithdrawDecision"]


async def test_a_decision_that_comes_twice_or_late_acts_once(referred: Any) -> None:
    reply = await referred.begin()
    await referred.door.deliver(decided("APPROVED"), event_id="e1")
    await referred.door.deliver(decided("APPROVED"), event_id="e1")
    await referred.ended(reply.run_id)
    await referred.door.deliver(decided("REJECTED"), event_id="e2")
    assert (await referred.run(reply.run_id)).outcome == "APPROVED"
    assert referred.bank.done.count("Disburse") == 1


async def test_a_decision_that_comes_before_the_run_waits_is_not_lost(referred: Any) -> None:
    await referred.door.deliver(decided("APPROVED"))
    reply = await referred.begin()
    assert (await referred.ended(reply.run_id)).outcome == "APPROVED"


async def test_a_decision_for_another_order_changes_nothing(referred: Any) -> None:
    reply = await referred.begin()
    await referred.door.deliver(decided("APPROVED", order="wo_2"))
    await referred.executor.look()
    assert (await referred.run(reply.run_id)).status == v1.RUN_STATUS_WAITING


async def test_a_run_that_waited_goes_on_with_the_business_date_of_then(referred: Any) -> None:
    referred.door.today(date(2026, 1, 5))
    reply = await referred.begin()
    referred.door.today(date(2026, 1, 7))
    await referred.door.deliver(decided("APPROVED"))
    await referred.ended(reply.run_id)
    assert referred.bank.business_dates[0] == date(2026, 1, 5)
    assert referred.bank.business_dates[-1] == date(2026, 1, 7)


async def test_a_waiting_run_outlives_its_process(referred: Any) -> None:
    reply = await referred.begin()
    await referred.stop()
    await referred.start()
    await referred.door.deliver(decided("APPROVED"))
    assert (await referred.ended(reply.run_id)).outcome == "APPROVED"


async def test_runs_whose_event_came_go_on_together(referred: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run_ids = await _decided_together(referred)
    together, change_all = [], referred.service.store.change_all

    async def counted(works: Any) -> Any:
        together.append(len(works))
        return await change_all(works)

    monkeypatch.setattr(referred.service.store, "change_all", counted)
    await referred.executor.look()
    assert together == [len(run_ids)]
    assert {(await referred.ended(run_id)).outcome for run_id in run_ids} == {"APPROVED"}
    assert [fact.run_id for fact in await referred.door.facts(v1.RunResumed)] == sorted(run_ids)
    await referred.executor.look()
    assert referred.bank.done.count("Disburse") == len(run_ids)


async def test_a_run_that_cannot_be_resumed_stops_no_other(referred: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, *others = await _decided_together(referred)
    resumes = Run.resumes

    def fails(run: Run, *given: Any) -> Any:
        assert run.run_id != broken
        return resumes(run, *given)

    monkeypatch.setattr(Run, "resumes", fails)
    await referred.executor.look()
    assert {(await referred.ended(run_id)).outcome for run_id in others} == {"APPROVED"}
    assert (await referred.run(broken)).status == v1.RUN_STATUS_WAITING
    monkeypatch.undo()
    await referred.executor.look()
    assert (await referred.ended(broken)).outcome == "APPROVED"


async def _no_such_plan(*_: Any) -> None:
    raise LookupError("no such plan")


async def test_a_run_that_cannot_be_taken_up_stops_no_other(referred: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, *others = await _decided_together(referred)
    version, asked = referred.executor.products.version, []

    async def fails_first(*given: Any) -> Any:
        asked.append(given)
        if len(asked) == 1:
            await _no_such_plan()
        return await version(*given)

    monkeypatch.setattr(referred.executor.products, "version", fails_first)
    await referred.executor.look()
    assert {(await referred.ended(run_id)).outcome for run_id in others} == {"APPROVED"}
    assert (await referred.run(broken)).status == v1.RUN_STATUS_RUNNING
    await referred.stop()
    monkeypatch.setattr(Products, "version", _no_such_plan)
    await referred.start()
    assert (await referred.run(broken)).status == v1.RUN_STATUS_RUNNING
    await referred.stop()
    monkeypatch.undo()
    await referred.start()
    assert (await referred.ended(broken)).outcome == "APPROVED"
    assert len(await referred.door.facts(v1.RunResumed)) == 1 + len(others)


async def test_a_product_waits_for_any_event_by_one_file(gateway: Any) -> None:
    await _with_settlement(gateway)
    reply = await gateway.begin("settled_gift", **GIFT)
    assert reply.waiting_in == "settled"
    await _arrives(gateway, payment_pb2.PaymentSettled(payment_id="hold_7"))
    assert (await gateway.ended(reply.run_id)).outcome == "GIVEN"


async def test_an_event_that_never_comes_is_the_products_answer(gateway: Any) -> None:
    await _with_settlement(gateway)
    reply = await gateway.begin("settled_gift", **GIFT)
    gateway.door.now(gateway.clock.now() + timedelta(days=2))
    run = await gateway.ended(reply.run_id)
    assert run.outcome == "NEVER_SETTLED"
    assert gateway.bank.done == ["PlaceHold", "ReleaseHold"]
    (resumed,) = await gateway.door.facts(v1.RunResumed)
    assert not resumed.came


async def _decided_together(gateway: Any) -> list[str]:
    """Runs in the order they began, whose common work order is decided before the gateway looks again."""
    await gateway.restart(look_every_s=3600.0)
    replies = await asyncio.gather(*(gateway.begin(request_id=f"r{at}") for at in range(20)))
    await gateway.door.deliver(decided("APPROVED"))
    return sorted(reply.run_id for reply in replies)


async def _with_settlement(gateway: Any) -> None:
    gateway.bank.replies["PlaceHold"] = {"hold_id": "hold_7"}
    await gateway.stop()
    gateway.files = (*shipped(), ScenarioFile("settled_gift.yaml", SETTLEMENT))
    await gateway.start()


async def _arrives(gateway: Any, event: Message) -> None:
    """Hands an event in as the handler does that is made for every event a shipped product waits for."""

    def work(writing: Any) -> None:
        arrive(event, frozenset({"payment_id"}), gateway.service.unit(writing, _call(gateway), "evt_1"))

    await gateway.service.store.change(work)
    await asyncio.sleep(0)


def _call(gateway: Any) -> Any:
    return Call(gateway.door.caller)
