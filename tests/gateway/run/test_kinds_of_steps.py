"""Blocks, loops and nested products: they compile, their examples hold, and runs walk them, also after a crash."""

import asyncio
from typing import Any

import pytest

from zhongtai.gateway.scenario.shipped import ScenarioFile, compile_all, shipped
from zhongtai.gateway.v1 import run_pb2 as v1

LOANS = """
product: repay_many
version: 1
title: {en: Repay many, zh: 批量还款}
input: {loan_ids: list<string>, amount: money, limit_id: string}
budget: {latency: 1s, deadline: 10s, calls: 20}
steps:
  - id: reads
    all:
      - id: limit
        call: credit.LimitService.GetLimit
        with: {limit_id: input.limit_id}
      - id: first
        call: credit.LoanService.GetLoan
        with: {loan_id: "input.loan_ids[0]"}
  - id: holds
    each: input.loan_ids
    as: loan_id
    at_most: 3
    steps:
      - id: quote
        call: credit.RepaymentService.QuoteRepayment
        with: {loan_id: loan_id}
      - id: due
        require: money.is_positive(quote.due.total)
        else: {outcome: NOTHING_DUE}
      - id: hold
        when: money.gt(quote.due.total, money.of('CNY', 1))
        call: credit.LimitService.HoldLimit
        with: {limit_id: limit.limit.limit_id, amount: quote.due.total}
    collect: quote.due.total
  - id: repaid
    product: loan_repayment@1
    with: {loan_id: "input.loan_ids[0]"}
    ended:
      NOTHING_DUE: {outcome: NOTHING_DUE}
      BALANCE_TOO_LOW: {outcome: NO_MONEY}
  - id: frozen
    call: credit.LimitService.FreezeLimit
    with: {limit_id: input.limit_id}
done: REPAID
output: {payment_id: repaid.payment_id, total: "money.sum(holds, 'CNY')"}
outcomes:
  REPAID: {en: Repaid., zh: 已还。}
  NOTHING_DUE: {en: Nothing is due., zh: 无应还。}
  NO_MONEY: {en: No money., zh: 余额不足。}
examples:
  - name: two loans
    input: {loan_ids: [loan_1, loan_2], amount: "CNY 5.00", limit_id: lim_1}
    replies:
      limit: {limit: {limit_id: lim_1}}
      holds.quote: {due: {total: "CNY 2.00"}}
      holds.0.hold: {limit_id: lim_1, hold_id: hold_1}
      holds.1.hold: {limit_id: lim_1, hold_id: hold_2}
      repaid.quote: {account_id: acc_1, due: {total: "CNY 2.00"}}
      repaid.payment: {payment_id: pay_1}
    expect: {outcome: REPAID, output: {payment_id: pay_1, total: "CNY 4.00"}}
  - name: the second loan owes nothing, so the first hold is given back
    input: {loan_ids: [loan_1, loan_2], amount: "CNY 5.00", limit_id: lim_1}
    replies:
      limit: {limit: {limit_id: lim_1}}
      holds.0.quote: {due: {total: "CNY 2.00"}}
      holds.1.quote: {due: {total: "CNY 0.00"}}
      holds.hold: {limit_id: lim_1, hold_id: hold_1}
    expect: {outcome: NOTHING_DUE, undone: [holds.0.hold]}
  - name: the nested product finds nothing due
    input: {loan_ids: [loan_1], amount: "CNY 5.00", limit_id: lim_1}
    replies:
      limit: {limit: {limit_id: lim_1}}
      holds.quote: {due: {total: "CNY 0.01"}}
      repaid.quote: {account_id: acc_1, due: {total: "CNY 0.00"}}
    expect: {outcome: NOTHING_DUE, undone: []}
  - name: the nested product finds no money
    input: {loan_ids: [loan_1], amount: "CNY 5.00", limit_id: lim_1}
    replies:
      limit: {limit: {limit_id: lim_1}}
      holds.quote: {due: {total: "CNY 2.00"}}
      holds.hold: {limit_id: lim_1, hold_id: hold_1}
      repaid.quote: {account_id: acc_1, due: {total: "CNY 2.00"}}
    refusals: {repaid.payment: AVAILABLE_BALANCE_EXHAUSTED}
    expect: {outcome: NO_MONEY, undone: [holds.0.hold]}
"""
FREEZE = """
product: freeze
version: 1
title: {en: Freeze, zh: 冻结}
input: {limit_id: string}
budget: {latency: 1s, deadline: 10s, calls: 1}
steps:
  - id: frozen
    call: credit.LimitService.FreezeLimit
    with: {limit_id: input.limit_id}
done: FROZEN
outcomes: {FROZEN: {en: Frozen., zh: 已冻结。}}
examples:
  - name: it freezes
    input: {limit_id: lim_1}
    expect: {outcome: FROZEN}
"""
FILES = (*shipped(), ScenarioFile("repay_many.yaml", LOANS), ScenarioFile("freeze.yaml", FREEZE))
GIVEN = {"loan_ids": ["loan_1", "loan_2"], "amount": "CNY 5.00", "limit_id": "lim_1"}
DONE = ["HoldLimit", "HoldLimit", "Collect", "RepayLoan", "FreezeLimit"]


