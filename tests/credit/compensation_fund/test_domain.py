"""Compensation funds: how a loss goes down the layers, and how it comes back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.credit.examples import TODAY, cny
from zhongtai.credit.compensation_fund.domain import (
    THE_BANK,
    CompensationFund,
    Cover,
    CoverStatus,
    FundLayer,
    FundLayerExhausted,
    LayerPayer,
    LossMustNotExceedLoan,
    RecoveryMustNotExceedLoss,
)


def layer(cap: int, *shares: str, borne: int = 0) -> FundLayer:
    payers = tuple(LayerPayer(f"payer_{place}", Decimal(share)) for place, share in enumerate(shares))
    return FundLayer(f"layer of {cap}", cny(cap), cny(borne), payers)


def fund(*layers: FundLayer) -> CompensationFund:
    return CompensationFund("fund_1", "fund", layers)


def cover(share: str = "1", lent: int = 10**6, lost: int = 0) -> Cover:
    return Cover("loan_1", "fund_1", Decimal(share), CoverStatus.STANDING, cny(lost), cny(lent))


def test_a_loss_goes_down_the_layers_and_the_rest_is_the_banks() -> None:
    two = fund(layer(300, "0.7", "0.3"), layer(200, "1"))
    after, covered, loss, facts = two.bear("loss_1", cover("0.8"), cny(1_000), TODAY)
    assert [(line.layer, line.payer_id, line.amount.minor_units) for line in loss.lines] == [
        (1, "payer_0", 210),
        (1, "payer_1", 90),
        (2, "payer_0", 200),
        (THE_BANK, "", 500),
    ]
    assert [fact.layer for fact in facts if isinstance(fact, FundLayerExhausted)] == [1, 2]
    assert (covered.lost, [one.room for one in after.layers]) == (cny(1_000), [cny(0), cny(0)])
    _, _, second, told = after.bear("loss_2", covered, cny(7), TODAY)
    assert [(line.layer, line.amount.minor_units) for line in second.lines] == [(THE_BANK, 7)]
    assert len(told) == 1, "a layer is exhausted once"


def test_no_more_is_lost_than_was_lent() -> None:
    with pytest.raises(LossMustNotExceedLoan) as refused:
        fund(layer(300, "1")).bear("loss_1", cover(lent=100, lost=40), cny(61), TODAY)
    assert refused.value.metadata["possible"] == str(cny(60))


LAYERS = st.lists(
    st.tuples(st.integers(1, 10**6), st.sampled_from([("1",), ("0.5", "0.5"), ("0.7", "0.2", "0.1")])),
    min_size=1,
    max_size=4,
)


@given(
    LAYERS,
    st.decimals(0, 1, places=3),
    st.lists(st.tuples(st.integers(1, 10**5), st.integers(0, 100)), max_size=6),
)
def test_losses_are_borne_whole_within_the_caps_and_come_back_whole(
    layers: list[tuple[int, tuple[str, ...]]], share: Decimal, losses: list[tuple[int, int]]
) -> None:
    pool, covered = fund(*(layer(cap, *shares) for cap, shares in layers)), cover(str(share))
    borne = 0
    for place, (amount, percent) in enumerate(losses):
        pool, covered, loss, _ = pool.bear(f"loss_{place}", covered, cny(amount), TODAY)
        back = amount * percent // 100
        if back:
            pool, loss, _ = pool.recover(loss, cny(back))
            assert sum(line.recovered.minor_units for line in loss.lines) == back
        borne += sum(line.unrecovered.minor_units for line in loss.lines if line.layer != THE_BANK)
        assert sum(one.borne.minor_units for one in pool.layers) == borne
        assert all(line.recovered <= line.amount for line in loss.lines)
    assert covered.lost == cny(sum(amount for amount, _ in losses))


def test_no_more_comes_back_than_was_lost() -> None:
    pool, _, loss, _ = fund(layer(300, "1")).bear("loss_1", cover("0.5"), cny(100), TODAY)
    pool, loss, fact = pool.recover(loss, cny(30))
    assert (fact.returned, pool.layers[0].borne) == (cny(15), cny(35))
    with pytest.raises(RecoveryMustNotExceedLoss):
        pool.recover(loss, cny(71))
