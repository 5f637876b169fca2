"""The contracts with a maturity, by small cases worked out by hand: what the vectors do not reach."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.kernel.actus.loan import ARRAYS, NOTHING, RESET, at, flows, market, told
from zhongtai.kernel.actus.checks import TermsContradict
from zhongtai.kernel.actus.codes import EventType
from zhongtai.kernel.actus.observed import MarketNotObserved, Observed, ObservedEvent
from zhongtai.kernel.actus.terms import TermMissing, TermNotUnderstood


def test_a_bullet_pays_interest_and_principal() -> None:
    assert told(flows()) == ["01-01 IED -1000", "04-01 IP 30", "07-01 IP 30", "07-01 MD 1000"]


def test_a_liability_is_the_asset_of_the_other_side() -> None:
    asset, liability = flows(), flows(contractRole="RPL")
    assert [-event.payoff for event in asset] == [event.payoff for event in liability]
    assert [-event.state.notional_principal for event in asset] == [e.state.notional_principal for e in liability]


def test_without_a_cycle_interest_is_paid_at_the_maturity() -> None:
    once = flows(cycleAnchorDateOfInterestPayment=None, cycleOfInterestPayment=None)
    assert told(once) == ["01-01 IED -1000", "07-01 IP 60", "07-01 MD 1000"]


def test_a_contract_is_taken_up_where_it_stands() -> None:
    later = flows(statusDate="2024-05-01T00:00")
    assert told(later) == ["07-01 IP 30", "07-01 MD 1000"]
    assert told(flows(statusDate="2024-05-01T00:00", accruedInterest=7))[0] == "07-01 IP 27"
    assert told(flows(statusDate="2024-02-01T00:00"))[0] == "04-01 IP 20"


def test_the_horizon_is_included() -> None:
    assert told(flows(NOTHING, "2024-04-01")) == ["01-01 IED -1000", "04-01 IP 30"]


def test_a_purchase_and_a_termination_bound_what_is_told() -> None:
    owned = flows(
        purchaseDate="2024-02-01T00:00",
        priceAtPurchaseDate=990,
        terminationDate="2024-05-01T00:00",
        priceAtTerminationDate=1005,
    )
    assert told(owned) == ["02-01 PRD -1000", "04-01 IP 30", "05-01 TD 1015"]


def test_what_accrued_is_signed_once_more_in_the_price_of_a_liability() -> None:
    owed = flows(contractRole="RPL", terminationDate="2024-05-01T00:00", priceAtTerminationDate=1005)
    assert told(owed)[-1] == "05-01 TD -995"
    bought = flows(contractRole="RPL", purchaseDate="2024-02-01T00:00", priceAtPurchaseDate=990)
    assert told(bought)[0] == "02-01 PRD 980"


def test_interest_may_run_before_the_exchange_but_is_not_paid_before_it() -> None:
    early = flows(
        statusDate="2023-12-01T00:00",
        cycleAnchorDateOfInterestPayment="2023-12-16T00:00",
        cycleOfInterestPayment="P1ML1",
    )
    assert told(early)[:2] == ["01-01 IED -1000", "01-16 IP 10"]
    assert early[0].state.accrued_interest == 5


def test_a_shift_before_another_event_counts_no_day_twice() -> None:
    # 1 June 2024 is a Saturday: the payment of that day is moved to Friday, and still bears interest to Saturday.
    shifted = flows(
        calendar="MF",
        businessDayConvention="CSP",
        cycleAnchorDateOfInterestPayment="2024-06-01T00:00",
        purchaseDate="2024-05-31T00:00",
        priceAtPurchaseDate=990,
    )
    assert told(shifted) == ["05-31 PRD -990", "07-01 IP 10", "07-01 MD 1000"]


def test_a_settlement_currency_is_paid_at_its_rate() -> None:
    settled = flows(market(**{"CNY/USD": "0.125"}), settlementCurrency="USD")
    assert told(settled) == ["01-01 IED -125", "04-01 IP 3.75", "07-01 IP 3.75", "07-01 MD 125"]
    assert {event.currency for event in settled} == {"USD"}


def test_interest_up_to_the_end_of_capitalisation_becomes_principal() -> None:
    kept = flows(capitalizationEndDate="2024-05-01T00:00")
    assert told(kept)[1:] == ["04-01 IPCI 0", "05-01 IPCI 0", "07-01 IP 20.806", "07-01 MD 1040.3"]


@pytest.mark.parametrize(
    ("bounds", "rate"),
    [
        ({}, "0.30"),
        ({"rateMultiplier": 2, "rateSpread": "-0.1"}, "0.50"),
        ({"periodCap": "0.05"}, "0.17"),
        ({"lifeCap": "0.15"}, "0.15"),
        ({"periodCap": "0.05", "lifeFloor": "0.2"}, "0.2"),
        ({"nextResetRate": "0.01"}, "0.01"),
    ],
)
def test_a_reset_follows_the_market_within_its_bounds(bounds: dict[str, object], rate: str) -> None:
    reset = next(event for event in flows(market(LPR="0.30"), **RESET, **bounds) if event.type in ("RR", "RRF"))
    assert reset.type == ("RRF" if "nextResetRate" in bounds else "RR")
    assert reset.state.nominal_interest_rate == Decimal(rate)


def test_a_fall_is_bounded_too() -> None:
    reset = next(event for event in flows(market(LPR="0.01"), **RESET, periodFloor="-0.02") if event.type == "RR")
    assert reset.state.nominal_interest_rate == Decimal("0.10")


def test_a_market_not_observed_is_refused() -> None:
    with pytest.raises(MarketNotObserved):
        flows(**RESET)


def test_a_fee_is_an_amount_or_accrues_on_the_notional() -> None:
    fee = {"cycleAnchorDateOfFee": "2024-07-01T00:00", "cycleOfFee": "P6ML1", "feeRate": "6"}
    assert told(flows(**fee, feeBasis="A"))[2:] == ["07-01 FP 6", "07-01 IP 30", "07-01 MD 1000"]
    assert told(flows(**fee, feeBasis="N"))[2:] == ["07-01 FP 3000", "07-01 IP 30", "07-01 MD 1000"]
    sold = flows(**fee, feeBasis="A", terminationDate="2024-04-01T00:00", priceAtTerminationDate=0)
    assert sold[-2].state.fee_accrued == 3


PENALTY = {"prepaymentEffect": "A", "penaltyRate": "0.18", "marketObjectCodeOfRateReset": "LPR"}


def test_a_fee_period_without_days_of_the_convention_accrues_nothing() -> None:
    daily = {"cycleAnchorDateOfFee": "2024-05-30T00:00", "cycleOfFee": "P1DL1", "maturityDate": "2024-06-01T00:00"}
    events = flows(feeBasis="A", feeRate="5", **daily)
    assert [event.payoff for event in events if event.type is EventType.FP] == [5, 5, 5]


def test_a_prepayment_reduces_the_notional_and_may_cost_a_penalty() -> None:
    seen = Observed(events=(ObservedEvent(at("2024-04-01"), EventType.PP, Decimal(400)),))
    paid = flows(seen, prepaymentEffect="A", penaltyType="A", penaltyRate=5)
    assert told(paid)[1:] == ["04-01 PY 5", "04-01 PP 400", "04-01 IP 30", "07-01 IP 18", "07-01 MD 600"]
    assert told(flows(seen)) == told(flows())
    for kind, penalty in (("R", "45"), ("I", "10")):
        paid = flows(replace(market(LPR="0.08"), events=seen.events), **PENALTY, penaltyType=kind)
        assert told(paid)[1] == f"04-01 PY {penalty}"
    assert "PY" not in [event.type for event in flows(seen, **PENALTY, penaltyType="N")]
    other = Observed(events=(ObservedEvent(at("2024-04-01"), EventType.PP, Decimal(400), "two"),))
    assert told(flows(other, prepaymentEffect="A")) == told(flows())


def test_an_index_is_above_zero() -> None:
    with pytest.raises(TermNotUnderstood):
        flows(scalingIndexAtContractDealDate=0)


def test_resets_without_an_anchor_begin_at_the_exchange() -> None:
    reset = {**RESET, "cycleAnchorDateOfRateReset": None, "cycleOfRateReset": "P3ML1"}
    assert told(flows(market(LPR="0.24"), **reset))[:3] == ["01-01 IED -1000", "01-01 RR 0", "04-01 IP 60"]


def test_money_that_is_called_is_settled_after_the_notice() -> None:
    call = Observed(events=(ObservedEvent(at("2024-05-01"), EventType.XD),))
    called = flows(call, "2024-05-15", contractType="CLM", maturityDate=None, xDayNotice="P1M")
    assert told(called) == ["01-01 IED -1000", "04-01 IPCI 0", "05-01 XD 0", "06-01 IP 10.3", "06-01 STD 1030"]


def test_money_with_a_maturity_is_not_called() -> None:
    call = Observed(events=(ObservedEvent(at("2024-05-01"), EventType.XD),))
    assert told(flows(call, contractType="CLM", xDayNotice="P1M"))[-1] == "07-01 MD 1030"


def test_money_sold_within_the_notice_is_settled_with_another() -> None:
    call = Observed(events=(ObservedEvent(at("2024-05-01"), EventType.XD),))
    sale = {"terminationDate": "2024-05-20T00:00", "priceAtTerminationDate": 900}
    sold = flows(call, contractType="CLM", maturityDate=None, xDayNotice="P1M", **sale)
    assert [line[:8] for line in told(sold)[-2:]] == ["05-01 XD", "05-20 TD"]


def test_money_that_is_not_called_is_told_up_to_the_horizon() -> None:
    open_ended = flows(NOTHING, "2024-06-01", contractType="CLM", maturityDate=None)
    assert told(open_ended)[2:] == ["06-01 IP 20.6", "06-01 MD 1030"]
    with pytest.raises(TermMissing):
        flows(contractType="CLM", maturityDate=None)


def test_principal_moves_as_it_is_observed() -> None:
    first = ObservedEvent(at("2024-03-01"), EventType.PR, Decimal(400))
    last = ObservedEvent(at("2024-05-01"), EventType.PR, Decimal(630))
    open_ended = {"contractType": "UMP", "maturityDate": None}
    moved = flows(Observed(events=(first, last)), "2024-08-31", **open_ended)
    assert told(moved)[1:] == ["03-01 PR 400", "04-01 IPCI 0", "05-01 PR 630", "07-01 IPCI 0"]
    ended = flows(Observed(events=(first, last)), **open_ended)
    assert told(ended)[1:] == ["03-01 PR 400", "04-01 IPCI 0", "05-01 PR 630", "05-01 IPCI 0"]


def test_who_owes_pays_what_is_observed_to_be_repaid() -> None:
    repaid = ObservedEvent(at("2024-03-01"), EventType.PR, Decimal(400))
    deposit = flows(Observed(events=(repaid,)), contractType="UMP", maturityDate=None, contractRole="RPL")
    assert told(deposit)[:2] == ["01-01 IED 1000", "03-01 PR -400"]
    assert deposit[1].state.notional_principal == -600
    prepaid = ObservedEvent(at("2024-03-01"), EventType.PP, Decimal(400))
    owed = flows(Observed(events=(prepaid,)), prepaymentEffect="A", contractRole="RPL")
    assert told(owed)[1] == "03-01 PP -400"
    assert told(owed)[-1] == "07-01 MD -600"


@pytest.mark.parametrize(
    ("terms", "first", "second"),
    [
        ({"maturityDate": "2023-07-01T00:00"}, "initialExchangeDate", "maturityDate"),
        (
            {"purchaseDate": "2024-03-01T00:00", "terminationDate": "2024-02-01T00:00"},
            "purchaseDate",
            "terminationDate",
        ),
        ({"lifeFloor": "0.2", "lifeCap": "0.1"}, "lifeFloor", "lifeCap"),
        ({"periodFloor": "0.02", "periodCap": "0.01"}, "periodFloor", "periodCap"),
        (
            {**ARRAYS, "arrayIncreaseDecrease": ["INC"]},
            "arrayCycleAnchorDateOfPrincipalRedemption",
            "arrayIncreaseDecrease",
        ),
        (
            {**ARRAYS, "arrayCycleAnchorDateOfPrincipalRedemption": ["2024-04-01T00:00", "2024-02-01T00:00"]},
            "arrayCycleAnchorDateOfPrincipalRedemption",
            "arrayCycleAnchorDateOfPrincipalRedemption",
        ),
    ],
)
def test_terms_that_contradict_each_other_are_refused(terms: dict[str, object], first: str, second: str) -> None:
    with pytest.raises(TermsContradict) as refused:
        flows(**terms)
    assert (refused.value.first, refused.value.second) == (first, second)
