"""The contracts that repay in parts, by small cases worked out by hand: what the vectors do not reach."""

from decimal import Decimal

import pytest

from tests.kernel.actus.loan import ARRAYS, NOTHING, REDEEMED, RESET, at, flows, market, told
from zhongtai.kernel.actus.schedules import DateBeyondCalendar
from zhongtai.kernel.actus.terms import TermMissing


def test_a_linear_amortizer_repays_its_level_and_the_rest_at_the_end() -> None:
    repaid = flows(contractType="LAM", **REDEEMED, nextPrincipalRedemptionPayment=300, maturityDate=None)
    assert [line for line in told(repaid) if " IP" not in line] == [
        "01-01 IED -1000",
        "02-01 PR 300",
        "03-01 PR 300",
        "04-01 PR 300",
        "05-01 MD 100",
    ]


def test_a_maturity_is_found_from_the_middle_of_life_too() -> None:
    terms = {**REDEEMED, "nextPrincipalRedemptionPayment": 300, "maturityDate": None, "notionalPrincipal": 700}
    assert told(flows(contractType="LAM", statusDate="2024-02-15T00:00", **terms))[-1] == "05-01 MD 100"


def test_a_level_that_is_not_told_spreads_the_notional_over_all_that_remains() -> None:
    repaid = flows(contractType="LAM", **REDEEMED, notionalPrincipal=600, nominalInterestRate=None)
    assert {event.payoff for event in repaid[1:]} == {100}
    assert (repaid[1].type, repaid[-1].type, len(repaid)) == ("PR", "MD", 7)
    later = flows(contractType="LAM", **REDEEMED, notionalPrincipal=600, statusDate="2024-04-01T00:00")
    assert told(later)[0] == "05-01 PR 200"


def test_a_contract_taken_up_behind_its_last_redemption_repays_all_at_the_end() -> None:
    behind = {"statusDate": "2024-07-10T00:00", "maturityDate": "2024-07-20T00:00", "nominalInterestRate": None}
    assert told(flows(contractType="LAM", **REDEEMED, **behind)) == ["07-20 MD 1000"]


def test_a_lagged_base_waits_for_its_day() -> None:
    lagged = {
        "interestCalculationBase": "NTL",
        "interestCalculationBaseAmount": 1000,
        "cycleAnchorDateOfInterestCalculationBase": "2024-04-01T00:00",
        "cycleOfInterestCalculationBase": "P3ML1",
    }
    events = flows(contractType="LAM", **REDEEMED, nextPrincipalRedemptionPayment=100, **lagged)
    assert [line for line in told(events) if " IP " in line] == ["04-01 IP 30", "07-01 IP 21"]


@pytest.mark.parametrize(("kind", "second"), [("LAM", 9), ("NAM", 10)])
def test_the_base_of_the_exchange_holds_where_payments_are_level(kind: str, second: int) -> None:
    fixed = {"interestCalculationBase": "NTIED", "interestCalculationBaseAmount": 1000, "cycleOfInterestPayment": None}
    monthly = {"cycleAnchorDateOfInterestPayment": "2024-02-01T00:00", "cycleOfInterestPayment": "P1ML1"}
    level = 100 if kind == "LAM" else 110
    paid = flows(contractType=kind, **REDEEMED, **{**fixed, **monthly}, nextPrincipalRedemptionPayment=level)
    assert [line for line in told(paid) if " IP " in line][:2] == ["02-01 IP 10", f"03-01 IP {second}"]


def test_what_a_level_payment_capitalises_bears_interest() -> None:
    fixed = {"interestCalculationBase": "NTIED", "interestCalculationBaseAmount": 1000}
    paid = flows(
        contractType="NAM",
        **{**REDEEMED, "cycleAnchorDateOfPrincipalRedemption": "2024-06-01T00:00"},
        **fixed,
        nextPrincipalRedemptionPayment=100,
        capitalizationEndDate="2024-04-01T00:00",
        cycleAnchorDateOfInterestPayment="2024-06-01T00:00",
        cycleOfInterestPayment="P1ML1",
    )
    assert next(line for line in told(paid) if " IP " in line) == "06-01 IP 20.6"


def test_an_index_is_fixed_before_the_contract_is_sold_that_day() -> None:
    index = {
        "scalingEffect": "IN0",
        "marketObjectCodeOfScalingIndex": "CPI",
        "scalingIndexAtContractDealDate": 1,
        "cycleAnchorDateOfScalingIndex": "2024-03-01T00:00",
        "cycleOfScalingIndex": "P1ML1",
    }
    base = {
        "interestCalculationBase": "NTL",
        "interestCalculationBaseAmount": 900,
        "cycleAnchorDateOfInterestCalculationBase": "2024-03-01T00:00",
        "cycleOfInterestCalculationBase": "P1ML1",
    }
    bought = {"purchaseDate": "2024-03-01T00:00", "priceAtPurchaseDate": 900}
    sold = {"terminationDate": "2024-04-01T00:00", "priceAtTerminationDate": 800}
    level = {"nextPrincipalRedemptionPayment": 100}
    held = flows(market(CPI="2"), contractType="LAM", **REDEEMED, **level, **index, **base, **bought, **sold)
    assert [event.type.value for event in held] == ["PRD", "PR", "IP", "SC", "IPCB", "TD"]


def test_a_negative_amortizer_pays_interest_first() -> None:
    paid = flows(contractType="NAM", **REDEEMED, nextPrincipalRedemptionPayment=8, cycleOfInterestPayment=None)
    assert told(paid)[:3] == ["01-01 IED -1000", "02-01 PR -2", "02-01 IP 10"]
    assert paid[1].state.notional_principal == 1002


