"""Batches: what moved and what was rejected come to what was submitted; a split loses no minor unit."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import CurrencyMustMatch, Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.chart.store import CHART
from zhongtai.operations.payment_batch.domain import (
    BatchKind,
    BatchLine,
    BatchLineMustBeAnotherAccount,
    BatchLinesMustBeUnique,
    BatchReferenceMustBeUnique,
    BatchStatus,
    BatchTotalsMustMatch,
    PaymentBatch,
    Share,
    SharesMustEachGetSomething,
    shared,
)
from zhongtai.operations.payment_batch.store import RULES

NOW = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)


def cny(minor: int) -> Money:
    return Money("CNY", minor)


def lines(*amounts: int) -> list[BatchLine]:
    return [
        BatchLine("batch_1", number, f"l{number}", f"acc_{number}", cny(amount), "")
        for number, amount in enumerate(amounts, 1)
    ]


def batch(*amounts: int) -> PaymentBatch:
    return PaymentBatch(
        payment_batch_id="batch_1",
        kind=BatchKind.PAYROLL,
        end_to_end_id="e1",
        initiating_party="channel",
        account_id="acc_employer",
        amount=cny(sum(amounts)),
        count=len(amounts),
        batch_booking=False,
        fingerprint="f",
        status=BatchStatus.RCVD,
        accepted=cny(0),
        accepted_count=0,
        rejected=cny(0),
        rejected_count=0,
        created_at=NOW,
    )


def test_a_batch_holds_the_lines_it_says() -> None:
    found = batch(10, 20)
    assert found.must_hold(lines(10, 20)) is found
    for wrong in (lines(10, 21), lines(10, 19, 1), lines(30)):
        with pytest.raises(BatchTotalsMustMatch):
            found.must_hold(wrong)
    with pytest.raises(BatchLinesMustBeUnique):
        found.must_hold([replace(line, end_to_end_id="l") for line in lines(10, 20)])
    with pytest.raises(BatchLineMustBeAnotherAccount) as refused:
        found.must_hold([lines(10)[0], replace(lines(0, 20)[1], account_id="acc_employer")])
    assert refused.value.number == 2
    with pytest.raises(CurrencyMustMatch):
        found.must_be_in("USD")
    with pytest.raises(BatchReferenceMustBeUnique):
        found.must_be(replace(found, fingerprint="g"))


@given(st.lists(st.tuples(st.integers(1, 10**9), st.booleans()), min_size=1, max_size=30), st.integers(1, 5))
def test_in_whatever_pieces_the_outcomes_come_to_what_was_submitted(
    outcomes: list[tuple[int, bool]], piece: int
) -> None:
    amounts = [amount for amount, _ in outcomes]
    found = batch(*amounts)
    done = [
        line.moved("ent_1") if moves else line.rejected("AM04")
        for line, (_, moves) in zip(lines(*amounts), outcomes, strict=True)
    ]
    for start in range(0, len(done), piece):
        assert found.status in (BatchStatus.RCVD, BatchStatus.ACSP)
        found = found.after(done[start : start + piece])
    moved = sum(moves for _, moves in outcomes)
    assert found.accepted + found.rejected == found.amount
    assert (found.accepted_count, found.left) == (moved, 0)
    expected = {0: BatchStatus.RJCT, len(outcomes): BatchStatus.ACSC}.get(moved, BatchStatus.PART)
    assert found.status is expected


@given(st.integers(1, 10**12), st.lists(st.decimals(0, 1000, places=3), min_size=1, max_size=20))
def test_a_split_loses_no_minor_unit_and_pays_nobody_nothing(amount: int, weights: list[Decimal]) -> None:
    shares = [Share(f"acc_{place}", weight, "") for place, weight in enumerate(weights)]
    try:
        found = shared("batch_1", cny(amount), shares)
    except Refusal:
        return
    assert sum(line.amount.minor_units for line in found) == amount
    assert all(line.amount.minor_units > 0 for line in found)


def test_the_remainder_goes_to_the_largest_remainders_first() -> None:
    thirds = [Share(f"acc_{place}", Decimal(1), "") for place in range(3)]
    assert [line.amount.minor_units for line in shared("b", cny(100), thirds)] == [34, 33, 33]
    with pytest.raises(SharesMustEachGetSomething):
        shared("b", cny(2), thirds)


def test_every_kind_has_a_rule_over_accounts_alone() -> None:
    assert set(RULES) == set(BatchKind)
    for rule in RULES.values():
        assert {leg.side for leg in rule.legs} == {"DEBIT", "CREDIT"}
        assert not [leg.account_code for leg in rule.legs if leg.account_code and CHART.account(leg.account_code)]
