"""Runs through the door: how they end, what they undo, what they ask again."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from zhongtai.gateway.v1 import run_pb2 as v1

GOOD = [
    "CheckOffer", "Decide", "AssignRating", "GrantLimit", "HoldLimit", "QuoteLoan", "QuoteTransferPrice", "OpenLoan",
    "Disburse", "CommitHold", "ConfirmDisbursement",
]  # fmt: skip


async def test_a_run_reaches_its_good_end_and_tells_it(gateway: Any) -> None:
    reply = await gateway.begin()
    assert (reply.status, reply.outcome) == (v1.RUN_STATUS_COMPLETED, "APPROVED")
    assert MessageToDict(reply.output)["loan_id"] == "loan_1"
    assert gateway.bank.asked == GOOD
    (ended,) = await gateway.door.facts(v1.RunEnded)
    assert (ended.outcome, ended.product, ended.version) == ("APPROVED", "consumer_instalment", 1)
    (told,) = await gateway.door.facts(v1.ProductAnnounced)
    assert told.topic == "instalment_granted"
    assert told.attributes["amount"] == "CNY 12,000.00"


async def test_the_journal_tells_every_step_and_masks_personal_data(gateway: Any) -> None:
    run = await gateway.run((await gateway.begin()).run_id)
    assert [step.step for step in run.steps][:2] == ["offer", "decision"]
    assert len(run.steps) == len(GOOD) + 1
    decision = run.steps[1]
    assert decision.request_id == f"{run.run_id}:decision"
    assert MessageToDict(decision.request)["inputs"] == "[C2]"
    assert MessageToDict(run.input)["attributes"] == "[C2]"


async def test_no_step_ends_before_it_began(gateway: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = count()
    began = gateway.clock.now()
    monkeypatch.setattr(gateway.clock, "now", lambda: began + timedelta(seconds=next(seconds)))
    run = await gateway.run((await gateway.begin()).run_id)
    assert [step.step for step in run.steps if step.ended_at.ToDatetime() < step.started_at.ToDatetime()] == []


async def test_the_same_request_gets_the_same_run(gateway: Any) -> None:
    first, second = await asyncio.gather(gateway.begin(), gateway.begin())
    assert first == second
    assert gateway.bank.asked == GOOD


async def test_a_request_id_with_another_body_is_refused(gateway: Any) -> None:
    await gateway.begin()
    body = v1.StartRunRequest(request_id="r1", product="loan_repayment")
    body.input.update({"loan_id": "loan_1"})
    assert (await gateway.door.refused(body)).reason == "REQUEST_ID_REUSED"


async def test_another_client_may_use_the_same_request_id(gateway: Any) -> None:
    first = await gateway.begin()
    gateway.door.as_caller("someone", client_id="another")
    assert (await gateway.begin()).run_id != first.run_id


async def test_a_decline_is_a_result_with_reasons_and_leaves_nothing(gateway: Any) -> None:
    reasons = [{"code": "SCORE_BELOW_CUT_OFF", "text": "Too low.", "text_zh": "过低。"}]
    gateway.bank.replies["Decide"] |= {"outcome": "DECLINE", "reasons": reasons}
    reply = await gateway.begin()
    assert (reply.status, reply.outcome) == (v1.RUN_STATUS_DECLINED, "DECLINED")
    assert [reason.code for reason in reply.reasons] == ["SCORE_BELOW_CUT_OFF"]
    assert gateway.bank.done == ["Decide", "WithdrawDecision"]


async def test_a_refused_pivot_undoes_in_reverse(gateway: Any, faults: Any) -> None:
    gateway.bank.fails("Disburse", faults.refuses("ACCOUNT_MUST_BE_ACTIVE"))
    reply = await gateway.begin()
    assert (reply.status, reply.outcome) == (v1.RUN_STATUS_DECLINED, "ACCOUNT_BLOCKED")
    undone = ["CancelLoan", "ReleaseHold", "WithdrawGrant", "WithdrawRating", "WithdrawDecision"]
    assert gateway.bank.done[-5:] == undone
    (turned,) = await gateway.door.facts(v1.RunTurnedBack)
    assert turned.outcome == "ACCOUNT_BLOCKED"


async def test_a_refusal_without_an_answer_fails_the_run_with_its_reason(gateway: Any, faults: Any) -> None:
    gateway.bank.fails("Disburse", faults.refuses("ACCOUNT_NOT_FOUND"))
    reply = await gateway.begin()
    assert (reply.status, reply.outcome) == (v1.RUN_STATUS_FAILED, "REFUSED")
    assert reply.reasons[0].code == "ACCOUNT_NOT_FOUND"


async def test_an_undo_is_repeated_until_it_is_done(gateway: Any, faults: Any) -> None:
    gateway.bank.fails("Disburse", faults.refuses("ACCOUNT_NOT_FOUND"))
    gateway.bank.fails("ReleaseHold", faults.lost_before, faults.refuses("HOLD_ALREADY_COMMITTED"), faults.lost_after)
    assert (await gateway.begin()).status == v1.RUN_STATUS_FAILED
    assert gateway.bank.done.count("ReleaseHold") == 1


@pytest.mark.parametrize("rpc", GOOD)
@pytest.mark.parametrize("lost", ["lost_before", "lost_after"])
async def test_an_unknown_outcome_is_asked_about_and_never_undone(
    gateway: Any, faults: Any, rpc: str, lost: str
) -> None:
    gateway.bank.fails(rpc, getattr(faults, lost), getattr(faults, lost))
    reply = await gateway.begin()
    assert reply.outcome == "APPROVED"
    assert gateway.bank.asked.count(rpc) == 3
    assert [name for name in GOOD if name in gateway.bank.done] == gateway.bank.done


async def test_after_the_pivot_a_run_goes_forward_whatever_is_refused(gateway: Any, faults: Any) -> None:
    gateway.bank.fails("CommitHold", *[faults.refuses("HOLD_MUST_BE_OPEN")] * 3)
    reply = await gateway.begin()
    assert reply.outcome == "APPROVED"
    assert "ReleaseHold" not in gateway.bank.asked
    committed = next(step for step in (await gateway.run(reply.run_id)).steps if step.step == "committed")
    assert (committed.attempts, committed.status) == (4, v1.STEP_STATUS_DONE)


async def test_a_late_run_calls_for_people_once_and_goes_on(gateway: Any, faults: Any) -> None:
    await gateway.restart(patience=replace(gateway.limits.patience, late_after_s=0.0))
    gateway.bank.fails("CommitHold", *[faults.lost_before] * 4)
    reply = await gateway.begin()
    assert reply.outcome == "APPROVED"
    assert gateway.bank.done.count("OpenWorkOrder") == 1
    assert len(await gateway.door.facts(v1.RunLate)) == 1
    assert (await gateway.run(reply.run_id)).late


async def test_a_caller_with_a_short_deadline_is_answered_and_the_run_goes_on(gateway: Any) -> None:
    gateway.bank.gate = asyncio.Event()
    body = v1.StartRunRequest(request_id="r1", product="consumer_instalment")
    body.input.update({**_instalment(), "amount": {"currencyCode": "CNY", "minorUnits": "1200000"}})
    deadline = asyncio.get_running_loop().time() + 0.3
    reply = await gateway.door.call(body, deadline=deadline)
    assert (reply.status, reply.outcome) == (v1.RUN_STATUS_RUNNING, "")
    gateway.bank.gate.set()
    assert (await gateway.ended(reply.run_id)).outcome == "APPROVED"


async def test_many_runs_at_once_all_end(gateway: Any) -> None:
    replies = await asyncio.gather(*(gateway.begin(request_id=f"r{at}") for at in range(150)))
    assert {reply.outcome for reply in replies} == {"APPROVED"}
    assert gateway.bank.done.count("Disburse") == 150


async def test_beyond_the_queue_a_run_is_refused_at_once(gateway: Any) -> None:
    await gateway.restart(at_work=1, queued=1)
    gateway.bank.gate = asyncio.Event()
    begun = [asyncio.create_task(gateway.begin(request_id=f"r{at}")) for at in range(2)]
    await gateway.started(2)
    body = v1.StartRunRequest(request_id="r9", product="consumer_instalment")
    body.input.update(_instalment())
    assert (await gateway.door.refused(body)).reason == "TOO_MANY_RUNS"
    gateway.bank.gate.set()
    assert {reply.outcome for reply in await asyncio.gather(*begun)} == {"APPROVED"}


async def test_runs_that_start_at_once_are_counted_before_they_are_written(gateway: Any) -> None:
    await gateway.restart(at_work=2, queued=1)
    gateway.bank.gate = asyncio.Event()
    begun = [asyncio.create_task(gateway.begin(request_id=f"r{at}")) for at in range(9)]
    await gateway.started(3)
    gateway.bank.gate.set()
    ended = await asyncio.gather(*begun, return_exceptions=True)
    assert sorted(getattr(end, "reason", "begun") for end in ended) == [*["TOO_MANY_RUNS"] * 6, *["begun"] * 3]


async def test_a_run_whose_caller_goes_away_while_it_is_written_is_done_all_the_same(
    gateway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, reached, go_on = gateway.service.store, asyncio.Event(), asyncio.Event()
    written = store.change

    async def change(*work: Any) -> Any:
        answer = await written(*work)
        reached.set()
        await go_on.wait()
        return answer

    monkeypatch.setattr(store, "change", change)
    begun = asyncio.create_task(gateway.begin())
    await reached.wait()
    begun.cancel()
    await asyncio.gather(begun, return_exceptions=True)
    monkeypatch.undo()
    go_on.set()
    (started,) = await gateway.door.facts(v1.RunStarted)
    async with asyncio.timeout(10):
        assert (await gateway.ended(started.run_id)).outcome == "APPROVED"


async def test_bad_input_names_every_field_and_leaves_no_trace(gateway: Any) -> None:
    body = v1.StartRunRequest(request_id="r1", product="consumer_instalment")
    body.input.update({**_instalment(), "amount": 12.5, "term_months": "many", "colour": "red"})
    del body.input["customer_id"]
    refusal = await gateway.door.refused(body)
    assert refusal.reason == "REQUEST_INVALID"
    fields = {violation.field for violation in refusal.violations}
    assert fields == {"input.amount", "input.term_months", "input.colour", "input.customer_id"}
    assert await gateway.door.envelopes() == []


@pytest.mark.parametrize(
    ("product", "version", "reason"),
    [("no_such", 0, "PRODUCT_NOT_FOUND"), ("loan_repayment", 9, "PRODUCT_VERSION_NOT_OPEN")],
)
async def test_a_product_that_is_not_there_is_refused(gateway: Any, product: str, version: int, reason: str) -> None:
    body = v1.StartRunRequest(request_id="r1", product=product, version=version)
    body.input.update({"loan_id": "loan_1"})
    assert (await gateway.door.refused(body)).reason == reason


async def test_runs_are_listed_by_product_and_end(gateway: Any) -> None:
    await gateway.begin(request_id="r1")
    gateway.bank.replies["CheckOffer"] = {"eligible": False}
    await gateway.begin(request_id="r2")
    listed = await gateway.door.call(v1.ListRunsRequest(outcome="NOT_ELIGIBLE"))
    assert [run.outcome for run in listed.runs] == ["NOT_ELIGIBLE"]
    both = await gateway.door.call(v1.ListRunsRequest(product="consumer_instalment", status=v1.RUN_STATUS_COMPLETED))
    assert [run.outcome for run in both.runs] == ["APPROVED"]


def _instalment() -> dict[str, Any]:
    return {
        "customer_id": "cus_1",
        "account_id": "acc_1",
        "amount": "CNY 12,000.00",
        "term_months": 12,
        "attributes": {"purpose": "furniture"},
    }
