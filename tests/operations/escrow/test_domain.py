"""Escrows: paid in = released + returned + kept, whoever asks for what."""

from datetime import date
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhongtai.kernel.money import Money
from zhongtai.kernel.refusals import Refusal
from zhongtai.operations.chart.store import CHART
from zhongtai.operations.escrow.domain import (
    Escrow,
    EscrowAmountExhausted,
    EscrowMustBeOpen,
    EscrowParty,
    EscrowPartyMustDecide,
    EscrowStatus,
)
from zhongtai.operations.escrow.store import RULES

DAY = date(2026, 5, 8)
PAYER, PAYEE, ARBITER = EscrowParty


def cny(minor: int) -> Money:
    return Money("CNY", minor)


def kept(amount: int = 100) -> Escrow:
    return Escrow(
        escrow_id="esc_1",
        end_to_end_id="e1",
        initiating_party="channel",
        payer_account_id="acc_1",
        payee_account_id="acc_2",
        condition="the goods arrived",
        amount=cny(amount),
        released_by=(PAYER, ARBITER),
        returned_by=(PAYEE, ARBITER),
        expires_on=DAY,
        released=cny(0),
        returned=cny(0),
    )


def test_only_who_has_the_say_moves_the_money() -> None:
    assert kept().release(cny(100), PAYER, DAY).status is EscrowStatus.CLOSED
    assert kept().give_back(cny(100), PAYEE, DAY).status is EscrowStatus.CLOSED
    with pytest.raises(EscrowPartyMustDecide):
        kept().release(cny(1), PAYEE, DAY)
    with pytest.raises(EscrowPartyMustDecide):
        kept().give_back(cny(1), PAYER, DAY)
    with pytest.raises(EscrowAmountExhausted):
        kept().release(cny(60), PAYER, DAY).give_back(cny(41), PAYEE, DAY)
    with pytest.raises(EscrowMustBeOpen):
        kept().release(cny(1), PAYER, date(2026, 5, 9))
    with pytest.raises(EscrowMustBeOpen):
        kept().expire().release(cny(1), PAYER, DAY)


@given(st.lists(st.tuples(st.sampled_from(["release", "give_back"]), st.integers(1, 80), st.sampled_from(EscrowParty))))
def test_no_money_is_made_or_lost(
    moves: list[tuple[Literal["release", "give_back"], int, EscrowParty]],
) -> None:
    escrow = kept()
    for verb, amount, party in moves:
        before = escrow
        try:
            escrow = getattr(escrow, verb)(cny(amount), party, DAY)
        except Refusal:
            assert escrow is before
        assert escrow.released + escrow.returned + escrow.kept == escrow.amount
        assert min(escrow.released, escrow.returned, escrow.kept) >= cny(0)
        assert (escrow.status is EscrowStatus.CLOSED) is not bool(escrow.kept)
    assert not escrow.expire().kept


def test_the_rules_fit_the_chart() -> None:
    for rule in RULES.values():
        assert {leg.side for leg in rule.legs} == {"DEBIT", "CREDIT"}
        for leg in rule.legs:
            if leg.account_code:
                CHART.must_take_postings(leg.account_code)