@pytest.mark.parametrize("kind", ["NAM", "ANN"])
def test_a_level_payment_ends_on_a_day_of_business_and_bears_interest_to_it(kind: str) -> None:
    # The fifth payment of 250 is the last one, on Saturday 1 June.
    monthly = {"cycleOfInterestPayment": "P1ML0", "cycleOfPrincipalRedemption": "P1ML0"}
    anchors = {"cycleAnchorDateOfInterestPayment": "2024-02-01T00:00"}
    moved = {"calendar": "MF", "businessDayConvention": "CSF", "maturityDate": None}
    terms = {**REDEEMED, **monthly, **anchors, **moved, "nextPrincipalRedemptionPayment": 250}
    *_, interest, rest = flows(contractType=kind, **terms)
    assert [f"{event.time:%m-%d} {event.type}" for event in (interest, rest)] == ["06-03 IP", "06-03 MD"]
    assert abs(interest.payoff - rest.payoff * 32 / 3000) < Decimal("1e-20")


def test_a_payment_below_the_interest_needs_a_maturity() -> None:
    with pytest.raises(TermMissing):
        flows(contractType="NAM", **REDEEMED, nextPrincipalRedemptionPayment=8, maturityDate=None)


def test_a_level_that_repays_nothing_in_time_is_refused() -> None:
    with pytest.raises(TermMissing):
        flows(contractType="LAM", **REDEEMED, nextPrincipalRedemptionPayment=0, maturityDate=None)
    with pytest.raises(DateBeyondCalendar):
        flows(contractType="LAM", **REDEEMED, nextPrincipalRedemptionPayment="0.001", maturityDate=None)


def test_an_annuity_ends_with_nothing_left_but_its_level() -> None:
    paid = flows(contractType="ANN", **REDEEMED)
    level = paid[-1].payoff + paid[-2].payoff
    months = [event for event in paid if event.type == "PR"]
    assert len(months) == 5
    assert all(abs(event.payoff + event.state.accrued_interest - level) < Decimal("1e-20") for event in months)


def test_an_annuity_is_set_anew_with_the_rate() -> None:
    paid = flows(market(LPR="0.24"), contractType="ANN", **REDEEMED, **RESET)
    order = [event.type.value for event in paid if event.time == at("2024-04-01")]
    assert order == ["PR", "IP", "RR", "PRF"]
    assert abs(paid[-1].payoff + paid[-2].payoff - paid[-4].payoff - paid[-3].payoff) < Decimal("1e-20")


def test_an_annuity_taken_up_in_its_life_repays_what_has_accrued_too() -> None:
    paid = flows(contractType="ANN", **REDEEMED, statusDate="2024-03-16T00:00", accruedInterest=5)
    level = paid[-1].payoff + paid[-2].payoff
    assert abs(paid[0].payoff + paid[0].state.accrued_interest - level) < Decimal("1e-20")


def test_an_annuity_is_measured_by_its_schedule_wherever_payments_are_moved_to() -> None:
    # It is taken up on a Saturday, and paid on a Saturday, too.
    def levels(**conventions: str) -> set[Decimal]:
        later = {"statusDate": "2024-03-16T00:00", "accruedInterest": "5"}
        paid = flows(contractType="ANN", **REDEEMED, **later, **conventions)
        return {round(event.payoff + event.state.accrued_interest, 15) for event in paid if event.type == "PR"}

    assert len(levels()) == 1
    assert levels(calendar="MF", businessDayConvention="SCF") == levels()


def test_parts_raise_and_repay_until_nothing_is_left() -> None:
    moved = flows(**ARRAYS, maturityDate=None)
    assert [line for line in told(moved) if " IP" not in line] == [
        "01-01 IED -1000",
        "02-01 PI -500",
        "03-01 PI -500",
        "04-01 PR 1000",
        "05-01 MD 1000",
    ]


def test_parts_that_lie_behind_are_in_the_notional_already() -> None:
    later = flows(**{**ARRAYS, "statusDate": "2024-02-15T00:00", "notionalPrincipal": 1500, "maturityDate": None})
    assert [line for line in told(later) if " IP" not in line] == ["03-01 PI -500", "04-01 PR 1000", "05-01 MD 1000"]


def test_parts_of_the_rate_are_fixed_or_follow_the_market() -> None:
    rates = {
        "arrayCycleAnchorDateOfRateReset": ["2024-02-01T00:00", "2024-03-01T00:00"],
        "arrayRate": ["0.05", "0.01"],
        "arrayFixedVariable": ["F", "V"],
    }
    reset = [event for event in flows(market(LPR="0.04"), **{**RESET, **ARRAYS, **rates}) if event.type[:2] == "RR"]
    assert [(event.type.value, str(event.state.nominal_interest_rate)) for event in reset] == [
        ("RRF", "0.05"),
        ("RR", "0.05"),
    ]


def test_what_parts_leave_is_due_at_the_horizon() -> None:
    ways = {"arrayIncreaseDecrease": ["DEC", "INC"], "arrayNextPrincipalRedemptionPayment": [100, 200]}
    raised = {**ARRAYS, **ways}
    with pytest.raises(TermMissing, match="maturityDate"):
        flows(**raised, maturityDate=None)
    assert told(flows(NOTHING, "2024-06-16", **raised, maturityDate=None))[-3:] == [
        "06-01 IP 12",
        "06-16 IP 7",
        "06-16 MD 1400",
    ]
    once = {**raised, "arrayCycleOfPrincipalRedemption": None, "arrayNextPrincipalRedemptionPayment": [400, 200]}
    assert told(flows(**once, maturityDate=None))[-1] == "04-01 MD 600"
    assert told(flows(NOTHING, "2024-06-15", **once, maturityDate=None))[-1] == "06-15 MD 800"