@pytest.fixture
async def blocks(gateway: Any) -> Any:
    """A gateway with a product of every kind of block."""
    gateway.bank.replies |= {
        "GetLimit": {"limit": {"limit_id": "lim_1"}},
        "QuoteRepayment": {"account_id": "acc_1", "due": {"total": "CNY 2.00"}},
        "Collect": {"payment_id": "pay_1"},
    }
    await gateway.stop()
    gateway.files = FILES
    await gateway.start()
    return gateway


async def test_blocks_loops_and_nested_products_run(blocks: Any) -> None:
    reply = await blocks.begin("repay_many", **GIVEN)
    assert reply.outcome == "REPAID"
    assert dict(reply.output["total"]) == {"currencyCode": "CNY", "minorUnits": "400"}
    assert blocks.bank.done == DONE
    names = [step.step for step in (await blocks.run(reply.run_id)).steps]
    assert names[2:] == [
        "holds.0.quote", "holds.0.hold", "holds.1.quote", "holds.1.hold",
        "repaid.quote", "repaid.payment", "repaid.repaid", "frozen",
    ]  # fmt: skip


async def test_a_refusal_in_a_nested_product_undoes_the_steps_around_it(blocks: Any, faults: Any) -> None:
    blocks.bank.fails("Collect", faults.refuses("AVAILABLE_BALANCE_EXHAUSTED"))
    reply = await blocks.begin("repay_many", **GIVEN)
    assert (reply.status, reply.outcome) == (v1.RUN_STATUS_DECLINED, "NO_MONEY")
    assert blocks.bank.done == ["HoldLimit", "HoldLimit", "ReleaseHold", "ReleaseHold"]


async def test_a_refusal_in_a_block_waits_for_its_neighbours(blocks: Any, faults: Any) -> None:
    blocks.bank.fails("GetLimit", faults.refuses("LIMIT_NOT_FOUND"))
    reply = await blocks.begin("repay_many", **GIVEN)
    assert (reply.outcome, reply.reasons[0].code) == ("REFUSED", "LIMIT_NOT_FOUND")
    assert sorted(blocks.bank.asked) == ["GetLimit", "GetLoan"]


async def test_a_list_longer_than_said_ends_the_run_before_anything_is_done(blocks: Any) -> None:
    reply = await blocks.begin("repay_many", **{**GIVEN, "loan_ids": ["a", "b", "c", "d"]})
    assert (reply.status, reply.reasons[0].code) == (v1.RUN_STATUS_FAILED, "EXPRESSION_FAILED")
    assert blocks.bank.done == []


async def test_a_step_that_must_succeed_is_repeated_though_there_is_no_pivot(blocks: Any, faults: Any) -> None:
    blocks.bank.fails("FreezeLimit", faults.refuses("LIMIT_NOT_FOUND"), faults.refuses("LIMIT_NOT_FOUND"))
    assert (await blocks.begin("freeze", limit_id="lim_1")).outcome == "FROZEN"


@pytest.mark.parametrize("dies_after", range(1, 11))
async def test_blocks_survive_the_death_of_their_process(blocks: Any, dies_after: int) -> None:
    blocks.bank.dies_after = dies_after
    begun = asyncio.create_task(blocks.begin("repay_many", **GIVEN))
    await blocks.bank.died.wait()
    begun.cancel()
    await blocks.stop()
    blocks.bank.dies_after = None
    await blocks.start()
    (started,) = await blocks.door.facts(v1.RunStarted)
    assert (await blocks.ended(started.run_id)).outcome == "REPAID"
    assert blocks.bank.done == DONE


def test_the_products_of_this_test_compile() -> None:
    assert {"repay_many@1", "freeze@1"} <= set(compile_all(FILES))
